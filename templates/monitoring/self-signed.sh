# Makes a key and a certificate that it signs itself; the key is never anywhere but here.
umask 077
c={{certificate}} k={{key}}
names={{names}}
# Another operator may reach the host by another name: the names of our own certificate stay, up to twenty.
if openssl x509 -in "$c" -noout -subject 2>/dev/null | grep -q 'O *= *cloudops'; then
  had=$(openssl x509 -in "$c" -noout -ext subjectAltName 2>/dev/null | tail -n 1 | sed 's/IP Address:/IP:/g; s/,//g')
  for name in $had; do
    case ",$names," in *",$name,"*) ;; *) names="$names,$name" ;; esac
  done
  names=$(printf '%s' "$names" | cut -d, -f1-20)
fi
T=$(mktemp -d "${c%/*}/.cloudops.XXXXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
# What the system's openssl.cnf says must not matter.
cat >"$T/config" <<END
[req]
distinguished_name = who
x509_extensions = extensions
prompt = no
[who]
O = cloudops
CN = {{name}}
[extensions]
subjectAltName = $names
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
END
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -days {{days}} \
  -config "$T/config" -keyout "$T/key" -out "$T/certificate" 2>&1 || exit 1
chown {{owner}} "$T/key" && chmod 0600 "$T/key" && chmod 0644 "$T/certificate" || exit 1
sync "$T/key" "$T/certificate"
mv -fT "$T/key" "$k" && mv -fT "$T/certificate" "$c"

# Puts checked files in place; where Prometheus runs, it must take them, or the old ones come back.
set -- {{paths}}
OLD=$(mktemp -d "${1%/*}/.cloudops-old.XXXXXXXX") || exit 1
# Whoever started this may be gone: it is brought to its end all the same.
trap 'rm -rf "$OLD"' EXIT; trap 'exit 143' TERM INT HUP; trap '' PIPE
for f; do [ ! -e "$f" ] || cp -p "$f" "$OLD/" || exit 1; done
(
{{stage}}
)
c=$?
[ "$c" = 0 ] || exit "$c"
# Whether it asks for a login may be about to change: the one that is there is sent, and does no harm.
ask() { { [ ! -s {{password}} ] || {{login}}; } | curl --config - -fsS --noproxy '*' --max-time 5 "$@"; }
metric() { ask {{url}}/metrics | awk -v n="prometheus_config_last_reload_$1" '$1 == n { print $2 }'; }
loaded() {
  now=$(metric successful)
  [ "$now" = 1 ] || { why="it refused the new configuration"; [ "$now$before" != 01 ] || end=0; return 1; }
  metric success_timestamp_seconds | awk -v since="$since" '{ exit !($1 >= since) }' || { why="it has not reloaded"; return 1; }
}
healthy() {
  seen=$(ask {{url}}/api/v1/rules) || { why="its API does not answer"; return 1; }
  for rule in {{rules}}; do
    case $seen in *"\"name\":\"$rule\""*) ;; *) why="the rule $rule is not loaded"; return 1 ;; esac
  done
  case $seen in *'"health":"err"'*) why="a rule fails"; return 1 ;; esac
  ask -o /dev/null {{url}}/-/ready || { why="it is not ready"; return 1; }
}
reload() { {{reload}}; }
if {{runs}}; then
  before=$(metric successful); since=$(date +%s.%N); why=; end=$(( $(date +%s) + 15 ))
  reload || why="it could not be told to reload"
  until [ -z "$why" ] && loaded && healthy; do
    if [ "$(date +%s)" -ge "$end" ]; then
      echo "Prometheus: $why"
      {{log}}
      for f; do if [ -e "$OLD/${f##*/}" ]; then mv -fT "$OLD/${f##*/}" "$f"; else rm -f "$f"; fi; done
      reload
      exit {{code}}
    fi
    why=; sleep 0.2
  done
  # The service's own note of what it has loaded: no second reload for the same files.
  mkdir -p /run/cloudops && sha256sum -- "$@" >/run/cloudops/prometheus.loaded
fi
true

# Takes away what `monitoring configure` put here; prints a line `removed WHAT` for each thing that was there.
exec </dev/null
failed=0
purge='{{purge}}'
gone() {
  for path; do
    [ -e "$path" ] || [ -L "$path" ] || continue
    rm -rf -- "$path" && echo "removed $path" || failed=1
  done
}
containers() {
  command -v docker >/dev/null || return 0
  for name; do
    docker container inspect --format '{{index .Config.Labels "{{label}}"}}' "$name" 2>/dev/null | grep -q . || continue
    image=$(docker container inspect --format '{{.Config.Image}}' "$name")
    docker stop --time 60 "$name" >/dev/null
    docker rm --force "$name" >/dev/null && echo "removed container $name" || failed=1
    # Refused, and so left, while another container is made from it.
    docker rmi "$image" >/dev/null 2>&1 && echo "removed image $image"
  done
}
containers grafana grafana-before prometheus prometheus-before
for name in cloudops-app grafana-server prometheus prometheus-alertmanager prometheus-node-exporter; do
  # Only a service that we set up: its drop-in says so.
  [ -e "/etc/systemd/system/$name.service.d/50-cloudops.conf" ] || continue
  systemctl disable --quiet --now "$name.service" 2>/dev/null
  systemctl is-active --quiet "$name.service" && { echo "$name still runs"; failed=1; continue; }
  rm -rf "/etc/systemd/system/$name.service" "/etc/systemd/system/$name.service.d" || failed=1
  systemctl daemon-reload
  # A package's own unit must not take the place of ours at the next boot.
  systemctl disable --quiet "$name.service" 2>/dev/null
  systemctl reset-failed "$name.service" 2>/dev/null
  echo "removed service $name"
done
# Its unit would have started it again.
containers cloudops-app cloudops-app-next cloudops-app-before
for file in prometheus.yml alert-rules.yml meta-rules.yml web.yml; do
  head -n 1 "/etc/prometheus/$file" 2>/dev/null | grep -q 'Written by cloudops' && gone "/etc/prometheus/$file"
done
gone /etc/prometheus/cloudops-password /etc/grafana/prometheus-password /etc/grafana/tls.crt /etc/grafana/tls.key
gone /etc/alertmanager /etc/grafana/grafana.ini /etc/grafana/provisioning/datasources/prometheus.yaml
gone /opt/cloudops /opt/cloudops-app /etc/cloudops /var/lib/cloudops/archives /var/lib/cloudops/services /var/lib/cloudops/images /var/lib/cloudops/before /run/cloudops
getent passwd cloudops-app >/dev/null && { userdel cloudops-app && echo "removed user cloudops-app" || failed=1; }
if [ -n "$purge" ]; then
  gone /var/lib/prometheus/data /var/lib/alertmanager /var/lib/grafana /etc/grafana
fi
exit "$failed"

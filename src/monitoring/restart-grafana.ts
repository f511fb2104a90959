import type { Config } from '../config/schema.js';
import { CloudopsError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import type { Trust } from '../hosts/http.js';
import { lastLines } from '../hosts/output.js';
import { answers } from './roles/role.js';

/** Seconds that Grafana gets to serve again. */
const patience = 120;

/** Restarts Grafana, whatever runs it, so that it reads its data source anew; resolves when it serves. */
export async function restartGrafana(host: Host, config: Config, trust: Trust | undefined): Promise<void> {
  const script = [
    'exec </dev/null 2>&1',
    'if systemctl is-active --quiet grafana-server.service; then systemctl restart grafana-server.service || exit 1',
    'elif command -v docker >/dev/null && docker container inspect grafana >/dev/null 2>&1; then docker restart --time 30 grafana || exit 1',
    'else exit 0; fi',
    `end=$(( $(date +%s) + ${String(patience)} ))`,
    `until ${answers(config.monitoring.grafana.port, '/api/health', { trust })}; do`,
    '  [ "$(date +%s)" -lt "$end" ] || exit 1; sleep 0.3',
    'done',
  ].join('\n');
  const { code, stdout } = await host.exec(script, { timeoutMs: (patience + 90) * 1000 });
  if (code === 0) return;
  throw new CloudopsError({
    code: 'GRAFANA_NOT_RESTARTED',
    what: `Grafana on ${host.name} does not serve after its restart; until it does, it can't ask Prometheus.`,
    why: lastLines(stdout),
    fix: ["run 'cloudops monitoring configure': it starts it, or says why it can't"],
  });
}

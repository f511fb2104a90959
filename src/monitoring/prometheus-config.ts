import { CloudopsError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { quote, quoteAll } from '../hosts/shell.js';
import { runScript, type Step, type StepScript } from '../hosts/step.js';
import { loginLine } from '../hosts/http.js';
import { hangUp } from '../hosts/steps/container-script.js';
import { files } from '../hosts/steps/file.js';
import { fill } from '../templates.js';
import { prometheusLogin, prometheusPasswordPath } from './prometheus-login.js';

export interface PrometheusConfigOptions {
  /** In the order of importance: the first is what promtool checks, the others are named by it. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** Shell that checks the first file at `$NEW`, in the directory `$STAGE` with the others, with the version that runs. */
  readonly check: string;
  readonly process: PrometheusProcess;
  readonly port: number;
  /** Names of the rules that must be loaded and healthy afterwards. */
  readonly rules: readonly string[];
}

/** How the running Prometheus is handled; each is shell. */
export interface PrometheusProcess {
  /** Exits 0 when ours runs where we ask; one that listens elsewhere is replaced later, not reloaded. */
  readonly runs: string;
  readonly reload: string;
  /** Prints its last words. */
  readonly log: string;
}

/** Prometheus as a systemd service, listening at `listen`. */
export function underSystemd(listen: string): PrometheusProcess {
  const flag = quote(`--web.listen-address=${listen}`);
  return {
    runs: `systemctl is-active --quiet prometheus.service && grep -qsF -e ${flag} /etc/systemd/system/prometheus.service`,
    reload: 'systemctl reload prometheus.service',
    log: 'journalctl -u prometheus.service -n 6 --no-pager -o cat 2>/dev/null',
  };
}

/** Prometheus as a container, listening at `listen`. */
export function underDocker(listen: string): PrometheusProcess {
  const flag = quote(`--web.listen-address=${listen}`);
  return {
    runs: `docker container inspect --format '{{.State.Running}} {{.Args}}' prometheus 2>/dev/null | grep -e '^true ' | grep -qF -e ${flag}`,
    reload: hangUp('prometheus'),
    log: 'docker logs --tail 6 prometheus 2>&1',
  };
}

/** Exit code of the script when the running Prometheus didn't take the new files, which are then put back. */
const rolledBack = 93;

/**
 * Prometheus' configuration. Checked as a whole by promtool before any file takes its place; if Prometheus runs, it
 * is reloaded and must say that it took it, with all rules healthy; else the old files come back.
 */
export function prometheusConfig(options: PrometheusConfigOptions): Step {
  const base = files({
    name: 'prometheus config',
    files: options.files,
    validate: options.check,
  });
  const staged = base.script;
  if (staged === undefined) throw new Error('the files step has a script');
  const script: StepScript = {
    text: fill('monitoring/put-prometheus-config.sh', {
      stage: staged.text,
      paths: quoteAll(options.files.map(({ path }) => path)),
      ...options.process,
      url: `http://127.0.0.1:${String(options.port)}`,
      rules: quoteAll(options.rules),
      password: prometheusPasswordPath,
      login: loginLine(prometheusLogin),
      code: rolledBack,
    }),
    ...(staged.stdin === undefined ? {} : { stdin: staged.stdin }),
    explain: (host, code, output) =>
      code === rolledBack ? notTaken(host, output) : staged.explain(host, code, output),
  };
  return { ...base, script, apply: (host) => runScript(host, script) };
}

function notTaken(host: Host, output: string): CloudopsError {
  return new CloudopsError({
    code: 'PROMETHEUS_CONFIG_ROLLED_BACK',
    what: `Prometheus on ${host.name} did not take its new configuration; the old one is back and in use.`,
    why: output.trim().split('\n').slice(-8).join('\n'),
    fix: [
      "see what 'cloudops monitoring render --out DIR' writes, correct the config, then run the same command again",
    ],
  });
}

import { CloudopsError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { quote, quoteAll } from '../hosts/shell.js';
import { runScript, type Step, type StepScript } from '../hosts/step.js';
import { files } from '../hosts/steps/file.js';
import { fill } from '../templates.js';

export interface PrometheusConfigOptions {
  /** In the order of importance: the first is what promtool checks, the others are named by it. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** promtool of the version that runs. */
  readonly promtool: string;
  /** The flag's value in our unit; a Prometheus that listens elsewhere is restarted later, not reloaded. */
  readonly listen: string;
  readonly port: number;
  /** Names of the rules that must be loaded and healthy afterwards. */
  readonly rules: readonly string[];
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
    validate: `${quote(options.promtool)} check config "$NEW" 2>&1`,
  });
  const staged = base.script;
  if (staged === undefined) throw new Error('the files step has a script');
  const script: StepScript = {
    text: fill('monitoring/put-prometheus-config.sh', {
      stage: staged.text,
      paths: quoteAll(options.files.map(({ path }) => path)),
      listen: quote(`--web.listen-address=${options.listen}`),
      url: `http://127.0.0.1:${String(options.port)}`,
      rules: quoteAll(options.rules),
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

import { createHash } from 'node:crypto';
import { CloudopsError } from '../../errors.js';
import type { Host } from '../host.js';
import { lastLines, progressTo, withoutProgress } from '../output.js';
import { quote } from '../shell.js';
import type { FileContent } from '../stage.js';
import type { Step } from '../step.js';
import { containerCodes, specLabel } from './container-script.js';
import { driftOfFiles, lookFile } from './file.js';
import { portIsTaken, portTaken } from './port.js';
import { backupOf, unitContainerScript } from './unit-container-script.js';

/** A container by somebody else: its own user, entrypoint and writable root, on a network of its own. */
export interface UnitContainerSpec {
  /** Of the container, and of the unit without `.service`. */
  readonly name: string;
  /** A reference with a tag or digest; must be on the host already. */
  readonly image: string;
  /** The host's port, on all addresses, and the container's. */
  readonly port: number;
  readonly containerPort: number;
  /** Bytes; more ends the process. */
  readonly memory: number;
  /** Seconds it gets to end by itself. */
  readonly stopSeconds: number;
  /** Variables that anybody may read. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface UnitContainerOptions {
  readonly spec: UnitContainerSpec;
  /** The unit, which starts the container of that name and waits for its end. */
  readonly unit: string;
  /** Further variables as `KEY=value` lines; stands on the host already. */
  readonly environmentFile?: FileContent | undefined;
  /** Shell that exits 0 when it serves. */
  readonly ready: string;
  /** Milliseconds to wait for `ready`; default 90 000. */
  readonly readyTimeoutMs?: number;
  /** What ran under that unit before needed these; they go once the container serves. */
  readonly obsolete?: readonly string[];
}

/** The unit, and the drop-in that says whose it is. */
export function unitFiles({
  spec,
  unit,
}: Pick<UnitContainerOptions, 'spec' | 'unit'>): readonly FileContent[] {
  const path = `/etc/systemd/system/${spec.name}.service`;
  return [
    { path, content: unit },
    { path: `${path}.d/50-cloudops.conf`, content: '# Written by cloudops.\n' },
  ];
}

/**
 * A container of this spec under a systemd unit of its name, which starts it at boot and whenever it ends. Another
 * definition takes the place of what the unit ran before, container or not, only when it serves; else that is put
 * back: the old container, the old unit, running as it did.
 */
export function unitContainer(options: UnitContainerOptions): Step {
  const { spec, ready } = options;
  const hash = hashOf(options);
  const own = unitFiles(options);
  const seconds = Math.ceil((options.readyTimeoutMs ?? 90_000) / 1000);
  const [name, unit] = [quote(spec.name), quote(`${spec.name}.service`)];
  return {
    id: `container ${spec.name}`,
    look: [
      ...own.map(({ path }) => lookFile(path)),
      `docker container inspect --format '{{index .Config.Labels "${specLabel}"}} {{.State.Running}} {{.Image}}' ${name} 2>/dev/null || echo absent`,
      `docker image inspect --format '{{.Id}}' ${quote(spec.image)} 2>/dev/null || echo none`,
      `echo "$(systemctl is-active ${unit}) $(systemctl is-enabled ${unit} 2>/dev/null)"`,
      `if [ -e ${quote(backupOf(spec.name))} ]; then echo cut; else echo whole; fi`,
      `if ( ${ready}\n) >/dev/null 2>&1; then echo yes; else echo no; fi`,
    ].join('\n'),
    drift: (seen) => driftOf(hash, own, seen.split('\n')),
    apply: async (host, report) => {
      const onLine = progressTo(report);
      const { text, stdin } = unitContainerScript({ ...options, hash, own, seconds });
      const result = await host.exec(text, { stdin, onLine, timeoutMs: seconds * 1000 + 300_000 });
      if (result.code !== 0) throw failed(host, spec, result.code, `${result.stdout}${result.stderr}`);
    },
    files: own,
  };
}

/** What the container is known by: its spec and the variables it starts with. */
function hashOf({ spec, environmentFile }: UnitContainerOptions): string {
  const hash = createHash('sha256').update(JSON.stringify(spec));
  if (environmentFile !== undefined) hash.update('\0').update(environmentFile.content);
  return hash.digest('hex');
}

function driftOf(hash: string, own: readonly FileContent[], lines: readonly string[]): string | undefined {
  const [first = '', imageId, unit = '', trial, ready] = lines.slice(own.length);
  if (first === 'absent') return 'missing';
  const [label, running, runs] = first.split(' ');
  if (label !== hash) return 'runs with an older definition or older variables';
  if (runs !== imageId) return 'runs an older image of that name';
  const files = driftOfFiles(own, lines);
  if (files !== undefined) return files;
  if (trial === 'cut') return 'was not seen serving: an earlier run was cut off';
  const [active = '', enabled = ''] = unit.split(' ');
  if (enabled !== 'enabled') return `its unit is ${enabled === '' ? 'not enabled' : enabled}`;
  if (active !== 'active' || running !== 'true') return 'does not run';
  return ready === 'yes' ? undefined : 'does not serve yet';
}

const failures: Readonly<Record<number, readonly [string, string]>> = {
  [containerCodes.noImage]: ['CONTAINER_NO_IMAGE', 'has no image'],
  [containerCodes.notStarted]: ['CONTAINER_NOT_STARTED', 'did not start, or ended again and again'],
  [containerCodes.notReady]: ['CONTAINER_NOT_READY', 'runs, but did not serve in time'],
};

function failed(host: Host, spec: UnitContainerSpec, code: number, output: string): CloudopsError {
  if (code === portTaken) return portIsTaken(host, spec.name, spec.port, output);
  const [stable, text] = failures[code] ?? ['CONTAINER_NOT_STARTED', 'could not be set up'];
  const before = /^cloudops: (what ran before .+)$/m.exec(output)?.[1];
  const back = before === undefined ? '' : ` ${before.charAt(0).toUpperCase()}${before.slice(1)}.`;
  return new CloudopsError({
    code: stable,
    what: `The container ${spec.name} of ${spec.image} on ${host.name} ${text}.${back}`,
    why: `Docker and its log say: ${lastLines(withoutProgress(output), 14) || `exit code ${String(code)}`}.`,
    fix: [
      `it must answer HTTP on its port ${String(spec.containerPort)}, as the user of its image and without capabilities`,
      'correct what its log names, then run the same command again',
    ],
  });
}

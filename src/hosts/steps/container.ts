import { createHash } from 'node:crypto';
import { CloudopsError } from '../../errors.js';
import type { Host } from '../host.js';
import { lastLines, progressTo, withoutProgress } from '../output.js';
import { quote, quoteAll } from '../shell.js';
import type { FileContent } from '../stage.js';
import type { Step } from '../step.js';
import { containerCodes, containerScript, specLabel } from './container-script.js';
import { portIsTaken, portTaken } from './port.js';

/** A container, always hardened the same way: see `containerArguments`. It shares the network of its host. */
export interface ContainerSpec {
  readonly name: string;
  /** A reference with a tag; must be on the host already. */
  readonly image: string;
  readonly entrypoint: string;
  readonly command: readonly string[];
  /** Numeric `UID:GID`. */
  readonly user: string;
  /** Bytes; more ends the process. */
  readonly memory: number;
  /** Seconds it gets to end by itself. */
  readonly stopSeconds: number;
  /** Directories of the host; read-only unless `writable`. */
  readonly mounts: readonly {
    readonly source: string;
    readonly target: string;
    readonly writable?: boolean;
  }[];
  /** Directories in memory; the root file system can't be written. */
  readonly tmpfs: readonly string[];
}

export interface ContainerOptions {
  readonly spec: ContainerSpec;
  /** Files on the host that the process reads at its start only: another content is another container. */
  readonly startsWith?: readonly FileContent[];
  /** Files with secrets that it reads at its start only: where one is newer than the process, it is restarted. */
  readonly restartOn?: readonly string[];
  /** Files that it takes by SIGHUP, and shell that prints when it last did, in seconds since 1970. */
  readonly reload?: { readonly paths: readonly string[]; readonly loadedAt: string };
  /** Where it listens: nothing is touched while another process has that port. */
  readonly port: number;
  /** Shell that exits 0 when it serves. */
  readonly ready: string;
  /** Milliseconds to wait for `ready`; default 90 000. */
  readonly readyTimeoutMs?: number;
}

/** What a container is known by: its spec and the files it starts with. In a label of the container. */
export function specHash({ spec, startsWith = [] }: Pick<ContainerOptions, 'spec' | 'startsWith'>): string {
  const hash = createHash('sha256').update(JSON.stringify(spec));
  for (const { path, content } of startsWith) hash.update(`\0${path}\0`).update(content);
  return hash.digest('hex');
}

/**
 * A container of this spec that runs, serves, comes back by itself, and has the present files. A new one takes the
 * place of the old only when it serves; else the old one is started again.
 */
export function container(options: ContainerOptions): Step {
  const { spec, port, ready, reload, restartOn = [] } = options;
  const hash = specHash(options);
  const seconds = Math.ceil((options.readyTimeoutMs ?? 90_000) / 1000);
  const name = quote(spec.name);
  return {
    id: `container ${spec.name}`,
    look: [
      `docker container inspect --format '{{index .Config.Labels "${specLabel}"}} {{.State.Running}} {{.Image}}' ${name} 2>/dev/null || echo absent`,
      `docker image inspect --format '{{.Id}}' ${quote(spec.image)} 2>/dev/null || echo none`,
      `if ( ${ready}\n) >/dev/null 2>&1; then echo yes; else echo no; fi`,
      ...(restartOn.length === 0 ? [] : [newerThanStart(spec.name, restartOn)]),
      reload === undefined ? '' : notLoaded(reload),
    ].join('\n'),
    drift: (seen) => driftOfContainer(hash, seen),
    apply: async (host, report) => {
      const onLine = progressTo(report);
      const loaded = reload === undefined ? 'true' : `[ -z "$(${notLoaded(reload)})" ]`;
      const outdated =
        restartOn.length === 0 ? 'false' : `[ -n "$(${newerThanStart(spec.name, restartOn)})" ]`;
      const text = containerScript({ spec, port, hash, ready, loaded, outdated, seconds });
      const result = await host.exec(text, { onLine, timeoutMs: seconds * 1000 + 300_000 });
      if (result.code !== 0)
        throw containerFailed(host, options, result.code, `${result.stdout}${result.stderr}`);
    },
  };
}

/** Shell that prints the paths that are newer than the process, after a word that tells them from others. */
function newerThanStart(name: string, paths: readonly string[]): string {
  const started = `docker container inspect --format '{{.State.StartedAt}}' ${quote(name)}`;
  return `${newerThan(`date -d "$(${started})" +%s.%N`, paths)} | sed 's/^/restart /'`;
}

/** Shell that prints the paths changed since the last load. */
function notLoaded({ paths, loadedAt }: NonNullable<ContainerOptions['reload']>): string {
  return newerThan(loadedAt, paths);
}

/** Shell that prints which of the paths are newer than what `at` prints, in seconds since 1970. */
function newerThan(at: string, paths: readonly string[]): string {
  return `at=$( ( ${at}\n) 2>/dev/null); for f in ${quoteAll(paths)}; do stat -c %.9Y "$f" 2>/dev/null | awk -v at="\${at:-0}" -v f="$f" '$1 > at + 0 { print f }'; done`;
}

function driftOfContainer(hash: string, seen: string): string | undefined {
  const [first = '', imageId, ready, ...stale] = seen.split('\n');
  if (first === 'absent') return 'missing';
  const [label, running, runs] = first.split(' ');
  if (label !== hash) return 'runs with an older definition or older files';
  if (runs !== imageId) return `runs an older image of that name`;
  if (running !== 'true') return 'does not run';
  const older = stale.flatMap((line) => /^restart (.+)$/.exec(line)?.[1] ?? []);
  if (older.length > 0) return `runs with an older ${older.join(' ')}`;
  const changed = stale.filter((line) => line !== '');
  if (changed.length > 0) return `has not loaded the present ${changed.join(' ')}`;
  return ready === 'yes' ? undefined : 'does not serve yet';
}

function containerFailed(
  host: Host,
  { spec: { name, image }, port }: ContainerOptions,
  code: number,
  output: string,
): CloudopsError {
  if (code === portTaken) return portIsTaken(host, name, port, output);
  const what: Readonly<Record<number, readonly [string, string]>> = {
    [containerCodes.noImage]: ['CONTAINER_NO_IMAGE', `has no image ${image}`],
    [containerCodes.notStarted]: ['CONTAINER_NOT_STARTED', 'did not start'],
    [containerCodes.notReady]: ['CONTAINER_NOT_READY', 'runs, but did not serve in time'],
  };
  const [stable, text] = what[code] ?? ['CONTAINER_NOT_STARTED', 'could not be set up'];
  const back = output.includes('cloudops: the container of before runs again')
    ? ' The container of before runs again.'
    : '';
  return new CloudopsError({
    code: stable,
    what: `The container ${name} on ${host.name} ${text}.${back}`,
    why: `Docker and its log say: ${lastLines(withoutProgress(output), 12) || `exit code ${String(code)}`}.`,
    fix: [`see 'docker logs ${name}' on the host, then run the same command again`],
  });
}

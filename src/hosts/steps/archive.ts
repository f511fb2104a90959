import type { Step } from '../step.js';
import { quote } from '../shell.js';
import { archiveFailed } from './archive-errors.js';
import { archiveScript, markerOf } from './archive-script.js';

interface ArchiveBase {
  /** Unique among the archives of a host, e.g. `node_exporter`. */
  readonly name: string;
  /** A .tar.gz or .tar.xz whose content stands in one top directory. */
  readonly url: string;
  /** Where the files go; made when missing. */
  readonly into: string;
  /**
   * Paths inside the archive, below its top directory: each is put into `into` under its own base name, as a program.
   * Left out: the whole tree takes the place of `into`.
   */
  readonly files?: readonly string[];
}

/** A checksum known beforehand, or the address of the publisher's checksum file (`SUM  NAME` lines). */
export type ArchiveOptions = ArchiveBase &
  (
    | {
        readonly sha256: string;
        /** Its bytes, when they are sent to the host in place of a fetch; `url` is then only a name. */
        readonly read?: () => Promise<Uint8Array>;
        /** How many they are; an archive is compressed already. */
        readonly bytes?: number;
      }
    | { readonly checksumUrl: string }
  );

/**
 * Files out of a publisher's archive. The host fetches it, and nothing is touched before its checksum is proven; each
 * file is then put in place by a rename. A marker holds what was installed and the hash of every file.
 */
export function archive(options: ArchiveOptions): Step {
  const wanted = 'sha256' in options ? `${options.url} ${options.sha256}` : options.url;
  const marker = markerOf(options.name);
  return {
    id: `archive ${options.name}`,
    look: [
      `if [ -f ${quote(marker)} ]; then head -n 1 ${quote(marker)}`,
      `tail -n +2 ${quote(marker)} | sha256sum --check --quiet 2>/dev/null; echo "end $?"`,
      'else echo absent; fi',
    ].join('\n'),
    drift: (seen) => driftOfArchive(wanted, seen),
    sends: 'bytes' in options ? options.bytes : undefined,
    apply: async (host, report) => {
      const read = 'read' in options ? options.read : undefined;
      report(`${read === undefined ? 'fetching' : 'sending'} ${options.url}`);
      const stdin = await read?.();
      const result = await host.exec(archiveScript(options, wanted), { stdin, timeoutMs: 1_200_000 });
      if (result.code !== 0)
        throw archiveFailed(host, options, result.code, `${result.stdout}${result.stderr}`);
    },
  };
}

function driftOfArchive(wanted: string, seen: string): string | undefined {
  if (seen === 'absent') return 'not installed';
  const lines = seen.split('\n');
  if (lines[0] !== wanted) return `installed from ${lines[0] ?? 'elsewhere'}`;
  if (lines.at(-1) === 'end 0') return undefined;
  const files = lines.slice(1, -1).map((line) => line.replace(/: FAILED.*$/, ''));
  return `changed on disk: ${files.length === 0 ? 'its list of files' : files.join(', ')}`;
}

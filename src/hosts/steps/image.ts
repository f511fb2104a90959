import { CloudopsError } from '../../errors.js';
import type { Host } from '../host.js';
import { lastLines } from '../output.js';
import { quote } from '../shell.js';
import type { Step } from '../step.js';

/** An image as `docker save` wrote it, on the operator's machine. */
export interface ImageArchive {
  readonly sha256: string;
  /** How large it is, uncompressed. */
  readonly bytes: number;
  /** Its bytes; rejects when their checksum isn't `sha256`. */
  read(): Promise<Uint8Array>;
}

export interface ImageOptions {
  /** `[REGISTRY/]NAME:TAG`; the tag is a release, never `latest`. */
  readonly reference: string;
  /** Taken in place of a pull: the host then asks no registry. */
  readonly archive?: ImageArchive | undefined;
  /** What to do where it can't be pulled. */
  readonly whenNotPulled?: readonly string[];
}

/** Where the checksum and id of a loaded image are noted. */
const notes = '/var/lib/cloudops/images';

/** Programs and libraries shrink to a third; to less than this they don't. */
const leastCompression = 8;

/** Exit code of the load script when the archive held another image than the one named. */
const otherImage = 92;

/** An image that Docker on the host has: pulled, or loaded from an archive. */
export function image(options: ImageOptions): Step {
  const { reference, archive } = options;
  const note = quote(`${notes}/${reference.replaceAll(/[/:@]/g, '_')}`);
  const inspect = `docker image inspect --format '{{.Id}}' ${quote(reference)} 2>/dev/null`;
  return {
    id: `image ${reference}`,
    look: `${inspect} || echo absent; cat ${note} 2>/dev/null; true`,
    drift: (seen) => {
      const [id = 'absent', noted = ''] = seen.split('\n');
      if (id === 'absent') return 'not there';
      if (archive !== undefined && noted !== `${archive.sha256} ${id}`) return 'is not the one of the bundle';
      return undefined;
    },
    sends: archive === undefined ? undefined : Math.floor(archive.bytes / leastCompression),
    apply: async (host, report) => {
      report(`${archive === undefined ? 'pulling' : 'loading'} ${reference}`);
      const limit = { timeoutMs: 1_200_000 };
      const text = archive === undefined ? pull(reference) : load(reference, archive.sha256, note, inspect);
      const stdin = await archive?.read();
      const { code, stdout, stderr } = await host.exec(
        text,
        stdin === undefined ? limit : { ...limit, stdin },
      );
      if (code !== 0) throw imageFailed(host, options, code, `${stdout}${stderr}`);
    },
  };
}

function pull(reference: string): string {
  return `docker pull --quiet ${quote(reference)} 2>&1 </dev/null`;
}

function load(reference: string, sha256: string, note: string, inspect: string): string {
  return [
    'docker load --quiet 2>&1 || exit 1',
    `id=$(${inspect}) || { echo "the archive does not hold ${reference}"; exit ${String(otherImage)}; }`,
    `mkdir -p ${notes} && echo ${quote(sha256)} "$id" >${note}.new && mv -f ${note}.new ${note}`,
  ].join('\n');
}

function imageFailed(host: Host, options: ImageOptions, code: number, output: string): CloudopsError {
  const { reference, archive } = options;
  const why = `Docker said: ${lastLines(output, 3) || `exit code ${String(code)}`}.`;
  if (archive === undefined)
    return new CloudopsError({
      code: 'IMAGE_NOT_PULLED',
      what: `The image ${reference} can't be pulled on ${host.name}.`,
      why,
      fix: options.whenNotPulled ?? [
        'see whether the host reaches that registry (route, proxy, firewall)',
        "name a registry that has it in the config ('artifacts.registry'), or give a bundle ('--bundle DIR')",
      ],
    });
  return new CloudopsError({
    code: 'IMAGE_NOT_LOADED',
    what: `The image ${reference} of the bundle can't be loaded on ${host.name}.`,
    why,
    fix: [
      "see whether the host has disk space ('df -h'), and 'cloudops monitoring bundle verify DIR', then run the same command again",
    ],
  });
}

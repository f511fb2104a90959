import { CloudopsError } from '../errors.js';
import type { Host, PutOptions } from './host.js';
import { lastLines } from './output.js';
import { directoryOf, stageCodes, stageScript, type FileContent } from './stage.js';

/** `put` for any host that has `exec`: one round trip, any bytes. The directory must exist. */
export async function putFile(
  host: Pick<Host, 'name' | 'exec'>,
  content: string | Uint8Array,
  path: string,
  options: PutOptions = {},
): Promise<void> {
  const file: FileContent = { path, content, ...options };
  const { text, stdin } = stageScript(directoryOf(path), [file]);
  const { code, stdout, stderr } = await host.exec(text, { stdin });
  if (code !== 0) throw writeFailed(host, [file], code, `${stdout}${stderr}`);
}

/** Why files couldn't be put in place; what was there before still is. */
export function writeFailed(
  host: Pick<Host, 'name'>,
  files: readonly FileContent[],
  code: number,
  output: string,
): CloudopsError {
  const paths = files.map(({ path }) => path).join(', ');
  const seen = lastLines(output, 12);
  if (code === stageCodes.refused)
    return new CloudopsError({
      code: 'FILE_REFUSED',
      what: `The new ${paths} was not accepted on ${host.name}; the old one is still in place.`,
      why: `The check said: ${seen === '' ? 'nothing' : seen}.`,
      fix: ['correct what the check names, then run the same command again'],
    });
  if (code === stageCodes.noParent)
    return new CloudopsError({
      code: 'FILE_NO_DIRECTORY',
      what: `${paths} can't be written on ${host.name}: its directory isn't there.`,
      why: `${seen}.`,
      fix: ['make the directory first (in a role: a directory step before the file)'],
    });
  return new CloudopsError({
    code: /No space left|Disk quota/.test(output) ? 'HOST_DISK_FULL' : 'FILE_NOT_WRITTEN',
    what: `${paths} can't be written on ${host.name}; the old content, if any, is still in place.`,
    why: `The host said: ${seen === '' ? `exit code ${code}` : seen}.`,
    fix: /No space left|Disk quota/.test(output)
      ? [`free space on the host ('df -h', 'journalctl --vacuum-size=100M'), then run the same command again`]
      : ['see whether the file system is writable and the owner exists, then run the same command again'],
  });
}

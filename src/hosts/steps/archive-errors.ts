import { CloudopsError } from '../../errors.js';
import type { Host } from '../host.js';
import { lastLines } from '../output.js';
import type { ArchiveOptions } from './archive.js';
import { archiveCodes } from './archive-script.js';

/** Why an archive couldn't be installed. Nothing of what was installed before has been touched. */
export function archiveFailed(
  host: Host,
  options: ArchiveOptions,
  code: number,
  output: string,
): CloudopsError {
  const seen = lastLines(output) || `exit code ${code}`;
  const on = `on ${host.name}`;
  // curl doesn't say why it can't write.
  if (/No space left|Disk quota|curl: \(23\)/.test(output))
    return failure(
      'HOST_DISK_FULL',
      `There is no room for ${options.name} ${on}; what was installed stays.`,
      seen,
      [`free space on the host ('df -h', 'journalctl --vacuum-size=100M'), then run the same command again`],
    );
  switch (code) {
    case archiveCodes.noCurl:
      return failure(
        'ARCHIVE_NO_CURL',
        `${options.name} can't be fetched ${on}: the host has no curl.`,
        seen,
        [`install it (Debian, Ubuntu: 'apt-get install curl'; Amazon Linux: 'dnf install curl-minimal')`],
      );
    case archiveCodes.notFetched:
      return failure('ARCHIVE_NOT_FETCHED', `${options.url} can't be fetched ${on}.`, seen, [
        'see whether the host reaches that address (route, proxy, firewall)',
      ]);
    case archiveCodes.noSum:
      return failure(
        'ARCHIVE_NO_CHECKSUM',
        `The publisher's checksum file doesn't name ${options.url}; nothing was installed ${on}.`,
        'checksumUrl' in options ? options.checksumUrl : seen,
        ['see whether that version exists, or give its sha256'],
      );
    case archiveCodes.mismatch:
      return failure(
        'ARCHIVE_CHECKSUM_WRONG',
        `${options.url} isn't what it should be; nothing was installed ${on}.`,
        seen,
        [
          'see whether something between the host and the publisher changes downloads; never install it by hand',
        ],
      );
    case archiveCodes.missingFile:
      return failure(
        'ARCHIVE_FILE_MISSING',
        `${options.url} doesn't hold ${seen}; nothing was installed ${on}.`,
        seen,
        ['see whether the publisher changed the layout of that version'],
      );
    default:
      return failure('ARCHIVE_NOT_INSTALLED', `${options.name} can't be installed ${on}.`, seen, [
        `see whether the host has disk space ('df -h') and tar, then run the same command again`,
      ]);
  }
}

function failure(code: string, what: string, seen: string, fix: readonly string[]): CloudopsError {
  return new CloudopsError({ code, what, why: `Seen: ${seen}.`, fix });
}

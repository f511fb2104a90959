import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory for PATH whose `sudo -n` just runs the command, or refuses like the real one. */
export function sudoShim(refusal?: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'cloudops-sudo-'));
  const body = refusal === undefined ? '[ "$1" = -n ] && shift\nexec "$@"' : `echo '${refusal}' >&2\nexit 1`;
  writeFileSync(join(directory, 'sudo'), `#!/bin/sh\n${body}\n`);
  // The test may run as root, whom the product doesn't send through sudo.
  writeFileSync(
    join(directory, 'id'),
    '#!/bin/sh\n[ "$*" = -u ] && { echo 1000; exit; }\nexec /usr/bin/id "$@"\n',
  );
  chmodSync(join(directory, 'sudo'), 0o755);
  chmodSync(join(directory, 'id'), 0o755);
  return directory;
}

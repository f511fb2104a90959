import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file of the state directory, 0600 in a folder 0700; whoever reads it sees the old content or the new. */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${String(process.pid)}.new`;
  await writeFile(fresh, content, { mode: 0o600 });
  await chmod(fresh, 0o600);
  await rename(fresh, path);
}

import { mkdirSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the sandbox keeps what it holds: one JSON document. */
export interface Store {
  /** What was saved last; undefined when there is nothing. */
  load(): unknown;
  /** Resolves once `value`, as it is at this moment or later, is on disk. */
  save(value: unknown): Promise<void>;
}

/** Keeps nothing: for tests. */
export function memoryStore(): Store {
  return { load: () => undefined, save: () => Promise.resolve() };
}

/**
 * One file in `directory`, replaced atomically, readable by the owner only (user data and
 * parameters are in it). Saves that arrive while one is being written share the next one.
 */
export function fileStore(directory: string): Store {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'aws.json');
  let writing: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  return {
    load() {
      const text = readIfThere(path);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    save(value) {
      next ??= (writing ?? Promise.resolve())
        .catch(() => undefined)
        .then(() => {
          writing = next;
          next = undefined;
          return replaceFile(path, JSON.stringify(value));
        });
      return next;
    },
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function replaceFile(path: string, content: string): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}

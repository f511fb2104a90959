import { rename, writeFile } from 'node:fs/promises';
import { CloudopsError } from '../errors.js';

/** Writes the page; a reader sees the old one or the new one. Rejects with PREVIEW_NOT_WRITTEN. */
export async function writePreview(file: string, page: string): Promise<void> {
  const fresh = `${file}.cloudops-${process.pid}`;
  try {
    await writeFile(fresh, page);
    await rename(fresh, file);
  } catch (error) {
    throw new CloudopsError({
      code: 'PREVIEW_NOT_WRITTEN',
      what: `${file} can't be written.`,
      why: error instanceof Error ? error.message : String(error),
      fix: ["Give another file with '--out FILE'."],
      cause: error,
    });
  }
}

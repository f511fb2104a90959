import { createHash } from 'node:crypto';
import { CloudopsError } from '../errors.js';
import type { Release } from './releases.js';

/** A release archive, fetched by this machine and proven by the publisher's (or mirror's) checksum file. */
export async function fetchRelease(
  { url, checksumUrl }: Release,
  signal: AbortSignal,
): Promise<{ readonly file: string; readonly bytes: Uint8Array }> {
  const file = url.slice(url.lastIndexOf('/') + 1);
  const published = new TextDecoder().decode(await get(checksumUrl, signal));
  const wanted = publishedSum(published, file, checksumUrl === `${url}.sha256`);
  if (wanted === undefined) {
    throw new CloudopsError({
      code: 'ARCHIVE_NO_CHECKSUM',
      what: `${checksumUrl} has no checksum for ${file}.`,
      fix: ['see whether that version exists'],
    });
  }
  const bytes = await get(url, signal);
  const seen = createHash('sha256').update(bytes).digest('hex');
  if (seen === wanted) return { file, bytes };
  throw new CloudopsError({
    code: 'ARCHIVE_CHECKSUM_WRONG',
    what: `${url} isn't what it should be; it was thrown away.`,
    why: `Wanted ${wanted}, got ${seen}.`,
    fix: ['see whether something on the way changes downloads'],
  });
}

/** Pure: the sum of a file out of `SUM  NAME` lines; a page of that file alone may name it otherwise. */
export function publishedSum(text: string, file: string, alone: boolean): string | undefined {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+\*?/));
  const line = alone ? lines[0] : lines.find(([, name]) => name === file);
  const sum = line?.[0] ?? '';
  return /^[0-9a-f]{64}$/.test(sum) ? sum : undefined;
}

async function get(url: string, signal: AbortSignal): Promise<Uint8Array> {
  const failed = (why: string, cause?: unknown): CloudopsError =>
    new CloudopsError({
      code: 'ARCHIVE_NOT_FETCHED',
      what: `${url} can't be fetched.`,
      why,
      fix: ["see whether this machine reaches that address, or name a mirror: 'artifacts.mirror'"],
      cause,
    });
  const answer = await fetch(url, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    const { cause } = error as { cause?: unknown };
    throw failed(cause instanceof Error ? cause.message : String(error), error);
  });
  if (!answer.ok) throw failed(`It answered ${String(answer.status)}.`);
  return new Uint8Array(await answer.arrayBuffer());
}

import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** A new id as EC2 makes them: prefix and 17 hexadecimal digits. */
export function newId(prefix: string): string {
  return `${prefix}-0${randomBytes(8).toString('hex')}`;
}

/** An id that is the same for the same words: AMIs, default networks' parts, zones. */
export function steadyId(prefix: string, words: string): string {
  return `${prefix}-0${createHash('sha256').update(words).digest('hex').slice(0, 16)}`;
}

/** A new IAM unique id: AROA..., AIPA... and 17 letters or digits. */
export function iamId(prefix: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return prefix + [...randomBytes(17)].map((byte) => letters[byte % 32] ?? 'A').join('');
}

export const newUuid = (): string => randomUUID();

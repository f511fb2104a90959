import { createHash } from 'node:crypto';

/** A client token (at most 64 characters) that the same parts always give. */
export function token(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 48);
}

/** `name` within `most` characters: cut, with a short digest where that loses anything. */
export function shortened(name: string, most: number): string {
  if (name.length <= most) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, most - 9)}-${digest}`;
}

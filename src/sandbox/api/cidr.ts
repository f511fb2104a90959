/** An IPv4 block: first address and prefix length. */
export interface Block {
  readonly base: number;
  readonly bits: number;
}

/** Reads `a.b.c.d/n`, host bits cleared; undefined when it is no IPv4 block. */
export function parseCidr(cidr: string): Block | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some((part) => part > 255) || bits > 32) return undefined;
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  return { base: address - (address % size(bits)), bits };
}

/** The block as text, host bits cleared. */
export const formatCidr = (block: Block): string => `${formatIp(block.base)}/${block.bits}`;

export function formatIp(address: number): string {
  return [16777216, 65536, 256, 1].map((unit) => Math.floor(address / unit) % 256).join('.');
}

/** The number of an IPv4 address; undefined when it is none. */
export function parseIp(ip: string): number | undefined {
  return parseCidr(`${ip}/32`)?.base;
}

export const size = (bits: number): number => 2 ** (32 - bits);

export function contains(outer: Block, inner: Block): boolean {
  return inner.bits >= outer.bits && inner.base - (inner.base % size(outer.bits)) === outer.base;
}

export const overlap = (a: Block, b: Block): boolean => contains(a, b) || contains(b, a);

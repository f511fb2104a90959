import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A mirror of releases as `artifacts.mirror` wants one: each file has FILE.sha256 beside it. */
export interface ReleaseMirror {
  readonly url: string;
  /** What was asked for, as `ADDRESS PATH`. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** `address` is where hosts reach it. */
export async function releaseMirror(
  address: string,
  archives: readonly { readonly name: string; readonly bytes: Buffer }[],
): Promise<ReleaseMirror> {
  const files = new Map<string, Buffer | string>();
  for (const { name, bytes } of archives) {
    files.set(`/${name}`, bytes);
    files.set(`/${name}.sha256`, `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`);
  }
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const found = files.get(request.url ?? '');
    asked.push(`${request.socket.remoteAddress ?? ''} ${request.url ?? ''}`);
    if (found === undefined) response.writeHead(404).end();
    else response.end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return {
    url: `http://${address}:${String((server.address() as AddressInfo).port)}`,
    asked,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { standInGrafana } from './stand-in-grafana.js';

const version = 'grafana-12.4.11';

/** A mirror of releases that has one thing: the stand-in for Grafana. `address` is where hosts reach it. */
export async function grafanaMirror(
  address: string,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'cloudops-grafana-'));
  mkdirSync(join(directory, version, 'bin'), { recursive: true });
  writeFileSync(join(directory, version, 'bin', 'grafana'), standInGrafana, { mode: 0o755 });
  execFileSync('tar', ['-czf', join(directory, 'archive'), '-C', directory, version]);
  const archive = readFileSync(join(directory, 'archive'));
  rmSync(directory, { recursive: true });
  const name = `${version}.linux-amd64.tar.gz`;
  const files: Readonly<Record<string, string | Buffer>> = {
    [`/${name}`]: archive,
    [`/${name}.sha256`]: `${createHash('sha256').update(archive).digest('hex')}  ${name}`,
  };
  const server = createServer((request, response) => {
    const found = files[request.url ?? ''];
    if (found === undefined) response.writeHead(404).end();
    else response.end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return {
    url: `http://${address}:${String((server.address() as AddressInfo).port)}`,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

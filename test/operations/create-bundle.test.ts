import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../src/config/schema.js';
import { createBundle } from '../../src/operations/create-bundle.js';
import { openBundle } from '../../src/operations/open-bundle.js';

/** A Docker that notes what it is asked for, and saves what it was told to. */
const docker = `#!/bin/sh
echo "$*" >>"\${0%/*}/asked"
case "$1 $*" in *private*) echo 'denied: log in first' >&2; exit 1;; save*) echo "image $4" >"$3";; esac
`;

let folder: string;
let mirror: Server;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudops-create-'));
  writeFileSync(join(folder, 'docker'), docker, { mode: 0o755 });
  const sum = createHash('sha256').update('archive').digest('hex');
  mirror = createServer(
    ({ url = '' }, response) => void response.end(url.endsWith('.sha256') ? sum : 'archive'),
  );
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await new Promise((resolve) => mirror.close(resolve));
  rmSync(folder, { recursive: true });
});

const create = (application: object, architectures: readonly ('amd64' | 'arm64')[] = ['amd64']) =>
  createBundle(
    {
      config: configSchema.parse({
        application,
        monitoring: { grafana: { enabled: false } },
        artifacts: { mirror: `http://127.0.0.1:${String((mirror.address() as AddressInfo).port)}` },
      }),
      on: () => undefined,
      signal: new AbortController().signal,
    },
    { out: join(folder, 'out'), architectures, runtime: 'native', docker: join(folder, 'docker') },
  );

describe("a bundle with the team's application", () => {
  it('holds its image for every processor; a digest becomes a tag, which is all that can be saved', async () => {
    const digest = 'ab'.repeat(32);
    const { report } = await create({ image: `team.example/app:2@sha256:${digest}` }, ['amd64', 'arm64']);
    expect(report.ok).toBe(true);
    const bundle = await openBundle(join(folder, 'out'));
    for (const arch of ['amd64', 'arm64'] as const) {
      const image = bundle.image('application', arch);
      expect(image?.reference).toBe(`team.example/app:sha256-${digest}`);
      expect(String(await image?.read())).toBe(`image ${image?.reference ?? ''}\n`);
    }
    const asked = readFileSync(join(folder, 'asked'), 'utf8').split('\n');
    expect(asked).toContain(`pull --quiet --platform linux/arm64 team.example/app@sha256:${digest}`);
    expect(asked).toContain(`tag team.example/app@sha256:${digest} team.example/app:sha256-${digest}`);
  });

  it('is none where that image cannot be had, and says what Docker said', async () => {
    const { report } = await create({ image: 'private.example/app:v1.2' });
    expect(report.results.find(({ status }) => status === 'failed')).toMatchObject({
      error: { code: 'BUNDLE_IMAGE_NOT_SAVED', why: 'denied: log in first' },
    });
    await expect(openBundle(join(folder, 'out'))).rejects.toMatchObject({ code: 'BUNDLE_UNREADABLE' });
  });

  it('leaves it out where nothing is deployed', async () => {
    const { result } = await create({ image: 'team.example/app:1', enabled: false });
    expect(result.artifacts.map(({ name }) => name)).toEqual(['nodeExporter', 'prometheus']);
  });
});

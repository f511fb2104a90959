import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../src/config/schema.js';
import { requirementsVersion } from '../../src/monitoring/requirements.js';
import { createBundle } from '../../src/operations/create-bundle.js';
import { openBundle } from '../../src/operations/open-bundle.js';

/** A Docker that notes what it is asked for, and saves what it was told to. */
const docker = `#!/bin/sh
echo "$*" >>"\${0%/*}/asked"
case "$1 $*" in *private*) echo 'denied: log in first' >&2; exit 1;; save*) echo "image $4" >"$3";; esac
`;

/** A Python whose pip notes what it is asked for, and fetches one package. */
const python = `#!/bin/sh
echo "$*" >>"\${0%/*}/asked"
while [ "$1" != --dest ]; do shift; done; mkdir -p "$2" && echo wheel >"$2/flask-3.1.3-py3-none-any.whl"
`;

let folder: string;
let mirror: Server;
const notes: string[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudops-create-'));
  writeFileSync(join(folder, 'docker'), docker, { mode: 0o755 });
  writeFileSync(join(folder, 'python'), python, { mode: 0o755 });
  notes.length = 0;
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

const create = (
  application: object,
  architectures: readonly ('amd64' | 'arm64')[] = ['amd64'],
  program = 'python',
) =>
  createBundle(
    {
      config: configSchema.parse({
        application,
        monitoring: { grafana: { enabled: false } },
        artifacts: { mirror: `http://127.0.0.1:${String((mirror.address() as AddressInfo).port)}` },
      }),
      on: (event) => {
        if (event.type === 'note') notes.push(event.message);
      },
      signal: new AbortController().signal,
    },
    {
      out: join(folder, 'out'),
      architectures,
      runtime: 'native',
      docker: join(folder, 'docker'),
      python: join(folder, program),
    },
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

describe("a bundle with the placeholder's Python packages", () => {
  it('holds them for every processor, proven by pip', async () => {
    const { report } = await create({}, ['amd64', 'arm64']);
    expect(report.ok).toBe(true);
    const bundle = await openBundle(join(folder, 'out'));
    for (const arch of ['amd64', 'arm64'] as const) {
      const wheels = bundle.wheels(arch);
      expect(wheels?.version).toBe(requirementsVersion());
      const listed = execFileSync('tar', ['-tf', '-'], { input: await wheels?.read(), encoding: 'utf8' });
      expect(listed).toBe('flask-3.1.3-py3-none-any.whl\n');
    }
    const asked = readFileSync(join(folder, 'asked'), 'utf8');
    expect(asked).toMatch(
      /--require-hashes --only-binary :all: --platform manylinux2014_aarch64 --python-version 3\.11/,
    );
  });

  it('is made without them where this machine has no pip, and says so', async () => {
    const { report, result } = await create({}, ['amd64'], 'no-python');
    expect(report.ok).toBe(true);
    expect(result.artifacts.map(({ kind }) => kind)).toEqual(['archive', 'archive']);
    expect(notes).toEqual([expect.stringMatching(/placeholder's Python packages .*hosts with dnf only/)]);
    expect((await openBundle(join(folder, 'out'))).wheels('amd64')).toBeUndefined();
  });
});

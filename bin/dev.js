#!/usr/bin/env node
/** The program from its TypeScript sources, without a build or a manifest. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';
import { run } from '@oclif/core';

register();
const root = fileURLToPath(new URL('..', import.meta.url));
const pjson = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
pjson.oclif.commands.target = './src/commands/registry.ts';

const argv = process.argv.slice(2);
try {
  await run(argv, { root, pjson, isRoot: true, ignoreManifest: true });
} catch (error) {
  const { reportFailure } = await import('../src/cli/failure.ts');
  process.exitCode = reportFailure(error, argv);
}
process.stdout.write('', () => process.exit());

#!/usr/bin/env node
/** The program from its TypeScript sources, without a build. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';
import { Config, Plugin, run } from '@oclif/core';

register();
const root = fileURLToPath(new URL('..', import.meta.url));
const pjson = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
pjson.oclif.commands.target = './src/commands/registry.ts';

const argv = process.argv.slice(2);
let config;
try {
  // oclif reads the manifest of the last build, unless the root plugin is told not to.
  const plugin = new Plugin({ root, pjson, isRoot: true, ignoreManifest: true });
  await plugin.load();
  config = await Config.load({ root, pjson, plugins: new Map([[plugin.name, plugin]]) });
  await run(argv, config);
} catch (error) {
  const { reportFailure } = await import('../src/cli/failure.ts');
  process.exitCode = reportFailure(error, argv, config?.commandIDs);
}
process.stdout.write('', () => process.exit());

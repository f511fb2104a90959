#!/usr/bin/env node
import { Config, run } from '@oclif/core';

// A reader that leaves early (`| head`) must not end a change midway.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') process.exit(1);
  });
}

const argv = process.argv.slice(2);
let config;
try {
  config = await Config.load(import.meta.url);
  await run(argv, config);
} catch (error) {
  const { reportFailure } = await import('../dist/failure.js');
  process.exitCode = reportFailure(error, argv, config?.commandIDs);
}
// Open sockets must not keep a finished program alive.
process.stdout.write('', () => process.exit());

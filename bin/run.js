#!/usr/bin/env node
import { run } from '@oclif/core';

process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const argv = process.argv.slice(2);
try {
  await run(argv, import.meta.url);
} catch (error) {
  const { reportFailure } = await import('../dist/failure.js');
  process.exitCode = reportFailure(error, argv);
}
// Open sockets must not keep a finished program alive.
process.stdout.write('', () => process.exit());

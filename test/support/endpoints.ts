import { describe } from '@jest/globals';
import { startEmulator } from './emulator.js';
import type { Endpoint } from './inventory.js';
import { startMoto } from './moto.js';
import { describeWith, hasProgram } from './requires.js';

/** The product's own sandbox API, in this process. */
export const sandbox = (): Endpoint => ({ name: 'the sandbox', start: startEmulator, suite: describe });

/** A moto_server of its own; it keeps the interfaces of terminated instances. */
export const moto = (): Endpoint => ({
  name: 'moto',
  start: startMoto,
  suite: describeWith('moto_server', hasProgram('moto_server', '--help'), true),
  forgets: ['network-interface'],
});

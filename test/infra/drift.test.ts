import { describe } from '@jest/globals';
import { startEmulator } from '../support/emulator.js';
import { drift } from './drift.js';

/** AWS changes a volume once in six hours: each change takes seven here. */
let ahead = 0;
const start = () =>
  startEmulator({
    clock: () => Date.now() + ahead,
    onCall: ({ action }) => {
      if (action === 'ModifyVolume') ahead += 7 * 3_600_000;
    },
  });

drift('the sandbox', start, describe);

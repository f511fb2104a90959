import { describe } from '@jest/globals';
import { startEmulator } from '../support/emulator.js';
import { secretContract } from './secret-parameters.js';

secretContract('the sandbox', startEmulator, describe);

import { describe } from '@jest/globals';
import { startEmulator } from '../support/emulator.js';
import { contract } from './contract.js';

contract('the sandbox', startEmulator, describe);

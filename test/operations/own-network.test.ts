import { describe } from '@jest/globals';
import { startEmulator } from '../support/emulator.js';
import { ownNetwork } from './own-network.js';

ownNetwork('the sandbox', startEmulator, describe);

import { startMoto } from '../support/moto.js';
import { describeWith, hasProgram } from '../support/requires.js';
import { drift } from './drift.js';

drift('moto', startMoto, describeWith('moto_server', hasProgram('moto_server', '--help'), true));

import { startMoto } from '../support/moto.js';
import { describeWith, hasProgram } from '../support/requires.js';
import { secretContract } from './secret-parameters.js';

secretContract('moto', startMoto, describeWith('moto_server', hasProgram('moto_server', '--help'), true));

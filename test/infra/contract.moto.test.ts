import { startMoto } from '../support/moto.js';
import { describeWith, hasProgram } from '../support/requires.js';
import { contract } from './contract.js';

contract('moto', startMoto, describeWith('moto_server', hasProgram('moto_server', '--help'), true));

import { startMoto } from '../support/moto.js';
import { describeWith, hasProgram } from '../support/requires.js';
import { ownNetwork } from './own-network.js';

ownNetwork('moto', startMoto, describeWith('moto_server', hasProgram('moto_server', '--help'), true));

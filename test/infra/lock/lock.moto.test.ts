import { startMoto } from '../../support/moto.js';
import { describeWith, hasProgram } from '../../support/requires.js';
import { lockCases } from './lock-cases.js';

describeWith(
  'moto_server',
  hasProgram('moto_server', '--help'),
  true,
)('the lock on moto', () => lockCases(startMoto));

import { sandbox } from '../support/endpoints.js';
import { faults } from './faults.js';

faults(sandbox());

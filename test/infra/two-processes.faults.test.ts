import { sandbox } from '../support/endpoints.js';
import { twoProcesses } from './two-processes.js';

twoProcesses(sandbox());

import { moto } from '../support/endpoints.js';
import { faults } from './faults.js';

faults(moto(), ['answer lost']);

import { moto } from '../support/endpoints.js';
import { races } from './races.js';

races(moto());

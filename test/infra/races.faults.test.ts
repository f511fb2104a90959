import { sandbox } from '../support/endpoints.js';
import { races } from './races.js';

races(sandbox());

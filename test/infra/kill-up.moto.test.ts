import { moto } from '../support/endpoints.js';
import { kills } from './kills.js';

kills(moto(), 'up', ['before-answer']);

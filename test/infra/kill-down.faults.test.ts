import { sandbox } from '../support/endpoints.js';
import { kills } from './kills.js';

kills(sandbox(), 'down', ['before-answer', 'after-answer']);

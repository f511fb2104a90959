import { sandbox } from '../support/endpoints.js';
import { kills } from './kills.js';

kills(sandbox(), 'up', ['before-answer', 'after-answer']);

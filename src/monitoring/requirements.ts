import { createHash } from 'node:crypto';
import { template } from '../templates.js';

/** What the placeholder needs of Python where the distribution doesn't have it: pinned, each with its checksum. */
export const requirements = (): string => template('app/requirements.txt');

/** What tells one set of them from another. */
export const requirementsVersion = (): string =>
  createHash('sha256').update(requirements()).digest('hex').slice(0, 12);

/** The Python that they are for, and run with. */
export const pythonVersion = '3.11';

/** How pip is to take them: nothing that isn't named there, and nothing that has to be built. */
export const pipOptions = ['--require-hashes', '--only-binary', ':all:'] as const;

import type { Command } from '@oclif/core';
import Init from './init.js';

/** Every command by its id; oclif reads it in place of a folder. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = {
  init: Init,
};

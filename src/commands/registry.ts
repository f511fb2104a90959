import type { Command } from '@oclif/core';

/** Every command by its id; oclif reads it in place of a folder. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = {};

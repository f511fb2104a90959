import { describe, expect, it } from '@jest/globals';
import { Parser } from '@oclif/core';
import { usageError } from '../../src/cli/usage-error.js';
import { COMMANDS } from '../../src/commands/registry.js';

const ids = Object.keys(COMMANDS);

/** What oclif throws for a command line of a command. */
async function thrown(id: string, argv: string[]): Promise<Error> {
  const command = COMMANDS[id]!;
  const flags = { ...command.baseFlags, ...command.flags };
  try {
    await Parser.parse(argv, { args: command.args, flags, strict: command.strict });
  } catch (error) {
    return error as Error;
  }
  throw new Error(`oclif likes ${argv.join(' ')}`);
}

describe('usage errors', () => {
  it.each([
    ['verfy', "There is no command 'verfy'.", "Did you mean 'cloudops verify'?", 'cloudops --help'],
    [
      'infra plam',
      "There is no command 'infra plam'.",
      "Did you mean 'cloudops infra plan'?",
      'infra --help',
    ],
    [
      'infar plan',
      "There is no command 'infar plan'.",
      "Did you mean 'cloudops infra plan'?",
      'cloudops --help',
    ],
    ['up again', "There is no command 'up again'.", "Did you mean 'cloudops up'?", 'cloudops --help'],
  ])('%s: names the nearest command', (line, what, near, help) => {
    const words = line.split(' ');
    const error = usageError(new Error(`command ${words.join(':')} not found`), [...words, '--json'], ids);
    expect(error).toMatchObject({ code: 'USAGE', what, exitCode: 2 });
    expect(error.fix[0]).toBe(near);
    expect(error.fix.at(-1)).toContain(help);
  });

  it('suggests nothing for a word that is near to none', () => {
    const error = usageError(new Error('command xyzzy not found'), ['xyzzy'], ids);
    expect(error.fix).toEqual(["Run 'cloudops --help' for a list."]);
  });

  it.each([
    ['infra:plan', '--detailed-exitcod', '--detailed-exitcode'],
    ['verify', '--jnit', '--junit'],
    ['monitoring:configure', '--chek', '--check'],
    ['up', '--sandobx', '--sandbox'],
  ])('%s %s: names the nearest flag', async (id, flag, near) => {
    const words = id.split(':');
    const error = usageError(await thrown(id, [flag]), [...words, flag], ids);
    expect(error).toMatchObject({ code: 'USAGE', what: `Unknown flag: ${flag}.`, exitCode: 2 });
    expect(error.fix).toEqual([`Did you mean '${near}'?`, `Run 'cloudops ${words.join(' ')} --help'.`]);
  });
});

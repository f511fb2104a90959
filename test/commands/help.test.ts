import { describe, expect, it } from '@jest/globals';
import { Flags, Parser } from '@oclif/core';
import { COMMANDS } from '../../src/commands/registry.js';

describe.each(Object.entries(COMMANDS))('%s', (id, command) => {
  const examples = command.examples as readonly string[];

  it('says in one line what it does, as a part of a list', () => {
    expect(command.summary).toMatch(/^[a-z].{8,90}[^.]$/);
  });

  it('has examples that oclif takes', async () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const line = example.replace('<%= config.bin %> ', '');
      expect(line).toMatch(new RegExp(`^${id.replaceAll(':', ' ')}( |$)`));
      const argv = line.split(' ').slice(id.split(':').length);
      const flags = { json: Flags.boolean(), ...command.baseFlags, ...command.flags };
      await Parser.parse(argv, { args: command.args, flags, '--': true, strict: command.strict });
    }
  });

  it('says of each flag and argument what it is', () => {
    const all = { ...command.baseFlags, ...command.flags, ...command.args };
    const described = Object.entries(all) as [string, { summary?: string; description?: string }][];
    const silent = described.filter(([, { summary, description }]) => !(summary ?? description));
    expect(silent.map(([name]) => name)).toEqual([]);
  });
});

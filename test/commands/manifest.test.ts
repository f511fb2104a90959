import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { COMMANDS } from '../../src/commands/registry.js';

interface Cached {
  readonly summary?: string;
  readonly strict?: boolean;
  readonly flags: Readonly<
    Record<string, { readonly summary?: string; readonly env?: string; readonly char?: string }>
  >;
  readonly args: Readonly<Record<string, unknown>>;
}

const { commands } = JSON.parse(
  readFileSync(new URL('../../oclif.manifest.json', import.meta.url), 'utf8'),
) as { commands: Readonly<Record<string, Cached>> };

/** What the program's behaviour before a command is loaded depends on. */
function essence({ summary, flags, args }: Cached): unknown {
  const shown = Object.entries(flags).map(([name, flag]) => [name, flag.char, flag.env, flag.summary]);
  return { summary, flags: shown.sort(), args: Object.keys(args) };
}

describe('oclif.manifest.json', () => {
  it('names the registered commands', () => {
    expect(Object.keys(commands).sort()).toEqual(Object.keys(COMMANDS).sort());
  });

  it.each(Object.keys(COMMANDS))('is current for %s', (id) => {
    const command = COMMANDS[id]!;
    const json = { json: { summary: undefined } };
    const flags = { ...json, ...command.baseFlags, ...command.flags } as unknown as Cached['flags'];
    const cached = commands[id]!;
    const withoutJson = Object.fromEntries(
      Object.entries(cached.flags).map(([name, flag]) => [
        name,
        name === 'json' ? { summary: undefined } : flag,
      ]),
    );
    expect(essence({ ...cached, flags: withoutJson } as Cached)).toEqual(
      essence({
        ...(command.summary !== undefined && { summary: command.summary }),
        flags,
        args: command.args,
      }),
    );
  });
});

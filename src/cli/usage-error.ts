import { suggest } from '../config/suggest.js';
import { CloudopsError, exitCodes } from '../errors.js';

/** What oclif found wrong with the command line, in our shape: what, what is near, where the help is. Exit 2. */
export function usageError(
  error: Error,
  argv: readonly string[],
  commands: readonly string[] = [],
): CloudopsError {
  const words = argv.slice(0, argv.findIndex((word) => word.startsWith('-')) >>> 0);
  const unknown = /^command (\S+) not found/i.test(error.message);
  if (unknown) return unknownCommand(error, words, commands);
  const [what = error.message, ...more] = error.message
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('See more help'));
  return new CloudopsError({
    code: 'USAGE',
    what: `${what.replace(/^Nonexistent flag/, 'Unknown flag').replace(/[.:]?$/, '')}${more.length > 0 ? ':' : '.'}`,
    ...(more.length > 0 && { why: more.map((line) => line.trim()).join('\n') }),
    fix: [...nearFlags(error), `Run '${['cloudops', ...words, '--help'].join(' ')}'.`],
    exit: exitCodes.usage,
    cause: error,
  });
}

/** Commands of two words are known as `topic:command`; the operator may have written either of them wrong. */
function unknownCommand(error: Error, words: readonly string[], commands: readonly string[]): CloudopsError {
  const known = commands.map((id) => id.replaceAll(':', ' '));
  const near = suggest(words.slice(0, 2).join(' '), known) ?? suggest(words[0] ?? '', known);
  const topic = known.some((command) => command.startsWith(`${words[0] ?? ''} `)) ? [words[0]] : [];
  return new CloudopsError({
    code: 'USAGE',
    what: `There is no command '${words.slice(0, 2).join(' ')}'.`,
    fix: [
      ...(near === undefined ? [] : [`Did you mean '${['cloudops', near].join(' ')}'?`]),
      `Run '${['cloudops', ...topic, '--help'].join(' ')}' for a list.`,
    ],
    exit: exitCodes.usage,
    cause: error,
  });
}

/** oclif's parse errors carry the flags there were and the flags there are. */
function nearFlags(error: Error): string[] {
  const { flags = [], parse } = error as {
    readonly flags?: readonly string[];
    readonly parse?: { readonly input?: { readonly flags?: object } };
  };
  if (!error.message.startsWith('Nonexistent flag')) return [];
  const known = Object.keys(parse?.input?.flags ?? {}).map((name) => `--${name}`);
  return flags.flatMap((flag) => {
    const near = suggest(flag, known);
    return near === undefined ? [] : [`Did you mean '${near}'?`];
  });
}

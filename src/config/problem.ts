import { CloudopsError, exitCodes } from '../errors.js';

/** One thing that is wrong with the configuration. */
export interface Problem {
  /** `cloudops.yaml:12`, or the flag or variable that brought the value. */
  readonly where: string;
  /** For sorting; 0 when it isn't in a file. */
  readonly line: number;
  /** The key, e.g. `network.subnetCidrs[1]`; empty for the file as a whole. */
  readonly key: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

const shown = 40;

/** All problems as the one error that the operator sees. */
export function configInvalid(source: string, problems: readonly Problem[]): CloudopsError {
  const sorted = [...problems].sort((one, other) => one.line - other.line);
  const lines = sorted.slice(0, shown).map(problemText);
  if (sorted.length > shown) lines.push(`and ${sorted.length - shown} more`);
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new CloudopsError({
    code: 'CONFIG_INVALID',
    what: `The configuration (${source}) has ${count}:`,
    why: lines.join('\n'),
    fix: ["Correct the lines named above; 'cloudops init --print' shows every key with its default."],
    exit: exitCodes.usage,
  });
}

function problemText({ where, key, message }: Problem): string {
  return `${where}: ${key === '' ? '' : `${key}: `}${message}`;
}

/** A path of keys and indexes as people write it: `network.subnetCidrs[1]`. */
export function keyText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { checkValues, configFileName, type Override } from '../config/load.js';
import { sampleConfig, type SampleValues } from '../config/sample.js';
import { CloudopsError, exitCodes } from '../errors.js';
import type { SharedFlags } from './flags.js';

/** The values of the new file: flags first, then what the operator answers when `ask`, else defaults. Checked. */
export async function chooseValues(flags: SharedFlags, ask: boolean): Promise<SampleValues> {
  const given: Record<string, string | undefined> = {
    project: flags.project,
    environment: flags.environment,
    region: flags.region,
    allowCidrs: flags['allow-cidr']?.join(','),
  };
  const answers = ask ? await answersFor(given) : {};
  const values = {
    ...answers,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  const { config } = checkValues(overrides(values));
  const { project, environment, region, access } = config;
  return { project, environment, region, allowCidrs: access.allowCidrs };
}

/** The text of the file. */
export function sampleText(values: SampleValues): string {
  return sampleConfig(values);
}

/** Writes the file and returns its absolute path; `FILE_EXISTS` (exit 2) when it is there and not `force`. */
export async function writeSample(
  text: string,
  to: { file?: string | undefined; force: boolean },
): Promise<string> {
  const file = resolve(process.cwd(), to.file ?? configFileName);
  try {
    await writeFile(file, text, { flag: to.force ? 'w' : 'wx' });
  } catch (error) {
    throw writeError(file, error);
  }
  return file;
}

const questions = {
  project: { message: 'Project (first part of the name of the stack):', default: 'smartcloudops' },
  environment: { message: 'Environment (second part):', default: 'dev' },
  region: { message: 'AWS region:', default: 'us-east-1' },
  allowCidrs: {
    message: 'Networks that may reach it, separated by commas (empty: your own address):',
    default: '',
  },
};

async function answersFor(
  given: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> {
  const { askAll } = await import('./prompt.js');
  const open = Object.entries(questions).filter(([name]) => given[name] === undefined);
  return askAll(
    open.map(([name, question]) => ({ name, ...question, check: (answer) => complaint(name, answer) })),
  );
}

function complaint(name: string, answer: string): string | undefined {
  try {
    checkValues(overrides({ [name]: answer }));
    return undefined;
  } catch (error) {
    return error instanceof CloudopsError ? (error.why ?? error.what) : String(error);
  }
}

function overrides(values: Readonly<Record<string, string | undefined>>): Override[] {
  const list = (text: string): string[] =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  return Object.entries(values).flatMap(([name, value]): Override[] => {
    if (value === undefined) return [];
    if (name === 'allowCidrs') return [{ path: ['access', name], value: list(value), from: '--allow-cidr' }];
    return [{ path: [name], value, from: `--${name}` }];
  });
}

function writeError(file: string, error: unknown): CloudopsError {
  if ((error as { code?: string }).code === 'EEXIST') {
    return new CloudopsError({
      code: 'FILE_EXISTS',
      what: `${file} exists already; nothing was written.`,
      fix: ["Give '--force' to overwrite it, or '--config FILE' to write another."],
      exit: exitCodes.usage,
    });
  }
  return new CloudopsError({
    code: 'FILE_NOT_WRITTEN',
    what: `${file} can't be written.`,
    why: error instanceof Error ? error.message : String(error),
    fix: ['Check that the folder exists and that you may write to it.'],
    cause: error,
  });
}

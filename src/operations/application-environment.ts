import { readFile } from 'node:fs/promises';
import { Secret } from '../config/secret.js';
import type { Config } from '../config/schema.js';
import { CloudopsError, exitCodes } from '../errors.js';

/** The lines of `application.environmentFile`, as Docker takes them; undefined when the config names none. */
export async function readApplicationEnvironment(config: Config): Promise<Secret | undefined> {
  const path = config.application.environmentFile;
  if (path === undefined || !config.application.enabled) return undefined;
  const text = await readFile(path, 'utf8').catch((error: unknown) => refused(path, String(error)));
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  lines.forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('#') || /^[A-Za-z_]\w*=/.test(line)) return;
    // Never the line itself: it may hold the secret.
    refused(
      path,
      `line ${String(index + 1)} is not KEY=value, with letters, digits and underscores before the '='`,
    );
  });
  const kept = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return new Secret(kept.map((line) => `${line}\n`).join(''));
}

function refused(path: string, why: string): never {
  throw new CloudopsError({
    code: 'APPLICATION_ENVIRONMENT_UNREADABLE',
    what: `application.environmentFile can't be read from ${path}; nothing was touched.`,
    why: `${why}.`,
    fix: ['write one KEY=value a line there, without quotes: what follows the = is taken as it is'],
    exit: exitCodes.usage,
  });
}

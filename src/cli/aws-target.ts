import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/schema.js';

/** Which AWS is talked to: the operator's, as the SDK finds it, or an endpoint with fixed credentials. */
export interface AwsTarget {
  readonly profile?: string | undefined;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const fallback = 'us-east-1';

/** Says that nothing happens in AWS, and starts the sandbox when it isn't running; `report` hears what takes long. */
export async function sandboxTarget(say: {
  announce(line: string): void;
  report(line: string): void;
}): Promise<AwsTarget> {
  say.announce('Sandbox: nothing is created in AWS; everything runs on this machine.');
  const { ensureSandbox } = await import('./sandbox.js');
  const { endpoint } = await ensureSandbox({ report: (line) => say.report(line) });
  return { endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
}

/** The config's region (flags are in it already), else that of the environment, of the profile, us-east-1. */
export function resolveRegion(
  config: Pick<Config, 'region' | 'profile'>,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const set = (name: string): string | undefined => env[name] || undefined;
  return (
    config.region ??
    set('AWS_REGION') ??
    set('AWS_DEFAULT_REGION') ??
    profileRegion(config.profile ?? set('AWS_PROFILE') ?? 'default', set('AWS_CONFIG_FILE')) ??
    fallback
  );
}

/** The region line of a profile. Read here because loading the SDK for it would cost a quarter of a second. */
function profileRegion(profile: string, file = join(homedir(), '.aws', 'config')): string | undefined {
  let section = '';
  for (const line of readLines(file)) {
    const header = /^\s*\[\s*(?:profile\s+)?["']?([^\]"']+?)["']?\s*\]/.exec(line)?.[1];
    if (header !== undefined) section = header;
    const region = /^\s*region\s*=\s*([a-z0-9-]+)/.exec(line)?.[1];
    if (region !== undefined && section === profile) return region;
  }
  return undefined;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    return [];
  }
}

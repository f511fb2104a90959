import { readFile } from 'node:fs/promises';
import { Flags } from '@oclif/core';
import { Secret } from '../config/secret.js';
import type { Transport } from '../dashboards/transport.js';
import { CloudopsError, exitCodes } from '../errors.js';

/** The variable that may hold a service account's token; never a flag, for arguments can be seen by everybody. */
const tokenVariable = 'CLOUDOPS_GRAFANA_TOKEN';

/** For commands that talk to Grafana: another one than the monitoring host's. */
export const grafanaFlags = {
  url: Flags.string({
    summary: "a Grafana to use instead of the stack's, e.g. https://grafana.example.com",
    env: 'CLOUDOPS_GRAFANA_URL',
    helpGroup: 'GRAFANA',
    helpValue: 'URL',
  }),
  'token-file': Flags.string({
    summary: `file with a service account's token for --url; or the token itself in $${tokenVariable}`,
    env: 'CLOUDOPS_GRAFANA_TOKEN_FILE',
    helpGroup: 'GRAFANA',
    helpValue: 'FILE',
  }),
};

/** For commands that look up data sources. */
export const dataSourceFlag = {
  'data-source': Flags.string({
    summary:
      'data source to use for a name, uid or input of a file, e.g. DS_PROMETHEUS=prometheus; repeatable',
    multiple: true,
    multipleNonGreedy: true,
    helpGroup: 'GRAFANA',
    helpValue: 'NAME=UID',
  }),
};

/** The Grafana that the flags name; undefined without `--url`. Throws GRAFANA_URL, GRAFANA_TOKEN_FILE (exit 2). */
export async function grafanaTransport(flags: {
  readonly url?: string | undefined;
  readonly 'token-file'?: string | undefined;
}): Promise<Transport | undefined> {
  if (flags.url === undefined) return undefined;
  if (!URL.canParse(flags.url) || !/^https?:/.test(flags.url)) {
    throw usage(
      'GRAFANA_URL',
      `'--url ${flags.url}' is no address of a Grafana.`,
      'Give it as https://HOST or http://HOST:PORT.',
    );
  }
  const { username, password } = new URL(flags.url);
  if (username !== '' || password !== '') {
    throw usage(
      'GRAFANA_URL',
      "'--url' holds a login, which everybody on this machine can see.",
      `Put a token into $${tokenVariable} or a file for '--token-file'.`,
    );
  }
  const { direct } = await import('../dashboards/transport.js');
  const token = await tokenOf(flags['token-file']);
  return direct(flags.url, token === undefined ? undefined : { token });
}

async function tokenOf(file: string | undefined): Promise<Secret | undefined> {
  if (file === undefined) {
    const held = process.env[tokenVariable]?.trim() ?? '';
    return held === '' ? undefined : new Secret(held);
  }
  const held = await readFile(file, 'utf8').catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw usage('GRAFANA_TOKEN_FILE', `The token file can't be read: ${why}.`, "Check '--token-file'.");
  });
  if (held.trim() === '') throw usage('GRAFANA_TOKEN_FILE', `${file} is empty.`, 'Put the token into it.');
  return new Secret(held.trim());
}

function usage(code: string, what: string, fix: string): CloudopsError {
  return new CloudopsError({ code, what, fix: [fix], exit: exitCodes.usage });
}

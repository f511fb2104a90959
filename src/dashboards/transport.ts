import type { Secret } from '../config/secret.js';

/** What Grafana answered; `body` is JSON where Grafana answers JSON. */
export interface Reply {
  readonly status: number;
  readonly body: string;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A way to Grafana's HTTP API. Rejects only when no answer came; a bad status is an answer. */
export interface Transport {
  /** For messages: where Grafana is, without credentials. */
  readonly place: string;
  request(method: Method, path: string, body?: unknown): Promise<Reply>;
}

export type Credentials =
  { readonly token: Secret } | { readonly user: string; readonly password: Secret } | undefined;

/** Straight to an address, for a Grafana that isn't ours, with a service account's token or a login. */
export function direct(address: string, credentials: Credentials, timeoutMs = 15_000): Transport {
  const base = address.replace(/\/+$/, '');
  return {
    place: `Grafana at ${base}`,
    request: async (method, path, body) => {
      const response = await fetch(`${base}${path}`, {
        method,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...authorization(credentials),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.text() };
    },
  };
}

function authorization(credentials: Credentials): Record<string, string> {
  if (credentials === undefined) return {};
  if ('token' in credentials) return { authorization: `Bearer ${credentials.token.reveal()}` };
  const pair = `${credentials.user}:${credentials.password.reveal()}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

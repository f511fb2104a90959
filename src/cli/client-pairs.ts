import { CloudopsError, exitCodes } from '../errors.js';
import type { Pair } from '../infra/resource.js';
import type { AwsTarget } from './aws-target.js';

/** What every client is constructed with. */
export interface ClientSettings {
  readonly region: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts?: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
  };
}

/** The part of an SDK client that counting and clock correction need. */
interface AnyClient {
  readonly config: { systemClockOffset: number };
  readonly middlewareStack: {
    add(
      middleware: <In, Out>(next: (args: In) => Promise<Out>) => (args: In) => Promise<Out>,
      options: { step: 'deserialize'; priority: 'low'; name: string },
    ): void;
  };
}

export interface ClientPairs {
  /** A reader that retries as the SDK does, six attempts in all, and a writer that tries once: a lost answer is resolved by looking. */
  of<Client extends AnyClient>(make: (settings: ClientSettings) => Client): Pair<Client>;
  /** Requests sent by all clients so far, retries included. */
  readonly calls: () => number;
  /** The time as AWS's last answer gave it, carried on by this machine's clock; ms since 1970. */
  readonly now: () => number;
  /** True once a call went to an endpoint that isn't AWS's own. */
  readonly emulated: () => boolean;
  /** Rejects with `CREDENTIALS_MISSING` (exit 7) when the SDK's chain finds none. */
  checkCredentials(client: { readonly config: { credentials(): Promise<unknown> } }): Promise<void>;
}

/** Where the clients go, and how long they wait where that isn't the usual. */
export interface ClientFacts {
  readonly region: string;
  readonly target: AwsTarget;
  /** Milliseconds. */
  readonly limits?: { readonly connectionTimeout: number; readonly requestTimeout: number };
}

/** Makes the clients of one run. They share a count of requests and what one of them learns of the clock's error. */
export function clientPairs({ region, target, limits }: ClientFacts): ClientPairs {
  let calls = 0;
  let offset = 0;
  let ahead = 0;
  let emulated = false;
  const settings: ClientSettings = {
    region,
    requestHandler: {
      connectionTimeout: 5000,
      requestTimeout: 20_000,
      ...limits,
      throwOnRequestTimeout: true,
    },
    ...(target.profile !== undefined && { profile: target.profile }),
    ...(target.endpoint !== undefined && { endpoint: target.endpoint }),
    ...(target.credentials !== undefined && { credentials: target.credentials }),
  };
  const watched = <Client extends AnyClient>(client: Client): Client => {
    // The SDK corrects a wrong clock at the second attempt of a client; a writer has only one.
    Object.defineProperty(client.config, 'systemClockOffset', {
      get: () => offset,
      set: (value: number) => {
        offset = value;
      },
    });
    client.middlewareStack.add(
      (next) => async (args) => {
        calls += 1;
        emulated ||= !isAwsHost(args);
        const answer = await next(args);
        ahead = aheadIn(answer) ?? ahead;
        return answer;
      },
      { step: 'deserialize', priority: 'low', name: 'countRequests' },
    );
    return client;
  };
  return {
    of: (make) => ({
      // More than the SDK's three: where a fifth of all calls is throttled, one read in a hundred would fail.
      read: watched(make({ ...settings, maxAttempts: 6 })),
      write: watched(make({ ...settings, maxAttempts: 1 })),
    }),
    calls: () => calls,
    now: () => Date.now() + ahead,
    emulated: () => emulated,
    checkCredentials: async (client) => {
      try {
        await client.config.credentials();
      } catch (error) {
        throw credentialsMissing(target, error);
      }
    },
  };
}

/** Emulators, tunnels and recorders have other names. */
function isAwsHost(args: unknown): boolean {
  const { request } = args as { readonly request?: { readonly hostname?: string } };
  return /\.(amazonaws\.com(\.cn)?|api\.aws)$/.test(request?.hostname ?? '');
}

/** How many ms the service's clock is ahead of ours, by the Date of its answer; to the second. */
function aheadIn(answer: unknown): number | undefined {
  const { response } = answer as { readonly response?: { readonly headers?: Record<string, string> } };
  const date = Date.parse(response?.headers?.['date'] ?? '');
  if (Number.isNaN(date)) return undefined;
  const ms = date - Date.now();
  // The header has whole seconds: what is less than that is no difference.
  return Math.abs(ms) < 1_500 ? 0 : ms;
}

function credentialsMissing(target: AwsTarget, cause: unknown): CloudopsError {
  const seen = cause instanceof Error ? cause.message.replace(/\s+/g, ' ').slice(0, 300) : String(cause);
  const profile = target.profile ?? process.env['AWS_PROFILE'];
  const login = profile === undefined ? 'aws sso login' : `aws sso login --profile ${profile}`;
  return new CloudopsError({
    code: 'CREDENTIALS_MISSING',
    what:
      profile === undefined
        ? 'No AWS credentials found.'
        : `No AWS credentials found for profile '${profile}'.`,
    why: `The AWS SDK says: ${seen}`,
    fix: [
      `'${login}' when you use IAM Identity Center, 'aws configure' for access keys, or '--profile NAME' for another profile.`,
      "'--sandbox' works without an account.",
    ],
    exit: exitCodes.notPermitted,
    cause,
  });
}

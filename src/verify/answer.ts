/** What a service said over HTTP. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** For messages: how it was reached, e.g. `from monitoring`; empty for straight from the operator's machine. */
  readonly via: string;
}

/** Why there was no answer; what to do depends on it. */
export type Silence = 'refused' | 'timeout' | 'no-route' | 'unknown-name' | 'broken';

/** No HTTP answer came. `about` says from where and from what, once that is known. */
export class NoAnswer extends Error {
  constructor(
    readonly silence: Silence,
    detail: string,
    readonly about?: { readonly where: string; readonly service: string },
  ) {
    super(detail);
    this.name = 'NoAnswer';
  }
}

/** Sorts the words of fetch, curl and Prometheus' lastError; they all quote the same few system errors. */
export function silenceOf(text: string): Silence {
  if (/ECONNREFUSED|connection refused/i.test(text)) return 'refused';
  if (/ETIMEDOUT|timed? ?out|deadline exceeded|aborted due to timeout/i.test(text)) return 'timeout';
  if (/EHOSTUNREACH|ENETUNREACH|no route to host|network is unreachable/i.test(text)) return 'no-route';
  if (/ENOTFOUND|EAI_AGAIN|no such host|could not resolve/i.test(text)) return 'unknown-name';
  return 'broken';
}

/** What a silence means, said of `HOST:PORT`. */
export function meaningOf(silence: Silence, where: string): string {
  switch (silence) {
    case 'refused':
      return `${where} refuses the connection: the machine is up, but nothing listens there`;
    case 'timeout':
      return `${where} doesn't answer: something drops the packets, a security group or a firewall on the host`;
    case 'no-route':
      return `there is no route to ${where}: the machine is stopped, or in another network`;
    case 'unknown-name':
      return `the name in ${where} isn't known`;
    case 'broken':
      return `the connection to ${where} broke off`;
  }
}

/** What to do about it; `service` is what should listen there. */
export function hintFor(silence: Silence, service: string): string {
  switch (silence) {
    case 'refused':
      return `Start ${service} with 'cloudops monitoring configure'; a second run repairs what is wrong.`;
    case 'timeout':
      return "Run 'cloudops infra plan': it shows whether a security group drifted; 'cloudops infra up' puts it right.";
    case 'no-route':
      return "Run 'cloudops infra status': it shows whether the instance runs and which address it has.";
    case 'unknown-name':
    case 'broken':
      return `Look at the log of ${service} on the host: 'journalctl -n 50'; then 'cloudops monitoring configure'.`;
  }
}

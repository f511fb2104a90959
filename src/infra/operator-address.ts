import ipaddr from 'ipaddr.js';
import { CloudopsError, exitCodes } from '../errors.js';

/** Run by AWS; answers with the caller's IPv4 address in plain text. */
const service = 'https://checkip.amazonaws.com';

/** Asks for the operator's public address; 3 s at most. */
export type AskAddress = (signal: AbortSignal) => Promise<string>;

const askService: AskAddress = async (signal) => {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(3_000)]);
  const answer = await fetch(service, { signal: limit });
  if (!answer.ok) throw new Error(`it answered ${answer.status}`);
  return answer.text();
};

/** The operator's own address as a network of one, e.g. 203.0.113.7/32. Never wider. */
export async function operatorAddress(signal: AbortSignal, ask: AskAddress = askService): Promise<string> {
  let seen: string;
  try {
    seen = (await ask(signal)).trim();
  } catch (error) {
    throw unknownAddress(wordsOf(error));
  }
  if (!ipaddr.IPv4.isValidFourPartDecimal(seen)) throw unknownAddress(`it answered '${seen.slice(0, 60)}'`);
  return `${seen}/32`;
}

/** What to warn of in networks that the operator gave. */
export function worldWarning(cidrs: readonly string[]): string | undefined {
  const world = cidrs.find((cidr) => cidr.endsWith('/0'));
  if (world === undefined) return undefined;
  return `${world} lets everybody on the internet reach SSH, Prometheus, Grafana and the application.`;
}

/** `fetch` says no more than that it failed; what failed stands in its cause. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}, ${error.cause.message}` : error.message;
}

function unknownAddress(why: string): CloudopsError {
  return new CloudopsError({
    code: 'OPERATOR_ADDRESS_UNKNOWN',
    what: 'Your own public address is not known, so nobody would be let in.',
    why: `Asked ${service}: ${why}.`,
    fix: [
      "Give it with '--allow-cidr', e.g. '--allow-cidr 203.0.113.7/32'.",
      "Or set 'access.allowCidrs' in cloudops.yaml.",
      "An emulator of AWS takes any network; '--sandbox' knows its own.",
    ],
    exit: exitCodes.usage,
  });
}

/** What a `CloudopsError` is made of; see docs/errors.md for the codes. */
export interface ErrorFacts {
  /** Stable and grep-able, e.g. `SSH_UNREACHABLE`. */
  readonly code: string;
  /** What happened, on which resource or host, in the operator's words. */
  readonly what: string;
  /** The evidence: what was seen, the service's own code and request id. Never a guess. */
  readonly why?: string | undefined;
  /** What to do next, one line each, commands in single quotes. */
  readonly fix?: readonly string[];
  /** Exit code of the process when this error ends it. Default 1. */
  readonly exit?: number;
  readonly cause?: unknown;
}

/** Exit codes of the command line (CONTRACT). */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  changesPending: 3,
  verificationFailed: 4,
  locked: 6,
  notPermitted: 7,
  interrupted: 130,
} as const;

/**
 * An error the operator can act on. Everything else that is thrown is our bug.
 * `oclif.exit` and `exitCode` are both set because oclif reads one in text mode and the other with --json.
 */
export class CloudopsError extends Error {
  readonly code: string;
  readonly what: string;
  readonly why: string | undefined;
  readonly fix: readonly string[];
  readonly exitCode: number;
  readonly oclif: { exit: number };
  /** What `--json` shows beside the text, e.g. what became of each resource. */
  details: object | undefined;

  constructor(facts: ErrorFacts) {
    super(facts.why === undefined ? facts.what : `${facts.what} ${facts.why}`, { cause: facts.cause });
    this.name = 'CloudopsError';
    this.code = facts.code;
    this.what = facts.what;
    this.why = facts.why;
    this.fix = facts.fix ?? [];
    this.exitCode = facts.exit ?? exitCodes.failed;
    this.oclif = { exit: this.exitCode };
  }
}

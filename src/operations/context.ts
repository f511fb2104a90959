import type { Config } from '../config/schema.js';
import type { Listener } from '../engine/task.js';
import type { Connect } from '../hosts/host.js';
import type { OpenTunnel } from '../hosts/ssh.js';
import type { Aws } from '../infra/resource.js';

/** What an operation may touch. Tests pass their own; nothing is module-mocked. */
export interface Context {
  readonly config: Config;
  /** `PROJECT-ENVIRONMENT`. */
  readonly stack: string;
  readonly region: string;
  /** Rejects when there are no credentials; operations on given addresses never call it. */
  readonly aws: () => Promise<Aws>;
  readonly connect: Connect;
  /** A way to a port of a host, for the operator's browser; undefined in tests that need none. */
  readonly tunnel?: OpenTunnel;
  readonly on: Listener;
  readonly signal: AbortSignal;
  /** True when AWS is the local sandbox: what it can't have (Grafana's release) is a note, not an error. */
  readonly sandbox: boolean;
  /**
   * Where this stack's private key (`id_ed25519`), `known_hosts` and generated passwords are kept on the
   * operator's machine. Made 0700 by whoever writes first; nothing in it is needed to find the stack again.
   */
  readonly stateDir: string;
}

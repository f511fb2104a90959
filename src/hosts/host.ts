/** What a command on a host came to; a non-zero code is an answer, not an exception. */
export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** `SIGKILL` etc. when a signal ended it; code is then 128 + its number. */
  readonly signal?: string | undefined;
}

export interface ExecOptions {
  /** Fed to the script's standard input; the place for secrets. */
  readonly stdin?: string | Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with each line the script prints while it runs. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Milliseconds until the command is given up; default 15 minutes. */
  readonly timeoutMs?: number | undefined;
}

export interface PutOptions {
  /** Octal permissions, e.g. 0o644 (the default). */
  readonly mode?: number;
  /** `user` or `user:group`; default root:root. */
  readonly owner?: string;
}

/** One machine that we are logged in to. Scripts run as root (by sudo where needed) under `sh`. */
export interface Host {
  readonly name: string;
  /** Compressed bytes that a script can be given; undefined where any number can be sent. */
  readonly maxInputBytes?: number | undefined;
  exec(script: string, options?: ExecOptions): Promise<ExecResult>;
  /** Writes a file so that a reader sees the old content or the new, never a part. */
  put(content: string | Uint8Array, path: string, options?: PutOptions): Promise<void>;
  close(): Promise<void>;
}

export type Role = 'monitoring' | 'application';

/** A machine that is to be configured, however we learned of it. */
export interface HostRecord {
  /** Unique among the hosts: the Name tag without the stack (`monitoring`, `application-1`), or the address given. */
  readonly name: string;
  readonly role: Role;
  /** Where the operator's machine reaches it; a stopped instance has none. */
  readonly address: string | undefined;
  /** Where the other hosts reach it. Undefined: to be asked of the host. */
  readonly privateAddress: string | undefined;
  /** Undefined for a host that AWS doesn't know. */
  readonly instanceId: string | undefined;
  readonly zone?: string | undefined;
}

/** What a caller of `Connect` may want otherwise. */
export interface ConnectLimits {
  /** Milliseconds to wait for a host that doesn't let us in yet, where the connection would wait longer. */
  readonly readyTimeoutMs?: number;
  /** Told what is being waited for, a line each; without it that is a note. */
  readonly report?: (message: string) => void;
}

/** Logs in. Rejects with a `CloudopsError` that names host, address and what was tried. */
export type Connect = (record: HostRecord, signal: AbortSignal, limits?: ConnectLimits) => Promise<Host>;

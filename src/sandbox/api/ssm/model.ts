export interface ParameterVersion {
  readonly value: string;
  readonly type: string;
  readonly modified: number;
  readonly description: string | undefined;
  readonly dataType: string;
}

export interface Parameter {
  readonly name: string;
  /** Oldest first; the version number is the place plus `dropped` plus one. */
  versions: ParameterVersion[];
  dropped: number;
  tags: Record<string, string>;
}

export interface Invocation {
  readonly instanceId: string;
  status: string;
  code: number;
  stdout: string;
  stderr: string;
  started: number | undefined;
  ended: number | undefined;
}

export interface Command {
  readonly id: string;
  readonly document: string;
  readonly comment: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly requested: number;
  readonly timeoutSeconds: number;
  cancelled: boolean;
  readonly invocations: Invocation[];
}

export interface SsmRegion {
  readonly parameters: Record<string, Parameter>;
  readonly commands: Record<string, Command>;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly created: number;
  description: string | undefined;
  maxSessionSeconds: number;
  assumePolicy: string;
  /** Inline policies by name. */
  readonly policies: Record<string, string>;
  /** ARNs of attached policies. */
  attached: string[];
  tags: Record<string, string>;
}

export interface InstanceProfile {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly created: number;
  role: string | undefined;
  tags: Record<string, string>;
}

/** IAM's data: by lower-case name, as names are unique regardless of case. */
export interface Iam {
  readonly roles: Record<string, Role>;
  readonly profiles: Record<string, InstanceProfile>;
}

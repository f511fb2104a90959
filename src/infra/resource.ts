import type { EC2Client } from '@aws-sdk/client-ec2';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { STSClient } from '@aws-sdk/client-sts';

/** The clients of one service: the reader retries as the SDK does, the writer tries once with a real timeout (facts/aws.md, 1). */
export interface Pair<Client> {
  readonly read: Client;
  readonly write: Client;
}

/** Everything a resource kind may use to talk to AWS about one stack. */
export interface Aws {
  readonly region: string;
  readonly stack: string;
  /** Unique per run; goes into the tag `cloudops:op` of what this run creates. */
  readonly operation: string;
  readonly ec2: Pair<EC2Client>;
  readonly iam: Pair<IAMClient>;
  readonly ssm: Pair<SSMClient>;
  readonly sts: Pair<STSClient>;
  /** The operator's extra tags, put on everything. */
  readonly tags: Readonly<Record<string, string>>;
  /** Requests sent so far, retries included. */
  apiCalls(): number;
  /** The time by AWS's clock, ms since 1970. */
  now(): number;
  /** True once a call went to an endpoint that isn't AWS's own: an emulator, which may carry a DryRun out. */
  emulated(): boolean;
  /** EC2 of another region, for what is asked of the account rather than the region. */
  elsewhere?(region: string): EC2Client;
  /** Service Quotas; loaded when it is first used. */
  quotas?(): Promise<ServiceQuotasClient>;
  /** Milliseconds between polls are multiplied by this; tests pass a small number. */
  readonly pace: number;
}

/** A resource's logical address, `kind/name`, e.g. `subnet/public-1`. */
export type Address = `${string}/${string}`;

/** What AWS knows about one resource, with the logical name its tag gives. */
export interface Found<Raw> {
  readonly name: string;
  readonly id: string;
  readonly raw: Raw;
}

/** Translates a physical id into the address that our tags give it, or keeps the id when it isn't ours. */
export type NameOf = (kind: string, id: string | undefined) => string | undefined;

/** The physical id of an address, known once it exists. Throws when it doesn't. */
export type IdOf = (address: Address) => string;

/** One field that differs. `path` is dotted: `tags.Owner`, `ingress.tcp 22 from 203.0.113.7/32`. */
export interface FieldChange {
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
  /** True when AWS can't change it in place. */
  readonly replaces: boolean;
}

/** A wanted resource of a kind. */
export interface Named<Spec> {
  readonly name: string;
  readonly spec: Spec;
}

/** Everything cloudops knows about one kind of AWS resource, in one file. */
export interface ResourceKind<Spec extends object = object, Raw = unknown> {
  readonly kind: string;
  /** The fields AWS can't change in place. */
  readonly replaceOn: readonly (keyof Spec & string)[];
  /** The fields whose change in place stops a host for a while. */
  readonly stopOn?: readonly (keyof Spec & string)[];
  /** Whether this one change can't be made in place, although `replaceOn` doesn't name its field. */
  mustReplace?(change: FieldChange): boolean;
  /** What must exist before this. */
  needs(spec: Spec): Address[];
  /** The part of `needs` whose replacement replaces this too; default: all. */
  standsOn?(spec: Spec): Address[];
  /**
   * All of this kind that carry the stack's tag, one Describe (or few), terminated ones left out. `lean`: without what
   * only a comparison needs, to spare a deletion the calls.
   */
  list(aws: Aws, lean?: boolean): Promise<Found<Raw>[]>;
  /** Pure: AWS's answer in our own words, with logical names for ids. */
  read(raw: Raw, nameOf: NameOf): Spec;
  /** Returns the id once dependants can use the thing. Safe to repeat: finds what an earlier try made. */
  create(aws: Aws, name: string, spec: Spec, idOf: IdOf, signal: AbortSignal): Promise<string>;
  /** Creates with the same key in one run go through one `createAll`, which returns the ids in the order of `wanted`. */
  batch?(spec: Spec): string;
  createAll?(
    aws: Aws,
    wanted: readonly Named<Spec>[],
    idOf: IdOf,
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  /** Makes the paths in `changed` as `spec` has them. Safe to repeat. */
  update(aws: Aws, id: string, spec: Spec, changed: readonly string[], idOf: IdOf): Promise<void>;
  /** Returns once it is gone; a thing that is gone already is success. */
  delete(aws: Aws, id: string, signal: AbortSignal): Promise<void>;
  /** All deletions of a run at once, where AWS can. */
  deleteAll?(aws: Aws, ids: readonly string[], signal: AbortSignal): Promise<void>;
  /** What status and outputs show of it: states and addresses, never compared. */
  shows?(raw: Raw): Readonly<Record<string, string>>;
  /** All its tags, ours included. */
  tagsOf(raw: Raw): Readonly<Record<string, string>>;
}

/** One wanted resource. */
export interface Desired {
  readonly kind: string;
  readonly name: string;
  readonly spec: object;
  /** Fields chosen at creation and kept afterwards: a difference is reported, never changed. */
  readonly fixed?: readonly string[];
  /** Fields chosen at creation among these values, and kept while they are one of them. */
  readonly among?: Readonly<Record<string, readonly string[]>>;
  /** Fields that some endpoints can't read back: compared only where they can. */
  readonly ifRead?: readonly string[];
}

/** One resource that exists, translated. */
export interface Actual {
  readonly kind: string;
  readonly name: string;
  readonly id: string;
  readonly spec: object;
  /** States and addresses, for status and outputs. */
  readonly shows?: Readonly<Record<string, string>>;
}

import type { Fields } from '../protocol/form.js';
import type { Answer } from '../protocol/xml.js';
import type { Ec2Region } from './ec2/model.js';
import type { Iam } from './iam/model.js';
import type { Life } from './ec2/life.js';
import type { SsmRegion } from './ssm/model.js';
import type { Limits } from './limits.js';
import type { Machines } from '../machines/machines.js';

/** What an action works on: its region's data, its parameters, the time. */
export interface Call {
  readonly region: string;
  readonly fields: Fields;
  readonly json: Readonly<Record<string, unknown>>;
  readonly ec2: Ec2Region;
  readonly ssm: SsmRegion;
  readonly iam: Iam;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly clock: () => number;
  readonly limits: Limits;
  readonly life: Life;
  readonly machines: Machines | undefined;
  readonly accessKey: string | undefined;
  /** Keeps what changed after the answer was given (background work). */
  readonly save: () => Promise<void>;
}

/** One API action: checks everything first, then changes the data; throws ApiError. */
export type Action = (call: Call) => Answer | Promise<Answer>;
export type Actions = Readonly<Record<string, Action>>;

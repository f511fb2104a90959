import type { Machines } from '../machines/machines.js';
import type { Request } from '../protocol/request.js';
import type { Answer } from '../protocol/xml.js';
import type { Store } from '../store.js';
import type { Call } from './call.js';
import { dispatch } from './dispatch.js';
import { newLife, type Life } from './ec2/life.js';
import { newRegion } from './ec2/region.js';
import type { Limits } from './limits.js';
import { ACCOUNT, newWorld, readWorld, type World } from './world.js';

interface AccountOptions {
  readonly machines: Machines | undefined;
  readonly store: Store;
  readonly clock: () => number;
  readonly transitionMs: number;
  readonly limits: Limits;
}

/** The sandbox's AWS account: its data, what moves it, and the calls on it. */
export class Account {
  readonly #options: AccountOptions;
  readonly #world: World;
  readonly #life: Life;

  constructor(options: AccountOptions) {
    this.#options = options;
    this.#world = readWorld(options.store.load()) ?? newWorld();
    this.#life = newLife({ ...options, world: this.#world, save: this.save });
  }

  /** Does one call; throws ApiError. */
  call(request: Request): Promise<Answer> {
    const { region } = request;
    const ec2 = (this.#world.ec2[region] ??= newRegion(region));
    const ssm = (this.#world.ssm[region] ??= { parameters: {}, commands: {} });
    this.#life.settle(ec2);
    const { clock, limits, machines } = this.#options;
    const call: Call = {
      region,
      fields: request.fields,
      json: request.json,
      ec2,
      ssm,
      iam: this.#world.iam,
      now: clock(),
      clock,
      limits,
      life: this.#life,
      machines,
      accessKey: request.accessKey,
      save: this.save,
    };
    return dispatch(request, call);
  }

  readonly save = (): Promise<void> => this.#options.store.save(this.#world);

  recover(): void {
    this.#life.recover();
  }

  /** Resolves when nothing is under way in the background and all is on disk. */
  async idle(): Promise<void> {
    await this.#life.idle();
    await this.save();
  }

  /** A few words for `sandbox status`, as JSON. */
  health(): string {
    const regions = Object.entries(this.#world.ec2).map(([region, ec2]) => [
      region,
      Object.values(ec2.instances).filter((one) => one.state !== 'terminated').length,
    ]);
    return JSON.stringify({
      ok: true,
      account: ACCOUNT,
      machines: this.#options.machines !== undefined,
      instances: Object.fromEntries(regions) as Record<string, number>,
    });
  }
}

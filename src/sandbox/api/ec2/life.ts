import type { Machines } from '../../machines/machines.js';
import type { World } from '../world.js';
import type { Ec2Region, Instance, StateName } from './model.js';
import {
  failStart,
  finishStart,
  finishStop,
  finishTermination,
  freePublicIp,
  machineSpec,
} from './transitions.js';

/** What makes instances move from state to state: machines where there are any, else time alone. */
export interface Life {
  /** An instance that is to come up; `fresh` the first time, else with its disk. */
  start(ec2: Ec2Region, instance: Instance, fresh: boolean): void;
  stop(ec2: Ec2Region, instance: Instance): void;
  reboot(instance: Instance): void;
  terminate(ec2: Ec2Region, instance: Instance): void;
  /** Brings a region up to the present moment. */
  settle(ec2: Ec2Region): void;
  /** Takes up what a former process left half-done. */
  recover(): void;
  /** Resolves when no machine is being started, stopped or removed. */
  idle(): Promise<void>;
}

export interface LifeOptions {
  readonly world: World;
  readonly machines: Machines | undefined;
  readonly clock: () => number;
  /** How long a transition takes when there are no machines, milliseconds. */
  readonly transitionMs: number;
  readonly save: () => Promise<void>;
}

const DAY = 86_400_000;

export function newLife(options: LifeOptions): Life {
  return options.machines === undefined ? timedLife(options) : machineLife(options, options.machines);
}

function enter(instance: Instance, state: StateName, now: number): void {
  instance.state = state;
  instance.since = now;
}

function timedLife({ world, clock, transitionMs }: LifeOptions): Life {
  const settleOne = (ec2: Ec2Region, instance: Instance): void => {
    const now = instance.since + transitionMs;
    if (now > clock()) return;
    if (instance.state === 'pending') finishStart(ec2, instance, freePublicIp(world), now);
    else if (instance.state === 'stopping') finishStop(ec2, instance, now);
    else if (instance.state === 'shutting-down') finishTermination(ec2, instance, now);
  };
  return {
    start: (_ec2, instance) => enter(instance, 'pending', clock()),
    stop: (_ec2, instance) => enter(instance, 'stopping', clock()),
    reboot: () => undefined,
    terminate: (_ec2, instance) => enter(instance, 'shutting-down', clock()),
    settle(ec2) {
      for (const instance of Object.values(ec2.instances)) settleOne(ec2, instance);
      forget(ec2, clock());
    },
    recover: () => undefined,
    idle: () => Promise.resolve(),
  };
}

/** Terminated instances are kept a day, for the sake of their client tokens. */
function forget(ec2: Ec2Region, now: number): void {
  for (const instance of Object.values(ec2.instances))
    if (instance.state === 'terminated' && now - instance.since > DAY)
      Reflect.deleteProperty(ec2.instances, instance.id);
}

function machineLife(options: LifeOptions, machines: Machines): Life {
  const { clock } = options;
  const queue = new WorkQueue(options.save);
  const life: Life = {
    start(ec2, instance, fresh) {
      enter(instance, 'pending', clock());
      queue.add(instance.id, () => bringUp(ec2, instance, fresh, machines, clock));
    },
    stop(ec2, instance) {
      enter(instance, 'stopping', clock());
      queue.add(instance.id, async () => {
        await machines.stop(instance.id).catch(noteOn(instance));
        if (instance.state === 'stopping') finishStop(ec2, instance, clock());
      });
    },
    reboot: (instance) => queue.add(instance.id, () => machines.reboot(instance.id).catch(noteOn(instance))),
    terminate(ec2, instance) {
      enter(instance, 'shutting-down', clock());
      queue.add(instance.id, async () => {
        await machines.remove(instance.id).catch(noteOn(instance));
        finishTermination(ec2, instance, clock());
      });
    },
    settle: (ec2) => forget(ec2, clock()),
    recover() {
      for (const ec2 of Object.values(options.world.ec2))
        for (const instance of Object.values(ec2.instances)) resumeTransition(life, ec2, instance);
    },
    idle: () => queue.idle(),
  };
  return life;
}

async function bringUp(
  ec2: Ec2Region,
  instance: Instance,
  fresh: boolean,
  machines: Machines,
  clock: () => number,
): Promise<void> {
  try {
    const { publicIp } = await (fresh
      ? machines.start(machineSpec(ec2, instance))
      : machines.resume(instance.id));
    if (instance.state === 'pending') finishStart(ec2, instance, publicIp, clock());
  } catch (error) {
    if (fresh) await machines.remove(instance.id).catch(() => undefined);
    if (instance.state === 'pending') failStart(ec2, instance, fresh, messageOf(error), clock());
  }
}

/** A transition that a crash cut off is begun again: machines are found or made as needed. */
function resumeTransition(life: Life, ec2: Ec2Region, instance: Instance): void {
  if (instance.state === 'pending') life.start(ec2, instance, true);
  else if (instance.state === 'stopping') life.stop(ec2, instance);
  else if (instance.state === 'shutting-down') life.terminate(ec2, instance);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const noteOn =
  (instance: Instance) =>
  (error: unknown): void => {
    instance.reason = { code: 'Server.InternalError', message: `Server.InternalError: ${messageOf(error)}` };
  };

/** Work on machines in the background: in order for one instance, side by side for several. */
class WorkQueue {
  readonly #last = new Map<string, Promise<void>>();

  constructor(private readonly save: () => Promise<void>) {}

  add(id: string, work: () => Promise<void>): void {
    const before = this.#last.get(id) ?? Promise.resolve();
    const done = before
      .then(work)
      .then(this.save)
      .catch(() => undefined)
      .finally(() => {
        if (this.#last.get(id) === done) this.#last.delete(id);
      });
    this.#last.set(id, done);
  }

  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values());
  }
}

import { finishTermination } from './api/ec2/transitions.js';
import type { World } from './api/world.js';
import type { FleetMember } from './machines/fleet.js';

/** What a daemon finds when it starts: machines to start again, and instances whose machine is gone. */
export interface Reconciliation {
  readonly start: readonly string[];
  readonly lost: readonly string[];
}

/** Compares the instances that were saved with the containers there are. */
export function compareFleet(world: World, fleet: readonly FleetMember[]): Reconciliation {
  const byId = new Map(fleet.map((member) => [member.instanceId, member]));
  const living = Object.values(world.ec2)
    .flatMap((region) => Object.values(region.instances))
    // The endpoint itself takes up what is on its way: pending, stopping, shutting-down.
    .filter(({ state }) => state === 'running' || state === 'stopped');
  return {
    start: living
      .filter(({ id, state }) => state === 'running' && byId.get(id)?.running === false)
      .map(({ id }) => id),
    lost: living.filter(({ id }) => !byId.has(id)).map(({ id }) => id),
  };
}

/** Marks instances whose machine is gone as terminated, as EC2 does when a host fails, with what they had. */
export function terminateLost(world: World, lost: readonly string[], now: number): void {
  for (const region of Object.values(world.ec2))
    for (const id of lost) {
      const instance = region.instances[id];
      if (instance === undefined) continue;
      finishTermination(region, instance, now);
      instance.reason = {
        code: 'Server.InternalError',
        message: 'Server.InternalError: the machine is gone',
      };
    }
}

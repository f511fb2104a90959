import type { Plan } from '../plan.js';
import type { InstanceSpec } from '../resources/instance.js';

/** What a plan adds to the account, as far as quotas and types go. */
export interface Makes {
  readonly vpcs: number;
  /** How many instances of each type. */
  readonly instances: ReadonlyMap<string, number>;
  readonly images: readonly string[];
}

/** Pure: what a plan makes. A replacement takes no more than it gives back. */
export function makes({ changes }: Plan): Makes {
  const created = changes.filter(({ action }) => action === 'create');
  const specs = created.filter(({ kind }) => kind === 'instance').map(({ spec }) => spec as InstanceSpec);
  const instances = new Map<string, number>();
  for (const { type } of specs) instances.set(type, (instances.get(type) ?? 0) + 1);
  return {
    vpcs: created.filter(({ kind }) => kind === 'vpc').length,
    instances,
    images: [...new Set(specs.map(({ image }) => image))],
  };
}

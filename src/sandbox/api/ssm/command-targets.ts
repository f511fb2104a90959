import { ApiError } from '../../protocol/api-error.js';
import type { Call } from '../call.js';
import type { Instance } from '../ec2/model.js';
import { asObjects, asText, asTexts } from './input.js';

/** An agent reports some seconds after its instance runs; AWS's takes longer. */
const BOOT_MS = 4_000;

const HELD_STATES: readonly string[] = ['running', 'stopping', 'stopped'];

/** Instances that Systems Manager has heard of: with an instance profile and a machine, once they were up. */
export function registered({ ec2, machines, now }: Call): readonly Instance[] {
  if (machines === undefined) return [];
  return Object.values(ec2.instances).filter(
    (one) =>
      one.profile !== undefined &&
      HELD_STATES.includes(one.state) &&
      (one.state !== 'running' || now - one.since >= BOOT_MS),
  );
}

/** Those of them that a command can be sent to. */
export function managed(call: Call): readonly Instance[] {
  return registered(call).filter((one) => one.state === 'running');
}

export const pingStatus = (instance: Instance): string =>
  instance.state === 'running' ? 'Online' : 'ConnectionLost';

/** The instances a SendCommand is for, by id or by tag. */
export function targets(call: Call): readonly Instance[] {
  const { json } = call;
  const ids = asTexts(json, 'InstanceIds');
  const filters = asObjects(json, 'Targets');
  if (ids.length === 0 && filters.length === 0)
    throw new ApiError('InvalidInstanceId', 'Instances or targets must be specified.');
  const known = managed(call);
  const byId = ids.map((id) => {
    const instance = known.find((one) => one.id === id);
    if (instance === undefined) throw new ApiError('InvalidInstanceId', whyNot(call, id));
    return instance;
  });
  const matching =
    filters.length === 0 ? [] : known.filter((one) => filters.every((test) => matches(one, test)));
  return [...new Set([...byId, ...matching])];
}

function whyNot({ machines }: Call, id: string): string {
  const words = `Instances [[${id}]] not in a valid state for account 000000000000`;
  return machines === undefined ? `${words}: the sandbox runs API-only, no machine can run a command` : words;
}

function matches(instance: Instance, test: Readonly<Record<string, unknown>>): boolean {
  const key = asText(test, 'Key') ?? '';
  const values = asTexts(test, 'Values');
  if (key.toLowerCase() === 'instanceids') return values.includes(instance.id);
  if (key === 'tag-key') return values.some((value) => Object.hasOwn(instance.tags, value));
  if (key.startsWith('tag:')) return values.includes(instance.tags[key.slice(4)] ?? '\0');
  throw new ApiError('InvalidTarget', `Target key ${key} is not valid.`);
}

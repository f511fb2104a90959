import { ApiError } from '../../protocol/api-error.js';
import { texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { DONE } from './describe.js';
import { missing, notFound } from './errors.js';
import { instanceKind, visible } from './instances.js';
import { renderState } from './instance-view.js';
import type { Instance, StateName } from './model.js';

/** All instances a call names; one unknown id refuses the whole call. */
function named(call: Call): readonly Instance[] {
  const ids = [...new Set(texts(call.fields, 'InstanceId'))];
  if (ids.length === 0) throw missing('InstanceId');
  const known = new Map(visible(call).map((one) => [one.id, one]));
  const prefix = instanceKind(call).ids?.prefix ?? 'i';
  return ids.map((id) => {
    const instance = known.get(id);
    if (instance === undefined) throw notFound(prefix, id);
    return instance;
  });
}

function terminate(call: Call): Answer {
  const instances = named(call);
  const held = instances.find((one) => one.disableApiTermination);
  if (held !== undefined)
    throw new ApiError(
      'OperationNotPermitted',
      `The instance '${held.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    );
  return changes(instances, ['terminated', 'shutting-down'], (instance) => {
    note(instance, call.now, 'Client.UserInitiatedShutdown', 'User initiated shutdown');
    call.life.terminate(call.ec2, instance);
  });
}

function stop(call: Call): Answer {
  const instances = named(call);
  refuse(instances, ['pending', 'shutting-down', 'terminated'], 'stopped');
  const held = instances.find((one) => one.disableApiStop);
  if (held !== undefined)
    throw new ApiError(
      'OperationNotPermitted',
      `The instance '${held.id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
    );
  return changes(instances, ['stopping', 'stopped'], (instance) => {
    note(instance, call.now, 'Client.UserInitiatedShutdown', 'User initiated shutdown');
    call.life.stop(call.ec2, instance);
  });
}

function start(call: Call): Answer {
  const instances = named(call);
  refuse(instances, ['stopping', 'shutting-down', 'terminated'], 'started');
  return changes(instances, ['pending', 'running'], (instance) => {
    instance.transitionReason = '';
    instance.reason = undefined;
    instance.launched = call.now;
    call.life.start(call.ec2, instance, false);
  });
}

function reboot(call: Call): Answer {
  const instances = named(call);
  refuse(instances, ['pending', 'stopping', 'stopped', 'shutting-down', 'terminated'], 'rebooted');
  for (const instance of instances) call.life.reboot(instance);
  return DONE;
}

function note(instance: Instance, now: number, code: string, words: string): void {
  const at = new Date(now).toISOString().slice(0, 19).replace('T', ' ');
  instance.transitionReason = `User initiated (${at} GMT)`;
  instance.reason = { code, message: `${code}: ${words}` };
}

function refuse(instances: readonly Instance[], states: readonly StateName[], verb: string): void {
  const bad = instances.find((one) => states.includes(one.state));
  if (bad !== undefined)
    throw new ApiError(
      'IncorrectInstanceState',
      `The instance '${bad.id}' is not in a state from which it can be ${verb}.`,
    );
}

/** Changes those that are not there yet, and answers with the states before and after. */
function changes(
  instances: readonly Instance[],
  there: readonly StateName[],
  change: (instance: Instance) => void,
): Answer {
  const instancesSet = instances.map((instance) => {
    const previousState = renderState(instance.state);
    if (!there.includes(instance.state)) change(instance);
    return { instanceId: instance.id, currentState: renderState(instance.state), previousState };
  });
  return { instancesSet };
}

export const lifecycleActions: Actions = {
  TerminateInstances: terminate,
  StopInstances: stop,
  StartInstances: start,
  RebootInstances: reboot,
};

import { ApiError } from '../../protocol/api-error.js';
import {
  attributeFlag,
  attributeText,
  need,
  structs,
  struct,
  flag,
  text,
  texts,
} from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { DONE } from './describe.js';
import { invalid, notFound } from './errors.js';
import { groupSet } from './interface-view.js';
import { blockDevices } from './instance-view.js';
import { visible } from './instances.js';
import { checkGroups } from './launch-references.js';
import { mergeMetadata, renderMetadata } from './metadata.js';
import type { Instance } from './model.js';
import { interfaceOf, volumesOf } from './transitions.js';
import { findType } from './type-catalogue.js';

/** The instance of a call's InstanceId. */
export function instanceOf(call: Call): Instance {
  const id = need(call.fields, 'InstanceId');
  const instance = visible(call).find((one) => one.id === id);
  if (instance === undefined) throw notFound('i', id);
  return instance;
}

function describe(call: Call): Answer {
  const { ec2, fields } = call;
  const instance = instanceOf(call);
  const attribute = need(fields, 'Attribute');
  const eni = interfaceOf(ec2, instance);
  const values: Readonly<Record<string, Answer>> = {
    instanceType: { value: instance.type },
    kernel: {},
    ramdisk: {},
    userData: instance.userData === undefined ? {} : { value: instance.userData },
    disableApiTermination: { value: instance.disableApiTermination },
    disableApiStop: { value: instance.disableApiStop },
    instanceInitiatedShutdownBehavior: { value: instance.shutdownBehavior },
    rootDeviceName: { value: instance.rootDevice },
    sourceDestCheck: { value: eni?.sourceDestCheck ?? true },
    groupSet: eni === undefined ? [] : groupSet(ec2, eni),
    ebsOptimized: { value: instance.ebsOptimized },
    enaSupport: { value: true },
    sriovNetSupport: {},
    enclaveOptions: { enabled: false },
    productCodes: [],
    blockDeviceMapping: blockDevices(ec2, instance),
  };
  if (!Object.hasOwn(values, attribute)) throw invalid(attribute, 'attribute', 'Unknown attribute.');
  return { instanceId: instance.id, [attribute]: values[attribute] };
}

function modify(call: Call): Answer {
  const instance = instanceOf(call);
  const type = attributeText(call.fields, 'InstanceType') ?? single(call, 'instanceType');
  const userData = attributeText(call.fields, 'UserData') ?? single(call, 'userData');
  if (type !== undefined) checkType(instance, type);
  if (userData !== undefined) needStopped(instance, 'userData');
  setGroups(call, instance);
  setFlags(call, instance);
  instance.type = type ?? instance.type;
  instance.userData = userData ?? instance.userData;
  return DONE;
}

/** The older form: Attribute and Value. */
const single = ({ fields }: Call, attribute: string): string | undefined =>
  text(fields, 'Attribute') === attribute ? text(fields, 'Value') : undefined;

function checkType(instance: Instance, name: string): void {
  const type = findType(name);
  if (type === undefined || type.architecture !== instance.architecture)
    throw invalid(name, 'instanceType', 'The instance can not have this type.');
  needStopped(instance, 'instanceType');
}

function needStopped(instance: Instance, attribute: string): void {
  if (instance.state !== 'stopped')
    throw new ApiError(
      'IncorrectInstanceState',
      `The instance '${instance.id}' is not in the 'stopped' state; its '${attribute}' can't be changed.`,
    );
}

function setGroups({ fields, ec2 }: Call, instance: Instance): void {
  const groups = texts(fields, 'GroupId');
  const eni = interfaceOf(ec2, instance);
  if (groups.length === 0 || eni === undefined) return;
  checkGroups(ec2, instance.vpcId, groups);
  eni.groups = [...new Set(groups)];
}

function setFlags(call: Call, instance: Instance): void {
  const { fields, ec2 } = call;
  const either = (name: string, old: string): boolean | undefined => {
    const value = single(call, old);
    return attributeFlag(fields, name) ?? (value === undefined ? undefined : value === 'true');
  };
  const eni = interfaceOf(ec2, instance);
  const check = either('SourceDestCheck', 'sourceDestCheck');
  if (eni !== undefined) eni.sourceDestCheck = check ?? eni.sourceDestCheck;
  instance.disableApiTermination =
    either('DisableApiTermination', 'disableApiTermination') ?? instance.disableApiTermination;
  instance.disableApiStop = either('DisableApiStop', 'disableApiStop') ?? instance.disableApiStop;
  instance.ebsOptimized = either('EbsOptimized', 'ebsOptimized') ?? instance.ebsOptimized;
  instance.shutdownBehavior =
    attributeText(fields, 'InstanceInitiatedShutdownBehavior') ??
    single(call, 'instanceInitiatedShutdownBehavior') ??
    instance.shutdownBehavior;
  for (const mapping of structs(fields, 'BlockDeviceMapping')) {
    const volume = volumesOf(ec2, instance).find(
      (one) => one.attachment?.device === text(mapping, 'DeviceName'),
    );
    const keep = flag(struct(mapping, 'Ebs') ?? {}, 'DeleteOnTermination');
    if (volume?.attachment !== undefined && keep !== undefined) volume.attachment.deleteOnTermination = keep;
  }
}

function modifyMetadata(call: Call): Answer {
  const instance = instanceOf(call);
  instance.metadata = mergeMetadata(instance.metadata, call.fields);
  return { instanceId: instance.id, instanceMetadataOptions: renderMetadata(instance.metadata) };
}

function modifyCredits({ fields, ...rest }: Call): Answer {
  const done = structs(fields, 'InstanceCreditSpecification').map((one) => {
    const instance = instanceOf({ ...rest, fields: one });
    const credits = need(one, 'CpuCredits');
    if (credits !== 'standard' && credits !== 'unlimited') throw invalid(credits, 'CpuCredits');
    return { instance, credits };
  });
  for (const { instance, credits } of done) instance.cpuCredits = credits;
  return {
    successfulInstanceCreditSpecificationSet: done.map(({ instance }) => ({ instanceId: instance.id })),
    unsuccessfulInstanceCreditSpecificationSet: [],
  };
}

async function consoleOutput(call: Call): Promise<Answer> {
  const instance = instanceOf(call);
  const alive = instance.state === 'running' || instance.state === 'pending';
  const output = alive ? ((await call.machines?.console(instance.id)) ?? '') : '';
  const kept = Buffer.from(output).subarray(-65536).toString('base64');
  return { instanceId: instance.id, timestamp: new Date(call.now), output: kept };
}

export const attributeActions: Actions = {
  DescribeInstanceAttribute: describe,
  ModifyInstanceAttribute: modify,
  ModifyInstanceMetadataOptions: modifyMetadata,
  ModifyInstanceCreditSpecification: modifyCredits,
  GetConsoleOutput: consoleOutput,
};

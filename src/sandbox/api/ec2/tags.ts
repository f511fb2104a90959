import { ApiError } from '../../protocol/api-error.js';
import { structs, text, texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { DONE, listed, PAGE, select, type Describable } from './describe.js';
import { missing, notFound } from './errors.js';
import type { Ec2Region, Tags } from './model.js';
import { checkCount, readTags } from './tagging.js';

interface Tagged {
  readonly id: string;
  readonly type: string;
  readonly tags: Tags;
}

const COLLECTIONS: readonly (readonly [
  type: string,
  all: (ec2: Ec2Region) => readonly { readonly id: string; tags: Tags }[],
])[] = [
  ['vpc', (ec2) => Object.values(ec2.vpcs)],
  ['subnet', (ec2) => Object.values(ec2.subnets)],
  ['internet-gateway', (ec2) => Object.values(ec2.gateways)],
  ['route-table', (ec2) => Object.values(ec2.routeTables)],
  ['security-group', (ec2) => Object.values(ec2.groups)],
  ['security-group-rule', (ec2) => Object.values(ec2.groups).flatMap((group) => group.rules)],
  ['network-acl', (ec2) => Object.values(ec2.acls)],
  ['key-pair', (ec2) => Object.values(ec2.keyPairs)],
  ['volume', (ec2) => Object.values(ec2.volumes)],
  ['network-interface', (ec2) => Object.values(ec2.interfaces)],
  ['instance', (ec2) => Object.values(ec2.instances)],
];

const allTagged = (ec2: Ec2Region): readonly Tagged[] =>
  COLLECTIONS.flatMap(([type, all]) => all(ec2).map((one) => ({ id: one.id, type, tags: one.tags })));

function resourcesOf({ fields, ec2 }: Call): readonly Tagged[] {
  const ids = texts(fields, 'ResourceId');
  if (ids.length === 0) throw missing('resourceIdSet');
  const known = new Map(allTagged(ec2).map((one) => [one.id, one]));
  return ids.map((id) => {
    const one = known.get(id);
    if (one === undefined) throw notFound(id.split('-')[0] ?? '', id);
    return one;
  });
}

function create(call: Call): Answer {
  const resources = resourcesOf(call);
  const tags = readTags(call.fields);
  if (Object.keys(tags).length === 0) throw missing('tagSet');
  for (const one of resources) checkCount({ ...one.tags, ...tags });
  for (const one of resources) Object.assign(one.tags, tags);
  return DONE;
}

function remove(call: Call): Answer {
  const resources = resourcesOf(call);
  const wanted = structs(call.fields, 'Tag').map((tag) => ({
    key: text(tag, 'Key') ?? '',
    // Given but empty means tags with an empty value, which is not the same as any value.
    value: tag['Value'] === '' ? '' : text(tag, 'Value'),
  }));
  for (const { tags } of resources) {
    const gone = wanted.length === 0 ? Object.keys(tags).map((key) => ({ key, value: undefined })) : wanted;
    for (const { key, value } of gone)
      if (value === undefined || tags[key] === value) Reflect.deleteProperty(tags, key);
  }
  return DONE;
}

interface TagEntry {
  readonly key: string;
  readonly value: string;
  readonly id: string;
  readonly type: string;
}

const kind: Describable<TagEntry> = {
  page: PAGE,
  filters: {
    key: (one) => one.key,
    value: (one) => one.value,
    'resource-id': (one) => one.id,
    'resource-type': (one) => one.type,
  },
};

/** DescribeTags takes `tag:KEY` too: entries of that key with one of the values. */
const kindFor = (call: Call): Describable<TagEntry> => {
  const names = structs(call.fields, 'Filter').map((filter) => text(filter, 'Name') ?? '');
  const extra = names
    .filter((name) => name.startsWith('tag:'))
    .map((name) => [name, (one: TagEntry) => (name === `tag:${one.key}` ? one.value : undefined)] as const);
  return { ...kind, filters: { ...kind.filters, ...Object.fromEntries(extra) } };
};

function describe(call: Call): Answer {
  const entries = allTagged(call.ec2).flatMap(({ id, type, tags }) =>
    Object.entries(tags).map(([key, value]) => ({ key, value, id, type })),
  );
  if (structs(call.fields, 'Filter').some((filter) => text(filter, 'Name') === undefined))
    throw new ApiError('MissingParameter', 'The request must contain the parameter Filter.Name');
  return listed('tagSet', select(call.fields, entries, kindFor(call)), (one) => ({
    resourceId: one.id,
    resourceType: one.type,
    key: one.key,
    value: one.value,
  }));
}

export const tagActions: Actions = { CreateTags: create, DeleteTags: remove, DescribeTags: describe };

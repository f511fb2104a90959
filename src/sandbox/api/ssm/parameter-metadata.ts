import { ApiError } from '../../protocol/api-error.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { ACCOUNT } from '../world.js';
import { asObjects, asText, asTexts, jsonPage, needText, seconds } from './input.js';
import type { Parameter } from './model.js';

type Json = Readonly<Record<string, unknown>>;

/** The account's own parameters without their values, filtered by name, path, type or tag. */
function describe({ json, ssm, region }: Call): Answer {
  const filters = [...asObjects(json, 'ParameterFilters'), ...asObjects(json, 'Filters')];
  const all = Object.values(ssm.parameters).filter((one) => filters.every((filter) => passes(one, filter)));
  const { found, NextToken } = jsonPage(json, all, { min: 1, max: 50, usual: 10 });
  return { Parameters: found.map((one) => render(region, one)), NextToken };
}

function passes(parameter: Parameter, filter: Json): boolean {
  const key = asText(filter, 'Key') ?? '';
  const values = asTexts(filter, 'Values');
  const begins = asText(filter, 'Option') === 'BeginsWith';
  const has = (text: string): boolean =>
    values.some((value) => (begins ? text.startsWith(value) : text === value));
  if (key === 'Name') return has(parameter.name);
  if (key === 'Type') return has(parameter.versions.at(-1)?.type ?? '');
  if (key === 'Path') return values.some((path) => parameter.name.startsWith(`${path.replace(/\/$/, '')}/`));
  if (key.startsWith('tag:')) return has(parameter.tags[key.slice(4)] ?? '\0');
  throw new ApiError('InvalidFilterKey', 'The specified key is not valid.');
}

function render(region: string, parameter: Parameter): Answer {
  const version = parameter.versions.at(-1);
  return {
    Name: parameter.name,
    ARN: `arn:aws:ssm:${region}:${ACCOUNT}:parameter/${parameter.name.replace(/^\//, '')}`,
    Type: version?.type,
    LastModifiedDate: seconds(version?.modified ?? 0),
    LastModifiedUser: `arn:aws:iam::${ACCOUNT}:user/operator`,
    KeyId: version?.type === 'SecureString' ? 'alias/aws/ssm' : undefined,
    Description: version?.description,
    Version: parameter.versions.length + parameter.dropped,
    Tier: 'Standard',
    Policies: [],
    DataType: version?.dataType,
  };
}

function tagged({ json, ssm }: Call): Parameter {
  const id = needText(json, 'ResourceId');
  const parameter = Object.hasOwn(ssm.parameters, id) ? ssm.parameters[id] : undefined;
  if (needText(json, 'ResourceType') !== 'Parameter')
    throw new ApiError('InvalidResourceType', 'The sandbox tags parameters only.');
  if (parameter === undefined) throw new ApiError('InvalidResourceId', `${id} does not exist.`);
  return parameter;
}

function list(call: Call): Answer {
  return { TagList: Object.entries(tagged(call).tags).map(([Key, Value]) => ({ Key, Value })) };
}

function add(call: Call): Answer {
  const { tags } = tagged(call);
  for (const tag of asObjects(call.json, 'Tags')) tags[needText(tag, 'Key')] = asText(tag, 'Value') ?? '';
  return {};
}

function remove(call: Call): Answer {
  const { tags } = tagged(call);
  for (const key of asTexts(call.json, 'TagKeys')) Reflect.deleteProperty(tags, key);
  return {};
}

export const parameterMetadataActions: Actions = {
  DescribeParameters: describe,
  ListTagsForResource: list,
  AddTagsToResource: add,
  RemoveTagsFromResource: remove,
};

import { createHash } from 'node:crypto';
import { ApiError } from '../../protocol/api-error.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { imageParameters } from '../ec2/image-catalogue.js';
import { ACCOUNT } from '../world.js';
import { asFlag, asObjects, asText, asTexts, jsonPage, needText, seconds } from './input.js';
import type { Parameter, ParameterVersion } from './model.js';

const PUBLIC_SINCE = Date.UTC(2026, 9, 5);

/** A parameter's wanted version: `name:3`, else the latest; AWS's public ones have one version. */
function read(call: Call, reference: string): { Parameter: Answer } | undefined {
  const decrypted = asFlag(call.json, 'WithDecryption');
  const { region, ssm } = call;
  const name = reference.replace(/^arn:aws:ssm:[^:]+:[^:]*:parameter/, '').replace(/:\d+$/, '');
  const wanted = /:(\d+)$/.exec(reference)?.[1];
  const image = imageParameters(region).get(name);
  if (image !== undefined) {
    const version = publicVersion(image);
    return { Parameter: render(region, name, version, 1, '') };
  }
  const parameter = Object.hasOwn(ssm.parameters, name) ? ssm.parameters[name] : undefined;
  if (parameter === undefined) return undefined;
  const number = wanted === undefined ? latest(parameter) : Number(wanted);
  const version = parameter.versions[number - parameter.dropped - 1];
  if (version === undefined)
    throw new ApiError(
      'ParameterVersionNotFound',
      `Systems Manager could not find version ${number} of ${name}.`,
    );
  const shown = version.type === 'SecureString' && !decrypted ? encrypted(version) : version;
  return { Parameter: render(region, name, shown, number, ACCOUNT) };
}

/** What AWS gives without WithDecryption: the words of its key service, of no use to anybody. */
function encrypted(version: ParameterVersion): ParameterVersion {
  const value = createHash('sha512').update(version.value).digest('base64');
  return { ...version, value: `AQICAHh${value}` };
}

const publicVersion = (value: string): ParameterVersion => ({
  value,
  type: 'String',
  modified: PUBLIC_SINCE,
  description: undefined,
  dataType: 'aws:ec2:image',
});

const latest = (parameter: Parameter): number => parameter.versions.length + parameter.dropped;

const render = (
  region: string,
  Name: string,
  version: ParameterVersion,
  Version: number,
  account: string,
): Answer => ({
  Name,
  Type: version.type,
  Value: version.value,
  Version,
  LastModifiedDate: seconds(version.modified),
  ARN: `arn:aws:ssm:${region}:${account}:parameter${Name.startsWith('/') ? '' : '/'}${Name}`,
  DataType: version.dataType,
});

const notThere = (): ApiError => new ApiError('ParameterNotFound', 'The parameter was not found.');

function getParameter(call: Call): Answer {
  const found = read(call, needText(call.json, 'Name'));
  if (found === undefined) throw notThere();
  return found;
}

function getParameters(call: Call): Answer {
  const names = asTexts(call.json, 'Names');
  const found = names.map((name) => read(call, name));
  return {
    Parameters: found.flatMap((one) => (one === undefined ? [] : [one.Parameter])),
    InvalidParameters: names.filter((_, index) => found[index] === undefined),
  };
}

function getByPath(call: Call): Answer {
  const given = needText(call.json, 'Path');
  const path = given.endsWith('/') ? given : `${given}/`;
  const deep = asFlag(call.json, 'Recursive');
  const all = [...imageParameters(call.region).keys(), ...Object.keys(call.ssm.parameters)]
    .filter((name) => name.startsWith(path))
    .filter((name) => deep || !name.slice(path.length).includes('/'))
    .sort();
  const { found, NextToken } = jsonPage(call.json, all, { min: 1, max: 10, usual: 10 });
  return { Parameters: found.map((name) => read(call, name)?.Parameter), NextToken };
}

function putParameter({ json, ssm, now }: Call): Answer {
  const name = newName(needText(json, 'Name'));
  const overwrite = asFlag(json, 'Overwrite');
  const tags = readTags(json);
  const before = Object.hasOwn(ssm.parameters, name) ? ssm.parameters[name] : undefined;
  if (overwrite && Object.keys(tags).length > 0)
    throw new ApiError(
      'ValidationException',
      'Invalid request: tags and overwrite can’t be used together. To create a parameter with tags, please remove overwrite flag.',
    );
  if (before !== undefined && !overwrite)
    throw new ApiError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  const old = before?.versions.at(-1);
  const version: ParameterVersion = {
    value: checkValue(needText(json, 'Value')),
    type: typeOf(asText(json, 'Type') ?? old?.type),
    modified: now,
    description: asText(json, 'Description') ?? old?.description,
    dataType: asText(json, 'DataType') ?? 'text',
  };
  const parameter = before ?? { name, versions: [], dropped: 0, tags };
  parameter.versions.push(version);
  if (parameter.versions.length > 100) {
    parameter.versions.shift();
    parameter.dropped += 1;
  }
  ssm.parameters[name] = parameter;
  return { Version: latest(parameter), Tier: 'Standard' };
}

function newName(name: string): string {
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name) || (name.includes('/') && !name.startsWith('/')))
    throw new ApiError(
      'ValidationException',
      'Parameter name must be a fully qualified name of letters, numbers and .-_/ symbols.',
    );
  if (/^\/?(aws|ssm)/i.test(name))
    throw new ApiError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  return name;
}

function checkValue(value: string): string {
  if (Buffer.byteLength(value) > 4096)
    throw new ApiError(
      'ValidationException',
      'Standard tier parameters support a maximum parameter value of 4096 characters.',
    );
  return value;
}

function typeOf(type: string | undefined): string {
  if (type === 'String' || type === 'StringList' || type === 'SecureString') return type;
  throw new ApiError('ValidationException', 'A parameter type is required when you create a parameter.');
}

function readTags(json: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    asObjects(json, 'Tags').map((tag) => [needText(tag, 'Key'), asText(tag, 'Value') ?? '']),
  );
}

function deleteParameter({ json, ssm }: Call): Answer {
  const name = needText(json, 'Name');
  if (!Object.hasOwn(ssm.parameters, name)) throw notThere();
  Reflect.deleteProperty(ssm.parameters, name);
  return {};
}

function deleteParameters({ json, ssm }: Call): Answer {
  const names = asTexts(json, 'Names');
  const DeletedParameters = names.filter((name) => Object.hasOwn(ssm.parameters, name));
  for (const name of DeletedParameters) Reflect.deleteProperty(ssm.parameters, name);
  return { DeletedParameters, InvalidParameters: names.filter((name) => !DeletedParameters.includes(name)) };
}

export const parameterActions: Actions = {
  GetParameter: getParameter,
  GetParameters: getParameters,
  GetParametersByPath: getByPath,
  PutParameter: putParameter,
  DeleteParameter: deleteParameter,
  DeleteParameters: deleteParameters,
};

import type { IncomingMessage } from 'node:http';
import { ApiError } from './api-error.js';
import { parseForm, type Fields } from './form.js';

export type ServiceName = 'ec2' | 'iam' | 'sts' | 'ssm' | 'servicequotas';

/** The services that speak JSON, by the prefix of their targets. */
const TARGETS: Readonly<Record<string, ServiceName>> = {
  AmazonSSM: 'ssm',
  ServiceQuotasV20190624: 'servicequotas',
};

/** One call, whichever protocol it came in: query services fill `fields`, JSON services `json`. */
export interface Request {
  readonly service: ServiceName;
  readonly region: string;
  readonly action: string;
  readonly fields: Fields;
  readonly json: Readonly<Record<string, unknown>>;
  readonly accessKey: string | undefined;
}

const VERSIONS: Readonly<Record<string, ServiceName>> = {
  '2016-11-15': 'ec2',
  '2010-05-08': 'iam',
  '2011-06-15': 'sts',
};

/** Which service an HTTP request is meant for; by target, credential scope, else by API version. */
export function readRequest(message: IncomingMessage, body: string): Request {
  const target = header(message, 'x-amz-target');
  const url = new URL(message.url ?? '/', 'http://sandbox');
  const scope = credentialScope(message, url);
  const common = { region: scope?.region ?? 'us-east-1', accessKey: scope?.accessKey };
  if (target !== undefined) {
    const [prefix = '', action = ''] = target.split('.');
    const service = TARGETS[prefix];
    if (service === undefined)
      throw new ApiError('UnknownOperationException', `The sandbox has no service for ${target}.`);
    return { ...common, service, action, fields: {}, json: parseJson(body) };
  }
  const fields = parseForm(body === '' ? url.search.slice(1) : body);
  const service = serviceOf(scope?.service) ?? VERSIONS[asText(fields['Version'])];
  if (service === undefined)
    throw new ApiError('InvalidAction', `The sandbox has no service '${scope?.service ?? 'unknown'}'.`);
  return { ...common, service, action: asText(fields['Action']), fields, json: {} };
}

interface Scope {
  readonly accessKey: string;
  readonly region: string;
  readonly service: string;
}

function credentialScope(message: IncomingMessage, url: URL): Scope | undefined {
  const given =
    /Credential=([^,\s]+)/.exec(header(message, 'authorization') ?? '')?.[1] ??
    url.searchParams.get('X-Amz-Credential');
  const [accessKey, date, region, service] = (given ?? '').split('/');
  if (accessKey === undefined || date === undefined || region === undefined || service === undefined)
    return undefined;
  return { accessKey, region: region.toLowerCase(), service };
}

function serviceOf(name: string | undefined): ServiceName | undefined {
  return name === 'ec2' || name === 'iam' || name === 'sts' || name === 'ssm' ? name : undefined;
}

function parseJson(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body === '' ? '{}' : body);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // answered below, like any other body that is no JSON object
  }
  throw new ApiError('SerializationException', 'The request body is not a JSON object.');
}

function header(message: IncomingMessage, name: string): string | undefined {
  const value = message.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

import type { Fields } from '../../protocol/form.js';
import { integer, text } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import { invalid } from './errors.js';
import type { MetadataOptions } from './model.js';

/** Amazon Linux 2023 and newer images ask for tokens unless the launch says otherwise. */
export const METADATA_DEFAULTS: MetadataOptions = {
  httpTokens: 'required',
  httpPutResponseHopLimit: 2,
  httpEndpoint: 'enabled',
  httpProtocolIpv6: 'disabled',
  instanceMetadataTags: 'disabled',
};

/** The options with those that a request gives; others keep their value. */
export function mergeMetadata(before: MetadataOptions, fields: Fields): MetadataOptions {
  const hops = integer(fields, 'HttpPutResponseHopLimit') ?? before.httpPutResponseHopLimit;
  if (hops < 1 || hops > 64)
    throw invalid(String(hops), 'HttpPutResponseHopLimit', 'Must be between 1 and 64.');
  const choice = (name: string, allowed: readonly string[], otherwise: string): string => {
    const value = text(fields, name) ?? otherwise;
    if (!allowed.includes(value)) throw invalid(value, name);
    return value;
  };
  const onOff = ['enabled', 'disabled'];
  return {
    httpTokens: choice('HttpTokens', ['optional', 'required'], before.httpTokens),
    httpPutResponseHopLimit: hops,
    httpEndpoint: choice('HttpEndpoint', onOff, before.httpEndpoint),
    httpProtocolIpv6: choice('HttpProtocolIpv6', onOff, before.httpProtocolIpv6),
    instanceMetadataTags: choice('InstanceMetadataTags', onOff, before.instanceMetadataTags),
  };
}

export const renderMetadata = (options: MetadataOptions): Answer => ({ state: 'applied', ...options });

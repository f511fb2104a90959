import { ApiError } from '../../protocol/api-error.js';

/** EC2's not-found code by id prefix, with the word its message uses. */
const KINDS: Readonly<Record<string, readonly [code: string, word: string]>> = {
  vpc: ['InvalidVpcID', 'vpc ID'],
  subnet: ['InvalidSubnetID', 'subnet ID'],
  igw: ['InvalidInternetGatewayID', 'internetGateway ID'],
  rtb: ['InvalidRouteTableID', 'routeTable ID'],
  rtbassoc: ['InvalidAssociationID', 'association ID'],
  sg: ['InvalidGroup', 'security group'],
  sgr: ['InvalidSecurityGroupRuleId', 'security group rule ID'],
  acl: ['InvalidNetworkAclID', 'networkAcl ID'],
  key: ['InvalidKeyPair', 'key pair'],
  vol: ['InvalidVolume', 'volume'],
  eni: ['InvalidNetworkInterfaceID', 'networkInterface ID'],
  i: ['InvalidInstanceID', 'instance ID'],
  ami: ['InvalidAMIID', 'image id'],
  eipalloc: ['InvalidAllocationID', 'allocation ID'],
  vpce: ['InvalidVpcEndpointId', 'Vpc Endpoint Id'],
};

/** What EC2 says about an id that it doesn't have, or that is none. */
export function notFound(prefix: string, id: string): ApiError {
  const [code, word] = KINDS[prefix] ?? ['InvalidID', 'ID'];
  const formed = id.startsWith(`${prefix}-`) && /^[0-9a-f]{8,17}$/.test(id.slice(prefix.length + 1));
  if (!formed && prefix !== 'key')
    return new ApiError(
      code === 'InvalidGroup' ? 'InvalidGroupId.Malformed' : `${code}.Malformed`,
      `Invalid id: "${id}" (expecting "${prefix}-...")`,
    );
  return new ApiError(`${code}.NotFound`, `The ${word} '${id}' does not exist`);
}

/** The entry of that id, else EC2's not-found error. */
export function pick<T>(all: Readonly<Record<string, T>>, prefix: string, id: string): T {
  const found = Object.hasOwn(all, id) ? all[id] : undefined;
  if (found === undefined) throw notFound(prefix, id);
  return found;
}

export const invalid = (value: string, name: string, more = ''): ApiError =>
  new ApiError('InvalidParameterValue', `Value (${value}) for parameter ${name} is invalid. ${more}`.trim());

export const dependency = (message: string): ApiError => new ApiError('DependencyViolation', message);

export const missing = (name: string): ApiError =>
  new ApiError('MissingParameter', `The request must contain the parameter ${name}`);

import { texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { listed, select } from './describe.js';
import { invalid } from './errors.js';

function describeAttributes({ fields, ec2 }: Call): Answer {
  const values: Readonly<Record<string, string>> = {
    'supported-platforms': 'VPC',
    'default-vpc': Object.values(ec2.vpcs).find((vpc) => vpc.isDefault)?.id ?? 'none',
    'max-instances': '20',
    'vpc-max-security-groups-per-interface': '5',
    'max-elastic-ips': '5',
    'vpc-max-elastic-ips': '5',
  };
  const names = texts(fields, 'AttributeName');
  const unknown = names.find((name) => !Object.hasOwn(values, name));
  if (unknown !== undefined) throw invalid(unknown, 'attributeName');
  const wanted = Object.entries(values).filter(([name]) => names.length === 0 || names.includes(name));
  return {
    accountAttributeSet: wanted.map(([attributeName, attributeValue]) => ({
      attributeName,
      attributeValueSet: [{ attributeValue }],
    })),
  };
}

/** Kinds that the sandbox has none of: nothing is made of them, so there is nothing to list. */
const none =
  (name: string, filters: readonly string[]) =>
  ({ fields }: Call): Answer => {
    const table = Object.fromEntries(filters.map((filter) => [filter, () => undefined]));
    return listed(name, select<never>(fields, [], { filters: table, tags: () => ({}) }), () => ({}));
  };

export const accountActions: Actions = {
  DescribeAccountAttributes: describeAttributes,
  DescribeAddresses: none('addressesSet', [
    'allocation-id',
    'association-id',
    'domain',
    'instance-id',
    'network-interface-id',
    'private-ip-address',
    'public-ip',
  ]),
  DescribeNatGateways: none('natGatewaySet', ['nat-gateway-id', 'state', 'subnet-id', 'vpc-id']),
};

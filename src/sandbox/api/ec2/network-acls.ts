import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { ACCOUNT } from '../world.js';
import { listed, PAGE, select, type Describable } from './describe.js';
import type { Ec2Region, NetworkAcl } from './model.js';
import { tagSet } from './tagging.js';

const kind = (ec2: Ec2Region): Describable<NetworkAcl> => ({
  ids: { parameter: 'NetworkAclId', prefix: 'acl', of: (acl) => acl.id },
  tags: (acl) => acl.tags,
  page: PAGE,
  filters: {
    'network-acl-id': (acl) => acl.id,
    'vpc-id': (acl) => acl.vpcId,
    default: () => true,
    'owner-id': () => ACCOUNT,
    'association.subnet-id': (acl) => subnetsOf(ec2, acl),
    'association.network-acl-id': (acl) => acl.id,
  },
});

const subnetsOf = (ec2: Ec2Region, acl: NetworkAcl): readonly string[] =>
  Object.values(ec2.subnets).flatMap((subnet) => (subnet.vpcId === acl.vpcId ? [subnet.id] : []));

const entry = (egress: boolean, ruleNumber: number, ruleAction: string): Answer => ({
  ruleNumber,
  protocol: '-1',
  ruleAction,
  egress,
  cidrBlock: '0.0.0.0/0',
});

/** Only the default ACLs exist: everything is allowed, as in a VPC that nobody touched. */
function describe({ fields, ec2 }: Call): Answer {
  return listed('networkAclSet', select(fields, Object.values(ec2.acls), kind(ec2)), (acl) => ({
    networkAclId: acl.id,
    vpcId: acl.vpcId,
    ownerId: ACCOUNT,
    default: true,
    entrySet: [true, false].flatMap((out) => [entry(out, 100, 'allow'), entry(out, 32767, 'deny')]),
    associationSet: subnetsOf(ec2, acl).map((subnetId) => ({
      networkAclAssociationId: subnetId.replace('subnet-', 'aclassoc-'),
      networkAclId: acl.id,
      subnetId,
    })),
    tagSet: tagSet(acl.tags),
  }));
}

export const networkAclActions: Actions = { DescribeNetworkAcls: describe };

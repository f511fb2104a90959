import type { Actions } from '../call.js';
import { accountActions } from './account.js';
import { imageActions } from './images.js';
import { attributeActions } from './instance-attributes.js';
import { lifecycleActions } from './instance-lifecycle.js';
import { instanceActions } from './instances.js';
import { gatewayActions } from './internet-gateways.js';
import { keyPairActions } from './key-pairs.js';
import { networkAclActions } from './network-acls.js';
import { interfaceActions } from './network-interfaces.js';
import { profileAssociationActions } from './profile-associations.js';
import { routeTableActions } from './route-tables.js';
import { routeActions } from './routes.js';
import { runActions } from './run-instances.js';
import { securityGroupRuleActions } from './security-group-rules.js';
import { securityGroupActions } from './security-groups.js';
import { subnetActions } from './subnets.js';
import { tagActions } from './tags.js';
import { typeActions } from './types.js';
import { volumeActions } from './volumes.js';
import { endpointActions } from './vpc-endpoints.js';
import { vpcActions } from './vpcs.js';
import { zoneActions } from './zones.js';

/** Every EC2 action of the sandbox. */
export const EC2_ACTIONS: Actions = {
  ...vpcActions,
  ...subnetActions,
  ...gatewayActions,
  ...routeTableActions,
  ...routeActions,
  ...securityGroupActions,
  ...securityGroupRuleActions,
  ...networkAclActions,
  ...keyPairActions,
  ...runActions,
  ...instanceActions,
  ...lifecycleActions,
  ...attributeActions,
  ...profileAssociationActions,
  ...volumeActions,
  ...interfaceActions,
  ...endpointActions,
  ...tagActions,
  ...imageActions,
  ...typeActions,
  ...zoneActions,
  ...accountActions,
};

import { ACCOUNT } from '../world.js';
import type { InstanceProfile, Role } from './model.js';

export const roleArn = (role: Role): string => `arn:aws:iam::${ACCOUNT}:role${role.path}${role.name}`;

export const profileArn = (profile: InstanceProfile): string =>
  `arn:aws:iam::${ACCOUNT}:instance-profile${profile.path}${profile.name}`;

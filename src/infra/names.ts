import { shortened } from './token.js';

/** Name of the hosts' IAM role and instance profile. IAM names are unique in an account, hence the region; at most 64. */
export function hostRoleName(stack: string, region: string): string {
  return shortened(`${stack}-${region}-host`, 64);
}

/** What the console shows of a resource, and names that EC2 wants: `smartcloudops-dev-monitoring`. */
export function fullName(stack: string, name: string): string {
  return name === 'main' ? stack : `${stack}-${name}`;
}

import type { Identity } from '../identity.js';
import type { PreflightFinding } from './finding.js';

const id = 'identity';

/** Pure: who AWS takes the operator for. */
export function checkIdentity({ account, arn }: Identity): PreflightFinding {
  if (arn.endsWith(':root')) {
    const saw = `Account ${account} is used as its root user, whom nothing restricts.`;
    return { id, status: 'warning', saw, fix: ['Use an IAM role or an IAM Identity Center user instead.'] };
  }
  return { id, status: 'ok', saw: `Account ${account}, ${arn}.` };
}

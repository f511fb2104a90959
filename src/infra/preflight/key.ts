import { access, constants } from 'node:fs/promises';
import type { Plan } from '../plan.js';
import type { PreflightFinding } from './finding.js';

const id = 'ssh-key';

/** Whether this machine holds the private key that opens the hosts; a pair that is to be made needs none yet. */
export async function checkKey(path: string, { changes }: Plan): Promise<PreflightFinding> {
  const pair = changes.find(({ kind }) => kind === 'key-pair');
  if (pair?.action === 'create' || pair?.action === 'replace')
    return { id, status: 'ok', saw: `A key pair will be made; its private key goes to ${path}.` };
  const there = await access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (there) return { id, status: 'ok', saw: `The private key is ${path}.` };
  return {
    id,
    status: 'warning',
    saw: `The stack's key pair exists, but its private key isn't on this machine (${path}).`,
    fix: ["Name the key in 'ssh.keyPath' or with '--ssh-key', or reach the hosts with '--via ssm'."],
  };
}

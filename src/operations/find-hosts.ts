import { CloudopsError, exitCodes } from '../errors.js';
import type { HostRecord, Role } from '../hosts/host.js';
import { explain } from '../infra/aws-errors.js';
import { instancesShown } from '../infra/resources/instance.js';
import type { Context } from './context.js';
import { noStack } from './stack-outputs.js';

export interface HostAddresses {
  readonly monitoring?: string | undefined;
  readonly applications: readonly string[];
}

/**
 * The hosts to work on: those at the given addresses, with what AWS knows of them where it can be asked, else the
 * stack's running instances. Addresses whose tags say that they are swapped are refused.
 */
export async function findHosts(context: Context, given: HostAddresses): Promise<readonly HostRecord[]> {
  if (given.monitoring === undefined && given.applications.length === 0) return stackHosts(context);
  const known = await knownHosts(context).catch(() => []);
  const records = [
    ...(given.monitoring === undefined ? [] : [recordOf(given.monitoring, 'monitoring', known)]),
    ...given.applications.map((address) => recordOf(address, 'application', known)),
  ];
  refuseSwapped(records, known);
  return records;
}

async function knownHosts(context: Context): Promise<HostRecord[]> {
  return recordsOf(await instancesShown(await context.aws()));
}

function recordsOf(instances: Awaited<ReturnType<typeof instancesShown>>): HostRecord[] {
  return (
    instances
      // One that starts is waited for when it is logged in to.
      .filter(({ shows }) => ['pending', 'running'].includes(shows['state'] ?? ''))
      .map(({ name, id, shows }) => ({
        name,
        role: shows['role'] === 'monitoring' ? 'monitoring' : 'application',
        address:
          shows['state'] === 'running' ? (some(shows['publicIp']) ?? some(shows['privateIp'])) : undefined,
        privateAddress: some(shows['privateIp']),
        instanceId: id,
        zone: some(shows['zone']),
      }))
  );
}

async function stackHosts(context: Context): Promise<readonly HostRecord[]> {
  let instances;
  try {
    instances = await instancesShown(await context.aws());
  } catch (error) {
    throw explain(error, 'find the hosts');
  }
  if (instances.length === 0) throw noStack(context);
  const hosts = recordsOf(instances);
  if (hosts.length === 0) throw paused(context, instances);
  const order = (host: HostRecord): string => `${host.role === 'monitoring' ? 0 : 1} ${host.name}`;
  return hosts.sort((one, other) => order(one).localeCompare(order(other), 'en', { numeric: true }));
}

function paused({ stack }: Context, instances: readonly { name: string; shows: object }[]): CloudopsError {
  const states = instances.map(({ name, shows }) => `${name}: ${(shows as { state?: string }).state ?? ''}`);
  return new CloudopsError({
    code: 'STACK_PAUSED',
    what: `No host of the stack '${stack}' is running.`,
    why: `${states.join(', ')}.`,
    fix: ["Start them with 'cloudops infra resume'."],
  });
}

function recordOf(address: string, role: Role, known: readonly HostRecord[]): HostRecord {
  const match = known.find((host) => isAt(host, address));
  if (match !== undefined) return { ...match, role, address };
  return { name: address, role, address, privateAddress: undefined, instanceId: undefined };
}

function isAt(host: HostRecord, address: string): boolean {
  return host.address === address || host.privateAddress === address;
}

function refuseSwapped(records: readonly HostRecord[], known: readonly HostRecord[]): void {
  const wrong = records.flatMap((record) => {
    const tagged = known.find(
      ({ instanceId }) => instanceId !== undefined && instanceId === record.instanceId,
    );
    return tagged === undefined || tagged.role === record.role ? [] : [{ record, tagged }];
  });
  if (wrong.length === 0) return;
  throw new CloudopsError({
    code: 'HOSTS_SWAPPED',
    what: 'The addresses are in the wrong order.',
    why: `${wrong
      .map(
        ({ record, tagged }) => `${record.address ?? ''} is tagged as the ${tagged.role} host ${tagged.name}`,
      )
      .join('; ')}.`,
    fix: ['Give the monitoring host first, then the application hosts; or none, for those of the stack.'],
    exit: exitCodes.usage,
  });
}

const some = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

import type { HostRecord } from '../../hosts/host.js';
import type { Probe } from '../probe.js';

/** How many hosts of each role there should be. */
export interface WantedHosts {
  readonly applications: number;
}

/** One monitoring host and as many application hosts as the config asks for run, each with an address. */
export function instancesRunning(stack: string, hosts: readonly HostRecord[], wanted: WantedHosts): Probe {
  return {
    id: 'infra.instances',
    target: stack,
    title: `Instances of ${stack}`,
    run: () => {
      const running = hosts.filter(({ address }) => address !== undefined);
      const of = (role: HostRecord['role']): number => running.filter((host) => host.role === role).length;
      const [monitoring, applications] = [of('monitoring'), of('application')];
      if (monitoring >= 1 && applications >= wanted.applications) {
        return Promise.resolve({ status: 'pass', message: `${running.length} running` });
      }
      const stopped = hosts.filter(({ address }) => address === undefined).map(({ name }) => name);
      const more = stopped.length === 0 ? '' : `; without an address: ${stopped.join(', ')}`;
      return Promise.resolve({
        status: 'fail',
        message: `${monitoring} monitoring and ${applications} application hosts run${more}`,
        expected: `1 and ${wanted.applications}`,
        hint: "Run 'cloudops infra status' to see them, 'cloudops infra up' to make what is missing.",
      });
    },
  };
}

/** What of a plan counts here. */
export interface PlannedChange {
  readonly address: string;
  readonly action: string;
}

/** AWS is what the config says: the plan has nothing to do. */
export function planEmpty(stack: string, plan: () => Promise<readonly PlannedChange[]>): Probe {
  return {
    id: 'infra.plan',
    target: stack,
    title: `Resources of ${stack}`,
    async run() {
      const changes = await plan();
      if (changes.length === 0) return { status: 'pass', message: 'nothing differs from the config' };
      const shown = changes.slice(0, 5).map(({ action, address }) => `${action} ${address}`);
      const rest = changes.length > 5 ? ` and ${changes.length - 5} more` : '';
      return {
        status: 'fail',
        message: `${changes.length} to change: ${shown.join(', ')}${rest}`,
        expected: 'nothing to change',
        hint: "Run 'cloudops infra plan' to see each attribute, 'cloudops infra up' to put it right.",
      };
    },
  };
}

import { docker, run } from './engine.js';
import { label } from './recipe.js';

/** One container of a sandbox. */
export interface FleetMember {
  readonly instanceId: string;
  readonly container: string;
  readonly running: boolean;
}

/** All machines of a sandbox, whatever its data says; none when Docker doesn't answer. */
export async function listFleet(sandbox: string): Promise<readonly FleetMember[]> {
  const format = '{{.Label "cloudops.instance"}} {{.ID}} {{.State}}';
  const filter = `label=${label(sandbox)}`;
  const answer = await run('docker', ['ps', '--all', '--no-trunc', '--filter', filter, '--format', format], {
    timeoutMs: 10_000,
  });
  return answer.stdout
    .split('\n')
    .filter((line) => answer.code === 0 && line !== '')
    .map((line) => {
      const [instanceId = '', container = '', state = ''] = line.split(' ');
      return { instanceId, container, running: state === 'running' };
    });
}

/** Stops all machines at once, disks kept; how many ran. */
export async function stopFleet(sandbox: string): Promise<number> {
  const running = (await listFleet(sandbox))
    .filter((member) => member.running)
    .map(({ container }) => container);
  if (running.length > 0) await docker(['stop', '--time', '20', ...running]);
  return running.length;
}

/** Removes all machines with their disks, and all networks. */
export async function removeFleet(sandbox: string): Promise<{ machines: number; networks: number }> {
  const containers = (await listFleet(sandbox)).map(({ container }) => container);
  if (containers.length > 0) await docker(['rm', '--force', '--volumes', ...containers]);
  const networks = (await listNetworks(sandbox)).map(({ id }) => id);
  if (networks.length > 0) await docker(['network', 'rm', ...networks]);
  return { machines: containers.length, networks: networks.length };
}

/** The VPC networks of a sandbox with their gateway addresses. */
export async function listNetworks(sandbox: string): Promise<readonly { id: string; gateway: string }[]> {
  const filter = `label=${label(sandbox)}`;
  const ids = await run('docker', ['network', 'ls', '--quiet', '--filter', filter], { timeoutMs: 10_000 });
  const list = ids.stdout.split('\n').filter((id) => ids.code === 0 && id !== '');
  if (list.length === 0) return [];
  const format = '{{.Id}} {{range .IPAM.Config}}{{.Gateway}}{{end}}';
  return (await docker(['network', 'inspect', '--format', format, ...list])).split('\n').map((line) => {
    const [id = '', gateway = ''] = line.split(' ');
    return { id, gateway };
  });
}

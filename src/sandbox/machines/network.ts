import { networkInterfaces } from 'node:os';
import { docker, isGone, run } from './engine.js';
import { networkArguments, networkName, overlaps } from './recipe.js';

/** Makes the VPC's bridge unless it is there. Throws with the other network's name when the addresses are taken. */
export async function ensureNetwork(vpcId: string, cidr: string, sandbox: string): Promise<void> {
  const name = networkName(vpcId);
  if ((await run('docker', ['network', 'inspect', name])).code === 0) return;
  const taken = (await dockerNetworkAt(cidr)) ?? interfaceAt(cidr);
  if (taken !== undefined) throw new Error(`${cidr} can't be used for a VPC with machines: ${taken}`);
  await docker(networkArguments(vpcId, cidr, sandbox));
}

/** Removes the VPC's bridge; one that was never made is success. */
export async function removeNetwork(vpcId: string): Promise<void> {
  const answer = await run('docker', ['network', 'rm', networkName(vpcId)]);
  if (answer.code !== 0 && !isGone(answer.stderr))
    throw new Error(`the network of ${vpcId} stays: ${answer.stderr.trim()}`);
}

async function dockerNetworkAt(cidr: string): Promise<string | undefined> {
  const ids = (await docker(['network', 'ls', '--quiet', '--filter', 'driver=bridge']))
    .split('\n')
    .filter(Boolean);
  if (ids.length === 0) return undefined;
  const format = '{{.Name}}{{range .IPAM.Config}} {{.Subnet}}{{end}}';
  const lines = (await docker(['network', 'inspect', '--format', format, ...ids])).split('\n');
  for (const line of lines) {
    const [name = '', ...subnets] = line.trim().split(' ');
    const subnet = subnets.find((block) => /^[\d.]+\/\d+$/.test(block) && overlaps(block, cidr));
    if (subnet !== undefined)
      return `the Docker network '${name}' has ${subnet}; 'docker network rm ${name}' frees it if nothing uses it`;
  }
  return undefined;
}

/** A bridge over the addresses of the machine's own network would cut it off: Docker doesn't look. */
function interfaceAt(cidr: string): string | undefined {
  for (const [name, addresses = []] of Object.entries(networkInterfaces()))
    for (const { cidr: block, family } of addresses)
      if (family === 'IPv4' && block !== null && overlaps(block, cidr))
        return `this machine's own network interface '${name}' has ${block}`;
  return undefined;
}

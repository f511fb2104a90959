import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONSOLE_SCRIPT, consoleText, readConsole } from './console.js';
import { docker, isGone, run } from './engine.js';
import { ensureImage, type Report } from './image.js';
import type { MachineExec, Machines, MachineSpec } from './machines.js';
import { ensureNetwork, removeNetwork } from './network.js';
import { containerName, createArguments } from './recipe.js';
import { dockerUnavailable } from './unavailable.js';

export interface DockerMachinesOptions {
  /** Label of this sandbox's containers and networks. */
  readonly sandbox: string;
  readonly report: Report;
  /** Told when a VPC's network exists. */
  readonly onNetwork?: (cidr: string) => void;
}

/** Machines as containers of the local Docker engine: systemd, sshd, a disk that lasts until they are removed. */
export function dockerMachines({ sandbox, report, onNetwork }: DockerMachinesOptions): Machines {
  const serially = oneAtATime();
  return {
    unavailable: dockerUnavailable,
    async start(spec) {
      const image = await serially(() => ensureImage(report));
      await serially(() => ensureNetwork(spec.vpcId, spec.vpcCidr, sandbox));
      onNetwork?.(spec.vpcCidr);
      await startNew(spec, image, sandbox);
      return { publicIp: spec.privateIp };
    },
    async stop(instanceId) {
      await docker(['stop', '--time', '20', containerName(instanceId)]);
    },
    async resume(instanceId) {
      await docker(['start', containerName(instanceId)]);
      await waitForSystemd(instanceId);
      return { publicIp: await addressOf(instanceId) };
    },
    async reboot(instanceId) {
      await docker(['restart', '--time', '20', containerName(instanceId)]);
      await waitForSystemd(instanceId);
    },
    async remove(instanceId) {
      const answer = await run('docker', ['rm', '--force', '--volumes', containerName(instanceId)]);
      if (answer.code !== 0 && !isGone(answer.stderr)) throw new Error(answer.stderr.trim());
    },
    removeNetwork: (vpcId) => serially(() => removeNetwork(vpcId)),
    async console(instanceId) {
      const answer = await inside(instanceId, CONSOLE_SCRIPT, 10_000);
      if (answer.code !== 0) return '';
      const { bootLog, hostKeys } = readConsole(answer.stdout);
      return consoleText(bootLog, hostKeys);
    },
    exec: inside,
  };
}

/** Creates and starts, unless it runs already; what doesn't come up leaves nothing behind. */
async function startNew(spec: MachineSpec, image: string, sandbox: string): Promise<void> {
  const name = containerName(spec.instanceId);
  const state = await run('docker', ['inspect', '--format', '{{.State.Running}}', name]);
  if (state.stdout.trim() === 'true') return waitForSystemd(spec.instanceId);
  // A start that was cut off may have left a container without its seed.
  if (state.code === 0) await docker(['rm', '--force', '--volumes', name]);
  try {
    await docker(createArguments(spec, image, sandbox));
    await plantSeed(spec);
    await docker(['start', name]);
    await waitForSystemd(spec.instanceId);
  } catch (error) {
    await run('docker', ['rm', '--force', '--volumes', name]);
    throw error;
  }
}

/** The key and the user data, for the first boot. */
async function plantSeed(spec: MachineSpec): Promise<void> {
  const seed = mkdtempSync(join(tmpdir(), 'cloudops-seed-'));
  try {
    if (spec.publicKey !== undefined)
      writeFileSync(join(seed, 'authorized_keys'), `${spec.publicKey.trim()}\n`);
    if (spec.userData !== undefined) writeFileSync(join(seed, 'user-data'), spec.userData);
    await docker(['cp', seed, `${containerName(spec.instanceId)}:/var/lib/cloudops/seed`]);
  } finally {
    rmSync(seed, { recursive: true, force: true });
  }
}

/** Resolves once systemd answers inside; rejects with its last words when it ends, or after 20 s. */
async function waitForSystemd(instanceId: string): Promise<void> {
  const name = containerName(instanceId);
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    if ((await run('docker', ['exec', name, 'test', '-S', '/run/systemd/private'])).code === 0) return;
    const state = await docker(['inspect', '--format', '{{.State.Running}} {{.RestartCount}}', name]);
    if (state !== 'true 0') break;
    await sleep(50);
  }
  const logs = await run('docker', ['logs', '--tail', '5', name]);
  throw new Error(
    `systemd doesn't start in ${name}: ${`${logs.stdout}${logs.stderr}`.trim().replaceAll('\n', ' ')}`,
  );
}

async function addressOf(instanceId: string): Promise<string> {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  return docker(['inspect', '--format', format, containerName(instanceId)]);
}

/** The script arrives on standard input: arguments of a process are for everybody to read. */
async function inside(instanceId: string, script: string, timeoutMs: number): Promise<MachineExec> {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
  const runner = `umask 077; f=$(mktemp /run/cloudops.XXXXXX); cat > "$f"; timeout -k 5 ${seconds} sh "$f" < /dev/null; c=$?; rm -f "$f"; exit $c`;
  return run('docker', ['exec', '--interactive', containerName(instanceId), 'sh', '-c', runner], {
    input: script,
    timeoutMs: timeoutMs + 10_000,
  });
}

/** Runs what it is given one after the other. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}

// Makes sure of a Docker engine, for the quickstart and the suites on real machines.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const LOG = '/var/log/cloudops-dockerd.log';
const ADVICE =
  "install and start Docker, e.g. on Debian and Ubuntu as root 'apt-get install docker.io mmdebstrap' (your user needs to be in the group 'docker')";

/** True when a program of that name is in PATH; Debian's daemons are in /usr/sbin. */
const has = (program) =>
  spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin"; command -v ${program}`]).status === 0;

/** Undefined when an engine answers, else Docker's own words. */
function engineProblem() {
  const { error, status, stdout, stderr } = spawnSync('docker', ['info', '--format', '{{.ServerVersion}}'], {
    encoding: 'utf8',
    timeout: 15_000,
  });
  if (error !== undefined) return error.code === 'ENOENT' ? 'docker is not installed' : error.message;
  if (status === 0 && stdout.trim() !== '') return undefined;
  return stderr.trim().split('\n').at(-1) || 'the engine does not answer';
}

/**
 * `{ready: true}` when an engine answers. With `install`, as root on Debian or Ubuntu, the distribution's engine is
 * installed and started first, and mmdebstrap, which makes the machine image where no registry answers.
 * Otherwise `{ready: false, reason}` with what to do.
 */
export async function ensureDocker({ install }) {
  const canInstall = install && process.platform === 'linux' && process.getuid() === 0 && has('apt-get');
  if (canInstall) {
    const missing = [
      ...(has('docker') && (has('dockerd') || engineProblem() === undefined)
        ? []
        : ['docker.io', 'iptables']),
      ...(has('mmdebstrap') ? [] : ['mmdebstrap']),
    ];
    if (missing.length > 0 && !aptInstall(missing))
      return { ready: false, reason: `apt-get failed; ${ADVICE}` };
    // From Debian 13 on the client is a package of its own.
    if (!has('docker')) aptInstall(['docker-cli']);
  }
  const problem = engineProblem();
  if (problem === undefined) return { ready: true };
  if (!canInstall || !has('dockerd')) return { ready: false, reason: `${problem}; ${ADVICE}` };
  return startEngine();
}

/** Removes the machines and networks that a killed run has left. When Docker starts, it starts such machines too. */
export function removeLeftovers() {
  const docker = (...args) =>
    spawnSync('docker', args, { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
  const ours = ['--quiet', '--filter', 'label=cloudops.sandbox'];
  const machines = docker('ps', '--all', ...ours);
  if (machines.length > 0) docker('rm', '--force', '--volumes', ...machines);
  const networks = docker('network', 'ls', ...ours);
  if (networks.length > 0) docker('network', 'rm', ...networks);
  if (machines.length + networks.length > 0)
    console.log(`== removed ${machines.length} machines and ${networks.length} networks of an earlier run`);
}

function aptInstall(packages) {
  console.log(`== installing ${packages.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, stdio: ['ignore', 'ignore', 'inherit'] };
  spawnSync('apt-get', ['update', '-qq'], options);
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  return spawnSync('apt-get', args, options).status === 0;
}

/** By systemd where it is PID 1; else in the background, its process id in Docker's own /var/run/docker.pid. */
async function startEngine() {
  console.log('== starting the Docker engine');
  let child;
  if (existsSync('/run/systemd/system')) spawnSync('systemctl', ['start', 'docker'], { stdio: 'inherit' });
  else {
    const log = openSync(LOG, 'a');
    const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
    child = spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log], env });
    child.on('error', () => undefined);
    child.unref();
  }
  let deadline = Date.now() + 45_000;
  // The package may have started an engine of its own a moment ago: ours then ends, and that one will answer.
  child?.on('exit', () => (deadline = Math.min(deadline, Date.now() + 8000)));
  while (Date.now() < deadline) {
    if (engineProblem() === undefined) return { ready: true };
    await sleep(300);
  }
  const said = existsSync(LOG) ? readFileSync(LOG, 'utf8').trim().split('\n').at(-1) : '';
  return { ready: false, reason: `the Docker engine doesn't start: ${said || 'see journalctl -u docker'}` };
}

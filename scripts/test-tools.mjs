// What the suites use beside Node: promtool (unpacked from Debian's package, nothing is started), tmux, ssh, chromium.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { newerPromtools } from './promtools.mjs';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cloudops-test-tools');

/** True when a program of that name is in PATH. */
const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/**
 * Finds or installs the tools and returns the environment the suites want. Without root or apt what is missing is
 * said in a line and its tests skip; with `required` it is an error.
 */
export async function ensureTestTools({ required }) {
  const canInstall = process.getuid?.() === 0 && has('apt-get');
  const missing = [];
  for (const [program, pkg] of [
    ['tmux', 'tmux'],
    ['ssh-keygen', 'openssh-client'],
    ['sshd', 'openssh-server'],
    ['chromium', 'chromium'],
  ]) {
    if (has(program) || existsSync(`/usr/sbin/${program}`) || (program === 'sshd' && !required)) continue;
    if (canInstall && installPackage(pkg)) continue;
    missing.push(program);
  }
  const promtool = has('promtool') ? 'promtool' : unpackedPromtool(canInstall);
  if (promtool === undefined) missing.push('promtool');
  if (missing.length > 0) {
    const line = `not on this machine: ${missing.join(', ')}`;
    if (required) throw new Error(line);
    console.log(`== ${line}; their tests are skipped`);
  }
  if (promtool === undefined) return { env: {} };
  const newer = newerPromtools(cache, canInstall);
  for (const { suite, why } of newer.missing) {
    console.log(`== SKIPPED: the rules are not tested with the promtool of Debian ${suite}: ${why}`);
    if (required && suite !== 'sid') throw new Error(`no promtool of Debian ${suite}: ${why}`);
  }
  return { env: { CLOUDOPS_PROMTOOL: promtool, CLOUDOPS_PROMTOOLS: newer.found.join(':') } };
}

function installPackage(name) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'inherit' });
  return (
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], { env, stdio: 'inherit' })
      .status === 0
  );
}

/** promtool out of Debian's prometheus package, without installing (and so starting) Prometheus. */
function unpackedPromtool(canInstall) {
  const binary = join(cache, 'usr/bin/promtool');
  if (existsSync(binary)) return binary;
  if (!canInstall) return undefined;
  mkdirSync(cache, { recursive: true });
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
  const options = ['-qq', '-o', 'APT::Sandbox::User=root'];
  if (
    spawnSync('apt-get', [...options, 'download', 'prometheus'], { cwd: cache, stdio: 'inherit' }).status !==
    0
  )
    return undefined;
  const deb = readdirSync(cache).find((file) => file.startsWith('prometheus_') && file.endsWith('.deb'));
  execFileSync('dpkg', ['-x', join(cache, deb), cache]);
  return existsSync(binary) ? binary : undefined;
}

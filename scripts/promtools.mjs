// The monitoring programs that Debian's other suites have, unpacked into the cache; nothing is installed or started.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `sid` moves on: the rules must pass there, but that it can't be had is no failure. */
const suites = ['trixie', 'sid'];

/** Unpacked beside promtool: what the live tests run. */
const programs = ['prometheus', 'prometheus-node-exporter', 'prometheus-alertmanager'];

/**
 * Paths of the newer promtools, and the suites that gave none, with the reason. The mirror is the one that this
 * machine's own apt uses.
 */
export function newerPromtools(cache, canInstall) {
  const found = [];
  const missing = [];
  for (const suite of suites) {
    const directory = join(cache, suite);
    const binary = join(directory, 'usr/bin/promtool');
    const all = ['promtool', ...programs].map((name) => join(directory, 'usr/bin', name));
    let why = all.every((path) => existsSync(path))
      ? undefined
      : canInstall
        ? unpack(suite, directory)
        : 'it needs root and apt';
    why ??= existsSync(binary) ? undefined : 'its packages hold no promtool';
    if (why === undefined && spawnSync(binary, ['--version'], { stdio: 'ignore' }).status !== 0)
      why = 'it does not run on this machine';
    if (why === undefined) found.push(binary);
    else missing.push({ suite, why });
  }
  return { found, missing };
}

/** Why it couldn't be unpacked, or undefined. */
function unpack(suite, directory) {
  const source = debianSource();
  if (source === undefined) return "apt's sources on this machine name no Debian mirror";
  rmSync(directory, { recursive: true, force: true });
  for (const folder of ['lists/partial', 'archives/partial'])
    mkdirSync(join(directory, folder), { recursive: true });
  const list = join(directory, 'sources.list');
  writeFileSync(list, `deb ${source.signedBy}${source.uri} ${suite} main\n`);
  const apt = (...words) =>
    spawnSync('apt-get', ['-qq', ...scratch(directory, list), ...words], {
      cwd: directory,
      encoding: 'utf8',
    });
  const updated = apt('update');
  if (updated.status !== 0) return `'apt-get update': ${lastLine(updated.stderr)}`;
  // Newer packages have promtool apart, older ones in prometheus itself.
  apt('download', `promtool/${suite}`);
  const downloaded = apt('download', ...programs.map((name) => `${name}/${suite}`));
  if (downloaded.status !== 0) return `'apt-get download': ${lastLine(downloaded.stderr)}`;
  for (const deb of readdirSync(directory).filter((name) => name.endsWith('.deb'))) {
    execFileSync('dpkg', ['-x', join(directory, deb), directory]);
    rmSync(join(directory, deb));
  }
  for (const folder of ['lists', 'archives'])
    rmSync(join(directory, folder), { recursive: true, force: true });
  return undefined;
}

/** An apt that knows nothing of what is installed, and touches nothing but this directory. */
function scratch(directory, list) {
  const options = {
    'Dir::Etc::sourcelist': list,
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': join(directory, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': directory,
    'Dir::Cache::archives': join(directory, 'archives'),
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
  };
  return Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
}

/** The mirror and key of this machine's Debian, from either form of apt's sources. */
function debianSource() {
  const folder = '/etc/apt/sources.list.d';
  const parts = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const texts = ['/etc/apt/sources.list', ...parts]
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, 'utf8'));
  for (const text of texts) {
    for (const block of text.split(/\n\s*\n/)) {
      const uri = /^URIs:\s*(\S+\/debian)\/?\s*$/m.exec(block)?.[1];
      const key = /^Signed-By:\s*(\S+)/m.exec(block)?.[1];
      if (uri !== undefined) return { uri, signedBy: key === undefined ? '' : `[signed-by=${key}] ` };
    }
    const line = /^deb\s+(\[[^\]]*\]\s+)?(\S+\/debian)\/?\s+\S+.*\bmain\b/m.exec(text);
    if (line !== null) return { uri: line[2], signedBy: line[1] ?? '' };
  }
  return undefined;
}

function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}

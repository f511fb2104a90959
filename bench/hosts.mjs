// Times `monitoring configure` on machines of the sandbox, and Ansible doing the same job where it is installed.
// `node bench/hosts.mjs [--quick] [--without-ansible]` by itself, or `hosts()` from another script. Wants Docker and a build in dist/.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

const root = fileURLToPath(new URL('..', import.meta.url));
const block = 181;
const packages = 'curl prometheus-node-exporter prometheus gunicorn python3-flask python3-prometheus-client';

/** Figures to reach, from the issue: how many times faster than Ansible. */
const wanted = {
  'nothing to do, 1+1': 10,
  'nothing to do, 1+8': 15,
  'one line changed, 1+1': 5,
  'first run, 1+1': 2,
};

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** All measurements as rows; prints each as it is taken. `quick` takes one of each and no 1+8. */
export async function hosts({ quick = false, withAnsible = true, print = console.log } = {}) {
  const bench = await makeBench(withAnsible);
  const rows = [];
  const row = async (what, runs, before, tool) => {
    const taken = { cloudops: [], ansible: [] };
    for (let run = 0; run < runs; run++) {
      for (const name of bench.tools) {
        await before?.(name, run);
        taken[name].push(await tool(name, run));
      }
    }
    const [ours, theirs] = [median(taken.cloudops), median(taken.ansible)];
    const times = theirs === undefined ? undefined : theirs / ours;
    const result = {
      what,
      seconds: ours,
      ansibleSeconds: theirs,
      times,
      wanted: wanted[what],
      load: loadavg()[0],
    };
    rows.push(result);
    print(
      `${what}: ${ours.toFixed(2)} s` +
        (theirs === undefined
          ? ''
          : `, Ansible ${theirs.toFixed(2)} s, ${times.toFixed(1)} times (wanted ${wanted[what]})`) +
        ` [load ${result.load.toFixed(1)}]`,
    );
  };
  try {
    const few = quick ? 1 : 3;
    await row(
      'first run, 1+1',
      few,
      () => bench.fresh(1),
      (tool) => bench.run(tool),
    );
    await bench.fresh(1);
    await bench.settle();
    await row('nothing to do, 1+1', quick ? 1 : 5, undefined, (tool) => bench.run(tool, { changed: false }));
    let above = 80;
    await row(
      'one line changed, 1+1',
      quick ? 1 : 5,
      () => bench.configure({ alerts: { highCpuUsage: { above: above++ } } }),
      (tool) => bench.run(tool, { changed: true }),
    );
    if (!quick) {
      bench.configure({});
      await bench.fresh(8);
      await bench.settle();
      await row('nothing to do, 1+8', 3, undefined, (tool) => bench.run(tool, { changed: false }));
    }
  } finally {
    await bench.close();
  }
  return rows;
}

/** Machines, keys and config, and both tools as functions that return their seconds. */
async function makeBench(withAnsible) {
  register();
  const { dockerMachines } = await import('../src/sandbox/machines/docker.ts');
  const machines = dockerMachines({ sandbox: `bench-${block}`, report: () => undefined });
  const directory = mkdtempSync(join(tmpdir(), 'cloudops-bench-'));
  const key = join(directory, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const vpc = { vpcId: `vpc-bench${block}`, vpcCidr: `10.${block}.0.0/24` };
  const files = join(directory, 'files');
  const state = { started: [], addresses: [], units: false };
  const ansible = withAnsible && spawnSync('ansible-playbook', ['--version']).status === 0;
  const env = {
    ...process.env,
    CI: '1',
    XDG_STATE_HOME: join(directory, 'state'),
    HOME: directory,
    AWS_EC2_METADATA_DISABLED: 'true',
    ANSIBLE_CONFIG: join(root, 'bench/ansible/ansible.cfg'),
    ANSIBLE_LOCAL_TEMP: join(directory, 'ansible'),
  };
  for (const name of Object.keys(env))
    if (/^(AWS_(?!EC2)|CLOUDOPS_|SSH_AUTH_SOCK)/.test(name)) delete env[name];

  const start = async (name, last) => {
    const spec = {
      ...vpc,
      instanceId: `i-bench-${name}`,
      privateIp: `10.${block}.0.${last}`,
      hostname: name,
    };
    state.started.push(spec.instanceId);
    await machines.start({ ...spec, publicKey: readFileSync(`${key}.pub`, 'utf8'), userData: undefined });
    // Packages are downloaded, not installed.
    const cached = `apt-get update -q && apt-get install -y -q --download-only --no-install-recommends ${packages}`;
    const { code, stderr } = await machines.exec(spec.instanceId, cached, 300_000);
    if (code !== 0) throw new Error(`packages can't be downloaded: ${stderr.slice(-300)}`);
    return spec.privateIp;
  };
  const removeAll = async () => {
    for (const id of state.started.splice(0)) await machines.remove(id);
  };
  const timed = async (command, args) => {
    const began = process.hrtime.bigint();
    const child = spawn(command, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err += chunk));
    const code = await new Promise((done) => child.on('close', done));
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${out.slice(-1500)}${err.slice(-1500)}`);
    return { seconds, out };
  };
  const cloudops = (...args) => timed(process.execPath, [join(root, 'bin/run.js'), 'monitoring', ...args]);
  const flags = [
    '--yes',
    '--json',
    '--no-grafana',
    '--runtime',
    'native',
    '--ssh-user',
    'ec2-user',
    '--ssh-key',
    key,
  ];

  const tools = {
    cloudops: async () => {
      const { seconds, out } = await cloudops(
        'configure',
        ...state.addresses,
        ...flags,
        '--accept-new-host-key',
      );
      if (ansible && !state.units) await takeUnits();
      return { seconds, changed: JSON.parse(out).changed };
    },
    ansible: async () => {
      // A run of its own has no connections open from the last one.
      rmSync(join(directory, '.ansible'), { recursive: true, force: true });
      const { seconds, out } = await timed('ansible-playbook', [
        ...['-i', join(directory, 'inventory'), '-e', `files=${files}`, join(root, 'bench/ansible/site.yml')],
      ]);
      const changed = [...out.matchAll(/changed=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
      return { seconds, changed };
    },
  };

  const bench = {
    tools: ansible ? ['cloudops', 'ansible'] : ['cloudops'],
    configure(config) {
      // JSON is YAML.
      writeFileSync(join(directory, 'cloudops.yaml'), `${JSON.stringify(config)}\n`);
      if (ansible && state.addresses.length > 0) render();
    },
    /** New machines, one monitoring and so many application hosts. */
    async fresh(applications) {
      await removeAll();
      rmSync(join(directory, 'state'), { recursive: true, force: true });
      const names = ['monitoring', ...Array.from({ length: applications }, (_, n) => `application-${n + 1}`)];
      state.addresses = await Promise.all(names.map((name, index) => start(name, 10 + index)));
      const [monitoring, ...rest] = state.addresses;
      const login = `ansible_user=ec2-user\nansible_ssh_private_key_file=${key}`;
      const lines = ['[monitoring]', monitoring, '[applications]', ...rest, '[all:vars]', login, ''];
      writeFileSync(join(directory, 'inventory'), lines.join('\n'));
      if (ansible) render();
    },
    /** Both tools find everything as they want it: each has had its way, Ansible first. */
    async settle() {
      if (ansible) await tools.ansible();
      await tools.cloudops();
      if (ansible) await tools.ansible();
      await tools.cloudops();
    },
    /** Seconds of one run; throws when it changed something, or nothing, against what is expected. */
    async run(tool, { changed } = {}) {
      const done = await tools[tool]();
      if (changed !== undefined && changed !== done.changed > 0)
        throw new Error(`${tool} changed ${done.changed}, which was not expected`);
      return done.seconds;
    },
    async close() {
      await removeAll();
      await machines.removeNetwork(vpc.vpcId);
      rmSync(directory, { recursive: true, force: true });
    },
  };
  /** The units that cloudops wrote here, as Ansible's files: they depend on the machine. */
  async function takeUnits() {
    mkdirSync(join(files, 'systemd'), { recursive: true });
    for (const [unit, machine] of [
      ['prometheus-node-exporter', 'monitoring'],
      ['prometheus', 'monitoring'],
      ['cloudops-app', 'application-1'],
    ]) {
      const path = `/etc/systemd/system/${unit}.service`;
      const { stdout } = await machines.exec(`i-bench-${machine}`, `cat ${path}`, 10_000);
      writeFileSync(join(files, 'systemd', `${unit}.service`), stdout);
    }
    state.units = true;
  }
  /** What cloudops would write, as Ansible's files. */
  function render() {
    const out = join(directory, 'rendered');
    const args = [join(root, 'bin/run.js'), 'monitoring', 'render', ...state.addresses, '--out', out];
    execFileSync(process.execPath, args, { cwd: directory, env, stdio: 'pipe' });
    mkdirSync(join(files, 'app'), { recursive: true });
    for (const path of ['prometheus.yml', 'alert-rules.yml', 'meta-rules.yml', 'app/app.py'])
      writeFileSync(join(files, path), readFileSync(join(out, path)));
  }
  bench.configure({});
  return bench;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await hosts({
    quick: process.argv.includes('--quick'),
    withAnsible: !process.argv.includes('--without-ansible'),
  });
  console.log(JSON.stringify(rows, undefined, 2));
}

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { instancesShown } from '../../src/infra/resources/instance.js';
import type { Emulator } from '../support/aws-at.js';
import { startEmulator } from '../support/emulator.js';
import { describeWith } from '../support/requires.js';
import { type CliRun, runCli } from '../support/run-cli.js';
import { hasTmux, Terminal } from '../support/terminal.js';

const patient = 60_000;
const kinds = ['vpc', 'subnet', 'internet-gateway', 'route-table', 'security-group', 'key-pair', 'role'];

describeWith('tmux', hasTmux())('on a terminal', () => {
  let folder: string;
  let emulator: Emulator;
  let terminals: Terminal[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cloudops-terminal-'));
    // Instances take their time, so that there is something to watch and to interrupt.
    emulator = await startEmulator({ transitionMs: 2_500 });
    terminals = [];
  });

  afterEach(async () => {
    for (const one of terminals) one.close();
    await emulator.close();
    rmSync(folder, { recursive: true });
  });

  const env = (more = {}): Record<string, string> => ({
    AWS_ENDPOINT_URL: emulator.endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    ...more,
  });
  const cidr = ['--allow-cidr', '203.0.113.7/32'];

  function terminal(args: readonly string[], options: { columns?: number; env?: object } = {}): Terminal {
    const { columns = 100 } = options;
    const one = new Terminal(args, { cwd: folder, env: env(options.env), columns });
    terminals.push(one);
    return one;
  }

  const cloudops = (...args: string[]): Promise<CliRun> => runCli(args, { cwd: folder, env: env() });
  const instances = async (): Promise<number> => (await instancesShown(emulator.aws())).length;

  it.each([80, 120])(
    'infra up draws each kind once, from waiting to done, at %i columns',
    async (columns) => {
      const screen = terminal(['infra', 'up', '--yes', ...cidr], { columns });
      expect(await screen.exit()).toBe(0);
      const last = screen.text();
      for (const kind of kinds) expect(last.match(new RegExp(`^✔ ${kind}$`, 'gm'))).toHaveLength(1);
      expect(last).toMatch(/^Done in \d.*: 12 created\.$/m);
      expect(last).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]|undefined|\[object/);
      // While the instances come up: their row turns, what they need is done already.
      const turning = (text: string): boolean => /^ *[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] create instance\/monitoring/m.test(text);
      expect(screen.seen.filter(turning).join('\n')).toMatch(/^✔ vpc$/m);
    },
    patient,
  );

  it(
    'infra up asks, and n changes nothing, y makes it',
    async () => {
      const no = terminal(['infra', 'up', ...cidr]);
      await no.shows(/Make these changes\?/);
      no.type('n', 'Enter');
      expect(await no.exit()).toBe(0);
      expect(no.text()).toContain('Nothing was changed.');
      expect(await instances()).toBe(0);
      const yes = terminal(['infra', 'up', ...cidr]);
      await yes.shows(/Make these changes\?/);
      yes.type('y', 'Enter');
      expect(await yes.exit()).toBe(0);
      expect(await instances()).toBe(2);
    },
    patient,
  );

  it(
    'Ctrl-C lets calls end, says how far it came and how to go on; the rerun converges',
    async () => {
      const screen = terminal(['infra', 'up', '--yes', ...cidr]);
      await screen.shows(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] create instance\/monitoring/);
      screen.type('C-c');
      expect(await screen.exit()).toBe(130);
      const text = screen.text().replaceAll(/\s+/g, ' ');
      expect(text).toContain('Interrupted: finishing the calls in flight. Interrupt again to stop at once.');
      expect(text).toMatch(/Interrupted: \d+ of 12 tasks are done, and what they made exists\./);
      expect(text).toContain('Run the same command again');
      expect(text).not.toContain('our bug');
      expect((await cloudops('infra', 'up', '--yes', ...cidr)).code).toBe(0);
      expect((await cloudops('infra', 'plan', '--detailed-exitcode', ...cidr)).code).toBe(0);
      expect(await instances()).toBe(2);
    },
    patient,
  );

  it(
    'Ctrl-C twice ends at once, and the rerun converges too',
    async () => {
      const screen = terminal(['infra', 'up', '--yes', ...cidr]);
      await screen.shows(/create internet-gateway|create instance/);
      screen.type('C-c');
      await screen.shows(/Interrupt again to stop at once/);
      screen.type('C-c');
      expect(await screen.exit()).toBe(130);
      expect((await cloudops('infra', 'up', '--yes', ...cidr)).code).toBe(0);
      expect((await cloudops('infra', 'plan', '--detailed-exitcode', ...cidr)).code).toBe(0);
      expect(await instances()).toBe(2);
    },
    patient,
  );

  it(
    'infra down wants the name of the stack, and nothing else will do',
    async () => {
      expect((await cloudops('infra', 'up', '--yes', ...cidr)).code).toBe(0);
      const wrong = terminal(['infra', 'down']);
      await wrong.shows(/Type 'smartcloudops-dev' to destroy it:/);
      wrong.type('yes', 'Enter');
      expect(await wrong.exit()).toBe(0);
      expect(wrong.text()).toContain('Nothing was changed.');
      expect(await instances()).toBe(2);
      const right = terminal(['infra', 'down']);
      await right.shows(/Type 'smartcloudops-dev' to destroy it:/);
      right.type('smartcloudops-dev', 'Enter');
      expect(await right.exit()).toBe(0);
      expect(right.text()).toMatch(/^Gone: 12 resources/m);
      expect((await cloudops('infra', 'status')).stdout).toContain('There is no stack smartcloudops-dev');
    },
    patient,
  );

  it(
    'init asks, complains of what will not do, and writes the file',
    async () => {
      const screen = terminal(['init']);
      await screen.shows(/Project .*:/);
      screen.type('Sh op', 'Enter');
      await screen.shows(/project/);
      await screen.shows(/letters|lower/);
      screen.type('C-u');
      screen.type('shop', 'Enter');
      await screen.shows(/Environment/);
      screen.type('prod', 'Enter');
      await screen.shows(/AWS region/);
      screen.type('Enter');
      await screen.shows(/Networks/);
      screen.type('203.0.113.0/24', 'Enter');
      expect(await screen.exit()).toBe(0);
      const file = join(folder, 'cloudops.yaml');
      expect(existsSync(file)).toBe(true);
      expect(readFileSync(file, 'utf8')).toMatch(
        /^project: shop$[^]*^environment: prod$[^]*203\.0\.113\.0\/24/m,
      );
    },
    patient,
  );

  it.each([{ NO_COLOR: '1' }, { CI: 'true' }, { TERM: 'dumb' }])(
    '%j gives plain lines',
    async (variables) => {
      const screen = terminal(['infra', 'up', '--yes', ...cidr], { env: variables });
      expect(await screen.exit()).toBe(0);
      expect(screen.text()).toMatch(/^create vpc\/main: done, vpc-\w+ \(\d+ ms\)$/m);
      expect(screen.seen.join('\n')).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏✔❯]/);
    },
    patient,
  );

  it('without a terminal and without --yes nothing is asked, and the flag is named', async () => {
    const { code, stderr } = await cloudops('infra', 'up', ...cidr);
    expect({ code, flag: stderr.includes("'--yes'") }).toEqual({ code: 2, flag: true });
    expect(await instances()).toBe(0);
    expect((await cloudops('infra', 'up', '--yes', ...cidr)).code).toBe(0);
    const down = await cloudops('infra', 'down');
    expect({ code: down.code, flag: down.stderr.includes("'--confirm smartcloudops-dev'") }).toEqual({
      code: 2,
      flag: true,
    });
    expect(await instances()).toBe(2);
  }, 60_000);
});

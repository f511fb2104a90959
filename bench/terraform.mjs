import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { timed } from './measure.mjs';

const source = fileURLToPath(new URL('terraform/main.tf', import.meta.url));
/** Where a machine without the internet keeps providers: `terraform init -plugin-dir`. */
const mirror = process.env.TF_PLUGIN_DIR ?? '/opt/tf-plugins';

/** The commands that match cloudops's, by what they are compared as. */
const steps = {
  up: ['apply', '-auto-approve'],
  again: ['apply', '-auto-approve'],
  plan: ['plan'],
  down: ['destroy', '-auto-approve'],
};

/** Why terraform can't be measured here, or undefined. */
export function terraformMissing() {
  const { status } = spawnSync('terraform', ['version'], { stdio: 'ignore' });
  return status === 0 ? undefined : 'terraform is not on this machine';
}

/** The same stack by terraform, once: `{up, again, plan, down}` with calls, ms and peakKb. */
export async function terraform({ proxy, env, publicKey }) {
  const folder = mkdtempSync(join(tmpdir(), 'cloudops-bench-tf-'));
  const own = {
    ...process.env,
    ...env,
    TF_VAR_public_key: publicKey,
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
  };
  if (own.TF_CLI_CONFIG_FILE !== undefined && !existsSync(own.TF_CLI_CONFIG_FILE))
    delete own.TF_CLI_CONFIG_FILE;
  const options = { cwd: folder, env: own, watch: true };
  try {
    copyFileSync(source, join(folder, 'main.tf'));
    const plugins = existsSync(mirror) ? [`-plugin-dir=${mirror}`] : [];
    await timed('terraform', ['init', '-input=false', '-no-color', ...plugins], options);
    const taken = {};
    for (const [what, args] of Object.entries(steps)) {
      proxy.plan();
      const { ms, peakKb } = await timed('terraform', [...args, '-input=false', '-no-color'], options);
      taken[what] = { calls: proxy.calls().length, ms, peakKb };
    }
    return taken;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

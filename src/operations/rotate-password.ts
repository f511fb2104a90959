import { join } from 'node:path';
import { Secret } from '../config/secret.js';
import { CloudopsError } from '../errors.js';
import type { Host, HostRecord } from '../hosts/host.js';
import { onLoopback, requestFrom, type Trust } from '../hosts/http.js';
import { passwordPath } from '../monitoring/facts.js';
import type { Context } from './context.js';
import { accessTo, monitoringHost } from './reach-grafana.js';
import { openSecretStore } from './secret-store.js';
import { grafanaAdmin, newPassword } from './service-password.js';

export interface RotateOptions {
  /** Address of the monitoring host; default: the stack's. */
  readonly monitoring?: string | undefined;
  readonly hosts?: readonly HostRecord[];
}

export interface Rotated {
  readonly host: string;
  readonly user: string;
  /** The file on this machine that holds the new password, 0600. */
  readonly passwordFile: string;
  /** An earlier rotation had been cut off: its password was kept, not another one made. */
  readonly resumed: boolean;
}

/** Where a new password stands until Grafana has taken it: a cut-off leaves nobody locked out. */
const nextPath = `${passwordPath}.next`;

/**
 * Gives Grafana's admin a new password: written to the host first, then told to Grafana, proven by a login, and only
 * then put in the place of the old one, there and here.
 */
export async function rotatePassword(context: Context, options: RotateOptions = {}): Promise<Rotated> {
  const store = await openSecretStore(context);
  const record = await monitoringHost(context, options);
  const host = await context.connect(record, context.signal);
  try {
    const access = await accessTo(context, host);
    if ('skipped' in access) throw noGrafana(host, access.skipped);
    const grafana = new Admin(host, context.config.monitoring.grafana.port, access.trust);
    const left = await leftOver(host);
    const resumed = left !== undefined && (await grafana.accepts(left));
    const next = resumed ? left : newPassword();
    if (!resumed) {
      await change(host, grafana, access.password, next);
    }
    await must(host, `mv -f ${nextPath} ${passwordPath}`);
    await store.keep(grafanaAdmin.file, next);
    const passwordFile = join(context.stateDir, grafanaAdmin.file);
    return { host: record.name, user: 'admin', passwordFile, resumed };
  } finally {
    await host.close();
  }
}

async function change(host: Host, grafana: Admin, old: Secret, next: Secret): Promise<void> {
  const { stdout } = await host.exec(`stat -c '%u:%g' ${passwordPath}`);
  await host.put(next.reveal(), nextPath, { mode: 0o600, owner: stdout.trim() || 'root:root' });
  await grafana.change(old, next);
  if ((await grafana.accepts(next)) && !(await grafana.accepts(old))) return;
  throw new CloudopsError({
    code: 'GRAFANA_PASSWORD_NOT_TAKEN',
    what: `Grafana on ${host.name} said that it took the new password, but a login shows otherwise.`,
    fix: ["see Grafana's log on the host, then run the same command again"],
  });
}

/** Grafana's API as its admin; passwords go to curl by its standard input. */
class Admin {
  readonly #host: Host;
  readonly #url: string;
  readonly #trust: Trust | undefined;

  constructor(host: Host, port: number, trust: Trust | undefined) {
    this.#host = host;
    this.#trust = trust;
    this.#url = `${onLoopback(port, trust)}/api`;
  }

  async accepts(password: Secret): Promise<boolean> {
    const url = `${this.#url}/org`;
    const { status } = await requestFrom(this.#host, {
      method: 'GET',
      url,
      user: { name: 'admin', password },
      trust: this.#trust,
    });
    if (status === 401) return false;
    if (status === 200) return true;
    throw this.#refused(status);
  }

  async change(old: Secret, next: Secret): Promise<void> {
    const body = { oldPassword: old.reveal(), newPassword: next.reveal(), confirmNew: next.reveal() };
    const url = `${this.#url}/user/password`;
    const user = { name: 'admin', password: old };
    const { status } = await requestFrom(this.#host, { method: 'PUT', url, user, body, trust: this.#trust });
    if (status === 200) return;
    if (status !== 401) throw this.#refused(status);
    throw new CloudopsError({
      code: 'GRAFANA_AUTH',
      what: `Grafana on ${this.#host.name} does not take the password of ${passwordPath}; nothing was changed.`,
      why: 'Somebody has changed it in Grafana itself.',
      fix: [
        "set it on the host with 'grafana cli admin reset-admin-password --password-from-stdin' to what that file holds, then run the same command again",
      ],
    });
  }

  #refused(status: number): CloudopsError {
    return new CloudopsError({
      code: 'GRAFANA_REFUSED',
      what: `Grafana on ${this.#host.name} answered ${String(status)} when its password was to be changed.`,
      fix: ["see Grafana's log on the host, then run the same command again"],
    });
  }
}

async function leftOver(host: Host): Promise<Secret | undefined> {
  const { stdout } = await host.exec(`cat ${nextPath} 2>/dev/null; true`);
  return stdout.trim() === '' ? undefined : new Secret(stdout.trim());
}

async function must(host: Host, script: string): Promise<void> {
  const { code, stderr } = await host.exec(script);
  if (code === 0) return;
  throw new CloudopsError({
    code: 'FILE_NOT_WRITTEN',
    what: `The new password is in force, but ${passwordPath} on ${host.name} can't be replaced.`,
    why: stderr.trim(),
    fix: ['run the same command again'],
  });
}

function noGrafana(host: Host, reason: string): CloudopsError {
  return new CloudopsError({
    code: 'GRAFANA_NOT_THERE',
    what: `There is no Grafana on ${host.name}: ${reason}.`,
    fix: ["run 'cloudops monitoring configure' first"],
  });
}

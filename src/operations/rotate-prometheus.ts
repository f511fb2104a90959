import { join } from 'node:path';
import { Secret } from '../config/secret.js';
import { CloudopsError, exitCodes } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { requestFrom, type Trust } from '../hosts/http.js';
import { lastLines } from '../hosts/output.js';
import { stageScript } from '../hosts/stage.js';
import {
  grafanaLoginPath,
  hashed,
  loginFiles,
  loginOf,
  prometheusLogin,
  prometheusPasswordPath,
} from '../monitoring/prometheus-login.js';
import { restartGrafana } from '../monitoring/restart-grafana.js';
import type { Context } from './context.js';
import { accessTo, monitoringHost } from './reach-grafana.js';
import type { Rotated, RotateOptions } from './rotate-password.js';
import { openSecretStore } from './secret-store.js';
import { newPassword, prometheusUser } from './service-password.js';

/** The login as a host has it. */
interface Standing {
  readonly password: Secret;
  /** `UID:GID` of whoever runs Prometheus. */
  readonly owner: string;
  /** The same of Grafana, where its data source logs in. */
  readonly grafana: string | undefined;
}

/**
 * Gives Prometheus' user a new password: proven by questions with the old one and the new, else the old one is put
 * back; then kept here, and given to Grafana. Cut off anywhere, the host's file counts, and configure does the rest.
 */
export async function rotatePrometheusPassword(
  context: Context,
  options: RotateOptions = {},
): Promise<Rotated> {
  if (loginOf(context.config) === undefined) throw noLogin();
  const store = await openSecretStore(context);
  const record = await monitoringHost(context, options);
  const host = await context.connect(record, context.signal);
  try {
    const old = await standing(host);
    const next = newPassword();
    const { port } = context.config.monitoring.prometheus;
    await place(host, next, old.owner);
    const seen = [await statusFor(host, port, next), await statusFor(host, port, old.password)];
    if (seen.join(' ') !== '200 401') {
      await place(host, old.password, old.owner);
      throw notTaken(host, seen);
    }
    await store.keep(prometheusUser.file, next);
    if (old.grafana !== undefined) {
      await host.put(next.reveal(), grafanaLoginPath, { mode: 0o600, owner: old.grafana });
      await restartGrafana(host, context.config, await trustedGrafana(context, host));
    }
    const passwordFile = join(context.stateDir, prometheusUser.file);
    return { host: record.name, user: prometheusLogin.name, passwordFile, resumed: false };
  } finally {
    await host.close();
  }
}

async function standing(host: Host): Promise<Standing> {
  const owner = (path: string): string => `stat -c '%u:%g' ${path} 2>/dev/null || echo`;
  const { stdout } = await host.exec(
    `${owner(prometheusPasswordPath)}; ${owner(grafanaLoginPath)}; cat ${prometheusPasswordPath} 2>/dev/null; echo`,
  );
  const [prometheus = '', grafana = '', password = ''] = stdout.split('\n');
  if (prometheus !== '' && password !== '')
    return {
      password: new Secret(password),
      owner: prometheus,
      grafana: grafana === '' ? undefined : grafana,
    };
  throw new CloudopsError({
    code: 'PROMETHEUS_LOGIN_OFF',
    what: `Prometheus on ${host.name} has no password yet.`,
    fix: ["run 'cloudops monitoring configure': it makes one"],
    exit: exitCodes.usage,
  });
}

async function trustedGrafana(context: Context, host: Host): Promise<Trust | undefined> {
  if (context.config.monitoring.grafana.https === false) return undefined;
  const access = await accessTo(context, host);
  return 'skipped' in access ? undefined : access.trust;
}

async function place(host: Host, password: Secret, owner: string): Promise<void> {
  const { text, stdin } = stageScript('/etc/prometheus', loginFiles(await hashed(password), owner));
  const { code, stdout, stderr } = await host.exec(text, { stdin });
  if (code === 0) return;
  throw new CloudopsError({
    code: 'FILE_NOT_WRITTEN',
    what: `The password of Prometheus can't be written on ${host.name}.`,
    why: lastLines(`${stdout}${stderr}`),
    fix: ['see whether the file system is writable, then run the same command again'],
  });
}

async function statusFor(host: Host, port: number, password: Secret): Promise<number> {
  const url = `http://127.0.0.1:${String(port)}/api/v1/status/buildinfo`;
  const user = { name: prometheusLogin.name, password };
  return (await requestFrom(host, { method: 'GET', url, user })).status;
}

function noLogin(): CloudopsError {
  return new CloudopsError({
    code: 'PROMETHEUS_LOGIN_OFF',
    what: 'Prometheus asks for no password.',
    why: "'monitoring.prometheus.basicAuth' is false.",
    fix: ["set it to true, then run 'cloudops monitoring configure'"],
    exit: exitCodes.usage,
  });
}

function notTaken(host: Host, [next, old]: readonly number[]): CloudopsError {
  return new CloudopsError({
    code: 'PROMETHEUS_PASSWORD_NOT_TAKEN',
    what: `Prometheus on ${host.name} did not take its new password; the old one is back.`,
    why: `It answered ${String(next)} to the new one and ${String(old)} to the old one.`,
    fix: ["run 'cloudops monitoring configure', then the same command again"],
  });
}

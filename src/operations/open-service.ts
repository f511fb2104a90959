import { join } from 'node:path';
import { grafanaScheme } from '../config/https.js';
import { CloudopsError, exitCodes } from '../errors.js';
import type { HostRecord } from '../hosts/host.js';
import type { Tunnel } from '../hosts/ssh.js';
import { privateKeyPath } from '../infra/key-file.js';
import { loginOf } from '../monitoring/prometheus-login.js';
import type { Context } from './context.js';
import { findHosts } from './find-hosts.js';
import { openSecretStore, type SecretName } from './secret-store.js';
import { grafanaAdmin, prometheusUser } from './service-password.js';

export type ServiceName = 'grafana' | 'prometheus';

export interface OpenOptions {
  readonly service: ServiceName;
  /** Address of the monitoring host; default: the stack's. */
  readonly monitoring?: string | undefined;
  /** The port on this machine; default: the service's own, or any free one where that is taken. 0: any. */
  readonly port?: number | undefined;
}

/** Where a service is, and how `ssh` would get there. */
export interface ServiceWay {
  readonly service: ServiceName;
  readonly url: string;
  /** The same by hand. */
  readonly ssh: string;
  /** What it asks for, where that was made by cloudops. */
  readonly login?: { readonly user: string; readonly passwordFile: string };
}

/** A way that is open until it is closed. */
export interface OpenedService extends ServiceWay {
  readonly tunnel: Tunnel;
}

/** What `openService` would do, opening nothing. */
export async function describeService(context: Context, options: OpenOptions): Promise<ServiceWay> {
  const port = servicePort(context, options.service);
  const way = wayTo(context, await monitoringHost(context, options), options, options.port || port);
  return { ...way, ...(await loginTo(context, options.service)) };
}

/** Opens a local port that leads to the service on the monitoring host's loopback, through SSH. */
export async function openService(context: Context, options: OpenOptions): Promise<OpenedService> {
  const record = await monitoringHost(context, options);
  const port = servicePort(context, options.service);
  if (context.config.ssh.via === 'ssm') throw needsSsh(context, record, port);
  const login = await loginTo(context, options.service);
  const open = context.tunnel;
  if (open === undefined) throw new Error('this context has no tunnels');
  const to = (localPort: number) => open(record, { address: '127.0.0.1', port, localPort }, context.signal);
  const tunnel = await to(options.port ?? port).catch((error: unknown) => {
    const taken = error instanceof CloudopsError && error.code === 'LOCAL_PORT_TAKEN';
    if (!taken || options.port !== undefined) throw error;
    return to(0);
  });
  return { ...wayTo(context, record, options, tunnel.port), ...login, tunnel };
}

function servicePort({ config }: Context, service: ServiceName): number {
  return config.monitoring[service].port;
}

async function monitoringHost(context: Context, { monitoring }: OpenOptions): Promise<HostRecord> {
  const records = await findHosts(context, { monitoring, applications: [] });
  const found = records.find(({ role }) => role === 'monitoring');
  if (found !== undefined) return found;
  throw new CloudopsError({
    code: 'NO_MONITORING_HOST',
    what: `No monitoring host of ${context.stack} runs.`,
    fix: ["see 'cloudops infra status'; 'cloudops infra up' starts what should run"],
  });
}

function wayTo(context: Context, record: HostRecord, { service }: OpenOptions, local: number): ServiceWay {
  const { ssh } = context.config;
  const key = privateKeyPath(ssh, context.stateDir);
  const sshPort = ssh.port === 22 ? '' : ` -p ${ssh.port}`;
  const forward = `-L ${local}:127.0.0.1:${servicePort(context, service)}`;
  const scheme = service === 'grafana' ? grafanaScheme(context.config.monitoring) : 'http';
  return {
    service,
    url: `${scheme}://127.0.0.1:${local}/`,
    ssh: `ssh -N ${forward} -i ${key}${sshPort} ${ssh.user}@${record.address ?? record.name}`,
  };
}

async function loginTo(context: Context, service: ServiceName): Promise<Pick<ServiceWay, 'login'>> {
  if (service === 'grafana')
    return { login: { user: 'admin', passwordFile: await passwordFile(context, grafanaAdmin.file) } };
  const asked = loginOf(context.config);
  if (asked === undefined) return {};
  return { login: { user: asked.name, passwordFile: await passwordFile(context, prometheusUser.file) } };
}

/** What other operators have kept in SSM is put on this machine. */
async function passwordFile(context: Context, name: SecretName): Promise<string> {
  if (context.config.secrets === 'ssm') {
    const store = await openSecretStore(context);
    const kept = await store.read(name);
    if (kept !== undefined) await store.keep(name, kept);
  }
  return join(context.stateDir, name);
}

function needsSsh({ region }: Context, { name, instanceId }: HostRecord, port: number): CloudopsError {
  const plugin = `aws ssm start-session --region ${region} --target ${instanceId ?? 'INSTANCE-ID'} --document-name AWS-StartPortForwardingSession --parameters portNumber=${port},localPortNumber=${port}`;
  return new CloudopsError({
    code: 'TUNNEL_NEEDS_SSH',
    what: `cloudops opens tunnels over SSH only; ${name} is to be reached over SSM.`,
    why: "Over SSM a tunnel needs AWS's session-manager plugin beside the AWS CLI.",
    fix: [`with the plugin: '${plugin}'`, "where SSH reaches the host: '--via ssh'"],
    exit: exitCodes.usage,
  });
}

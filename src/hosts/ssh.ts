import { setTimeout as sleep } from 'node:timers/promises';
import { NodeSSH } from 'node-ssh';
import ssh2, { type AuthMethod, type Client } from 'ssh2';
import { CloudopsError } from '../errors.js';
import type { Connect, ConnectLimits, HostRecord } from './host.js';
import { hostKeyCheck, type HostKeyPolicy } from './host-keys.js';
import { localForward } from './local-forward.js';
import { shared } from './share.js';
import { sshLogin, type SshLogin } from './ssh-login.js';
import { sshSession } from './ssh-session.js';
import { interrupted, noAddress, notReached, troubleOf, waitingFor, type SshTarget } from './ssh-errors.js';
import { sshSettings, type SshJump } from './ssh-config.js';

export interface SshOptions extends HostKeyPolicy {
  readonly user: string;
  readonly port: number;
  /** Paths of private keys, tried in this order before anything else; a missing file is passed over. */
  readonly privateKeys: readonly string[];
  /** The agent's socket ($SSH_AUTH_SOCK). */
  readonly agent?: string | undefined;
  /** The text of the operator's ssh config: IdentityFile, ProxyJump and HostName count. */
  readonly sshConfig?: string | undefined;
  /** Milliseconds to wait for a host that doesn't answer yet. */
  readonly readyTimeoutMs: number;
  /** Milliseconds to go on while the login is refused; default a minute for an instance, 5 s for any other host. */
  readonly loginTimeoutMs?: number;
  /** Told what is waited for. */
  readonly onProgress?: (record: HostRecord, message: string) => void;
}

/** Where one TCP connection goes, and through which. */
interface Hop {
  readonly target: SshTarget;
  readonly record: HostRecord;
  readonly login: SshLogin;
  readonly jumps: readonly SshJump[];
}

class AttemptFailed extends Error {
  constructor(
    override readonly cause: Error,
    readonly stage: 'none' | 'connected' | 'handshake',
    readonly banner: string,
  ) {
    super(cause.message);
  }

  /** The same, said of a jump host. */
  of(jump: Hop): AttemptFailed {
    if (this.cause instanceof CloudopsError) return this;
    const { name, user } = jump.target;
    const tried = jump.login.tried.join(', ') || 'no key at all';
    const said = new Error(`${name}: ${this.cause.message} (as ${user}, tried ${tried})`);
    const { code, level } = this.cause as { code?: unknown; level?: unknown };
    return new AttemptFailed(Object.assign(said, { code, level }), this.stage, this.banner);
  }
}

/**
 * Logs in over SSH, one connection a host, its key checked before anything is sent. Waits, within limits, for a host
 * that is starting. The same host asked for again while it is open is the same connection.
 */
export function sshConnect(options: SshOptions): Connect {
  return shared(async (record, signal, limits, onClose) => {
    const { client, target } = await logIn(options, record, signal, limits);
    client.on('close', onClose);
    return sshSession(client, target);
  });
}

/** A way into the network of a host. */
export interface Tunnel {
  /** The port on this machine's loopback that leads there. */
  readonly port: number;
  /** Resolves when it is gone: with the reason, or undefined after `close`. */
  readonly ended: Promise<string | undefined>;
  close(): Promise<void>;
}

/** Opens a local port that leads, through the host's SSH connection, to a port as the host sees it. */
export type OpenTunnel = (
  record: HostRecord,
  to: { readonly address: string; readonly port: number; readonly localPort: number },
  signal: AbortSignal,
) => Promise<Tunnel>;

export function sshTunnel(options: SshOptions): OpenTunnel {
  return async (record, { address, port, localPort }, signal) => {
    const { client } = await logIn(options, record, signal);
    return localForward(localPort, {
      dial: (done) => client.forwardOut('127.0.0.1', 0, address, port, done),
      onClose: (done) => client.on('close', done),
      end: () => client.end(),
    });
  };
}

/** Logs in, through the jump hosts; those go when the connection does. */
async function logIn(
  options: SshOptions,
  record: HostRecord,
  signal: AbortSignal,
  limits: ConnectLimits = {},
): Promise<{ readonly client: Client; readonly target: SshTarget }> {
  if (record.address === undefined) throw noAddress(record.name);
  const settings = sshSettings(options.sshConfig ?? '', record.address);
  const target = { name: record.name, address: settings.address, port: options.port, user: options.user };
  const login = loginOf(options, options.user, settings.identityFiles);
  const say = limits.report ?? ((message: string) => options.onProgress?.(record, message));
  const hop = { target, record, login, jumps: settings.jumps };
  const [client, ...jumps] = await reach(within(options, limits), hop, signal, say);
  if (client === undefined) throw new Error('no connection was made');
  client.on('close', () => {
    for (const jump of jumps) jump.end();
  });
  return { client, target };
}

function within(options: SshOptions, { readyTimeoutMs }: ConnectLimits): SshOptions {
  if (readyTimeoutMs === undefined) return options;
  return { ...options, readyTimeoutMs: Math.min(options.readyTimeoutMs, readyTimeoutMs) };
}

/** Tries until the login works, or until waiting no longer helps. */
async function reach(
  options: SshOptions,
  hop: Hop,
  signal: AbortSignal,
  say: (message: string) => void,
): Promise<readonly Client[]> {
  const end = Date.now() + options.readyTimeoutMs;
  const loginMs = options.loginTimeoutMs ?? (hop.record.instanceId === undefined ? 5_000 : 60_000);
  let loginEnd = end;
  let said = '';
  for (let wait = 200; ; wait = Math.min(wait * 1.5, 3_000)) {
    if (signal.aborted) throw interrupted(hop.target);
    try {
      return await attempt(options, hop, Math.max(1_000, Math.min(20_000, end - Date.now())), signal);
    } catch (error) {
      if (!(error instanceof AttemptFailed)) throw error;
      const trouble = troubleOf(error.cause, error.stage, error.banner);
      if (trouble === 'fatal') throw error.cause;
      if (trouble === 'login') loginEnd = Math.min(loginEnd, Date.now() + loginMs);
      else loginEnd = end;
      if (Date.now() + wait > Math.min(end, loginEnd))
        throw notReached(hop.target, trouble, error.cause, hop.login.tried);
      if (said !== trouble) say(waitingFor[trouble]);
      said = trouble;
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** One try: through the jump hosts, if any, to the target. Answers the target's connection first, then the jumps'. */
async function attempt(
  options: SshOptions,
  hop: Hop,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly Client[]> {
  const last = hop.jumps.at(-1);
  if (last === undefined) return [await open(options, hop, timeoutMs, signal, undefined)];
  const before = jumpHop(options, last, hop.jumps.slice(0, -1));
  const jumps = await attempt(options, before, timeoutMs, signal).catch((error: unknown) => {
    throw error instanceof AttemptFailed ? error.of(before) : error;
  });
  try {
    const through = jumps[0] ?? new ssh2.Client();
    return [await open(options, hop, timeoutMs, signal, through), ...jumps];
  } catch (error) {
    for (const jump of jumps) jump.end();
    throw error;
  }
}

function jumpHop(options: SshOptions, jump: SshJump, jumps: readonly SshJump[]): Hop {
  const settings = sshSettings(options.sshConfig ?? '', jump.host);
  const user = jump.user ?? settings.user ?? options.user;
  const name = `jump host ${jump.host}`;
  const target = { name, address: settings.address, port: jump.port ?? settings.port ?? 22, user };
  const unknown = { privateAddress: undefined, instanceId: undefined };
  const record: HostRecord = { name, role: 'monitoring', address: settings.address, ...unknown };
  return { target, record, login: loginOf(options, user, settings.identityFiles), jumps };
}

async function open(
  options: SshOptions,
  hop: Hop,
  timeoutMs: number,
  signal: AbortSignal,
  through: Client | undefined,
): Promise<Client> {
  const { address, port, user } = hop.target;
  const check = hostKeyCheck(options, hop.record, hop.target, signal);
  const sock = through === undefined ? undefined : await forward(through, address, port);
  const ssh = new NodeSSH();
  const connecting = ssh.connect({
    host: address,
    port,
    username: user,
    authHandler: hop.login.methods as AuthMethod[],
    // The key may first have to be asked of AWS, which takes its time.
    readyTimeout: options.hostKeys === undefined ? timeoutMs : Math.max(timeoutMs, 90_000),
    keepaliveInterval: 15_000,
    keepaliveCountMax: 4,
    ...(check.algorithms === undefined ? {} : { algorithms: { serverHostKey: check.algorithms } }),
    hostVerifier: (key: Buffer, verify: (fits: boolean) => void) => void check.verify(key).then(verify),
    ...(sock === undefined ? {} : { sock }),
  });
  const client = ssh.connection ?? new ssh2.Client();
  let stage: AttemptFailed['stage'] = 'none';
  let banner = '';
  client.on('connect', () => (stage = 'connected'));
  client.on('handshake', () => (stage = 'handshake'));
  client.on('banner', (text) => (banner += text));
  client.on('error', () => undefined);
  const abort = (): void => void client.destroy();
  signal.addEventListener('abort', abort, { once: true });
  const portTimer = setTimeout(() => {
    if (stage === 'none') client.destroy();
  }, timeoutMs);
  try {
    await connecting;
    return client;
  } catch (error) {
    client.destroy();
    const cause = check.refused() ?? (error as Error);
    throw new AttemptFailed(cause, stage, banner);
  } finally {
    clearTimeout(portTimer);
    signal.removeEventListener('abort', abort);
  }
}

function forward(through: Client, address: string, port: number): Promise<ssh2.ClientChannel> {
  return new Promise((resolve, reject) => {
    through.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
      if (error === undefined) resolve(channel);
      else reject(new AttemptFailed(error, 'none', ''));
    });
  });
}

function loginOf(options: SshOptions, user: string, identityFiles: readonly string[]): SshLogin {
  return sshLogin(options, user, identityFiles, (text) => !(ssh2.utils.parseKey(text) instanceof Error));
}

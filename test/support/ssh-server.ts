import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { sudoShim } from './sudo-shim.js';

/** An SSH server in this process whose commands run on the local shell. */
export interface SshServer {
  readonly port: number;
  /** The host's public key line. */
  readonly hostKey: string;
  /** Path of a private key that may log in. */
  readonly privateKey: string;
  /** The command lines that were run. */
  readonly commands: readonly string[];
  /** How many connections were logged in. */
  readonly logins: () => number;
  /** The most channels that were open at once. */
  readonly mostChannels: () => number;
  /** Cuts every connection, as a cable would be cut. */
  cut(): void;
  close(): Promise<void>;
}

export interface SshServerOptions {
  /** Refuse so many logins first. */
  readonly refuseLogins?: number;
  /** Refuse so many channels first. */
  readonly refuseChannels?: number;
  /** What sudo answers instead of running the command. */
  readonly sudoRefusal?: string;
  readonly port?: number;
  /** A host key of an earlier server, in place of a new one. */
  readonly keys?: { readonly private: string; readonly public: string };
}

/** An ed25519 key pair. ssh2's generator now and then makes one that it can't read itself: those are thrown away. */
export function newKeys(): { readonly private: string; readonly public: string } {
  for (;;) {
    const keys = ssh2.utils.generateKeyPairSync('ed25519');
    const [own, shown] = [ssh2.utils.parseKey(keys.private), ssh2.utils.parseKey(keys.public)];
    if (own instanceof Error || shown instanceof Error) continue;
    if (own.getPublicSSH().equals(shown.getPublicSSH())) return keys;
  }
}

export async function sshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const hostKeys = options.keys ?? newKeys();
  const clientKeys = newKeys();
  const allowed = ssh2.utils.parseKey(clientKeys.public);
  if (allowed instanceof Error) throw allowed;
  const privateKey = join(mkdtempSync(join(tmpdir(), 'cloudops-ssh-')), 'id_ed25519');
  writeFileSync(privateKey, clientKeys.private, { mode: 0o600 });
  const path = `${sudoShim(options.sudoRefusal)}:${process.env['PATH'] ?? ''}`;
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  let refuse = options.refuseLogins ?? 0;
  let refuseChannels = options.refuseChannels ?? 0;
  let logins = 0;
  let channels = 0;
  let most = 0;

  const serve = (client: Connection): void => {
    client.on('error', () => undefined);
    client.on('authentication', (attempt) => {
      if (attempt.method !== 'publickey') {
        attempt.reject(['publickey']);
        return;
      }
      if (!attempt.key.data.equals(allowed.getPublicSSH())) {
        attempt.reject(['publickey']);
        return;
      }
      if (attempt.signature !== undefined && attempt.blob !== undefined) {
        if (refuse > 0) {
          refuse -= 1;
          attempt.reject(['publickey']);
          return;
        }
        if (!allowed.verify(attempt.blob, attempt.signature)) {
          attempt.reject(['publickey']);
          return;
        }
        logins += 1;
      }
      attempt.accept();
    });
    client.on('session', (accept, rejectSession) => {
      if (refuseChannels > 0) {
        refuseChannels -= 1;
        rejectSession();
        return;
      }
      accept().on('exec', (acceptExec, _reject, info) => {
        commands.push(info.command);
        channels += 1;
        most = Math.max(most, channels);
        runCommand(acceptExec(), info.command, path, () => (channels -= 1));
      });
    });
    client.on('tcpip', (accept, reject, info) => {
      const socket = connect(info.destPort, info.destIP, () => {
        const channel = accept();
        socket.pipe(channel).pipe(socket);
      });
      socket.on('error', () => reject());
    });
  };
  const server = new ssh2.Server({ hostKeys: [hostKeys.private] }, serve);
  // ssh2's server is a net.Server in all but its types.
  (
    server as unknown as { _srv: { on(event: 'connection', listener: (socket: Socket) => void): void } }
  )._srv.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: hostKeys.public,
    privateKey,
    commands,
    logins: () => logins,
    mostChannels: () => most,
    cut,
    close: () =>
      new Promise((resolve) => {
        cut();
        server.close(() => resolve());
      }),
  };
}

function runCommand(channel: ServerChannel, command: string, path: string, done: () => void): void {
  const child = spawn('sh', ['-c', command], { env: { ...process.env, PATH: path }, detached: true });
  child.stdin.on('error', () => undefined);
  channel.on('error', () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on('close', (code, signal) => {
    done();
    if (signal === null) channel.exit(code ?? 255);
    else channel.exit(signal.replace(/^SIG/, ''));
    channel.end();
  });
}

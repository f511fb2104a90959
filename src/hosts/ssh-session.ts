import { randomBytes } from 'node:crypto';
import type { Duplex, Readable } from 'node:stream';
import { bootstrap, killScript } from './bootstrap.js';
import { Collector, resultOf } from './collect.js';
import type { ExecOptions, ExecResult, Host } from './host.js';
import { putFile } from './put.js';
import { slotsOf } from './slots.js';
import {
  connectionLost,
  interrupted,
  notStarted,
  tookTooLong,
  tooMuchOutput,
  type SshTarget,
} from './ssh-errors.js';

/** What a session needs of an SSH connection that is logged in. */
export interface SshConnection {
  exec(command: string, callback: (error: Error | undefined, channel: SshChannel) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  end(): unknown;
}

export interface SshChannel extends Duplex {
  readonly stderr: Readable;
}

/** sshd lets ten channels share a connection; one stays free for ending what another runs. */
const maxChannels = 8;
const defaultTimeoutMs = 15 * 60_000;

/** What became of the connection. */
interface Line {
  closed: boolean;
  /** The last error it told of. */
  broken: string | undefined;
}

/** A host over a connection. */
export function sshSession(connection: SshConnection, target: SshTarget): Host {
  const slots = slotsOf(maxChannels);
  const line: Line = { closed: false, broken: undefined };
  const gone = new Promise<void>((resolve) => {
    connection.on('close', () => {
      line.closed = true;
      resolve();
    });
  });
  connection.on('error', (error) => (line.broken = error.message));
  const host: Host = {
    name: target.name,
    exec: (script, options = {}) =>
      slots.run(() => {
        if (line.closed) throw connectionLost(target, line.broken);
        return run(connection, target, script, options, line);
      }),
    put: (content, path, options) => putFile(host, content, path, options),
    close: async () => {
      connection.end();
      await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
    },
  };
  return host;
}

/** A connection that has just gone away throws in place of answering. */
function request(
  connection: SshConnection,
  command: string,
  answered: (error: Error | undefined, channel?: SshChannel) => void,
): void {
  try {
    connection.exec(command, answered);
  } catch (error) {
    answered(error instanceof Error ? error : new Error(String(error)));
  }
}

/**
 * sshd counts a channel that was closed for a moment longer, and refuses one too many: nothing has run by then, so it
 * is asked again, for up to three seconds.
 */
function openChannel(
  connection: SshConnection,
  command: string,
  opened: Parameters<typeof request>[2],
  again = 30,
): void {
  request(connection, command, (error, channel) => {
    const refused = error !== undefined && /channel open failure/i.test(error.message);
    if (refused && again > 0) setTimeout(() => openChannel(connection, command, opened, again - 1), 100);
    else opened(error, channel);
  });
}

function run(
  connection: SshConnection,
  target: SshTarget,
  script: string,
  options: ExecOptions,
  line: Line,
): Promise<ExecResult> {
  const mark = `cloudops-${randomBytes(8).toString('hex')}`;
  const { command, input } = bootstrap(script, options.stdin ?? '', mark);
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  let pid: number | undefined;
  const out = new Collector(mark, (seen) => (pid = seen), options.onLine);
  const err = new Collector(mark);
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted === true) {
      reject(interrupted(target));
      return;
    }
    openChannel(connection, command, (error, channel) => {
      if (error !== undefined || channel === undefined) {
        reject(connectionLost(target, line.broken ?? error?.message));
        return;
      }
      let given: Error | undefined;
      let exit: { code: number | null; signal?: string } | undefined;
      const giveUp = (reason: Error): void => {
        if (given !== undefined) return;
        given = reason;
        void endRemotely(connection, pid).finally(() => channel.destroy());
      };
      const abort = (): void => giveUp(interrupted(target));
      const timer = setTimeout(() => giveUp(tookTooLong(target, timeoutMs)), timeoutMs);
      options.signal?.addEventListener('abort', abort, { once: true });
      const take = (collector: Collector) => (chunk: Buffer) => {
        if (!collector.add(chunk)) giveUp(tooMuchOutput(target));
      };
      channel.on('data', take(out));
      channel.stderr.on('data', take(err));
      channel.on('error', () => undefined);
      channel.on('exit', (code: number | null, signal?: string) => {
        exit = { code, ...(signal === undefined ? {} : { signal }) };
      });
      channel.on('close', () => {
        clearTimeout(timer);
        options.signal?.removeEventListener('abort', abort);
        const stdout = out.text();
        const stderr = err.text();
        if (given !== undefined) reject(given);
        // sshd may tell the exit code before the last of the output: what came by then isn't all of it.
        else if (exit === undefined || line.closed) reject(connectionLost(target, line.broken));
        else {
          const result = resultOf(exit.code, exit.signal, stdout.text, stderr.text);
          if (stdout.marked && stderr.marked) resolve(result);
          else reject(notStarted(target, result.code, `${stdout.text}${stderr.text}`));
        }
      });
      channel.end(input);
    });
  });
}

/** Ends a script on the host; gives up after five seconds. */
function endRemotely(connection: SshConnection, pid: number | undefined): Promise<void> {
  if (pid === undefined) return Promise.resolve();
  const { command, input } = bootstrap(killScript(pid), '', 'end');
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 5_000);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    request(connection, command, (error, channel) => {
      if (error !== undefined || channel === undefined) {
        done();
        return;
      }
      channel.on('close', done).on('error', done).resume();
      channel.stderr.resume();
      channel.end(input);
    });
  });
}

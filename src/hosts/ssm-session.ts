import { randomBytes } from 'node:crypto';
import { bootstrap } from './bootstrap.js';
import { Collector, maxOutputBytes, resultOf } from './collect.js';
import type { ExecOptions, ExecResult, Host } from './host.js';
import { putFile } from './put.js';
import { slotsOf } from './slots.js';
import { notStarted, tooMuchOutput, type SshTarget } from './ssh-errors.js';
import { runCommand, type Invocation, type Pace, type RunCommand } from './ssm-command.js';
import { envelopeFor, type Envelope } from './ssm-envelope.js';
import { damaged, noOpenssl, noSession, notRead, sessionLost, tooMuchInput } from './ssm-errors.js';
import {
  closeText,
  fetchChars,
  fetchText,
  openText,
  partChars,
  partText,
  runText,
  said,
} from './ssm-scripts.js';

/** Commands at once for one host: AWS takes a few a second from an account. */
const maxCommands = 4;
const defaultTimeoutMs = 15 * 60_000;
/** Seconds for what only carries data. */
const carrySeconds = 120;
const maxInputChars = 8_000_000;

interface Session {
  readonly api: RunCommand;
  readonly target: SshTarget;
  readonly pace: Pace;
  readonly id: string;
  readonly envelope: Envelope;
}

/** A host that is reached by commands; opening it is one command, and so is each script of an ordinary size. */
export async function ssmSession(
  api: RunCommand,
  target: SshTarget,
  pace: Pace,
  signal: AbortSignal,
): Promise<Host> {
  const id = randomBytes(8).toString('hex');
  const opened = await runCommand(api, target, openText(id), { seconds: carrySeconds, pace, signal });
  if (opened.stdout.startsWith(said.noOpenssl)) throw noOpenssl(target);
  const key = /-----BEGIN PUBLIC KEY-----[^]+?-----END PUBLIC KEY-----/.exec(opened.stdout)?.[0];
  if (key === undefined) throw noSession(target, opened);
  const session: Session = { api, target, pace, id, envelope: envelopeFor(key) };
  const slots = slotsOf(maxCommands);
  const host: Host = {
    name: target.name,
    maxInputBytes: Math.floor((maxInputChars * 3) / 4),
    exec: (script, options = {}) => slots.run(() => run(session, script, options)),
    put: (content, path, options) => putFile(host, content, path, options),
    close: async () => {
      const order = {
        instanceId: target.address,
        text: closeText(id),
        comment: 'cloudops close',
        seconds: 60,
      };
      await api.send(order).catch(() => undefined);
    },
  };
  return host;
}

async function run(session: Session, script: string, options: ExecOptions): Promise<ExecResult> {
  const { target, envelope, id } = session;
  const mark = `cloudops-${randomBytes(8).toString('hex')}`;
  const operation = randomBytes(8).toString('hex');
  const { command, input } = bootstrap(script, options.stdin ?? '', mark);
  const sealed = envelope.seal(input);
  if (sealed.length > maxInputChars) throw tooMuchInput(target.name, input.length);
  const whole = sealed.length <= partChars;
  if (!whole) await putParts(session, operation, sealed, options.signal);
  const text = runText({
    session: id,
    operation,
    command,
    wrapped: envelope.wrapped,
    sealed: whole ? sealed : undefined,
    size: input.length,
  });
  const seconds = Math.max(1, Math.ceil((options.timeoutMs ?? defaultTimeoutMs) / 1000));
  const answer = await ask(session, text, seconds, options.signal);
  const result = await resultIn(session, operation, answer, options.signal);
  return readResult(session, mark, result, options.onLine);
}

async function putParts(
  session: Session,
  operation: string,
  sealed: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const parts = Array.from({ length: Math.ceil(sealed.length / partChars) }, (_, index) =>
    sealed.slice(index * partChars, (index + 1) * partChars),
  );
  const slots = slotsOf(maxCommands);
  const sending = parts.map((part, index) =>
    slots.run(() => ask(session, partText(session.id, operation, index, part), carrySeconds, signal)),
  );
  for (const answer of await Promise.all(sending))
    if (!answer.stdout.startsWith(said.part))
      throw notRead(session.target, `${answer.stdout}${answer.stderr}`);
}

async function ask(
  { api, target, pace }: Session,
  text: string,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<Invocation> {
  const answer = await runCommand(api, target, text, { seconds, pace, signal });
  if (answer.stdout.startsWith(said.lost)) throw sessionLost(target);
  return answer;
}

/** The sealed result in full: most often it came with the answer. */
async function resultIn(
  session: Session,
  operation: string,
  { stdout, stderr }: Invocation,
  signal: AbortSignal | undefined,
): Promise<string> {
  const [, length, first = ''] = /^cloudops result (\d+)\n([^]*)$/.exec(stdout) ?? [];
  if (length === undefined) throw notRead(session.target, `${stdout.replace(said.unread, '')}${stderr}`);
  const total = Number(length);
  if (total > maxOutputBytes / 8) throw tooMuchOutput(session.target);
  const offsets = Array.from(
    { length: Math.max(0, Math.ceil(total / fetchChars) - 1) },
    (_, index) => (index + 1) * fetchChars,
  );
  const slots = slotsOf(maxCommands);
  const rest = offsets.map((offset) =>
    slots.run(() => ask(session, fetchText(session.id, operation, offset), carrySeconds, signal)),
  );
  const answers = await Promise.all(rest);
  return [first.trimEnd(), ...answers.map((answer) => answer.stdout.trimEnd())].join('');
}

/** `CODE OUT ERR` and then that many bytes of either stream. */
function readResult(
  { target, envelope }: Session,
  mark: string,
  sealed: string,
  onLine: ExecOptions['onLine'],
): ExecResult {
  let plain: Buffer;
  try {
    plain = envelope.open(sealed);
  } catch (error) {
    throw damaged(target, error);
  }
  const start = plain.indexOf(10) + 1;
  const [code, out = 0] = plain.subarray(0, start).toString().split(' ').map(Number);
  const streams = { out: new Collector(mark, undefined, onLine), err: new Collector(mark) };
  streams.out.add(plain.subarray(start, start + out));
  streams.err.add(plain.subarray(start + out));
  const [stdout, stderr] = [streams.out.text(), streams.err.text()];
  const result = resultOf(code, undefined, stdout.text, stderr.text);
  if (!stdout.marked || !stderr.marked) throw notStarted(target, result.code, `${stdout.text}${stderr.text}`);
  return result;
}

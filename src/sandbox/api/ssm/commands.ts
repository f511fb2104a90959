import type { Machines } from '../../machines/machines.js';
import { ApiError } from '../../protocol/api-error.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { newUuid } from '../ids.js';
import { targets } from './command-targets.js';
import { overall, renderCommand, renderInvocation, renderOutput } from './command-view.js';
import { asFlag, asNumber, asObjects, asText, asTexts, jsonPage, needText } from './input.js';
import type { Command, Invocation } from './model.js';

/** How long a command is not known yet where results are asked for: AWS is eventually consistent here. */
const UNKNOWN_MS = 50;
const KEPT_COMMANDS = 200;
const PAGE = { min: 1, max: 50, usual: 50 } as const;

function sendCommand(call: Call): Answer {
  const { json, ssm, machines } = call;
  const document = needText(json, 'DocumentName').replace(/^arn:aws:ssm:[^:]*:[^:]*:document\//, '');
  if (document !== 'AWS-RunShellScript')
    throw new ApiError('InvalidDocument', `Document with name ${document} does not exist.`);
  const command = newCommand(call, document);
  if ((command.parameters['commands'] ?? []).length === 0)
    throw new ApiError('InvalidParameters', 'Parameter "commands" is required.');
  ssm.commands[command.id] = command;
  forgetOldest(ssm.commands);
  if (machines !== undefined)
    void Promise.all(command.invocations.map((one) => invoke(call, machines, command, one)));
  return { Command: renderCommand(command) };
}

/** AWS keeps a month of history; here the last commands do. */
function forgetOldest(commands: Record<string, Command>): void {
  const ended = Object.values(commands).filter((one) =>
    one.invocations.every((mine) => mine.ended !== undefined),
  );
  const spare = ended.sort((a, b) => a.requested - b.requested).slice(0, -KEPT_COMMANDS);
  for (const { id } of spare) Reflect.deleteProperty(commands, id);
}

function newCommand(call: Call, document: string): Command {
  const { json, now } = call;
  const given = json['Parameters'];
  const parameters = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {};
  const timeout = asNumber(json, 'TimeoutSeconds') ?? 3600;
  if (timeout < 30 || timeout > 2_592_000)
    throw new ApiError('ValidationException', `Value '${timeout}' at 'timeoutSeconds' is out of range.`);
  return {
    id: newUuid(),
    document,
    comment: asText(json, 'Comment') ?? '',
    parameters: Object.fromEntries(Object.keys(parameters).map((name) => [name, asTexts(parameters, name)])),
    requested: now,
    timeoutSeconds: timeout,
    cancelled: false,
    invocations: targets(call).map((instance) => ({
      instanceId: instance.id,
      status: 'Pending',
      code: -1,
      stdout: '',
      stderr: '',
      started: undefined,
      ended: undefined,
    })),
  };
}

async function invoke(call: Call, machines: Machines, command: Command, mine: Invocation): Promise<void> {
  mine.status = 'InProgress';
  mine.started = call.clock();
  const [directory = ''] = command.parameters['workingDirectory'] ?? [];
  const [limit = '3600'] = command.parameters['executionTimeout'] ?? [];
  const enter = directory === '' ? [] : [`cd '${directory.replaceAll("'", `'\\''`)}' || exit 1`];
  const note = `echo $$ >${pidFile(command.id)}`;
  const script = [note, ...enter, ...(command.parameters['commands'] ?? [])].join('\n');
  try {
    const { code, stdout, stderr } = await machines.exec(mine.instanceId, script, Number(limit) * 1000);
    // `timeout` says 124 when it had to end a script.
    const late = code === 124 && call.clock() - mine.started >= Number(limit) * 1000;
    Object.assign(mine, { code: late ? 137 : code, stdout, stderr });
    settle(command, mine, late ? 'TimedOut' : code === 0 ? 'Success' : 'Failed');
  } catch (error) {
    mine.stderr = error instanceof Error ? error.message : String(error);
    settle(command, mine, 'Failed');
  }
  mine.ended = call.clock();
  await call.save().catch(() => undefined);
}

/** Where a command's shell leaves its process id on the machine, for a cancellation. */
const pidFile = (commandId: string): string => `/run/cloudops-command-${commandId}`;

function settle(command: Command, invocation: Invocation, status: string): void {
  invocation.status = command.cancelled ? 'Cancelled' : status;
}

function commandOf({ json, ssm }: Call): Command {
  const id = needText(json, 'CommandId');
  const command = Object.hasOwn(ssm.commands, id) ? ssm.commands[id] : undefined;
  if (command === undefined) throw new ApiError('InvalidCommandId', `Command ${id} does not exist.`);
  return command;
}

function getInvocation(call: Call): Answer {
  const { json, ssm } = call;
  const id = needText(json, 'CommandId');
  const instanceId = needText(json, 'InstanceId');
  const command = Object.hasOwn(ssm.commands, id) ? ssm.commands[id] : undefined;
  const invocation = command?.invocations.find((one) => one.instanceId === instanceId);
  if (command === undefined || invocation === undefined || call.now - command.requested < UNKNOWN_MS)
    throw new ApiError('InvocationDoesNotExist', 'The invocation does not exist.');
  return renderOutput(command, invocation);
}

function newestFirst({ json, ssm }: Call): readonly Command[] {
  const id = asText(json, 'CommandId');
  const instanceId = asText(json, 'InstanceId');
  return Object.values(ssm.commands)
    .filter((command) => id === undefined || command.id === id)
    .filter(
      (command) =>
        instanceId === undefined || command.invocations.some((one) => one.instanceId === instanceId),
    )
    .filter((command) => asObjects(json, 'Filters').every((filter) => passes(command, filter)))
    .sort((a, b) => b.requested - a.requested);
}

function passes(command: Command, filter: Readonly<Record<string, unknown>>): boolean {
  const value = needText(filter, 'value');
  switch (needText(filter, 'key')) {
    case 'Status':
      return overall(command) === value;
    case 'DocumentName':
      return command.document === value;
    case 'InvokedAfter':
      return command.requested >= Date.parse(value);
    case 'InvokedBefore':
      return command.requested <= Date.parse(value);
    default:
      throw new ApiError('InvalidFilterKey', 'The specified filter key is not valid.');
  }
}

function listCommands(call: Call): Answer {
  const { found, NextToken } = jsonPage(call.json, newestFirst(call), PAGE);
  return { Commands: found.map(renderCommand), NextToken };
}

function listInvocations(call: Call): Answer {
  const instanceId = asText(call.json, 'InstanceId');
  const details = asFlag(call.json, 'Details');
  const all = newestFirst(call).flatMap((command) =>
    command.invocations
      .filter((one) => instanceId === undefined || one.instanceId === instanceId)
      .map((one) => renderInvocation(command, one, details)),
  );
  const { found, NextToken } = jsonPage(call.json, all, PAGE);
  return { CommandInvocations: found, NextToken };
}

function cancel(call: Call): Answer {
  const command = commandOf(call);
  const ids = asTexts(call.json, 'InstanceIds');
  command.cancelled = true;
  for (const one of command.invocations)
    if ((ids.length === 0 || ids.includes(one.instanceId)) && one.ended === undefined) {
      one.status = 'Cancelling';
      void call.machines?.exec(one.instanceId, endScript(command.id), 10_000).catch(() => undefined);
    }
  return {};
}

/** Ends the process group of a command, as the agent does; the file may be a moment late. */
function endScript(commandId: string): string {
  const file = pidFile(commandId);
  return `for i in 1 2 3 4 5; do [ -s ${file} ] && break; sleep 0.2; done
set -- $(cat "/proc/$(cat ${file})/stat" 2>/dev/null); [ -n "$5" ] && kill -s KILL -- "-$5"`;
}

export const commandActions: Actions = {
  SendCommand: sendCommand,
  GetCommandInvocation: getInvocation,
  ListCommands: listCommands,
  ListCommandInvocations: listInvocations,
  CancelCommand: cancel,
};

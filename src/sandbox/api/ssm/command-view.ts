import type { Answer } from '../../protocol/xml.js';
import { seconds } from './input.js';
import type { Command, Invocation } from './model.js';

const iso = (ms: number | undefined): string => (ms === undefined ? '' : new Date(ms).toISOString());

/** Status of a command as a whole. */
export function overall(command: Command): string {
  const states = command.invocations.map((one) => one.status);
  for (const state of ['InProgress', 'Cancelling', 'Pending', 'Failed', 'TimedOut', 'Cancelled'])
    if (states.includes(state)) return state;
  return 'Success';
}

export function renderCommand(command: Command): Answer {
  const { invocations } = command;
  const count = (...states: readonly string[]): number =>
    invocations.filter((one) => states.includes(one.status)).length;
  return {
    CommandId: command.id,
    DocumentName: command.document,
    DocumentVersion: '$DEFAULT',
    Comment: command.comment,
    Parameters: command.parameters,
    InstanceIds: invocations.map((one) => one.instanceId),
    Targets: [],
    RequestedDateTime: seconds(command.requested),
    ExpiresAfter: seconds(command.requested) + command.timeoutSeconds,
    Status: overall(command),
    StatusDetails: overall(command),
    MaxConcurrency: '50',
    MaxErrors: '0',
    TargetCount: invocations.length,
    CompletedCount: count('Success', 'Failed', 'TimedOut', 'Cancelled'),
    ErrorCount: count('Failed', 'TimedOut'),
    DeliveryTimedOutCount: 0,
    TimeoutSeconds: command.timeoutSeconds,
  };
}

/** What GetCommandInvocation answers: output cut where AWS cuts it. */
export const renderOutput = (command: Command, one: Invocation): Answer => ({
  CommandId: command.id,
  InstanceId: one.instanceId,
  Comment: command.comment,
  DocumentName: command.document,
  DocumentVersion: '$DEFAULT',
  PluginName: 'aws:runShellScript',
  ResponseCode: one.code,
  ExecutionStartDateTime: iso(one.started),
  ExecutionEndDateTime: iso(one.ended),
  Status: one.status,
  StatusDetails: one.status,
  StandardOutputContent: one.stdout.slice(0, 24_000),
  StandardOutputUrl: '',
  StandardErrorContent: one.stderr.slice(0, 8_000),
  StandardErrorUrl: '',
});

export const renderInvocation = (command: Command, one: Invocation, details: boolean): Answer => ({
  CommandId: command.id,
  InstanceId: one.instanceId,
  InstanceName: '',
  Comment: command.comment,
  DocumentName: command.document,
  RequestedDateTime: seconds(command.requested),
  Status: one.status,
  StatusDetails: one.status,
  CommandPlugins: details
    ? [
        {
          Name: 'aws:runShellScript',
          Status: one.status,
          StatusDetails: one.status,
          ResponseCode: one.code,
          Output: `${one.stdout}${one.stderr}`.slice(0, 2_500),
        },
      ]
    : [],
});

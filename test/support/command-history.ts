import { GetCommandInvocationCommand, ListCommandsCommand } from '@aws-sdk/client-ssm';
import type { Aws } from '../../src/infra/resource.js';

/** Everything that Systems Manager shows of all commands. */
export async function commandHistory({ ssm }: Aws): Promise<string> {
  const parts: string[] = [];
  for (let NextToken: string | undefined; ;) {
    const page = await ssm.read.send(new ListCommandsCommand({ ...(NextToken && { NextToken }) }));
    for (const command of page.Commands ?? []) {
      parts.push(JSON.stringify(command));
      for (const InstanceId of command.InstanceIds ?? []) {
        const asked = new GetCommandInvocationCommand({ CommandId: command.CommandId, InstanceId });
        parts.push(JSON.stringify(await ssm.read.send(asked)));
      }
    }
    NextToken = page.NextToken;
    if (NextToken === undefined) return parts.join('\n');
  }
}

import { BaseCommand } from '../../cli/base-command.js';

export default class SandboxEnv extends BaseCommand {
  static override summary = 'print the variables that point other tools at the sandbox';
  static override description = 'For a shell: eval "$(cloudops sandbox env)"';
  static override examples = ['<%= config.bin %> sandbox env'];

  async run(): Promise<object> {
    await this.parse(SandboxEnv);
    const { ensureSandbox } = await import('../../cli/sandbox.js');
    const { endpoint } = await ensureSandbox({ report: (line) => this.say(line) });
    const variables = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      // The aws program of version 1 knows only this one.
      AWS_DEFAULT_REGION: 'us-east-1',
    };
    for (const [name, value] of Object.entries(variables)) this.log(`export ${name}=${value}`);
    return variables;
  }
}

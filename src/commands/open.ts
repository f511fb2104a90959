import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { sshFlags } from '../cli/flags.js';
import type { OpenOptions, ServiceWay } from '../operations/open-service.js';

export default class Open extends BaseCommand {
  static override summary = 'open a way to Grafana or Prometheus: a tunnel over SSH, until Ctrl-C';
  static override description =
    'Listens on this machine only, and leads through SSH to the service on the monitoring host; no port of it need be open to you.';
  static override examples = ['<%= config.bin %> open grafana', '<%= config.bin %> open prometheus'];
  static override args = {
    service: Args.string({ description: 'what to open', options: ['grafana', 'prometheus'], required: true }),
    'mon-ip': Args.string({ description: "address of the monitoring host; default: the stack's" }),
  };
  static override flags = {
    ...sshFlags,
    port: Flags.integer({
      summary: "port on this machine; default: the service's own, 0: any free one",
      min: 0,
      max: 65_535,
      helpValue: 'PORT',
    }),
    print: Flags.boolean({ summary: 'only print the address and the ssh command line' }),
  };

  async run(): Promise<ServiceWay> {
    const { args, flags } = await this.parse(Open);
    const { describeService, openService } = await import('../operations/open-service.js');
    const context = await this.context(flags);
    const options: OpenOptions = {
      service: args.service as OpenOptions['service'],
      monitoring: args['mon-ip'],
      port: flags.port,
    };
    if (flags.print) {
      const way = await describeService(context, options);
      this.log([way.url, way.ssh, ...loginText(way)].join('\n'));
      return way;
    }
    const { tunnel, ...way } = await openService(context, options);
    this.log(`${titles[way.service]}: ${way.url} (Ctrl-C closes it)`);
    for (const line of loginText(way)) this.log(line);
    await this.showHeld();
    await until(this.signal, tunnel.ended, () => tunnel.close());
    return way;
  }
}

const titles = { grafana: 'Grafana', prometheus: 'Prometheus' } as const;

function loginText({ login }: ServiceWay): string[] {
  return login === undefined ? [] : [`Log in as ${login.user}; the password is in ${login.passwordFile}`];
}

/** Waits for Ctrl-C; rejects when the tunnel goes before that. */
async function until(
  signal: AbortSignal,
  ended: Promise<string | undefined>,
  close: () => Promise<void>,
): Promise<void> {
  const interrupted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const reason = await Promise.race([ended, interrupted]);
  if (reason === undefined) return close();
  const { CloudopsError } = await import('../errors.js');
  throw new CloudopsError({
    code: 'TUNNEL_CLOSED',
    what: `The tunnel broke off: ${reason}.`,
    fix: ['run the same command again'],
  });
}

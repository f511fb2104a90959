import { Flags } from '@oclif/core';
import { BaseCommand } from '../../../cli/base-command.js';
import type { CreatedBundle } from '../../../operations/create-bundle.js';

export default class MonitoringBundleCreate extends BaseCommand {
  static override summary = 'fetch everything that hosts would, for hosts without internet';
  static override description =
    "Run it on a machine with internet; 'monitoring configure --bundle DIR' then takes archives and images from there. Images need Docker on this machine, the placeholder's Python packages pip. Packages of the distribution (Docker, Python) are not in it.";
  static override examples = ['<%= config.bin %> monitoring bundle create --out bundle'];
  static override flags = {
    out: Flags.string({ required: true, summary: 'directory to write to', helpValue: 'DIR' }),
    arch: Flags.option({
      options: ['amd64', 'arm64'] as const,
      multiple: true,
      default: ['amd64'],
      summary: 'processors of the hosts; repeatable',
    })(),
    runtime: Flags.option({
      options: ['docker', 'native'] as const,
      summary: 'images for docker, archives for native; default: monitoring.runtime, else docker',
    })(),
  };

  async run(): Promise<CreatedBundle> {
    const { flags } = await this.parse(MonitoringBundleCreate);
    const { createBundle } = await import('../../../operations/create-bundle.js');
    const context = await this.context(flags);
    const runtime = flags.runtime ?? context.config.monitoring.runtime ?? 'docker';
    const { result, report } = await createBundle(context, {
      out: flags.out,
      architectures: [...new Set(flags.arch)],
      runtime,
    });
    this.settle(report);
    for (const { file, sha256 } of result.artifacts) this.log(`${sha256}  ${flags.out}/${file}`);
    return result;
  }
}

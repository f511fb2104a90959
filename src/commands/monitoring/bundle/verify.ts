import { Args } from '@oclif/core';
import { BaseCommand } from '../../../cli/base-command.js';
import type { Artifact } from '../../../config/bundle-manifest.js';

export default class MonitoringBundleVerify extends BaseCommand {
  static override summary = 'prove every checksum of a bundle';
  static override examples = ['<%= config.bin %> monitoring bundle verify bundle'];
  static override args = {
    dir: Args.string({ required: true, description: "what 'monitoring bundle create' made" }),
  };

  async run(): Promise<{ ok: true; artifacts: readonly Artifact[] }> {
    const { args } = await this.parse(MonitoringBundleVerify);
    const { openBundle } = await import('../../../operations/open-bundle.js');
    const { manifest } = await openBundle(args.dir);
    for (const { name, version, arch, file } of manifest.artifacts)
      this.log(`${file}: ${name} ${version} for ${arch}, checksum right`);
    return { ok: true, artifacts: manifest.artifacts };
  }
}

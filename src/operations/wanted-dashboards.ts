import { loadDashboards, type Loaded, shippedDashboards } from '../dashboards/load.js';
import type { Context } from './context.js';

/**
 * The files named; else those that ship and those of the config, where a file of the config takes the place of the
 * shipped one with its uid.
 */
export async function wantedDashboards(
  { config }: Pick<Context, 'config'>,
  files: readonly string[],
): Promise<Loaded> {
  if (files.length > 0) return loadDashboards(files);
  const own = await loadDashboards(config.dashboards.files);
  const uids = new Set(own.good.map(({ uid }) => uid));
  const shipped = shippedDashboards().filter(({ uid }) => !uids.has(uid));
  return { good: [...shipped, ...own.good], refused: own.refused };
}

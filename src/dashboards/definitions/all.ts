import { fleetOverview } from './fleet.js';
import { asJson } from './frame.js';
import { prometheusMonitoring } from './prometheus-monitoring.js';
import { systemOverview } from './system-overview.js';

/** File name under templates/dashboards/ -> its text. Build time only. */
export function renderAll(): Readonly<Record<string, string>> {
  return {
    'system-overview.json': asJson(systemOverview()),
    'prometheus-monitoring.json': asJson(prometheusMonitoring()),
    'fleet.json': asJson(fleetOverview()),
  };
}

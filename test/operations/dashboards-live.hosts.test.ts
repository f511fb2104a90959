import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { emptyPanels } from '../../src/dashboards/check-panels.js';
import { shippedDashboards } from '../../src/dashboards/load.js';
import { prometheusAt } from '../../src/dashboards/prometheus.js';
import { configureMonitoring } from '../../src/operations/configure-monitoring.js';
import { lintDashboards } from '../../src/operations/lint-dashboards.js';
import { previewDashboards } from '../../src/operations/preview-dashboards.js';
import { ownSources, throughPrometheus } from '../support/own-prometheus.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { expectSoon } from '../support/soon.js';
import { twoMachines, type TwoMachines } from './machines.js';

describeWith('Docker', hasDocker())('the dashboards on a live stack', () => {
  let machines: TwoMachines;
  const address = (): string => `http://${machines.records[0]?.address ?? ''}:9090`;
  const context = () => machines.context({ monitoring: { prometheus: { scrapeInterval: '5s' } } });

  beforeAll(async () => {
    machines = await twoMachines(136);
    const { report } = await configureMonitoring(context(), { hosts: machines.records });
    expect(report.ok).toBe(true);
    // A page or two, so that the application has something to tell.
    await machines.exec(
      'application-1',
      'for i in 1 2 3 4 5; do curl -s http://127.0.0.1:3000/ >/dev/null; done',
    );
  }, 400_000);
  afterAll(async () => machines.close(), 60_000);

  describe.each(shippedDashboards())('$title', (file) => {
    it('has data in every panel, once rates have their two scrapes', async () => {
      const run = throughPrometheus(prometheusAt(address()));
      const empty = () => emptyPanels(file, run, { sources: ownSources, scrape: 15 });
      const end = Date.now() + 60_000;
      while ((await empty()).length > 0 && Date.now() < end)
        await new Promise((resolve) => setTimeout(resolve, 2000));
      expect(await empty()).toEqual([]);
    }, 90_000);
  });

  it('ask for no metric that no target exposes', async () => {
    const linted = await lintDashboards(context(), { files: [], from: address() });
    expect(linted.asked).toBe(`Prometheus at ${address()}`);
    expect(linted.dashboards.flatMap(({ findings }) => findings)).toEqual([]);
  });

  it('are drawn over the connection to the host, without a gap', async () => {
    const draw = () =>
      previewDashboards(context(), { hosts: machines.records, files: [], last: '5m', given: new Map() });
    // Its points lie on a grid, the last one up to a step ago: rates have their two scrapes there a little later.
    await expectSoon(async () => {
      const { dashboards } = await draw();
      expect(dashboards.map(({ title, empty }) => [title, empty])).toEqual(
        shippedDashboards().map(({ title }) => [title, []]),
      );
    });
    const { place, page } = await draw();
    expect(place).toBe('Prometheus on monitoring (port 9090)');
    expect(page).toContain('application-1');
  }, 90_000);
});

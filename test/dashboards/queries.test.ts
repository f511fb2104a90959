import { expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { shippedDashboards } from '../../src/dashboards/load.js';
import { describeWithPromtool, promtool } from '../monitoring/promtool.js';

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const queries = shippedDashboards().flatMap(({ uid, content }) =>
  (content['panels'] as readonly Panel[]).flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: `${uid}, ${title}`, expr })),
  ),
);

/** As Grafana sends it: the variables filled in. */
function filled(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '1h')
    .replaceAll('$job', '.+')
    .replaceAll('$instance', '.+');
}

function check(exprs: readonly string[]) {
  const rules = exprs.map((expr, index) => ({ record: `panel_${index}`, expr }));
  return promtool(
    { 'rules.yml': stringify({ groups: [{ name: 'panels', rules }] }) },
    'check',
    'rules',
    'rules.yml',
  );
}

describeWithPromtool('the queries of the panels', () => {
  it('are PromQL, types included', async () => {
    expect(queries.length).toBeGreaterThan(40);
    expect(await Promise.resolve(check(queries.map(({ expr }) => filled(expr))))).toMatchObject({ code: 0 });
  });

  it('would be refused otherwise', async () => {
    expect((await Promise.resolve(check(['rate(up)']))).code).not.toBe(0);
  });

  it('leave no variable unfilled', () => {
    expect(queries.filter(({ expr }) => filled(expr).includes('$'))).toEqual([]);
  });
});

import { expect, it } from '@jest/globals';
import { configSchema } from '../../src/config/schema.js';
import { alertRules } from '../../src/monitoring/alerts.js';
import { metaRules } from '../../src/monitoring/meta-alerts.js';
import { judgedFiles, promtool } from '../../src/monitoring/promtool.js';
import { renderAlertRules, renderMetaRules } from '../../src/monitoring/render.js';
import { scenarios } from '../../src/monitoring/scenarios/all.js';
import { unitTest, type Scenario } from '../../src/monitoring/scenarios/scenario.js';
import { mutations } from './mutations.js';
import { describeWithPromtool, program as first, promtools } from './promtool.js';

const config = configSchema.parse({});
const rendered = {
  'alert-rules.yml': renderAlertRules({ config }),
  'meta-rules.yml': renderMetaRules({ config }),
};
const names = [...alertRules(config), ...metaRules(config)].map(({ alert }) => alert);
const other = configSchema.parse({
  alerts: {
    highCpuUsage: { above: 33.3, for: '10m' },
    highMemoryUsage: { above: 51.7, for: '30s' },
    highDiskUsage: { above: 99.5, for: '1h' },
    instanceDown: { for: '20s' },
    highRequestRate: { above: 0.7, for: '1m', window: '5m' },
    highRequestDuration: { above: 0.25, for: '6m' },
    diskWillFillIn24h: { above: 20, for: '10m', window: '1h' },
    meta: { for: '2m' },
    runbookBase: 'https://wiki.example/runbooks',
  },
  monitoring: { prometheus: { scrapeInterval: '1m' } },
});

/** Scenarios as files. */
function tests(of: (scenario: Scenario) => boolean, made = config): Readonly<Record<string, string>> {
  const chosen = scenarios(made).filter(of);
  return Object.fromEntries(chosen.map((one, index) => [`${one.alert}-${String(index)}.yml`, unitTest(one)]));
}

describeWithPromtool.each(promtools)('the alerts, by %s', (program) => {
  it('pass its check with every lint', async () => {
    const words = ['check', 'rules', '--lint=all', '--lint-fatal', ...Object.keys(rendered)];
    const { code, text } = await promtool(program, rendered, words);
    expect({ code, text: text.match(/7 rules found/g) }).toEqual({
      code: 0,
      text: Array(2).fill('7 rules found'),
    });
  });

  it.each([
    ['of the defaults', config],
    ['of a config', other],
  ])(
    'fire when their sentences say, and only then, with the limits %s',
    async (_, made) => {
      const files = tests(() => true, made);
      const rules = {
        'alert-rules.yml': renderAlertRules({ config: made }),
        'meta-rules.yml': renderMetaRules({ config: made }),
      };
      const { code, text } = await promtool(program, { ...rules, ...files }, [
        'test',
        'rules',
        ...Object.keys(files),
      ]);
      const judged = judgedFiles(text, Object.keys(files));
      expect([...judged].filter(([, { ok }]) => !ok)).toEqual([]);
      expect([code, judged.size]).toEqual([0, Object.keys(files).length]);
    },
    120_000,
  );
});

/** The rendered rules with one of them broken; its own text only, so that no other rule is touched. */
function broken(alert: string, change: (rule: string) => string): Readonly<Record<string, string>> {
  const [file, text] = Object.entries(rendered).find(([, all]) => all.includes(`- alert: ${alert}\n`)) ?? [];
  if (file === undefined || text === undefined) throw new Error(`no rule ${alert}`);
  const parts = text.split(/(?=^ {6}- alert: )/m);
  return {
    ...rendered,
    [file]: parts
      .map((part) => (part.startsWith(`      - alert: ${alert}\n`) ? change(part) : part))
      .join(''),
  };
}

async function caught(
  rules: Readonly<Record<string, string>>,
  chosen: (scenario: Scenario) => boolean,
): Promise<void> {
  expect(rules).not.toEqual(rendered);
  const files = tests(chosen);
  const { code, text } = await promtool(first, { ...rules, ...files }, [
    'test',
    'rules',
    ...Object.keys(files),
  ]);
  // A rule that can't be read fails too, but that would prove nothing.
  const missed = [...judgedFiles(text, Object.keys(files)).values()].filter(({ message }) =>
    /\bexp/i.test(message),
  );
  expect([code, missed.length > 0, text.match(/parse error/)]).toEqual([1, true, null]);
}

const of =
  (alert: string, names = /./) =>
  (one: Scenario): boolean =>
    one.alert === alert && names.test(one.name);

describeWithPromtool('the scenarios catch', () => {
  it.concurrent.each(mutations.map((one) => [one.alert, one.name, one] as const))(
    '%s with %s',
    async (alert, _, { right, wrong }) => {
      const pattern = /\.\*|\[\^/.test(right) ? new RegExp(right, 'g') : right;
      const rules = broken(alert, (rule) => rule.replaceAll(pattern, wrong));
      await caught(rules, of(alert));
    },
    60_000,
  );

  it.concurrent.each(
    names.filter((name) => name !== 'Watchdog').flatMap((name) => [[name, 0.5] as const, [name, 2] as const]),
  )(
    '%s with %d times its duration',
    async (alert, factor) => {
      const times = (rule: string): string =>
        rule.replace(/^( +for: )(\d+)([smh])$/m, (_, key: string, count: string, unit: string) => {
          const seconds = { s: 1, m: 60, h: 3600 }[unit] ?? 0;
          return `${key}${String(Number(count) * seconds * factor)}s`;
        });
      await caught(broken(alert, times), of(alert, /silent before|fires after/));
    },
    60_000,
  );

  it.concurrent.each(
    names.flatMap((name) => [
      [name, 'severity', /severity: \w+/, 'severity: info'] as const,
      [name, 'component', /component: \w+/, 'component: other'] as const,
      [name, 'runbook', `${name}.md`, 'README.md'] as const,
      [name, 'value', '$value', '$externalURL'] as const,
    ]),
  )(
    '%s with another %s',
    async (alert, _, right, wrong) => {
      const first = scenarios(config).find(
        (one) => one.alert === alert && one.at.some(({ fires }) => fires.length > 0),
      );
      const rules = broken(alert, (rule) => rule.replace(right, () => wrong));
      await caught(rules, (one) => one.alert === alert && one.name === first?.name);
    },
    60_000,
  );
});

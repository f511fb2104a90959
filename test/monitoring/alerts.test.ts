import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { configSchema } from '../../src/config/schema.js';
import { alertRules, type AlertRule } from '../../src/monitoring/alerts.js';
import { metaRules } from '../../src/monitoring/meta-alerts.js';
import { renderAlertRules, renderMetaRules } from '../../src/monitoring/render.js';
import { scenarios } from '../../src/monitoring/scenarios/all.js';
import { mutations } from './mutations.js';

const config = configSchema.parse({});
const rendered = {
  'alert-rules.yml': renderAlertRules({ config }),
  'meta-rules.yml': renderMetaRules({ config }),
};
const seven = [
  'HighCPUUsage',
  'HighMemoryUsage',
  'HighDiskUsage',
  'InstanceDown',
  'FlaskAppDown',
  'HighRequestRate',
  'HighRequestDuration',
];
const seventy = { alerts: { highCpuUsage: { above: 70, for: '10m' }, highRequestDuration: { above: 2.5 } } };
const meta = [
  'Watchdog',
  'PrometheusConfigReloadFailed',
  'PrometheusRuleFailures',
  'Ec2DiscoveryFailing',
  'NodeMetricsAbsent',
  'FlaskMetricsAbsent',
  'DiskWillFillIn24h',
];
const names = [...seven, ...meta];

function rulesOf(text: string): readonly AlertRule[] {
  return (parse(text) as { groups: { rules: AlertRule[] }[] }).groups.flatMap((group) => group.rules);
}

describe('the alerts', () => {
  it.each([
    ['alert-rules.yml', seven],
    ['meta-rules.yml', meta],
  ] as const)(
    'in %s are these, each with its labels, annotations and a runbook that exists',
    (file, wanted) => {
      const rules = rulesOf(rendered[file]);
      expect(rules.map((rule) => rule.alert)).toEqual(wanted);
      for (const rule of rules) {
        expect(Object.keys(rule.labels)).toEqual(['severity', 'component']);
        expect(JSON.stringify(rule.labels)).not.toContain('$value');
        expect(rule.annotations.summary).not.toContain('$value');
        expect(rule.annotations.description).toContain('$value');
        expect(existsSync(rule.annotations.runbook_url)).toBe(true);
      }
    },
  );

  it('take limits, durations and the window from the config', () => {
    const rules = alertRules(
      configSchema.parse({ ...seventy, monitoring: { prometheus: { scrapeInterval: '1m' } } }),
    );
    expect(rules[0]).toMatchObject({
      for: '10m',
      expr: expect.stringMatching(/\[240s\]\)\)\) > 70$/) as unknown,
    });
    expect(rules[6]?.expr).toMatch(/ > 2\.5$/);
    expect(rules[6]?.annotations.description).toContain('(limit 2.5 s)');
    const own = { highCpuUsage: { window: '5m' }, runbookBase: 'https://wiki.example/runbooks' };
    const [cpu] = alertRules(configSchema.parse({ alerts: own }));
    expect(cpu?.expr).toContain('[5m]');
    expect(cpu?.annotations.runbook_url).toBe('https://wiki.example/runbooks/HighCPUUsage.md');
    const rare = metaRules(
      configSchema.parse({ alerts: { diskWillFillIn24h: { above: 40, for: '2h', window: '12h' } } }),
    ).at(-1);
    expect(rare).toMatchObject({
      for: '2h',
      expr: expect.stringMatching(/> 40 and .*\[12h\], 86400\)/) as unknown,
    });
  });

  it("ask a team's own container for no metrics", () => {
    const own = configSchema.parse({ application: { image: 'registry.example.com/team/app:1.4' } });
    const rules = metaRules(own).map(({ alert }) => alert);
    expect(rules).toEqual(meta.filter((name) => name !== 'FlaskMetricsAbsent'));
    expect(new Set(scenarios(own).map(({ alert }) => alert))).toEqual(new Set([...seven, ...rules]));
  });

  it('refuse a window in which no rate can be taken', () => {
    const result = configSchema.safeParse({ alerts: { highRequestRate: { window: '20s' } } });
    expect(result.error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
      [
        'alerts.highRequestRate.window',
        'must be at least two scrapes (monitoring.prometheus.scrapeInterval is 15s)',
      ],
    ]);
  });

  it('each have at least four scenarios, and mutations', () => {
    for (const name of names) {
      expect([name, scenarios(config).filter(({ alert }) => alert === name).length >= 4]).toEqual([
        name,
        true,
      ]);
      expect([name, mutations.filter(({ alert }) => alert === name).length >= 3]).toEqual([name, true]);
    }
  });
});

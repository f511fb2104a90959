import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { configSchema } from '../../src/config/schema.js';
import { alertRules, type AlertRule } from '../../src/monitoring/alerts.js';
import { modelMonitoring } from '../../src/monitoring/model.js';
import { renderAlertRules } from '../../src/monitoring/render.js';
import { describeWithPromtool, promtool, unitTests } from './promtool.js';
import { scenarios } from './scenarios.js';

const config = configSchema.parse({});
const rendered = renderAlertRules(modelMonitoring(config, []));
const names = [
  'HighCPUUsage',
  'HighMemoryUsage',
  'HighDiskUsage',
  'InstanceDown',
  'FlaskAppDown',
  'HighRequestRate',
  'HighRequestDuration',
];

describe('the seven alerts', () => {
  it('are these, each with its labels, its annotations and a runbook that exists', () => {
    const rules = (parse(rendered) as { groups: { rules: AlertRule[] }[] }).groups.flatMap(
      (group) => group.rules,
    );
    expect(rules.map((rule) => rule.alert)).toEqual(names);
    for (const rule of rules) {
      expect(Object.keys(rule.labels)).toEqual(['severity', 'component']);
      expect(JSON.stringify(rule.labels)).not.toContain('$value');
      expect(rule.annotations.summary).not.toContain('$value');
      expect(rule.annotations.description).toContain('$value');
      expect(existsSync(rule.annotations.runbook_url)).toBe(true);
    }
  });

  it('take thresholds, durations and the window from the config', () => {
    const rules = alertRules(
      configSchema.parse({
        alerts: { highCpuUsage: { above: 70, for: '10m' }, highRequestDuration: { above: 2.5 } },
        monitoring: { prometheus: { scrapeInterval: '1m' } },
      }),
    );
    expect(rules[0]).toMatchObject({
      for: '10m',
      expr: expect.stringMatching(/\[240s\]\)\)\) > 70$/) as unknown,
    });
    expect(rules[6]?.expr).toMatch(/ > 2\.5$/);
    expect(rules[6]?.annotations.description).toContain('(limit 2.5 s)');
  });

  it('each have at least four moments in their scenarios', () => {
    for (const name of names) {
      const moments = scenarios.filter(({ alert }) => alert === name).flatMap(({ at }) => Object.keys(at));
      expect(moments.length).toBeGreaterThanOrEqual(4);
    }
  });
});

describeWithPromtool('the seven alerts, by promtool', () => {
  it('pass its check with every lint', () => {
    const { code, said } = promtool(
      { 'alert-rules.yml': rendered },
      ...['check', 'rules', '--lint=all', '--lint-fatal', 'alert-rules.yml'],
    );
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('7 rules found') as unknown });
  });

  it.each(names)('%s fires when its sentence says, and only then', (name) => {
    const tests = unitTests(scenarios.filter(({ alert }) => alert === name));
    const { code, said } = promtool(
      { 'alert-rules.yml': rendered, 'tests.yml': tests },
      ...['test', 'rules', 'tests.yml'],
    );
    expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' });
  });

  it.each([
    [
      'InstanceDown',
      'twice the time',
      'alert: InstanceDown\n        expr: up == 0\n        for: 1m',
      'alert: InstanceDown\n        expr: up == 0\n        for: 5m',
    ],
    ['HighCPUUsage', 'waiting counted as busy', 'idle|iowait', 'idle'],
    ['HighCPUUsage', 'the instant rate', 'avg without (cpu) (rate', 'avg without (cpu) (irate'],
    ['HighMemoryUsage', 'free instead of available memory', 'MemAvailable', 'MemFree'],
    ['HighDiskUsage', 'every file system', 'squashfs|', ''],
    ['HighDiskUsage', 'file systems that cannot be written', ' and node_filesystem_readonly == 0', ''],
    ['FlaskAppDown', 'a missing application', ' or absent(up{job="flask-app"})', ''],
    [
      'HighRequestRate',
      'each endpoint for itself',
      'sum by (job, instance, host) (rate(flask',
      'max by (job, instance, host) (rate(flask',
    ],
    ['HighRequestDuration', 'the median', 'histogram_quantile(0.95', 'histogram_quantile(0.5'],
    ['HighCPUUsage', 'a limit a little too low (CPU)', '> 90', '> 89.9'],
    ['HighMemoryUsage', 'a limit a little too low (memory)', '> 95', '> 94.9'],
    ['HighDiskUsage', 'a limit a little too low (disk)', '> 85', '> 84.9'],
    ['HighRequestRate', 'a limit a little too low (rate)', '> 100', '> 99.9'],
    ['HighRequestDuration', 'a limit a little too low (duration)', ') > 1', ') > 0.99'],
    [
      'HighRequestRate',
      'all instances together',
      'sum by (job, instance, host) (rate(flask_requests',
      'sum by (job) (rate(flask_requests',
    ],
  ])('%s is not right with %s', (name, _, right, wrong) => {
    const broken = rendered.replaceAll(right, wrong);
    expect(broken).not.toBe(rendered);
    const { code } = promtool(
      { 'alert-rules.yml': broken, 'tests.yml': unitTests(scenarios.filter(({ alert }) => alert === name)) },
      ...['test', 'rules', 'tests.yml'],
    );
    expect(code).toBe(1);
  });
});

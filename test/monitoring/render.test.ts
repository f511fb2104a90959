import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { configSchema } from '../../src/config/schema.js';
import { modelMonitoring, type Discovery, type KnownHost } from '../../src/monitoring/model.js';
import { renderFiles } from '../../src/monitoring/render-files.js';
import { renderPrometheus } from '../../src/monitoring/render.js';
import { prometheusFlags, retentionSize } from '../../src/monitoring/units.js';
import { expectGolden } from '../support/golden.js';
import { describeWithPromtool, promtoolOf, promtools } from './promtool.js';

const config = configSchema.parse({});
const monitoring: KnownHost = {
  name: 'monitoring',
  role: 'monitoring',
  privateAddress: '10.0.1.10',
  instanceId: 'i-0aaaaaaaaaaaaaaa1',
};
const application = (n: number): KnownHost => ({
  name: `application-${String(n)}`,
  role: 'application',
  privateAddress: `10.0.2.${String(10 + n)}`,
  instanceId: `i-0bbbbbbbbbbbbbbb${String(n)}`,
});
const aws: Discovery = { region: 'eu-west-1' };
const all = { grafana: true, application: true };

interface Scrape {
  readonly job_name: string;
  readonly static_configs?: readonly { targets: string[]; labels: { host: string } }[];
  readonly relabel_configs?: readonly { regex?: string; action?: string }[];
}
const jobs = (text: string): readonly Scrape[] =>
  (parse(text) as { scrape_configs: Scrape[] }).scrape_configs;

describe('what is put on the hosts', () => {
  it.each([
    ['aws', aws, { ...all, packaged: false, runtime: 'docker' as const }],
    ['archives', aws, { ...all, packaged: false, runtime: 'native' as const }],
    ['sandbox', undefined, { ...all, packaged: true, runtime: 'native' as const }],
  ])('is what was looked at and kept (%s)', (name, discovery, options) => {
    const model = modelMonitoring(config, [monitoring, application(1), application(2)], discovery);
    for (const { path, content } of renderFiles(model, options))
      expectGolden(`monitoring/${name}/${path}`, content);
  });

  it('scrapes every host once, by private address, under the four fixed job names', () => {
    const text = renderPrometheus(modelMonitoring(config, [monitoring, application(1)], aws));
    expect(jobs(text).map((job) => job.job_name)).toEqual(['prometheus', 'node', 'flask-app', 'node-ec2']);
    const targets = jobs(text).flatMap((job) => (job.static_configs ?? []).flatMap((one) => one.targets));
    expect(new Set(targets).size).toBe(targets.length);
    expect(jobs(text)[3]?.relabel_configs?.[0]).toMatchObject({
      regex: 'i-0aaaaaaaaaaaaaaa1|i-0bbbbbbbbbbbbbbb1',
      action: 'drop',
    });
  });

  it('discovers nothing where AWS knows none of the hosts, and has no job without targets', () => {
    const stranger = { ...monitoring, instanceId: undefined };
    const text = renderPrometheus(modelMonitoring(config, [stranger], aws));
    expect(jobs(text).map((job) => job.job_name)).toEqual(['prometheus', 'node']);
  });

  it('follows ports, paths and intervals of the config', () => {
    const other = configSchema.parse({
      monitoring: { prometheus: { port: 9091, scrapeInterval: '30s' }, nodeExporter: { port: 9101 } },
      application: { port: 8080, metricsPath: '/internal/metrics' },
    });
    const text = renderPrometheus(modelMonitoring(other, [monitoring, application(1)]));
    for (const part of [
      'localhost:9091',
      '10.0.1.10:9101',
      '10.0.2.11:8080',
      'metrics_path: /internal/metrics',
      'scrape_interval: 30s',
    ])
      expect(text).toContain(part);
  });

  it('scrapes the jobs more often that want it, and binds to loopback when asked', () => {
    const other = configSchema.parse({
      monitoring: { prometheus: { bind: 'loopback', jobIntervals: { node: '10s', flaskApp: '5s' } } },
    });
    const text = renderPrometheus(modelMonitoring(other, [monitoring, application(1)]));
    const intervals = (parse(text) as { scrape_configs: { job_name: string; scrape_interval?: string }[] })
      .scrape_configs;
    expect(intervals.map(({ job_name, scrape_interval }) => [job_name, scrape_interval])).toEqual([
      ['prometheus', undefined],
      ['node', '10s'],
      ['flask-app', '5s'],
    ]);
    expect(prometheusFlags(other, 2 ** 34)).toContain('--web.listen-address=127.0.0.1:9090');
    const slow = configSchema.safeParse({ monitoring: { prometheus: { jobIntervals: { node: '30s' } } } });
    expect(slow.error?.issues[0]?.path).toEqual(['monitoring', 'prometheus', 'jobIntervals', 'node']);
  });

  it("has the team's container in place of the placeholder", () => {
    const team = configSchema.parse({
      application: {
        image: 'registry.example:5000/team/app:1.4@sha256:' + 'ab'.repeat(32),
        containerPort: 8080,
        environment: { PRICE: '5 $' },
        environmentFile: 'secret.env',
      },
    });
    const model = modelMonitoring(team, [application(1)], aws);
    const files = renderFiles(model, { ...all, packaged: false, runtime: 'docker' });
    expect(files.map(({ path }) => path).filter((path) => path.includes('app'))).toEqual([
      'app/compose.yaml',
      'systemd/cloudops-app.service',
      'systemd/cloudops-app.service.d/50-cloudops.conf',
    ]);
    for (const { path, content } of files)
      if (path.includes('app')) expectGolden(`monitoring/team/${path}`, content);
  });

  it('leaves out what is not wanted', () => {
    const model = modelMonitoring(config, [monitoring, application(1)]);
    const files = renderFiles(model, {
      grafana: false,
      application: false,
      packaged: true,
      runtime: 'native',
    });
    expect(files.map(({ path }) => path)).toEqual([
      'prometheus.yml',
      'alert-rules.yml',
      'meta-rules.yml',
      'systemd/prometheus-node-exporter.service',
      'systemd/prometheus-node-exporter.service.d/50-cloudops.conf',
      'systemd/prometheus.service',
      'systemd/prometheus.service.d/50-cloudops.conf',
    ]);
  });

  it.each([
    [20 * 2 ** 30, '12GB'],
    [5 * 2 ** 30, '3072MB'],
    [0, '512MB'],
  ])('caps the data of a disk of %d bytes at %s', (bytes, size) => {
    expect(retentionSize(bytes)).toBe(size);
  });
});

describeWithPromtool.each(promtools)('prometheus.yml, by %s', (program) => {
  it.each([
    ['with discovery', aws],
    ['without', undefined],
  ])('is accepted with its rules (%s)', (_, discovery) => {
    const model = modelMonitoring(config, [monitoring, application(1)], discovery);
    const files = Object.fromEntries(
      renderFiles(model, { grafana: false, application: false, packaged: true, runtime: 'native' })
        .filter(({ path }) => path.endsWith('.yml'))
        .map(({ path, content }) => [path, content]),
    );
    const { code, said } = promtoolOf(
      program,
      files,
      ...['check', 'config', '--lint=all', '--lint-fatal', 'prometheus.yml'],
    );
    expect({ code, found: said.match(/7 rules found/g)?.length }).toEqual({ code: 0, found: 2 });
  });
});

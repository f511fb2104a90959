import { describe, expect, it } from '@jest/globals';
import type { UpResult } from '../../src/operations/up.js';
import { upText } from '../../src/ui/up-text.js';

const host = {
  instanceId: 'i-1',
  publicIp: '198.51.100.7',
  privateIp: '10.0.1.4',
  ssh: 'ssh ec2-user@198.51.100.7',
};

function result(dashboards: Partial<UpResult['dashboards']> = {}): UpResult {
  return {
    infra: {
      stack: 'shop-prod',
      region: 'eu-central-1',
      changes: [],
      summary: { create: 3, update: 1, replace: 0, delete: 0, none: 8 },
      outputs: {
        stack: 'shop-prod',
        region: 'eu-central-1',
        vpcId: 'vpc-1',
        subnetIds: [],
        securityGroupIds: { web: undefined, monitoring: undefined },
        keyName: undefined,
        privateKeyPath: '/key',
        monitoring: host,
        applications: [host],
        urls: {
          prometheus: 'http://198.51.100.7:9090',
          grafana: 'http://198.51.100.7:3001',
          application: ['http://198.51.100.7:3000'],
        },
      },
      apiCalls: 40,
      durationMs: 1000,
    } as unknown as UpResult['infra'],
    monitoring: { hosts: [], changed: 10, durationMs: 1000 },
    dashboards: { dashboards: [], ok: true, ...dashboards },
    verify: {
      ok: true,
      checks: [
        { id: 'hosts.ssh', target: 'monitoring', status: 'pass', message: 'logged in', durationMs: 3 },
      ],
      summary: { pass: 1, fail: 0, skip: 0 },
      durationMs: 5,
    },
    durationMs: 61_000,
  };
}

describe('what up came to', () => {
  it('is the checks, the counts and where to look', () => {
    const source = 'builtin';
    const text = upText(
      result({
        dashboards: [
          { source, action: 'created' },
          { source, action: 'unchanged' },
          { source, action: 'updated' },
        ],
      }),
    );
    expect(text.split('\n')).toEqual([
      'ok    hosts.ssh  monitoring  logged in',
      '',
      '1 check: 1 ok.',
      '',
      'shop-prod in eu-central-1 after 61 s: resources 3 created, 1 changed; host steps 10 changed; dashboards 2 uploaded.',
      '  Prometheus        http://198.51.100.7:9090',
      '  Grafana           http://198.51.100.7:3001',
      '  Application       http://198.51.100.7:3000',
      '  Monitoring host   ssh ec2-user@198.51.100.7',
      '  Application host  ssh ec2-user@198.51.100.7',
    ]);
  });

  it('gives no address of a Grafana that is not there', () => {
    const text = upText(result({ skipped: 'a long reason' }));
    expect(text).toContain('dashboards skipped, no Grafana.');
    expect(text).toMatch(/^ {2}Grafana {11}not installed$/m);
    expect(text).not.toContain(':3001');
    expect(text).not.toContain('a long reason');
  });

  it('names refused dashboards', () => {
    const refused = { source: 'team.json', action: 'refused', note: 'It is no JSON.' } as const;
    expect(upText(result({ dashboards: [refused], ok: false }))).toContain(
      '  refused: team.json: It is no JSON.',
    );
  });
});

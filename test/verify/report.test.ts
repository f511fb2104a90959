import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from '@jest/globals';
import { findingsText } from '../../src/ui/findings-text.js';
import { throttled } from '../../src/verify/connections.js';
import { junit } from '../../src/verify/junit.js';
import type { Check } from '../../src/verify/probe.js';

const checks: readonly Check[] = [
  {
    id: 'hosts.ssh',
    target: 'monitoring',
    status: 'pass',
    message: 'logged in to 203.0.113.7',
    durationMs: 120,
  },
  {
    id: 'prometheus.targets',
    target: 'flask-app/application-1',
    status: 'fail',
    message: '10.0.2.7:3000 refuses the connection; expected it to be up',
    hint: "Start the application with 'cloudops monitoring configure'.",
    durationMs: 15_200,
  },
  {
    id: 'grafana.health',
    target: 'monitoring',
    status: 'skip',
    message: 'no Grafana: <not & "here">\u0007',
    durationMs: 1,
  },
];

describe('the findings as text', () => {
  it('puts failures last, each with what to do', () => {
    expect(findingsText(checks)).toBe(
      [
        'ok    hosts.ssh           monitoring               logged in to 203.0.113.7',
        'skip  grafana.health      monitoring               no Grafana: <not & "here">\u0007',
        'FAIL  prometheus.targets  flask-app/application-1  10.0.2.7:3000 refuses the connection; expected it to be up',
        "      -> Start the application with 'cloudops monitoring configure'.",
        '',
        '3 checks: 1 ok, 1 skipped, 1 failed.',
      ].join('\n'),
    );
  });
});

describe('the findings as JUnit XML', () => {
  it('is well-formed, whatever the messages hold', () => {
    const xml = junit('demo-dev', checks, 15_400);
    const parsed = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(xml) as {
      testsuites: {
        failures: string;
        tests: string;
        time: string;
        testsuite: { name: string; testcase: object }[];
      };
    };
    expect(parsed.testsuites).toMatchObject({ tests: '3', failures: '1', skipped: '1', time: '15.400' });
    expect(parsed.testsuites.testsuite.map(({ name }) => name)).toEqual(['hosts', 'prometheus', 'grafana']);
    expect(parsed.testsuites.testsuite[2]?.testcase).toMatchObject({
      skipped: { message: 'no Grafana: <not & "here">' },
    });
    expect(parsed.testsuites.testsuite[1]?.testcase).toMatchObject({
      name: 'prometheus.targets flask-app/application-1',
      failure: { message: '10.0.2.7:3000 refuses the connection; expected it to be up' },
    });
  });
});

describe('one connection for many probes', () => {
  it('runs at most six scripts at once, and all of them', async () => {
    let running = 0;
    let most = 0;
    const host = throttled({
      name: 'h',
      exec: async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 2));
        running--;
        return { code: 0, stdout: '', stderr: '' };
      },
      put: () => Promise.resolve(),
      close: () => Promise.resolve(),
    });
    const results = await Promise.all(Array.from({ length: 50 }, () => host.exec('true')));
    expect([results.length, most]).toEqual([50, 6]);
  });
});

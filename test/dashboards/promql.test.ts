import { describe, expect, it } from '@jest/globals';
import { readPromql } from '../../src/dashboards/promql.js';

describe('reading PromQL', () => {
  it.each([
    'up',
    'rate(x_total[5m])',
    '100 * sum without (mode) (avg without (cpu) (rate(node_cpu_seconds_total{mode!~"idle|iowait"}[2m])))',
    'histogram_quantile(0.95, sum by (job, le) (rate(x_bucket[2m])))',
    'count(up == 0) or vector(0)',
    'max_over_time(rate(x_total[1m])[5m:1m])',
    'a / on (job) group_left (host) b offset 5m',
    '1 > bool 2',
    '{__name__=~"x.*", job="a}"}',
  ])('takes %s', (expr) => {
    expect(readPromql(expr).problems).toEqual([]);
  });

  it.each([
    ['', /empty/],
    ['rate(up)', /expected type matrix.*got vector/],
    ['rate(up[5m], 3)', /expected 1 argument/],
    ['abs(1)', /expected type vector.*got scalar/],
    ['1 > 2', /BOOL/],
    ['up + "x"', /scalar and instant vector/],
    ['sum(up', /missing/],
    ['up{job="a"', /missing/],
    ['sum(up) by (job', /missing/],
    ['nosuchfunction(up)', /unexpected/],
    ['rate(up[5 m])', /unexpected/],
  ])('refuses %s', (expr, why) => {
    expect(readPromql(expr).problems[0]?.message).toMatch(why);
  });

  it('finds selectors, what is round them, and windows', () => {
    const { selectors, rangeCalls } = readPromql(
      'sum(rate(a_total{job =~ "$job", x="},"}[5m])) / {__name__="b"}',
    );
    expect(selectors).toEqual([
      {
        metric: 'a_total',
        matchers: ['job=~"$job"', 'x="},"'],
        text: 'a_total{job =~ "$job", x="},"}',
        inside: ['rate', 'sum'],
      },
      { metric: 'b', matchers: ['__name__="b"'], text: '{__name__="b"}', inside: [] },
    ]);
    expect(rangeCalls).toEqual([{ name: 'rate', window: '5m' }]);
  });

  it('gives the same answer on a busy machine: nothing is cut off by a clock', () => {
    const long = Array.from({ length: 60 }, (_, index) => `rate(metric_${index}_total{job="a"}[5m])`).join(
      ' + ',
    );
    expect(readPromql(long).problems).toEqual([]);
    expect(readPromql(`${long} + rate(up)`).problems).toHaveLength(1);
  });

  it('says when an expression is beyond it', () => {
    const endless = Array.from({ length: 20_000 }, () => 'up').join(' + ');
    expect(readPromql(endless).problems).toEqual([{ at: 0, message: 'it is too long to be checked' }]);
  });
});

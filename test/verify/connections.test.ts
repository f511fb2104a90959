import { expect, it } from '@jest/globals';
import type { ConnectLimits, Host, HostRecord } from '../../src/hosts/host.js';
import { openConnections } from '../../src/verify/connections.js';

const record: HostRecord = {
  name: 'monitoring',
  role: 'monitoring',
  address: '203.0.113.7',
  privateAddress: undefined,
  instanceId: 'i-1',
};

it('asks whether a host lets us in now, once, and does not wait until one has booted', async () => {
  const asked: (ConnectLimits | undefined)[] = [];
  const connections = openConnections((_record, _signal, limits) => {
    asked.push(limits);
    return Promise.reject<Host>(new Error('nobody there'));
  }, new AbortController().signal);
  await expect(connections.logIn(record)).rejects.toThrow('nobody there');
  await expect(connections.needed(record)()).rejects.toThrow('needs SSH to monitoring');
  expect(await connections.privateAddress(record)).toBeUndefined();
  expect(asked).toHaveLength(1);
  expect(asked[0]!.readyTimeoutMs).toBeLessThanOrEqual(15_000);
  await connections.close();
});

import { describe, expect, it } from '@jest/globals';
import { newWorld, type World } from '../../src/sandbox/api/world.js';
import { contentsOf, isEmpty } from '../../src/sandbox/contents.js';
import { compareFleet, terminateLost } from '../../src/sandbox/reconcile.js';

/** A region with instances of these states, one interface and one volume each. */
function world(states: Readonly<Record<string, string>>): World {
  const of = (make: (id: string) => object): Record<string, object> =>
    Object.fromEntries(Object.keys(states).map((id) => [`x-${id}`, make(id)]));
  const region = {
    vpcs: { 'vpc-default': { isDefault: true } },
    keyPairs: {},
    instances: Object.fromEntries(
      Object.entries(states).map(([id, state]) => [id, { id, state, privateIp: '10.0.1.10' }]),
    ),
    interfaces: of((id) => ({ id: `x-${id}`, instanceId: id })),
    volumes: of((id) => ({ id: `x-${id}`, attachment: { instanceId: id, deleteOnTermination: true } })),
  };
  return { ...newWorld(), ec2: { 'us-east-1': region } } as unknown as World;
}

const member = (instanceId: string, running: boolean) => ({ instanceId, running, container: 'c' });

describe('a daemon that starts', () => {
  it('starts machines that should run, and knows which are gone', () => {
    const states = { a: 'running', b: 'running', c: 'stopped', d: 'stopped', e: 'terminated', f: 'pending' };
    expect(compareFleet(world(states), [member('a', false), member('c', false)])).toEqual({
      start: ['a'],
      lost: ['b', 'd'],
    });
    expect(compareFleet(world({ a: 'running' }), [member('a', true)])).toEqual({ start: [], lost: [] });
  });

  it('terminates the lost with all they had', () => {
    const before = world({ a: 'running', b: 'running' });
    terminateLost(before, ['a'], 5);
    const region = before.ec2['us-east-1'];
    expect(region?.instances['a']).toMatchObject({ state: 'terminated', since: 5 });
    expect(Object.keys(region?.interfaces ?? {})).toEqual(['x-b']);
    expect(Object.keys(region?.volumes ?? {})).toEqual(['x-b']);
    expect(contentsOf(before).instances.map(({ id }) => id)).toEqual(['b']);
  });
});

describe('what a sandbox holds', () => {
  it('is nothing when only defaults and terminated instances are there', () => {
    expect(isEmpty(contentsOf(undefined))).toBe(true);
    expect(isEmpty(contentsOf(world({ a: 'terminated' })))).toBe(true);
    expect(isEmpty(contentsOf(world({ a: 'shutting-down' })))).toBe(false);
  });
});

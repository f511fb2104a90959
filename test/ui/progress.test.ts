import { describe, expect, it } from '@jest/globals';
import { execute } from '../../src/engine/execute.js';
import type { Event, Task } from '../../src/engine/task.js';
import { CloudopsError } from '../../src/errors.js';
import { duration } from '../../src/ui/duration.js';
import { lines } from '../../src/ui/lines.js';
import { ndjson } from '../../src/ui/ndjson.js';
import { RunTree } from '../../src/ui/run-tree.js';

const tasks: readonly Task[] = [
  {
    id: 'a',
    title: 'Create vpc/main',
    after: [],
    run: (context) => (context.report('waits'), Promise.resolve('changed')),
  },
  { id: 'b', title: 'Look', group: 'web-1', after: ['a'], run: () => Promise.resolve('unchanged') },
  {
    id: 'c',
    title: 'Prometheus',
    group: 'monitoring',
    after: ['a'],
    run: () =>
      Promise.reject(
        new CloudopsError({ code: 'DISK_FULL', what: 'The disk is full.', why: 'df says 100%.' }),
      ),
  },
  { id: 'd', title: 'Grafana', group: 'monitoring', after: ['c'], run: () => Promise.resolve('changed') },
];

const probes: readonly Task[] = [
  {
    id: 'p',
    title: 'SSH to web-1',
    group: 'verify',
    after: [],
    run: () => Promise.resolve({ outcome: 'pass', message: 'logged in' }),
  },
  {
    id: 's',
    title: 'Grafana',
    group: 'verify',
    after: [],
    run: () => Promise.resolve({ outcome: 'skip', message: 'not installed' }),
  },
];

function written(make: typeof lines): { text: () => string; progress: ReturnType<typeof lines> } {
  let text = '';
  const progress = make((part) => (text += part));
  return { text: () => text, progress };
}

describe('lines', () => {
  it('says each thing once, with the group where the title lacks it', async () => {
    const { text, progress } = written(lines);
    progress.on({ type: 'note', level: 'warning', message: 'open to the world' });
    await execute(tasks, {
      on: (event) => progress.on(event.type === 'run-started' ? { ...event, phase: 'Stack' } : event),
    });
    expect(
      text()
        .replaceAll(/\d+ ms/g, 'N ms')
        .split('\n'),
    ).toEqual([
      'warning: open to the world',
      '== Stack',
      'Create vpc/main: waits',
      'Create vpc/main: done (N ms)',
      'web-1: Look: unchanged (N ms)',
      'monitoring: Prometheus: FAILED (N ms): The disk is full. df says 100%.',
      'monitoring: Grafana: skipped, needs c',
      '',
    ]);
  });
});

describe('probes', () => {
  it('are one line each, with what they saw', async () => {
    const { text, progress } = written(lines);
    await execute(probes, progress);
    expect(text().replaceAll(/\d+ ms/g, 'N ms')).toBe(
      'verify: SSH to web-1: ok, logged in (N ms)\nverify: Grafana: skipped, not installed\n',
    );
  });

  it('are rows that tell it, the skipped ones as skipped', async () => {
    const tree = new RunTree();
    await execute(probes, { on: (event) => tree.on(event) });
    const [group] = (await tree.next)!.groups;
    expect(group!.rows.map(({ view }) => [view.state, view.title.replace(/\d+ ms/, 'N ms')])).toEqual([
      ['done', 'SSH to web-1: logged in (N ms)'],
      ['skipped', 'Grafana: not installed'],
    ]);
  });
});

describe('ndjson', () => {
  it('is one object a line, errors by code, and leaks no stack', async () => {
    const { text, progress } = written(ndjson);
    await execute(tasks, progress);
    const events = text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Event & Record<string, unknown>);
    expect(events[0]).toMatchObject({
      type: 'run-started',
      tasks: [{ id: 'a', title: 'Create vpc/main', after: [] }, {}, {}, {}],
    });
    expect(events.find(({ type }) => type === 'task-failed')).toMatchObject({
      error: { code: 'DISK_FULL', message: 'The disk is full. df says 100%.' },
    });
    expect(events.at(-1)).toEqual({
      type: 'run-finished',
      ok: false,
      interrupted: false,
      done: 2,
      failed: 1,
      skipped: 1,
    });
    expect(text()).not.toContain('.ts:');
  });
});

describe('RunTree', () => {
  it('grows by runs, in phases, and settles every row', async () => {
    const tree = new RunTree();
    tree.on({ type: 'phases-planned', titles: ['One', 'Two', 'Three'] });
    const inPhase = (phase: string) => (event: Event) =>
      tree.on(event.type === 'run-started' ? { ...event, phase } : event);
    await execute(tasks, { on: inPhase('One') });
    await execute([tasks[0]!], { on: inPhase('Two') });
    tree.close();
    const [one, two, three] = tree.phases;
    const first = await one!.next;
    expect(first!.groups.map(({ title, rows }) => [title, rows.map(({ view }) => view.state)])).toEqual([
      [undefined, ['done']],
      ['web-1', ['done']],
      ['monitoring', ['failed', 'skipped']],
    ]);
    await Promise.all(first!.groups.flatMap(({ rows }) => rows.map(({ settled }) => settled)));
    expect(await first!.next).toBeUndefined();
    expect((await two!.next)!.groups).toHaveLength(1);
    expect(await three!.next).toBeUndefined();
  });

  it('lets go of rows that never ran', async () => {
    const tree = new RunTree();
    tree.on({ type: 'run-started', tasks: [{ id: 'x', title: 'X', after: [] }] });
    const { rows } = (await tree.next)!.groups[0]!;
    tree.close();
    await rows[0]!.settled;
    expect(rows[0]!.view.state).toBe('skipped');
  });
});

describe('duration', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1000, '1.0 s'],
    [9940, '9.9 s'],
    [75_000, '75 s'],
    [200_000, '3 m 20 s'],
    [239_900, '4 m 0 s'],
  ])('%d ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

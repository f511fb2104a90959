import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { applyPlan } from '../../src/operations/apply-plan.js';
import type { Context } from '../../src/operations/context.js';
import { planInfra } from '../../src/operations/plan-infra.js';
import { outcomes } from '../../src/operations/run-outcome.js';
import type { Fault } from '../../src/sandbox/api/server.js';
import { outcomeText } from '../../src/ui/outcome-text.js';
import type { Emulator } from '../support/aws-at.js';
import { contextAt } from '../support/context.js';
import { startEmulator } from '../support/emulator.js';
import { expectGolden } from '../support/golden.js';

describe('the final table', () => {
  let emulator: Emulator;
  let stateDir: string;
  let fault: { readonly action: string; readonly fault: Fault } | undefined;
  let onCall: (action: string) => void = () => undefined;
  beforeAll(async () => {
    stateDir = join(await mkdtemp(join(tmpdir(), 'cloudops-outcome-')), 'stack');
    emulator = await startEmulator({
      fault: ({ action }) => (action === fault?.action ? fault.fault : undefined),
      onCall: ({ action }) => onCall(action),
    });
  });
  afterAll(() => emulator.close());

  const run = async (values: object = {}, signal?: AbortSignal) => {
    const context: Context = contextAt(emulator, { stateDir, values, ...(signal && { signal }) });
    const applied = await applyPlan(context, await planInfra(context), {
      allowReplace: true,
      allowStop: true,
    });
    return { applied, rows: outcomes(applied) };
  };
  const stable = (text: string): string => text.replace(/\b([a-z]+)-[0-9a-f]{17}\b/g, '$1-0');
  const refused: Fault = { kind: 'error', code: 'UnauthorizedOperation', message: 'no', status: 403 };

  it('says what failed, what was not started for it, and that the rest was made', async () => {
    fault = { action: 'CreateInternetGateway', fault: refused };
    const { rows, applied } = await run();
    fault = undefined;
    expectGolden('outcome-failed.txt', stable(outcomeText(rows)));
    expect(applied.report.ok).toBe(false);
    const of = (address: string) => rows.find(({ kind, name }) => `${kind}/${name}` === address);
    expect(of('internet-gateway/main')).toMatchObject({ outcome: 'failed' });
    expect(of('internet-gateway/main')?.because).toContain('not allowed');
    expect(of('route-table/public')).toMatchObject({ outcome: 'not started' });
    expect(of('instance/monitoring')).toMatchObject({
      outcome: 'created',
      id: expect.stringMatching(/^i-/),
    });
  });

  it('goes on from there, and tells kept from created', async () => {
    const { rows } = await run();
    expect(rows.filter(({ outcome }) => outcome === 'created').map(({ kind }) => kind)).toEqual([
      'internet-gateway',
      'route-table',
    ]);
    expect(rows.filter(({ outcome }) => outcome === 'kept')).toHaveLength(10);
    expect(rows.every(({ id }) => id !== undefined)).toBe(true);
  });

  it('tells changed, replaced and deleted', async () => {
    await run({ application: { count: 2, volumeSize: 12 } });
    const { rows } = await run({ application: { volumeSize: 10 }, tags: { Owner: 'ops' } });
    expectGolden('outcome-changed.txt', stable(outcomeText(rows)));
    const outcomeOf = (name: string) =>
      rows.find((row) => row.kind === 'instance' && row.name === name)?.outcome;
    expect([outcomeOf('monitoring'), outcomeOf('application-1'), outcomeOf('application-2')]).toEqual([
      'changed',
      'replaced',
      'deleted',
    ]);
  });

  it('says what exists after an interrupt, and the same command goes on', async () => {
    const controller = new AbortController();
    onCall = (action) => {
      if (action === 'CreateVpc') controller.abort();
    };
    const stack = 'other-dev';
    const values = { project: 'other' };
    const context = contextAt(emulator, { stateDir, stack, values, signal: controller.signal });
    const applied = await applyPlan(context, await planInfra(context));
    onCall = () => undefined;
    expect(applied.report.interrupted).toBe(true);
    const rows = outcomes(applied);
    expect(rows.filter(({ outcome }) => outcome === 'not started').length).toBeGreaterThan(5);
    for (const { outcome, id } of rows) expect(outcome === 'created').toBe(id !== undefined);
    const again = contextAt(emulator, { stateDir, stack, values });
    expect((await applyPlan(again, await planInfra(again))).report.ok).toBe(true);
    expect((await planInfra(again)).empty).toBe(true);
  });
});

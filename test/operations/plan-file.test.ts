import { CreateTagsCommand, ModifyVpcAttributeCommand } from '@aws-sdk/client-ec2';
import { mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { applyPlan } from '../../src/operations/apply-plan.js';
import type { Context } from '../../src/operations/context.js';
import { loadPlan, refuseStale, savePlan } from '../../src/operations/plan-file.js';
import { planInfra } from '../../src/operations/plan-infra.js';
import { planText } from '../../src/ui/plan-text.js';
import type { Emulator } from '../support/aws-at.js';
import { contextAt } from '../support/context.js';
import { startEmulator } from '../support/emulator.js';
import { expectGolden } from '../support/golden.js';

describe('a plan that is kept', () => {
  let emulator: Emulator;
  let folder: string;
  const context = (values: object = {}): Context =>
    contextAt(emulator, { stateDir: join(folder, 'stack'), values });
  const stable = (text: string): string => text.replace(/\b([a-z]+)-[0-9a-f]{17}\b/g, '$1-0');
  beforeAll(async () => {
    emulator = await startEmulator();
    folder = await mkdtemp(join(tmpdir(), 'cloudops-plan-'));
  });
  afterAll(() => emulator.close());

  /** Keeps the plan for these values and reads it again, as `plan --out` and `up --plan` do. */
  async function kept(values: object = {}) {
    const path = join(folder, 'plan.json');
    await savePlan(await planInfra(context(values)), path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    return loadPlan(path);
  }

  it('is applied as it was made, while the world stays as it was', async () => {
    const plan = await kept();
    refuseStale(plan, await planInfra(context()));
    expect((await applyPlan(context(), plan)).report.ok).toBe(true);
    expect((await planInfra(context())).empty).toBe(true);
  });

  it('is refused once the stack or the config has moved, naming what', async () => {
    const plan = await kept({ tags: { Owner: 'ops' } });
    const { ec2 } = emulator.aws();
    const VpcId = plan.changes.find(({ address }) => address === 'vpc/main')?.id ?? '';
    await ec2.write.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: false } }));
    const now = await planInfra(context({ tags: { Owner: 'ops' } }));
    expect(() => refuseStale(plan, now)).toThrow(
      expect.objectContaining({ code: 'PLAN_STALE', exitCode: 1, why: expect.stringContaining('vpc/main') }),
    );
    const other = await planInfra(context({ tags: { Owner: 'dev' } }));
    expect(() => refuseStale(plan, other)).toThrow(expect.objectContaining({ code: 'PLAN_STALE' }));
    await applyPlan(context(), await planInfra(context()));
  });

  it('is refused when the file is something else', async () => {
    const path = join(folder, 'other.json');
    await writeFile(path, '{"format":"other"}');
    await expect(loadPlan(path)).rejects.toMatchObject({ code: 'PLAN_FILE', exitCode: 2 });
  });

  it.each([
    ['nothing', {}],
    ['update', { tags: { Owner: 'ops' } }],
    ['stop', { monitoring: { instanceType: 't3.large' } }],
    ['replace', { network: { subnetCidrs: ['10.0.1.0/24', '10.0.7.0/24'] } }],
    ['create', { application: { count: 2 } }],
    ['grow', { monitoring: { volumeSize: 40 } }],
  ])('reads well: %s', async (name, values) => {
    expectGolden(`plan-text-${name}.txt`, stable(planText(await planInfra(context(values)))));
  });

  it('reads well: drift and delete', async () => {
    const { ec2 } = emulator.aws();
    const plan = await planInfra(context());
    const Resources = [plan.changes.find(({ address }) => address === 'vpc/main')?.id ?? ''];
    await ec2.write.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'Name', Value: 'mine' }] }));
    expectGolden('plan-text-drift.txt', stable(planText(await planInfra(context()))));
    expectGolden('plan-text-delete.txt', stable(planText(await planInfra(context(), { destroy: true }))));
  });
});

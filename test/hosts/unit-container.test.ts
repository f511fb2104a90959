import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createArguments } from '../../src/hosts/steps/unit-container-script.js';
import { unitContainer, unitFiles, type UnitContainerOptions } from '../../src/hosts/steps/unit-container.js';

const options: UnitContainerOptions = {
  spec: {
    name: 'cloudops-app',
    image: 'team/app:1',
    port: 3000,
    containerPort: 8080,
    memory: 300 * 2 ** 20,
    stopSeconds: 30,
    environment: { GREETING: "it's" },
  },
  unit: '[Service]\n',
  environmentFile: { path: '/opt/cloudops-app/environment', content: 'TOKEN=one\n' },
  ready: 'true',
};

/** What a host prints where all is right; `spoilt` replaces lines of it. */
function seen(spoilt: Readonly<Record<number, string>> = {}, of = options): string {
  const label = /--label (?:'|)cloudops\.spec=([0-9a-f]{64})/;
  const hash = label.exec(createArguments(of, hashIn(of)).join(' '))?.[1] ?? '';
  const files = unitFiles(of).map(
    ({ content }) => `644 root:root 0:0 ${createHash('sha256').update(content).digest('hex')}`,
  );
  const lines = [...files, `${hash} true sha256:1`, 'sha256:1', 'active enabled', 'whole', 'yes'];
  return lines.map((line, index) => spoilt[index] ?? line).join('\n');
}

/** The hash that the step itself reckons with: what its drift calls right. */
function hashIn(of: UnitContainerOptions): string {
  const hash = createHash('sha256').update(JSON.stringify(of.spec));
  if (of.environmentFile !== undefined) hash.update('\0').update(of.environmentFile.content);
  return hash.digest('hex');
}

describe('a container under a unit', () => {
  it.each([
    [{}, undefined],
    [{ 2: 'absent' }, /^missing$/],
    [{ 2: `${'0'.repeat(64)} true sha256:1` }, /older definition or older variables/],
    [{ 3: 'sha256:2' }, /older image of that name/],
    [{ 3: 'none' }, /older image of that name/],
    [{ 0: 'absent' }, /cloudops-app\.service: missing/],
    [{ 1: '644 root:root 0:0 00' }, /50-cloudops\.conf: content differs/],
    [{ 4: 'inactive enabled' }, /^does not run$/],
    [{ 4: 'active disabled' }, /its unit is disabled/],
    [{ 4: 'inactive ' }, /its unit is not enabled/],
    [{ 5: 'cut' }, /an earlier run was cut off/],
    [{ 6: 'no' }, /^does not serve yet$/],
  ])('seen %j', (spoilt, detail) => {
    const drift = unitContainer(options).drift(seen(spoilt));
    if (detail === undefined) expect(drift).toBeUndefined();
    else expect(drift).toMatch(detail);
  });

  it('is another one with another variable, secret or not, and never names the secret one', () => {
    const file = { path: '/opt/cloudops-app/environment', content: 'TOKEN=two\n' };
    const others: UnitContainerOptions[] = [
      { ...options, spec: { ...options.spec, environment: {} } },
      { ...options, environmentFile: file },
    ];
    for (const other of others) expect(unitContainer(other).drift(seen())).toMatch(/older variables/);
    const all = [unitContainer(options).look, ...createArguments(options, 'hash')].join(' ');
    expect(all).not.toContain('TOKEN');
    expect(all).toContain('--cap-drop ALL --security-opt no-new-privileges');
  });
});

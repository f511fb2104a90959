import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../src/config/schema.js';
import { readApplicationEnvironment } from '../../src/operations/application-environment.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudops-environment-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (text: string, more: object = {}) => {
  const environmentFile = join(folder, 'app.env');
  writeFileSync(environmentFile, text);
  return readApplicationEnvironment(
    configSchema.parse({ application: { image: 'app:1', environmentFile, ...more } }),
  );
};

describe('application.environmentFile', () => {
  it('is KEY=value lines, taken as they are', async () => {
    const secret = await read('\ufeff# for the database\r\nA=1\r\n\nB="x = y"\nC=\n');
    expect(secret?.reveal()).toBe('A=1\nB="x = y"\nC=\n');
    expect(String(secret)).toBe('[secret]');
  });

  it.each([
    ['a line without =', 'A=1\nhunter2\n', /line 2 is not KEY=value/],
    ['a name no shell knows', 'A-B=hunter2\n', /line 1 is not KEY=value/],
    ['an export', 'export A=hunter2\n', /line 1 is not KEY=value/],
  ])('is refused with %s, without showing it', async (_, text, why) => {
    const refused = read(text);
    await expect(refused).rejects.toMatchObject({
      code: 'APPLICATION_ENVIRONMENT_UNREADABLE',
      exitCode: 2,
      why: expect.stringMatching(why),
    });
    await expect(refused).rejects.not.toMatchObject({ why: expect.stringContaining('hunter2') });
  });

  it('must be there, where an application is deployed at all', async () => {
    const config = (enabled: boolean) =>
      configSchema.parse({ application: { image: 'app:1', environmentFile: join(folder, 'none'), enabled } });
    await expect(readApplicationEnvironment(config(true))).rejects.toMatchObject({
      code: 'APPLICATION_ENVIRONMENT_UNREADABLE',
    });
    await expect(readApplicationEnvironment(config(false))).resolves.toBeUndefined();
    await expect(readApplicationEnvironment(configSchema.parse({}))).resolves.toBeUndefined();
  });
});

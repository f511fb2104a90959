import {
  DescribeParametersCommand,
  GetParameterCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '../../src/config/secret.js';
import {
  readSecrets,
  removeSecrets,
  secretParameter,
  writeSecret,
} from '../../src/infra/secret-parameters.js';
import type { Emulator } from '../support/aws-at.js';

/** What keeping secrets in SSM promises, on whatever speaks AWS's protocols. */
export function secretContract(
  where: string,
  start: () => Promise<Emulator>,
  suite: typeof describe | typeof describe.skip,
): void {
  suite(`secrets in SSM, by ${where}`, () => {
    let emulator: Emulator;
    beforeAll(async () => {
      emulator = await start();
    }, 120_000);
    afterAll(async () => emulator.close());

    const aws = () => emulator.aws('secrets-test');
    const Name = secretParameter('secrets-test', 'one');
    const read = async (): Promise<string | undefined> =>
      (await readSecrets(aws(), ['one', 'two'])).get('one')?.reveal();
    const tags = async (): Promise<Record<string, string>> => {
      const { TagList = [] } = await aws().ssm.read.send(
        new ListTagsForResourceCommand({ ResourceType: 'Parameter', ResourceId: Name }),
      );
      return Object.fromEntries(TagList.map(({ Key, Value }) => [Key ?? '', Value ?? '']));
    };

    it('are not there at first', async () => {
      expect(await readSecrets(aws(), ['one', 'two'])).toEqual(new Map());
    });

    it('are encrypted and tagged from the start', async () => {
      await writeSecret(aws(), 'one', new Secret('hunter2'));
      expect(await read()).toBe('hunter2');
      expect(await tags()).toMatchObject({ 'cloudops:stack': 'secrets-test', 'cloudops:name': 'one' });
      const { Parameter } = await aws().ssm.read.send(new GetParameterCommand({ Name }));
      expect(Parameter?.Type).toBe('SecureString');
      expect(Parameter?.Value).not.toBe('hunter2');
      const { Parameters = [] } = await aws().ssm.read.send(
        new DescribeParametersCommand({ ParameterFilters: [{ Key: 'Name', Values: [Name] }] }),
      );
      expect(Parameters.map(({ KeyId }) => KeyId)).toEqual(['alias/aws/ssm']);
    });

    it('are replaced, and tagged where they were not', async () => {
      await removeSecrets(aws(), ['one']);
      const input = { Name, Value: 'by hand', Type: 'SecureString' } as const;
      await aws().ssm.read.send(new PutParameterCommand(input));
      await writeSecret(aws(), 'one', new Secret('changed'));
      expect(await read()).toBe('changed');
      expect(await tags()).toMatchObject({ 'cloudops:stack': 'secrets-test' });
    });

    it('are removed, and nothing else is', async () => {
      await writeSecret(emulator.aws('secrets-test-2'), 'one', new Secret('other'));
      expect(await removeSecrets(aws(), ['one', 'two'])).toEqual([Name]);
      expect(await read()).toBeUndefined();
      expect(await removeSecrets(aws(), ['one', 'two'])).toEqual([]);
      const other = await readSecrets(emulator.aws('secrets-test-2'), ['one']);
      expect(other.get('one')?.reveal()).toBe('other');
    });
  });
}

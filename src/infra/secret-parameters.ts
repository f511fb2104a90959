import {
  AddTagsToResourceCommand,
  DeleteParametersCommand,
  GetParametersCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { Secret } from '../config/secret.js';
import { codeOf } from './faults.js';
import type { Aws } from './resource.js';
import { allTags } from './tags.js';

/** Where a stack's secret is kept, encrypted with the account's own key for SSM: `/cloudops/smartcloudops-dev/NAME`. */
export const secretParameter = (stack: string, name: string): string => `/cloudops/${stack}/${name}`;

/** What these are, by name; one that isn't there is left out. One call for up to ten. */
export async function readSecrets(aws: Aws, names: readonly string[]): Promise<ReadonlyMap<string, Secret>> {
  const byPath = new Map(names.map((name) => [secretParameter(aws.stack, name), name]));
  const input = { Names: [...byPath.keys()], WithDecryption: true };
  const { Parameters = [] } = await aws.ssm.read.send(new GetParametersCommand(input));
  return new Map(
    Parameters.flatMap(({ Name = '', Value }) => {
      const name = byPath.get(Name);
      return name === undefined || Value === undefined ? [] : [[name, new Secret(Value)] as const];
    }),
  );
}

/**
 * Keeps a secret, tagged; what was there before is replaced. Writing the same again changes nothing that counts, so a
 * call whose answer got lost may be repeated.
 */
export async function writeSecret(aws: Aws, name: string, secret: Secret): Promise<void> {
  const Name = secretParameter(aws.stack, name);
  const Tags = allTags(aws, name, aws.tags);
  const input = { Name, Value: secret.reveal(), Type: 'SecureString' } as const;
  try {
    await aws.ssm.read.send(new PutParameterCommand({ ...input, Tags }));
  } catch (error) {
    if (codeOf(error) !== 'ParameterAlreadyExists') throw error;
    // SSM takes no tags together with Overwrite.
    await aws.ssm.read.send(new PutParameterCommand({ ...input, Overwrite: true }));
    const target = { ResourceType: 'Parameter', ResourceId: Name } as const;
    await aws.ssm.read.send(new AddTagsToResourceCommand({ ...target, Tags }));
  }
}

/** Deletes them, those that are there; gives their parameters' names. One call for up to ten. */
export async function removeSecrets(aws: Aws, names: readonly string[]): Promise<readonly string[]> {
  const Names = names.map((name) => secretParameter(aws.stack, name));
  const { DeletedParameters = [] } = await aws.ssm.read.send(new DeleteParametersCommand({ Names }));
  return DeletedParameters;
}

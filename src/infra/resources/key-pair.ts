import {
  DeleteKeyPairCommand,
  DescribeKeyPairsCommand,
  ImportKeyPairCommand,
  type KeyPairInfo,
} from '@aws-sdk/client-ec2';
import { ensure, remove } from '../ensure.js';
import type { Aws, ResourceKind } from '../resource.js';
import { ownTags, retag, stackFilter, tagKeys, tagOnCreate, tagRecord, type Tags } from '../tags.js';

export interface KeyPairSpec {
  readonly keyName: string;
  /** `ssh-ed25519 AAAA...` without comment; undefined until the pair is made. */
  readonly publicKey: string | undefined;
  readonly tags: Tags;
}

async function listPairs(aws: Aws): Promise<KeyPairInfo[]> {
  const command = new DescribeKeyPairsCommand({ Filters: [stackFilter(aws)], IncludePublicKey: true });
  return (await aws.ec2.read.send(command)).KeyPairs ?? [];
}

/** A public key without its comment: what AWS may change. */
export function bareKey(key: string | undefined): string | undefined {
  return key?.trim().split(/\s+/).slice(0, 2).join(' ');
}

/** The operator's public key in EC2. Its id is its name: instances refer to it by that. */
export const keyPair: ResourceKind<KeyPairSpec, KeyPairInfo> = {
  kind: 'key-pair',
  replaceOn: ['keyName', 'publicKey'],
  needs: () => [],
  tagsOf: (raw) => tagRecord(raw.Tags),
  async list(aws) {
    const pairs = await listPairs(aws);
    return pairs.map((raw) => {
      const id = raw.KeyName ?? '';
      return { name: tagRecord(raw.Tags)[tagKeys.name] ?? id, id, raw };
    });
  },
  read: (raw) => ({
    keyName: raw.KeyName ?? '',
    publicKey: bareKey(raw.PublicKey),
    tags: ownTags(tagRecord(raw.Tags)),
  }),
  create(aws, name, spec, _idOf, signal) {
    const { keyName: KeyName, publicKey } = spec;
    if (publicKey === undefined) throw new Error('a key pair is imported before its key is made');
    return ensure(aws, {
      what: `key pair ${KeyName}`,
      duplicate: ['InvalidKeyPair.Duplicate'],
      unique: true,
      signal,
      // A colleague's run may have been quicker; like any pair of the stack, theirs stays.
      find: async () => (await listPairs(aws)).find((one) => one.KeyName === KeyName)?.KeyName,
      make: async () => {
        const TagSpecifications = tagOnCreate(aws, 'key-pair', name, spec.tags);
        const PublicKeyMaterial = Buffer.from(publicKey);
        const command = new ImportKeyPairCommand({ KeyName, PublicKeyMaterial, TagSpecifications });
        return (await aws.ec2.write.send(command)).KeyName;
      },
    });
  },
  async update(aws, id, spec, changed) {
    const pair = (await listPairs(aws)).find((one) => one.KeyName === id);
    await retag(aws, pair?.KeyPairId ?? id, spec.tags, changed);
  },
  delete: (aws, id, signal) =>
    remove(aws, () => aws.ec2.write.send(new DeleteKeyPairCommand({ KeyName: id })), signal),
};

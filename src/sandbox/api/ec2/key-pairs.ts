import { createHash, createPublicKey } from 'node:crypto';
import { ApiError } from '../../protocol/api-error.js';
import { flag, need, text, texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { newId } from '../ids.js';
import { filterOf, type Describable } from './describe.js';
import { missing, notFound } from './errors.js';
import type { KeyPair } from './model.js';
import { tagsFor, tagSet } from './tagging.js';

const kind: Describable<KeyPair> = {
  tags: (key) => key.tags,
  filters: {
    'key-pair-id': (key) => key.id,
    'key-name': (key) => key.name,
    fingerprint: (key) => key.fingerprint,
  },
};

function importKeyPair({ fields, ec2, now }: Call): Answer {
  const name = need(fields, 'KeyName');
  const publicKey = Buffer.from(need(fields, 'PublicKeyMaterial'), 'base64').toString().trim();
  const { type, fingerprint } = readKey(publicKey);
  const tags = tagsFor(fields, 'key-pair');
  if (Object.hasOwn(ec2.keyPairs, name))
    throw new ApiError('InvalidKeyPair.Duplicate', `The keypair '${name}' already exists.`);
  const key: KeyPair = { id: newId('key'), name, type, fingerprint, publicKey, created: now, tags };
  ec2.keyPairs[name] = key;
  return { keyName: name, keyFingerprint: fingerprint, keyPairId: key.id, tagSet: tagSet(tags) };
}

/** Type and fingerprint of an OpenSSH public key, as EC2 computes them for imported keys. */
function readKey(publicKey: string): Pick<KeyPair, 'type' | 'fingerprint'> {
  const bad = new ApiError('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
  const [format, body = ''] = publicKey.split(/\s+/);
  const blob = Buffer.from(body, 'base64');
  const [name, ...parts] = readBlob(blob);
  if (name?.toString() !== format) throw bad;
  if (format === 'ssh-ed25519' && parts[0]?.length === 32)
    return { type: 'ed25519', fingerprint: createHash('sha256').update(blob).digest('base64') };
  const [exponent, modulus] = parts;
  if (format !== 'ssh-rsa' || exponent === undefined || modulus === undefined) throw bad;
  const jwk = { kty: 'RSA', e: exponent.toString('base64url'), n: unsigned(modulus).toString('base64url') };
  const der = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' });
  const digest = createHash('md5').update(der).digest('hex');
  return { type: 'rsa', fingerprint: digest.match(/../g)?.join(':') ?? digest };
}

/** The length-prefixed parts of an OpenSSH key blob; what is cut off is left out. */
function readBlob(blob: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + 4 <= blob.length) {
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) break;
    parts.push(blob.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

const unsigned = (number: Buffer): Buffer => (number[0] === 0 ? number.subarray(1) : number);

function describe({ fields, ec2 }: Call): Answer {
  const names = texts(fields, 'KeyName');
  const ids = texts(fields, 'KeyPairId');
  const all = Object.values(ec2.keyPairs);
  const unknown =
    names.find((name) => !Object.hasOwn(ec2.keyPairs, name)) ??
    ids.find((id) => !all.some((key) => key.id === id));
  if (unknown !== undefined) throw notFound('key', unknown);
  const found = all
    .filter((key) => names.length === 0 || names.includes(key.name))
    .filter((key) => ids.length === 0 || ids.includes(key.id))
    .filter(filterOf(fields, kind));
  const withKey = flag(fields, 'IncludePublicKey') === true;
  return { keySet: found.map((key) => render(key, withKey)) };
}

const render = (key: KeyPair, withKey: boolean): Answer => ({
  keyPairId: key.id,
  keyName: key.name,
  keyType: key.type,
  keyFingerprint: key.fingerprint,
  publicKey: withKey ? key.publicKey : undefined,
  createTime: new Date(key.created),
  tagSet: tagSet(key.tags),
});

function remove({ fields, ec2 }: Call): Answer {
  const name = text(fields, 'KeyName');
  const id = text(fields, 'KeyPairId');
  if (name === undefined && id === undefined) throw missing('KeyName');
  const key = Object.values(ec2.keyPairs).find((one) => one.name === name || one.id === id);
  if (key !== undefined) Reflect.deleteProperty(ec2.keyPairs, key.name);
  return { return: true, keyPairId: key?.id };
}

export const keyPairActions: Actions = {
  ImportKeyPair: importKeyPair,
  DescribeKeyPairs: describe,
  DeleteKeyPair: remove,
};

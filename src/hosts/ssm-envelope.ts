import {
  constants,
  createCipheriv,
  createDecipheriv,
  pbkdf2Sync,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';

/**
 * Parameters and output of a command stay readable in the command history of AWS for a month. So both travel sealed:
 * the host makes a key pair that never leaves it, we wrap a password to it, and what either side sends is encrypted
 * with that. openssl on the host and node:crypto here speak the same format (`Salted__`, PBKDF2, AES-256-CBC).
 */
export interface Envelope {
  /** The password, encrypted to the host's key: base64. */
  readonly wrapped: string;
  /** Compressed and encrypted: base64. */
  seal(plain: Uint8Array): string;
  /** Undoes `sealPipe`; throws when the text is damaged. */
  open(sealed: string): Buffer;
}

/** The password is random: one round would do, and this many cost nothing. */
const rounds = 1000;
const cipher = `-aes-256-cbc -md sha256 -pbkdf2 -iter ${rounds}`;

/** Shell: standard input, sealed, to standard output. `$D/pass` holds the password. */
export const sealPipe = `gzip -c | openssl enc -e -salt ${cipher} -pass "file:$D/pass" | base64 | tr -d '\\n'`;

/** Shell: undoes `seal`. */
export const openPipe = `base64 -d | openssl enc -d ${cipher} -pass "file:$D/pass" | gzip -dc`;

/** Shell: makes the host's key pair in `$D/key` and prints the public half. Not in a process list, not on a disk. */
export const makeKey =
  'openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$D/key" 2>/dev/null && openssl pkey -in "$D/key" -pubout';

/** Shell: unwraps the password on standard input into `$J/pass`. */
export const unwrapPipe =
  'base64 -d | openssl pkeyutl -decrypt -inkey "$D/key" -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -out "$J/pass"';

/** A new password for the holder of a public key (PEM). */
export function envelopeFor(publicKey: string): Envelope {
  const password = randomBytes(32).toString('hex');
  const wrapped = publicEncrypt(
    { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
    Buffer.from(password),
  ).toString('base64');
  return {
    wrapped,
    seal: (plain) => {
      const salt = randomBytes(8);
      const { key, iv } = derive(password, salt);
      const encrypt = createCipheriv('aes-256-cbc', key, iv);
      const parts = [Buffer.from('Salted__'), salt, encrypt.update(gzipSync(plain)), encrypt.final()];
      return Buffer.concat(parts).toString('base64');
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed, 'base64');
      const { key, iv } = derive(password, bytes.subarray(8, 16));
      const decrypt = createDecipheriv('aes-256-cbc', key, iv);
      return gunzipSync(Buffer.concat([decrypt.update(bytes.subarray(16)), decrypt.final()]));
    },
  };
}

function derive(password: string, salt: Uint8Array): { readonly key: Buffer; readonly iv: Buffer } {
  const derived = pbkdf2Sync(password, salt, rounds, 48, 'sha256');
  return { key: derived.subarray(0, 32), iv: derived.subarray(32) };
}

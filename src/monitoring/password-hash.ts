import { createHash } from 'node:crypto';
import bcrypt from 'bcryptjs';
import type { Secret } from '../config/secret.js';

/**
 * The bcrypt hash of a password, always the same one, so that a second run has nothing to change. The salt comes from
 * the password itself: salts keep equal passwords of many people apart and make lists of guesses useless, and neither
 * is of use against 192 random bits. For the same reason the cost is low: Prometheus pays it at requests, we at runs.
 */
export function passwordHash(password: Secret): string {
  const salt = createHash('sha256').update(`cloudops prometheus salt\0${password.reveal()}`).digest();
  return bcrypt.hashSync(password.reveal(), `$2b$06$${bcrypt.encodeBase64(salt.subarray(0, 16), 16)}`);
}

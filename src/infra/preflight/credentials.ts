import type { PreflightFinding } from './finding.js';

const id = 'credentials';

/** A run that makes a stack and configures its hosts is through in less, ms. */
const enough = 15 * 60_000;

/** Pure: how long the credentials last. `expiration` as the credential provider gives it, `now` in ms since 1970. */
export function checkCredentials(expiration: Date | undefined, now: number): PreflightFinding {
  if (expiration === undefined)
    return { id, status: 'ok', saw: 'The credentials do not expire by themselves.' };
  const left = expiration.getTime() - now;
  const at = expiration.toISOString().replace(/\.\d+Z$/, 'Z');
  const fix = ["Log in again, e.g. 'aws sso login', before you start."];
  if (left <= 0) {
    const saw = `The credentials expired at ${at}.`;
    return { id, status: 'failed', saw, fix, code: 'CREDENTIALS_EXPIRED' };
  }
  const minutes = Math.floor(left / 60_000);
  if (left < enough)
    return { id, status: 'warning', saw: `The credentials expire in ${minutes} minutes, at ${at}.`, fix };
  return { id, status: 'ok', saw: `The credentials last until ${at}.` };
}

import { CloudopsError } from '../errors.js';
import { reasonOf } from './reason.js';
import type { Reply } from './transport.js';

/** No answer from Grafana at all. */
export function unreachable(place: string, cause: unknown): CloudopsError {
  if (cause instanceof CloudopsError && cause.code.startsWith('SSH')) return cause;
  return new CloudopsError({
    code: 'GRAFANA_UNREACHABLE',
    what: `${place} doesn't answer.`,
    why: reasonOf(cause),
    fix: [
      "Check it with 'cloudops verify'.",
      "Set it up again with 'cloudops monitoring configure'; a second run repairs what is wrong.",
    ],
    cause,
  });
}

/** Grafana's refusal of one call, in the operator's words. */
export function grafanaError(place: string, call: string, reply: Reply): CloudopsError {
  const said = `Grafana answered ${reply.status} to ${call}: ${message(reply.body)}`;
  if (reply.status === 401 || reply.status === 403) return refusedLogin(place, said);
  if (reply.status === 412 || reply.status === 409) return conflict(place, said);
  if (reply.status === 400 && /provisioned/i.test(reply.body)) return provisioned(place, said);
  return new CloudopsError({
    code: 'GRAFANA_REFUSED',
    what: `${place} refused a request.`,
    why: said,
    fix: [
      reply.status >= 500
        ? "Look at Grafana's log on the host: 'journalctl -u grafana-server -n 50'."
        : 'Check that the file opens in Grafana by hand (Dashboards, New, Import).',
    ],
  });
}

function refusedLogin(place: string, why: string): CloudopsError {
  return new CloudopsError({
    code: 'GRAFANA_AUTH',
    what: `${place} doesn't accept the login.`,
    why,
    fix: [
      "If the admin password was changed in Grafana, set it back or run 'cloudops monitoring configure'.",
      'With a token: it needs the Editor role at least.',
    ],
  });
}

function conflict(place: string, why: string): CloudopsError {
  return new CloudopsError({
    code: 'GRAFANA_CONFLICT',
    what: `${place} holds another version of the dashboard than a moment ago, or another one with its title.`,
    why,
    fix: ["See the difference with 'cloudops dashboards diff', then run the upload again."],
  });
}

/** A dashboard that Grafana reads from a file on its host. */
export function provisioned(place: string, why: string): CloudopsError {
  return new CloudopsError({
    code: 'GRAFANA_PROVISIONED',
    what: `${place} reads this dashboard from a file on its own host and lets nothing else change it.`,
    why,
    fix: [
      'Change it where it comes from: the file under /etc/grafana/provisioning/dashboards (or the path it names) on that host.',
      "Or give your file another 'uid', and upload that beside it.",
      'Or take it out of the provisioning there, wait until Grafana has dropped it, and upload again.',
    ],
  });
}

/** Grafana's `message`, or the start of what it said; never more than a line. */
function message(body: string): string {
  try {
    const said: unknown = (JSON.parse(body) as { message?: unknown }).message;
    if (typeof said === 'string' && said !== '') return said;
  } catch {
    // Not JSON: a proxy's page, say. Its first line serves.
  }
  const [line = ''] = body.trim().split('\n');
  return line === '' ? '(nothing)' : line.slice(0, 200);
}

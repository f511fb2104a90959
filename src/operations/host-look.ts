import type { TaskContext } from '../engine/task.js';
import type { Secret } from '../config/secret.js';
import { inspect, looksOf } from '../hosts/converge.js';
import { clockWarning } from '../hosts/facts.js';
import type { Glance } from '../hosts/glance.js';
import type { Host, HostRecord } from '../hosts/host.js';
import { tooMuchInput } from '../hosts/ssm-errors.js';
import type { Step } from '../hosts/step.js';
import type { Bundle } from '../monitoring/bundle.js';
import { askRoleFacts, type RoleFacts } from '../monitoring/facts.js';
import type { GivenCertificate } from '../monitoring/grafana-tls.js';
import { grafanaLeftOut } from '../monitoring/grafana-availability.js';
import type { KnownHost, MonitoringModel } from '../monitoring/model.js';
import { roleSteps } from '../monitoring/roles/roles.js';
import { usualRuntime, type RoleName, type RoleSteps } from '../monitoring/roles/role.js';
import type { FileDiff } from './configure-diff.js';
import type { ConfigureOptions } from './configure-monitoring.js';
import type { Context } from './context.js';
import { hostSecrets } from './host-secrets.js';
import type { SecretStore } from './secret-store.js';
import { rememberedLooks, rememberLooks } from './remembered-looks.js';

/** What the operator's machine brings along. */
export interface Brought {
  readonly bundle: Bundle | undefined;
  /** In the order of `alerting.receivers`. */
  readonly receiverSecrets: readonly (Secret | undefined)[];
  /** The lines of `application.environmentFile`. */
  readonly applicationEnvironment: Secret | undefined;
  /** Where generated passwords are kept. */
  readonly secrets: SecretStore;
  readonly grafanaCertificate: GivenCertificate | undefined;
}

/** A host that we are logged in to, what it said of itself, and what was seen in the one look at all its roles. */
export interface Session {
  readonly host: Host;
  readonly facts: RoleFacts;
  /** What was looked at in the last run, looked at again. */
  readonly glance: Glance | undefined;
  look?: Promise<Look>;
  /** Its packages changed: what was seen before that doesn't count. */
  stale: boolean;
}

/** What all roles want of a host, and how it differs. */
export interface Look {
  readonly roles: readonly RoleSteps[];
  /** Why a step differs, by `ROLE STEP`. */
  readonly drifts: ReadonlyMap<string, string>;
  readonly withoutGrafana: string | undefined;
  /** With `diff`: how the files of the steps that differ do so, by role. */
  readonly diffs: ReadonlyMap<RoleName, readonly FileDiff[]>;
}

/** Logs in and asks the host what it is. Rejects as `Connect` does, and for a system that we can't configure. */
export async function openSession(context: Context, record: HostRecord, task: TaskContext): Promise<Session> {
  const report = (message: string): void => task.report(message);
  const [host, looks] = await Promise.all([
    context.connect(record, task.signal, { report }),
    rememberedLooks(context.stateDir, record),
  ]);
  const { facts, glance } = await askRoleFacts(host, looks).catch(async (error: unknown) => {
    await host.close();
    throw error;
  });
  const warning = clockWarning(record.name, facts, Date.now());
  if (warning !== undefined) context.on({ type: 'note', level: 'warning', message: warning });
  return { host, facts, glance, stale: false };
}

/** What is known of one host when it is looked at. */
export interface LookInput extends Brought {
  readonly record: HostRecord;
  readonly known: KnownHost;
  readonly model: MonitoringModel;
  readonly names: readonly RoleName[];
}

/** All roles of a host in one round trip; in none when the glance has shown it all. */
export async function lookAtHost(
  context: Context,
  options: ConfigureOptions,
  { host, facts, glance }: Pick<Session, 'host' | 'facts' | 'glance'>,
  { record, known, model, names, secrets, ...brought }: LookInput,
): Promise<Look> {
  const touch = options.check !== true;
  const grafana = names.includes('grafana');
  const asked = options.runtime ?? context.config.monitoring.runtime;
  const runtime = asked ?? usualRuntime(facts, context.sandbox);
  const input = { model, facts, runtime, ...brought };
  const withoutGrafana = context.sandbox && grafana ? await grafanaLeftOut(host, input, touch) : undefined;
  const wanted = names.filter((name) => name !== 'grafana' || withoutGrafana === undefined);
  const roles = roleSteps(wanted, {
    ...input,
    grafana,
    host: known,
    ...(await hostSecrets(context, { host, facts, wanted, keep: touch, store: secrets })),
  });
  const all = roles.flatMap(({ role, steps }) =>
    steps.map((step) => ({ ...step, id: `${role} ${step.id}` })),
  );
  const found = await inspect(host, all, glance);
  const looks = looksOf(all);
  // Without the folder the next run takes one more round trip.
  if (looks !== glance?.looks) await rememberLooks(context.stateDir, record, looks).catch(() => undefined);
  const drifts = new Map(found.map(({ step, detail }) => [step, detail]));
  if (touch)
    refuseTooLarge(
      host,
      all.filter(({ id }) => drifts.has(id)),
    );
  const diffs = options.diff === true ? await diffsOf(host, roles, drifts) : new Map();
  return { roles, drifts, withoutGrafana, diffs };
}

/** What can't be sent is told before the first of the steps is applied. */
function refuseTooLarge(host: Host, steps: readonly Step[]): void {
  const { name, maxInputBytes = Infinity } = host;
  const large = steps.find(({ sends = 0 }) => sends > maxInputBytes);
  if (large !== undefined) throw tooMuchInput(name, large.sends ?? 0, large.id);
}

async function diffsOf(
  host: Host,
  roles: readonly RoleSteps[],
  drifts: Look['drifts'],
): Promise<Look['diffs']> {
  const all = new Map<RoleName, readonly FileDiff[]>();
  if (drifts.size === 0) return all;
  const { fileDiffs } = await import('./configure-diff.js');
  for (const { role, steps } of roles) {
    const differing = steps.filter(({ id }) => drifts.has(`${role} ${id}`));
    all.set(role, await fileDiffs(host, differing));
  }
  return all;
}

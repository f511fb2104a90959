import type { Concluded, Outcome, Task, TaskContext } from '../engine/task.js';
import { CloudopsError } from '../errors.js';
import { converge } from '../hosts/converge.js';
import type { Host, HostRecord } from '../hosts/host.js';
import type { Drift } from '../hosts/step.js';
import type { RoleFacts } from '../monitoring/facts.js';
import { grafanaUnavailable, leaveOut } from '../monitoring/grafana-availability.js';
import { knownHost, modelMonitoring, type KnownHost, type MonitoringModel } from '../monitoring/model.js';
import { release } from '../monitoring/releases.js';
import { roleNames, roleTitles } from '../monitoring/roles/roles.js';
import type { RoleName } from '../monitoring/roles/role.js';
import type { ConfigureOptions, HostResult } from './configure-monitoring.js';
import type { Context } from './context.js';
import { lookAtHost, openSession, type Brought, type Look, type Session } from './host-look.js';

const idOf = (record: HostRecord, what: string): string => `${record.name} ${what}`;

/** One run of `monitoring configure`: its tasks, and what they learn of the hosts on the way. */
export class ConfigureRun {
  readonly #context: Context;
  readonly #options: ConfigureOptions;
  readonly #records: readonly HostRecord[];
  readonly #brought: Brought;
  readonly #sessions = new Map<string, Session>();
  readonly #seen = new Map<string, Look>();
  readonly #results = new Map<string, HostResult>();
  /** Why Grafana was left out. */
  #leftOut: string | undefined;

  constructor(context: Context, options: ConfigureOptions, records: readonly HostRecord[], brought: Brought) {
    this.#brought = brought;
    this.#context = context;
    this.#options = options;
    this.#records = records;
  }

  /** A connect task per host, then one task per host and role. */
  tasks(): readonly Task[] {
    return this.#records.flatMap((record) => [
      this.#connectTask(record),
      ...this.#rolesOf(record).map((role) => this.#roleTask(record, role)),
    ]);
  }

  /** What each role came to, in the order of the tasks; a role that failed has none. */
  results(): readonly HostResult[] {
    return this.#records.flatMap((record) =>
      this.#rolesOf(record).flatMap((role) => this.#results.get(idOf(record, role)) ?? []),
    );
  }

  /** The monitoring host with Grafana on it, or why it is without; undefined when none was asked for or reached. */
  grafana(): { readonly host: Host; readonly record: HostRecord } | { readonly skipped: string } | undefined {
    const record = this.#records.find(({ role }) => role === 'monitoring');
    const session = record === undefined ? undefined : this.#sessions.get(record.name);
    if (record === undefined || session === undefined) return undefined;
    if (!this.#rolesOf(record).includes('grafana')) return undefined;
    return this.#leftOut === undefined ? { host: session.host, record } : { skipped: this.#leftOut };
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#sessions.values()].map(({ host }) => host.close()));
  }

  #rolesOf(record: HostRecord): readonly RoleName[] {
    const { monitoring, application, alerting } = this.#context.config;
    return roleNames(record.role, {
      grafana: this.#options.noGrafana !== true && monitoring.grafana.enabled,
      application: this.#options.noApp !== true && application.enabled,
      alertmanager: alerting.receivers.length > 0,
    });
  }

  #connectTask(record: HostRecord): Task {
    return {
      id: idOf(record, 'connect'),
      title: `connect to ${record.address ?? record.name}`,
      group: record.name,
      after: [],
      run: async (task) => {
        this.#sessions.set(record.name, await openSession(this.#context, record, task));
        return 'pass';
      },
    };
  }

  #roleTask(record: HostRecord, role: RoleName): Task {
    // Addresses that nobody told are asked of the hosts, and Prometheus' files hold them all.
    const asked = this.#records.filter(
      (one) => one.privateAddress === undefined && record.role === 'monitoring',
    );
    const connects = new Set([record, ...asked].map((one) => idOf(one, 'connect')));
    return {
      id: idOf(record, role),
      title: roleTitles[role],
      group: record.name,
      after: [...connects, ...(role === 'packages' ? [] : [idOf(record, 'packages')])],
      run: (task) => this.#runRole(record, role, task),
    };
  }

  async #runRole(record: HostRecord, role: RoleName, task: TaskContext): Promise<Outcome | Concluded> {
    const session = this.#session(record);
    session.look ??= this.#lookAtAll(record, session);
    const look = await session.look;
    this.#seen.set(record.name, look);
    if (role === 'grafana' && look.withoutGrafana !== undefined)
      return this.#goOnWithout(record, look.withoutGrafana);
    const steps = look.roles.find((one) => one.role === role)?.steps ?? [];
    const changed = steps.flatMap(({ id }) => {
      const detail = look.drifts.get(`${role} ${id}`);
      return detail === undefined ? [] : [{ step: id, detail }];
    });
    if (this.#options.check === true || (changed.length === 0 && !session.stale)) {
      return this.#settle(record, role, changed, steps.length - changed.length);
    }
    try {
      const converged = await converge(session.host, steps, (line) => task.report(line), task.signal);
      if (role === 'packages') session.stale = converged.outcome === 'changed';
      return this.#settle(record, role, converged.changed, converged.unchanged);
    } catch (error) {
      if (role !== 'grafana') throw error;
      return await this.#grafanaFailed(record, session, error);
    }
  }

  #session(record: HostRecord): Session {
    const session = this.#sessions.get(record.name);
    if (session === undefined) throw new Error(`${record.name} is not connected`);
    return session;
  }

  #settle(record: HostRecord, role: RoleName, changed: readonly Drift[], unchanged: number): Outcome {
    const diffs = this.#seen.get(record.name)?.diffs.get(role);
    const shown = this.#options.diff === true ? { diffs: diffs ?? [] } : {};
    this.#results.set(idOf(record, role), { host: record.name, role, changed, unchanged, ...shown });
    return changed.length > 0 ? 'changed' : 'unchanged';
  }

  #lookAtAll(record: HostRecord, session: Session): Promise<Look> {
    return lookAtHost(this.#context, this.#options, session, {
      ...this.#brought,
      record,
      known: this.#known(record),
      model: this.#model(),
      names: this.#rolesOf(record),
    });
  }

  #model(): MonitoringModel {
    const { config, sandbox, region } = this.#context;
    const reachable = this.#records.filter(
      (record) => record.privateAddress !== undefined || this.#sessions.has(record.name),
    );
    // The sandbox's AWS is the operator's loopback: Prometheus can't ask it.
    const discovery = sandbox ? undefined : { region };
    return modelMonitoring(
      config,
      reachable.map((record) => this.#known(record)),
      discovery,
    );
  }

  #known(record: HostRecord): KnownHost {
    const known = knownHost(record, this.#sessions.get(record.name)?.facts.privateAddress);
    if (known !== undefined) return known;
    throw new CloudopsError({
      code: 'PRIVATE_ADDRESS_UNKNOWN',
      what: `Nobody knows at which address the other hosts reach ${record.name}.`,
      why: 'AWS does not know the host, and it has no IPv4 address on a real interface.',
      fix: ["see 'ip -4 address' on the host"],
    });
  }

  #grafanaRelease(facts: RoleFacts): ReturnType<typeof release> {
    return release(this.#context.config, 'grafana', facts.arch ?? 'amd64');
  }

  #goOnWithout(record: HostRecord, reason: string): Concluded {
    const message = `Going on without Grafana: ${reason}.`;
    this.#context.on({ type: 'note', level: 'warning', message });
    this.#leftOut = reason;
    this.#settle(record, 'grafana', [], 0);
    return { outcome: 'skip', message: 'left out' };
  }

  /** A release that can't be fetched is a note in the sandbox, an error everywhere else. */
  async #grafanaFailed(record: HostRecord, { host, facts }: Session, error: unknown): Promise<Concluded> {
    const unreached = ['ARCHIVE_NOT_FETCHED', 'IMAGE_NOT_PULLED'];
    if (!(error instanceof CloudopsError) || !unreached.includes(error.code)) throw error;
    if (!this.#context.sandbox) throw grafanaUnavailable(host, this.#grafanaRelease(facts), error);
    await leaveOut(host, error.message);
    return this.#goOnWithout(record, error.message);
  }
}

import type { Step } from '../../hosts/step.js';
import type { KnownHost, MonitoringModel } from '../model.js';
import type { RoleFacts } from '../facts.js';
import type { Secret } from '../../config/secret.js';

export type RoleName = 'packages' | 'node-exporter' | 'prometheus' | 'grafana' | 'application';

/** Everything a role may look at to say what a host should look like. */
export interface RoleInput {
  readonly model: MonitoringModel;
  readonly host: KnownHost;
  readonly facts: RoleFacts;
  /** Grafana's admin password; present when the host has that role. */
  readonly adminPassword: Secret | undefined;
}

/** What one role wants of one host: pure, no effects. */
export interface RoleSteps {
  readonly role: RoleName;
  readonly steps: readonly Step[];
}

/** Debian and Ubuntu have the programs in their own packages; elsewhere they come from their publishers. */
export function fromPackages(facts: Pick<RoleFacts, 'packageManager'>): boolean {
  return facts.packageManager === 'apt';
}

/** Shell that exits 0 when an address on the host answers with success. */
export function answers(port: number, path: string): string {
  return `curl -fsS --noproxy '*' --max-time 3 -o /dev/null http://127.0.0.1:${String(port)}${path}`;
}

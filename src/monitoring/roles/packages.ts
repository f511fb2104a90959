import type { Step } from '../../hosts/step.js';
import { packages } from '../../hosts/steps/packages.js';
import type { RoleName } from './role.js';

/** What each role needs of the distribution, by package manager. */
const needs: Readonly<
  Partial<Record<RoleName, { readonly apt: readonly string[]; readonly dnf: readonly string[] }>>
> = {
  'node-exporter': { apt: ['prometheus-node-exporter'], dnf: ['tar', 'gzip'] },
  prometheus: { apt: ['prometheus'], dnf: [] },
  application: {
    apt: ['gunicorn', 'python3-flask', 'python3-prometheus-client'],
    dnf: ['python3.11', 'python3.11-pip'],
  },
};

/** All packages of a host in one call of its package manager. Amazon Linux has curl already, as curl-minimal. */
export function packagesSteps(roles: readonly RoleName[]): readonly Step[] {
  const of = (manager: 'apt' | 'dnf'): readonly string[] =>
    roles.flatMap((role) => needs[role]?.[manager] ?? []);
  return [packages({ names: { apt: ['curl', ...of('apt')], dnf: of('dnf') } })];
}

import type { Step } from '../../hosts/step.js';
import { packages } from '../../hosts/steps/packages.js';
import { fromPackages, type RoleInput, type RoleName } from './role.js';

interface Needs {
  readonly apt: readonly string[];
  readonly dnf: readonly string[];
}

/** What each role needs of the distribution, by package manager. */
function needsOf(role: RoleName, input: RoleInput): Needs {
  const of = (product: 'prometheus' | 'nodeExporter' | 'alertmanager', name: string): readonly string[] =>
    fromPackages(input, product) ? [name] : [];
  switch (role) {
    case 'node-exporter':
      return { apt: of('nodeExporter', 'prometheus-node-exporter'), dnf: ['tar', 'gzip'] };
    case 'alertmanager':
      return { apt: of('alertmanager', 'prometheus-alertmanager'), dnf: [] };
    case 'prometheus':
      if (input.runtime === 'native') return { apt: of('prometheus', 'prometheus'), dnf: [] };
      return docker(input);
    case 'application':
      if (input.model.config.application.image !== undefined) return docker(input);
      return {
        apt: ['gunicorn', 'python3-flask', 'python3-prometheus-client'],
        dnf: ['python3.11', 'python3.11-pip'],
      };
    case 'grafana': {
      const own = input.model.config.monitoring.grafana.https === 'self-signed' ? ['openssl'] : [];
      return { apt: own, dnf: own };
    }
    default:
      return { apt: [], dnf: [] };
  }
}

/** Whatever Docker a host has is left as it is. */
function docker({ facts }: RoleInput): Needs {
  return facts.docker ? { apt: [], dnf: [] } : { apt: ['docker.io'], dnf: ['docker'] };
}

/** All packages of a host in one call of its package manager. Amazon Linux has curl already, as curl-minimal. */
export function packagesSteps(roles: readonly RoleName[], input: RoleInput): readonly Step[] {
  const needs = roles.map((role) => needsOf(role, input));
  return [
    packages({
      names: {
        apt: ['curl', ...needs.flatMap(({ apt }) => apt)],
        dnf: needs.flatMap(({ dnf }) => dnf),
      },
    }),
  ];
}

import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../src/config/secret.js';
import { configSchema } from '../../src/config/schema.js';
import { parseRoleFacts } from '../../src/monitoring/facts.js';
import { modelMonitoring, type KnownHost } from '../../src/monitoring/model.js';
import { renderFiles } from '../../src/monitoring/render-files.js';
import type { RoleInput } from '../../src/monitoring/roles/role.js';
import { roleNames, roleSteps } from '../../src/monitoring/roles/roles.js';

const config = configSchema.parse({});
const hosts: readonly KnownHost[] = [
  { name: 'monitoring', role: 'monitoring', privateAddress: '10.0.1.10', instanceId: 'i-0a' },
  { name: 'application-1', role: 'application', privateAddress: '10.0.1.11', instanceId: 'i-0b' },
];
const model = modelMonitoring(config, hosts, { region: 'eu-west-1' });
const password = 'correct horse battery staple';

/** What a host like the config's would be given. */
function steps(host: KnownHost, packageManager: string, runtime: 'docker' | 'native') {
  const said = `os=x\narch=x86_64\nsystemd=yes\npackageManager=${packageManager}\nmemory=${4 * 2 ** 30}\ndisk=${20 * 2 ** 30}\n`;
  const facts = parseRoleFacts(said);
  const adminPassword = new Secret(password);
  const input: RoleInput = { model, host, facts, adminPassword, runtime, bundle: undefined, grafana: true };
  return roleSteps(roleNames(host.role, { grafana: true, application: true }), input).flatMap(
    (role) => role.steps,
  );
}

describe.each([
  ['apt', 'native'],
  ['dnf', 'native'],
  ['dnf', 'docker'],
  ['apt', 'docker'],
] as const)('what is rendered for hosts with %s, %s', (packageManager, runtime) => {
  const rendered = renderFiles(model, {
    grafana: true,
    application: true,
    packaged: packageManager === 'apt',
    runtime,
  });
  const all = hosts.flatMap((host) => steps(host, packageManager, runtime));

  it('is every file that the steps write, but for secrets', () => {
    const written = all.flatMap(({ files = [] }) => files).filter(({ secret }) => secret !== true);
    expect(written.length).toBeGreaterThan(8);
    const contents = new Set(rendered.map(({ content }) => content));
    expect(written.filter(({ content }) => !contents.has(String(content))).map(({ path }) => path)).toEqual(
      [],
    );
    const names = new Set(rendered.map(({ path }) => path.split('/').at(-1)));
    expect(written.filter(({ path }) => !names.has(path.split('/').at(-1))).map(({ path }) => path)).toEqual(
      [],
    );
  });

  it('has the unit of every service, and no path twice', () => {
    const services = all
      .flatMap(({ id }) => /^service (.+)$/.exec(id)?.[1] ?? [])
      .filter((name) => name !== 'docker');
    const paths = rendered.map(({ path }) => path);
    expect(services.filter((name) => !paths.includes(`systemd/${name}.service`))).toEqual([]);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths.filter((path) => path.startsWith('/') || path.includes('..'))).toEqual([]);
  });

  it('holds no secret', () => {
    const secret = all.flatMap(({ files = [] }) => files).filter((one) => one.secret === true);
    expect(secret.map(({ path }) => path)).toEqual(['/etc/grafana/admin-password']);
    expect(JSON.stringify(rendered)).not.toContain(password);
    expect(rendered.map(({ path }) => path)).not.toContain('grafana/admin-password');
  });
});

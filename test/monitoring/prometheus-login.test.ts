import bcrypt from 'bcryptjs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { Secret } from '../../src/config/secret.js';
import { configSchema } from '../../src/config/schema.js';
import { modelMonitoring, type KnownHost } from '../../src/monitoring/model.js';
import { hashed, loginFiles } from '../../src/monitoring/prometheus-login.js';
import { renderFiles } from '../../src/monitoring/render-files.js';
import { renderDatasource, renderPrometheus } from '../../src/monitoring/render.js';
import { prometheusFlags } from '../../src/monitoring/units.js';
import { expectGolden } from '../support/golden.js';
import { describeWithPromtool, promtoolOf, promtools } from './promtool.js';

const password = new Secret('gx1_lWFv0O5sSWSo2EkR3cNJbx-0S-7n');
const monitoring: KnownHost = {
  name: 'monitoring',
  role: 'monitoring',
  privateAddress: '10.0.1.10',
  instanceId: undefined,
};
const modelOf = (basicAuth: boolean) =>
  modelMonitoring(configSchema.parse({ monitoring: { prometheus: { basicAuth } } }), [monitoring]);

describe('the hash of the password', () => {
  it('is the same each time, and lets in nobody else', async () => {
    const [first, second] = [await hashed(password), await hashed(password)];
    expect(second.hash).toBe(first.hash);
    expect(first.hash).toMatch(/^\$2b\$06\$[./\w]{53}$/);
    expect(bcrypt.compareSync(password.reveal(), first.hash)).toBe(true);
    expect(bcrypt.compareSync(`${password.reveal()}x`, first.hash)).toBe(false);
  });

  it('has another salt for another password', async () => {
    const other = await hashed(new Secret('another one of thirty-two letters'));
    expect(other.hash.slice(0, 29)).not.toBe((await hashed(password)).hash.slice(0, 29));
  });
});

describe('Prometheus behind a login', () => {
  it('is asked with it by itself and by Grafana, and by nobody without being told to', () => {
    expectGolden('monitoring/login/prometheus.yml', renderPrometheus(modelOf(true)));
    expectGolden('monitoring/login/datasource.yaml', renderDatasource(modelOf(true)));
    expect(prometheusFlags(modelOf(true).config, 2 ** 34)).toContain(
      '--web.config.file=/etc/prometheus/web.yml',
    );
    const open = renderPrometheus(modelOf(false)) + renderDatasource(modelOf(false));
    expect(`${open} ${prometheusFlags(modelOf(false).config, 2 ** 34).join(' ')}`).not.toMatch(
      /basic_?auth|web\.config/i,
    );
  });

  it.each(['native', 'docker'] as const)('keeps its secrets out of what is rendered (%s)', (runtime) => {
    const options = { grafana: true, application: true, packaged: false, runtime };
    const files = renderFiles(modelOf(true), options);
    expect(files.map(({ path }) => path)).not.toContain('web.yml');
    expect(files.map(({ content }) => content).join('\n')).not.toContain('not rendered');
  });

  it('takes one file for whom it lets in, readable by whoever runs it', async () => {
    const [web, secret] = loginFiles(await hashed(password), 'prometheus:prometheus');
    expect(parse(String(web?.content))).toEqual({
      basic_auth_users: { cloudops: (await hashed(password)).hash },
    });
    expect([web?.mode, secret?.mode, web?.secret, secret?.content]).toEqual([
      0o600,
      0o600,
      true,
      password.reveal(),
    ]);
  });
});

describeWithPromtool.each(promtools)('web.yml, by %s', (program) => {
  it('is accepted', async () => {
    const [web] = loginFiles(await hashed(password), 'root:root');
    const files = { 'web.yml': String(web?.content) };
    expect(promtoolOf(program, files, 'check', 'web-config', 'web.yml')).toMatchObject({ code: 0 });
  });

  it('is refused with a hash that is none', () => {
    const [web] = loginFiles({ password, hash: 'no hash' }, 'root:root');
    const files = { 'web.yml': String(web?.content) };
    expect(promtoolOf(program, files, 'check', 'web-config', 'web.yml').code).not.toBe(0);
  });
});

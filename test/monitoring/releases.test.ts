import { describe, expect, it } from '@jest/globals';
import { configSchema } from '../../src/config/schema.js';
import { parseRoleFacts } from '../../src/monitoring/facts.js';
import { release } from '../../src/monitoring/releases.js';

describe('a release', () => {
  it('comes from its publisher, in the version of the table', () => {
    expect(release(configSchema.parse({}), 'grafana', 'arm64')).toMatchObject({
      url: 'https://dl.grafana.com/oss/release/grafana-12.4.11.linux-arm64.tar.gz',
      checksumUrl: 'https://dl.grafana.com/oss/release/grafana-12.4.11.linux-arm64.tar.gz.sha256',
    });
    expect(release(configSchema.parse({}), 'nodeExporter', 'amd64').checksumUrl).toMatch(
      /v1\.12\.1\/sha256sums\.txt$/,
    );
  });

  it('comes from the mirror, in the version of the config', () => {
    const config = configSchema.parse({
      artifacts: { mirror: 'http://10.0.0.1:8080/files/' },
      versions: { prometheus: '3.16.0' },
    });
    expect(release(config, 'prometheus', 'amd64')).toMatchObject({
      url: 'http://10.0.0.1:8080/files/prometheus-3.16.0.linux-amd64.tar.gz',
      checksumUrl: 'http://10.0.0.1:8080/files/prometheus-3.16.0.linux-amd64.tar.gz.sha256',
    });
  });
});

describe('what a host says', () => {
  const text = 'os=debian\nosVersion=12\narch=x86_64\nsystemd=yes\npackageManager=apt\ndisk=1000\n';

  it('is read line by line', () => {
    expect(parseRoleFacts(text)).toMatchObject({
      os: 'debian',
      diskBytes: 1000,
      grafanaInstalled: false,
      grafanaPassword: undefined,
      grafanaSkipped: undefined,
    });
  });

  it('holds why Grafana was left out, and since when', () => {
    const facts = parseRoleFacts(`${text}skipped=42 no way to = it\n`);
    expect(facts.grafanaSkipped).toEqual({ secondsAgo: 42, reason: 'no way to = it' });
  });
});

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Secret } from '../../src/config/secret.js';
import type { CloudopsError } from '../../src/errors.js';
import { converge, inspect } from '../../src/hosts/converge.js';
import { askFacts } from '../../src/hosts/facts.js';
import type { Host } from '../../src/hosts/host.js';
import { requestFrom } from '../../src/hosts/http.js';
import type { Converged, Step } from '../../src/hosts/step.js';
import { archive } from '../../src/hosts/steps/archive.js';
import { file } from '../../src/hosts/steps/file.js';
import { packages } from '../../src/hosts/steps/packages.js';
import { service } from '../../src/hosts/steps/service.js';
import { user } from '../../src/hosts/steps/user.js';
import { realHost, type RealHost } from '../support/real-host.js';

jest.setTimeout(240_000);

let real: RealHost;
let host: Host;

beforeAll(async () => {
  real = await realHost(223);
  host = real.host;
});

afterAll(async () => {
  await host.close();
  await real.remove();
});

const said: string[] = [];
const apply = (...steps: Step[]): Promise<Converged> =>
  converge(host, steps, (message) => said.push(message));
const changes = async (...steps: Step[]): Promise<string[]> =>
  (await apply(...steps)).changed.map(({ detail }) => detail);
const shell = async (script: string): Promise<string> => (await host.exec(script)).stdout.trim();

async function errorOf(promise: Promise<unknown>): Promise<CloudopsError> {
  return (await promise.then(
    () => new Error('it worked'),
    (error: unknown) => error,
  )) as CloudopsError;
}

describe('facts', () => {
  it('are what the machine is', async () => {
    expect(await askFacts(host)).toMatchObject({
      os: 'debian',
      osVersion: '12',
      hostname: 'ip-10-223-1-10',
      privateAddress: '10.223.1.10',
      systemd: true,
      packageManager: 'apt',
    });
  });
});

describe('user', () => {
  it('is made once, and changed where asked', async () => {
    expect(await changes(user({ name: 'tester' }))).toEqual(['missing']);
    expect(await changes(user({ name: 'tester' }))).toEqual([]);
    expect(await changes(user({ name: 'tester', home: '/var/lib/tester' }))).toHaveLength(1);
    expect(await shell('getent passwd tester | cut -d: -f6,7; id -gn tester')).toBe(
      '/var/lib/tester:/usr/sbin/nologin\ntester',
    );
  });
});

describe('service', () => {
  const unit = [
    '[Service]',
    "ExecStart=/bin/sh -c 'cat /etc/demo.conf >/run/demo.now; exec sleep infinity'",
    "ExecReload=/bin/sh -c 'cat /etc/demo.rules >/run/demo.rules'",
    'Restart=always',
    'RestartSec=100ms',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n');
  const role = (conf: string, rules = 'r1', environment: Record<string, string> = {}): Step[] => [
    file({ path: '/etc/demo.conf', content: conf }),
    file({ path: '/etc/demo.rules', content: rules }),
    service({
      name: 'demo',
      unit,
      environment,
      restartOn: ['/etc/demo.conf'],
      reload: ['/etc/demo.rules'],
      ready: 'test -s /run/demo.now',
      readyTimeoutMs: 5_000,
    }),
  ];
  const pid = (): Promise<string> => shell('systemctl show -p MainPID --value demo');

  it('starts, is enabled, and is then left alone in one round trip', async () => {
    expect(await changes(...role('c1'))).toHaveLength(3);
    expect(await shell('systemctl is-enabled demo; systemctl is-active demo; cat /run/demo.now')).toBe(
      'enabled\nactive\nc1',
    );
    expect(await changes(...role('c1'))).toEqual([]);
  });

  it('restarts when a file it started with changed, and not for others', async () => {
    const before = await pid();
    expect(await changes(...role('c2'))).toEqual(['content differs', 'runs with an older /etc/demo.conf']);
    expect(await shell('cat /run/demo.now')).toBe('c2');
    const after = await pid();
    expect(after).not.toBe(before);
    expect(await changes(...role('c2', 'r2'))).toEqual([
      'content differs',
      'has not loaded the present /etc/demo.rules',
    ]);
    expect(await pid()).toBe(after);
    expect(await shell('cat /run/demo.rules')).toBe('r2');
  });

  it('heals when the file was written but the restart never happened', async () => {
    await shell('printf c3 >/etc/demo.conf');
    expect(await changes(...role('c3', 'r2'))).toEqual(['runs with an older /etc/demo.conf']);
    expect(await shell('cat /run/demo.now')).toBe('c3');
  });

  it('takes a crash of the service for no drift: systemd noted what it came back with', async () => {
    const before = await pid();
    await shell(`kill -9 ${before}; sleep 1`);
    expect(await pid()).not.toBe(before);
    expect(await changes(...role('c3', 'r2'))).toEqual([]);
  });

  it('restarts for a changed environment, and starts what was stopped or disabled', async () => {
    expect(await changes(...role('c3', 'r2', { GREETING: 'a "b" 100%' }))).toHaveLength(1);
    expect(await shell(`tr '\\0' '\\n' </proc/${await pid()}/environ | grep GREETING`)).toBe(
      'GREETING=a "b" 100%',
    );
    await shell('systemctl disable --now demo 2>/dev/null');
    const [detail] = await changes(...role('c3', 'r2', { GREETING: 'a "b" 100%' }));
    expect(detail).toBe('is disabled; is inactive');
  });

  it('says what systemd and the journal say when it does not start or serve', async () => {
    const bad = (name: string, command: string, ready?: string): Step =>
      service({
        name,
        unit: `[Service]\nExecStart=${command}\n[Install]\nWantedBy=multi-user.target\n`,
        restartOn: [],
        readyTimeoutMs: 1_500,
        ...(ready === undefined ? {} : { ready }),
      });
    const dead = await errorOf(apply(bad('dead', "/bin/sh -c 'echo port is taken; exit 4'", 'false')));
    expect(dead.code).toBe('SERVICE_NOT_STARTED');
    expect(dead.why).toContain('port is taken');
    expect((await errorOf(apply(bad('mute', '/bin/sleep 600', 'false')))).code).toBe('SERVICE_NOT_READY');
    expect((await errorOf(apply(bad('broken', 'not-absolute/path x')))).code).toBe('SERVICE_UNIT_BAD');
  });
});

describe('archive', () => {
  const make =
    'cd /tmp && rm -rf demo-1 demo.tar.gz && mkdir -p demo-1/bin && echo "#!/bin/sh" >demo-1/bin/tool && echo doc >demo-1/README && tar czf demo.tar.gz demo-1 && sha256sum demo.tar.gz >sums.txt && cut -c1-64 sums.txt';
  const url = 'file:///tmp/demo.tar.gz';

  it('is installed once its sum is right, and again when it was changed on disk', async () => {
    const sha256 = await shell(make);
    const step = archive({ name: 'demo', url, sha256, into: '/usr/local/bin', files: ['bin/tool'] });
    expect(await changes(step)).toEqual(['not installed']);
    expect(await shell('stat -c %a /usr/local/bin/tool')).toBe('755');
    expect(await changes(step)).toEqual([]);
    await shell('echo evil >>/usr/local/bin/tool');
    expect(await changes(step)).toEqual(['changed on disk: /usr/local/bin/tool']);
    expect(await shell('cat /usr/local/bin/tool')).toBe('#!/bin/sh');
  });

  it('is refused with a wrong sum or none, and nothing is touched', async () => {
    await shell(make);
    const into = '/opt/demo';
    const wrong = await errorOf(apply(archive({ name: 'other', url, sha256: '0'.repeat(64), into })));
    expect(wrong.code).toBe('ARCHIVE_CHECKSUM_WRONG');
    const none = {
      name: 'other',
      url: 'file:///tmp/demo-1/README',
      checksumUrl: 'file:///tmp/sums.txt',
      into,
    };
    expect((await errorOf(apply(archive(none)))).code).toBe('ARCHIVE_NO_CHECKSUM');
    const gone = { name: 'other', url: 'file:///tmp/nothing', sha256: '0'.repeat(64), into };
    expect((await errorOf(apply(archive(gone)))).code).toBe('ARCHIVE_NOT_FETCHED');
    expect(await shell('ls -A /opt')).toBe('');
  });

  it("can be a whole tree, by the publisher's list of sums", async () => {
    await shell(make);
    const step = archive({ name: 'tree', url, checksumUrl: 'file:///tmp/sums.txt', into: '/opt/demo' });
    expect(await changes(step)).toEqual(['not installed']);
    expect(await shell('cat /opt/demo/README')).toBe('doc');
    expect(await changes(step)).toEqual([]);
    await shell('rm /opt/demo/README');
    expect(await changes(step)).toEqual(['changed on disk: /opt/demo/README']);
  });
});

describe('packages', () => {
  it('names a package that does not exist, and the holder of a lock', async () => {
    await shell('touch /var/lib/apt/lists/x_Packages');
    const unknown = await errorOf(apply(packages({ names: ['no-such-package-here'] })));
    expect(unknown).toMatchObject({ code: 'PACKAGE_UNKNOWN' });
    expect(unknown.what).toContain('no-such-package-here');
    const hold = `perl -e 'use Fcntl; open(F, "+>", "/var/lib/dpkg/lock-frontend"); $l = pack("s s x4 q q i", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; sleep 8' >/dev/null 2>&1 & sleep 0.5`;
    await shell(hold);
    const held = await errorOf(apply(packages({ names: ['no-such-package-here'], lockTimeoutMs: 2_000 })));
    expect(held).toMatchObject({ code: 'PACKAGE_LOCK_HELD', why: expect.stringContaining('perl') });
  });

  it('finds installed ones right in one look', async () => {
    expect(await inspect(host, [packages({ names: ['curl', 'systemd'] })])).toEqual([]);
  });
});

describe('a request by the host', () => {
  it('gives status and body, and an error when nothing listens', async () => {
    const server =
      'perl -MIO::Socket::INET -e \'$s=IO::Socket::INET->new(LocalAddr=>"127.0.0.1:8099",Listen=>5,ReuseAddr=>1);$c=$s->accept;$c->autoflush(1);$n=0;while(<$c>){$h.=$_;/content-length: (\\d+)/i&&($n=$1);last if /^\\r?$/}read($c,$b,$n);$r=$h.$b;print $c "HTTP/1.1 201 OK\\r\\nContent-Length: ".length($r)."\\r\\nConnection: close\\r\\n\\r\\n".$r\' >/dev/null 2>&1 & sleep 0.5';
    await shell(server);
    const url = 'http://127.0.0.1:8099/api?q={a}';
    const password = new Secret('p"\\ä');
    const answer = await requestFrom(host, {
      method: 'POST',
      url,
      body: { a: '@x\n' },
      user: { name: 'admin', password },
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toContain('POST /api?q={a} HTTP');
    expect(answer.body).toContain(`Basic ${Buffer.from('admin:p"\\ä').toString('base64')}`);
    expect(answer.body.endsWith('{"a":"@x\\n"}')).toBe(true);
    expect(await errorOf(requestFrom(host, { method: 'GET', url }))).toMatchObject({
      code: 'HTTP_NO_ANSWER',
    });
  });
});

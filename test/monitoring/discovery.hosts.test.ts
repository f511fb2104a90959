import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { configSchema } from '../../src/config/schema.js';
import { modelMonitoring } from '../../src/monitoring/model.js';
import { renderAlertRules, renderMetaRules, renderPrometheus } from '../../src/monitoring/render.js';
import { startSandbox, type Sandbox } from '../sandbox/api-support.js';
import { debianProgram } from '../support/artifacts.js';
import { describeWith, hasDocker } from '../support/requires.js';

interface Targets {
  readonly data: {
    readonly activeTargets: readonly {
      readonly scrapePool: string;
      readonly scrapeUrl: string;
      readonly labels: Readonly<Record<string, string>>;
    }[];
  };
}

/** A real Prometheus with our configuration, asking the sandbox's EC2 API. */
describeWith('Docker', hasDocker())('discovery of further instances', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cloudops-discovery-'));
  const port = 19_190;
  let sandbox: Sandbox;
  let image = '';
  let prometheus: ChildProcess | undefined;

  const launch = async (name: string, stack: string): Promise<{ id: string; address: string }> => {
    const { Instances } = await sandbox.ec2.send(
      new RunInstancesCommand({
        ImageId: image,
        InstanceType: 't3.small',
        MinCount: 1,
        MaxCount: 1,
        TagSpecifications: [
          {
            ResourceType: 'instance',
            Tags: [
              { Key: 'Name', Value: name },
              { Key: 'cloudops:stack', Value: stack },
            ],
          },
        ],
      }),
    );
    return { id: Instances?.[0]?.InstanceId ?? '', address: Instances?.[0]?.PrivateIpAddress ?? '' };
  };

  beforeAll(async () => {
    sandbox = await startSandbox();
    const Name = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
    image = (await sandbox.ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value ?? '';
  });
  afterAll(async () => {
    const running = prometheus;
    if (running?.exitCode === null) {
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGKILL');
      await ended;
    }
    await sandbox.close();
    rmSync(directory, { recursive: true });
  });

  it('finds the running ones of the stack, names them, and scrapes no address twice', async () => {
    const monitoring = await launch('smartcloudops-dev-monitoring', 'smartcloudops-dev');
    const further = await launch('smartcloudops-dev-batch', 'smartcloudops-dev');
    const stopped = await launch('smartcloudops-dev-old', 'smartcloudops-dev');
    await launch('other-web', 'other-dev');
    await sandbox.ec2.send(new StopInstancesCommand({ InstanceIds: [stopped.id] }));

    const config = configSchema.parse({ monitoring: { prometheus: { port, bind: 'loopback' } } });
    const host = {
      name: 'monitoring',
      role: 'monitoring',
      privateAddress: monitoring.address,
      instanceId: monitoring.id,
    } as const;
    const endpoint = `http://127.0.0.1:${String(sandbox.server.port)}`;
    const model = modelMonitoring(config, [host], { region: 'us-east-1', endpoint });
    writeFileSync(join(directory, 'prometheus.yml'), renderPrometheus(model));
    writeFileSync(join(directory, 'alert-rules.yml'), renderAlertRules(model));
    writeFileSync(join(directory, 'meta-rules.yml'), renderMetaRules(model));
    prometheus = spawn(
      debianProgram('prometheus', 'usr/bin/prometheus'),
      [
        `--config.file=${directory}/prometheus.yml`,
        `--storage.tsdb.path=${directory}/data`,
        `--web.listen-address=127.0.0.1:${String(port)}`,
      ],
      {
        stdio: 'ignore',
        env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_EC2_METADATA_DISABLED: 'true' },
      },
    );
    let seen: Targets['data']['activeTargets'] = [];
    for (const end = Date.now() + 40_000; Date.now() < end && seen.length < 3;) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const answer = await fetch(`http://127.0.0.1:${String(port)}/api/v1/targets`).catch(() => undefined);
      if (answer?.ok === true) seen = ((await answer.json()) as Targets).data.activeTargets;
    }
    expect(
      seen
        .map(({ scrapePool, scrapeUrl, labels }) => `${scrapePool} ${labels['host'] ?? ''} ${scrapeUrl}`)
        .sort(),
    ).toEqual(
      [
        `node monitoring http://${monitoring.address}:9100/metrics`,
        `node-ec2 batch http://${further.address}:9100/metrics`,
        `prometheus monitoring http://localhost:${String(port)}/metrics`,
      ].sort(),
    );
  }, 60_000);
});

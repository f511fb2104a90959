import * as z from 'zod';
import { alerting } from './alerting.js';
import { alerts } from './alerts.js';
import { application } from './application.js';
import { cidrProblem } from './cidr.js';
import { crossProblems } from './cross-checks.js';
import { monitoring } from './monitoring.js';
import { path, port } from './values.js';

/** Lower-case letters, digits and dashes: what is valid in every AWS name that we derive from it. */
const name = z
  .string()
  .max(24)
  .regex(/^[a-z]([a-z0-9-]*[a-z0-9])?$/, 'use lower-case letters, digits and dashes, starting with a letter');

const version = z.string().regex(/^\d+\.\d+\.\d+$/, 'use a version such as 3.13.0, without a v');

/** An IPv4 network in canonical form, e.g. 10.0.1.0/24. */
const cidr = z.string().superRefine((value, context) => {
  const problem = cidrProblem(value);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const network = z.strictObject({
  vpcCidr: cidr.default('10.0.0.0/16').describe('the VPC: /16 to /28'),
  subnetCidrs: z
    .array(cidr)
    .min(2)
    .max(6)
    .default(['10.0.1.0/24', '10.0.2.0/24'])
    .describe('public subnets, one per availability zone; the first holds the monitoring host'),
  zones: z
    .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'use an availability zone such as us-east-1a'))
    .optional()
    .describe(
      'availability zones in the order of subnetCidrs; default: the first ones that offer the instance types',
    ),
  vpcId: z
    .string()
    .regex(/^vpc-[0-9a-f]+$/, 'use a VPC id such as vpc-0123456789abcdef0')
    .optional()
    .describe('use this VPC instead of making one; never deleted'),
  subnetIds: z
    .array(z.string().regex(/^subnet-[0-9a-f]+$/, 'use a subnet id such as subnet-0123456789abcdef0'))
    .min(1)
    .max(16)
    .refine((ids) => new Set(ids).size === ids.length, 'name each subnet once')
    .optional()
    .describe('use these subnets, the first for the monitoring host; needs vpcId'),
});

const access = z.strictObject({
  allowCidrs: z
    .array(cidr)
    .default([])
    .describe(
      'who may reach SSH, Prometheus, Grafana and the application; default: your own public address /32 for a new stack, then whom it lets in',
    ),
});

const ssh = z.strictObject({
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'use a Linux login name such as ec2-user')
    .default('ec2-user')
    .describe('the login of the image'),
  port: port.default(22),
  keyPath: path.optional().describe('your private key; default: one made for the stack'),
  publicKeyPath: path.optional().describe('import this public key instead of making a pair'),
  keyName: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('use this EC2 key pair, which exists; never deleted'),
  knownHosts: path.optional().describe('an extra known_hosts file'),
  via: z.enum(['ssh', 'ssm', 'auto']).default('auto').describe('how hosts are reached'),
});

const dashboards = z.strictObject({
  files: z
    .array(path)
    .default([])
    .describe(
      'your own dashboards beside the shipped ones: files, and folders of them, from the folder of this file',
    ),
  folder: z.string().min(1).max(100).default('CloudOps').describe('the folder of Grafana that holds them'),
});

const artifacts = z.strictObject({
  mirror: z
    .url()
    .optional()
    .describe(
      'base URL that serves the release archives under their own file names, with .sha256 beside them',
    ),
  registry: z
    .string()
    .regex(
      /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._/-]*)?$/,
      'use a registry such as registry.example.com:5000/mirror, without https://',
    )
    .optional()
    .describe("registry, and path in it, that images are pulled from in place of the publisher's"),
});

const versions = z.strictObject({
  prometheus: version.optional(),
  grafana: version.optional(),
  nodeExporter: version.optional(),
  alertmanager: version.optional(),
});

const tags = z
  .record(
    z
      .string()
      .min(1)
      .max(128)
      .refine((key) => !/^(aws|cloudops):/i.test(key), 'the prefixes aws: and cloudops: are reserved'),
    z.string().max(256),
  )
  .refine((all) => Object.keys(all).length <= 40, 'AWS takes 50 tags on a resource, and ten are ours');

/** The one schema of cloudops.yaml: types, messages and docs come from it. Every key has a default. */
export const configSchema = z
  .strictObject({
    project: name.default('smartcloudops').describe('with environment it names the stack'),
    environment: name.default('dev'),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'use a region such as us-east-1')
      .optional()
      .describe('default: what the AWS SDK finds, else us-east-1'),
    profile: z.string().min(1).optional().describe('a profile of ~/.aws/config'),
    network: network.prefault({}),
    access: access.prefault({}),
    ssh: ssh.prefault({}),
    ami: z
      .string()
      .regex(/^(ami-[0-9a-f]+|\/[\w./-]+)$/, 'use an image id or the path of a public SSM parameter')
      .default('/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64')
      .describe('an image id, or an SSM parameter that holds one'),
    monitoring: monitoring.prefault({}),
    application: application.prefault({}),
    alerts: alerts.prefault({}),
    dashboards: dashboards.prefault({}),
    alerting: alerting.prefault({}),
    secrets: z
      .enum(['local', 'ssm'])
      .default('local')
      .describe(
        'where generated passwords are kept beside the hosts: on your machine, or in SSM Parameter Store too',
      ),
    artifacts: artifacts.prefault({}),
    versions: versions.prefault({}),
    tags: tags.default({}).describe('put on everything beside our own'),
  })
  .superRefine((config, context) => {
    for (const problem of crossProblems(config)) {
      context.addIssue({ code: 'custom', ...problem });
    }
  });

/** A checked configuration, every default filled in. */
export type Config = z.output<typeof configSchema>;

/** The stack's name, `PROJECT-ENVIRONMENT`: what tags carry and what `--confirm` asks for. */
export function stackName(config: Pick<Config, 'project' | 'environment'>): string {
  return `${config.project}-${config.environment}`;
}

import { Flags } from '@oclif/core';

const group = 'GLOBAL';

/** Flags of every command. `--json` comes from oclif. */
export const globalFlags = {
  config: Flags.string({
    summary: 'the config file; default: the nearest cloudops.yaml upwards',
    env: 'CLOUDOPS_CONFIG',
    helpGroup: group,
    helpValue: 'FILE',
  }),
  project: Flags.string({
    summary: 'project: first part of the name of the stack',
    env: 'CLOUDOPS_PROJECT',
    helpGroup: group,
    helpValue: 'NAME',
  }),
  environment: Flags.string({
    summary: 'environment: second part of the name of the stack',
    env: 'CLOUDOPS_ENVIRONMENT',
    helpGroup: group,
    helpValue: 'NAME',
  }),
  region: Flags.string({
    summary: 'AWS region',
    env: 'CLOUDOPS_REGION',
    helpGroup: group,
    helpValue: 'REGION',
  }),
  profile: Flags.string({
    summary: 'profile of ~/.aws/config',
    env: 'CLOUDOPS_PROFILE',
    helpGroup: group,
    helpValue: 'NAME',
  }),
  sandbox: Flags.boolean({
    summary: 'work in the local sandbox; nothing is created in AWS',
    env: 'CLOUDOPS_SANDBOX',
    helpGroup: group,
  }),
};

/** For commands that change something. */
export const yesFlag = {
  yes: Flags.boolean({ char: 'y', summary: 'answer every question with yes', env: 'CLOUDOPS_YES' }),
};

/** For commands that destroy: `--yes` isn't enough for them. */
export const confirmFlag = {
  confirm: Flags.string({ summary: 'the name of the stack to destroy', helpValue: 'STACK' }),
};

/** For commands that take the stack's lock. In ms. */
export const lockFlag = {
  'lock-timeout': Flags.custom<number>({
    summary: 'how long to wait for another run on the stack, e.g. 90s or 5m; default: not at all',
    env: 'CLOUDOPS_LOCK_TIMEOUT',
    helpValue: 'TIME',
    default: 0,
    defaultHelp: async () => Promise.resolve('0'),
    parse: async (input) => Promise.resolve(milliseconds(input)),
  })(),
};

const units: Readonly<Record<string, number>> = { '': 1_000, s: 1_000, m: 60_000, h: 3_600_000 };

function milliseconds(input: string): number {
  const [, amount = '', unit = ''] = /^(\d+)(s|m|h)?$/.exec(input.trim()) ?? [];
  if (amount === '') throw new Error(`Expected a time such as 90s or 5m but received: ${input}`);
  return Number(amount) * (units[unit] ?? 1_000);
}

/** For commands that decide who may reach the stack. */
export const allowCidrFlag = {
  'allow-cidr': Flags.string({
    summary: 'network that may reach SSH, Prometheus, Grafana and the application; repeatable',
    env: 'CLOUDOPS_ALLOW_CIDR',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    helpValue: 'CIDR',
  }),
};

/** For commands that log in to hosts. */
export const sshFlags = {
  'ssh-user': Flags.string({
    summary: 'login user',
    env: 'CLOUDOPS_SSH_USER',
    helpGroup: 'SSH',
    helpValue: 'NAME',
  }),
  'ssh-key': Flags.string({
    summary: 'private key',
    env: 'CLOUDOPS_SSH_KEY',
    helpGroup: 'SSH',
    helpValue: 'FILE',
  }),
  'ssh-port': Flags.integer({
    summary: 'port of sshd',
    env: 'CLOUDOPS_SSH_PORT',
    helpGroup: 'SSH',
    helpValue: 'PORT',
  }),
  'known-hosts': Flags.string({
    summary: 'a further known_hosts file',
    env: 'CLOUDOPS_KNOWN_HOSTS',
    helpGroup: 'SSH',
    helpValue: 'FILE',
  }),
  via: Flags.string({
    summary: 'how hosts are reached',
    env: 'CLOUDOPS_VIA',
    options: ['ssh', 'ssm', 'auto'],
    helpGroup: 'SSH',
  }),
  'accept-new-host-key': Flags.boolean({
    summary: 'trust the first host key of a host that nothing vouches for',
    env: 'CLOUDOPS_ACCEPT_NEW_HOST_KEY',
    helpGroup: 'SSH',
  }),
};

/** What the shared flags parse to; a command that lacks a group simply leaves its keys out. */
export interface SharedFlags {
  readonly config?: string | undefined;
  readonly project?: string | undefined;
  readonly environment?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly sandbox?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly 'allow-cidr'?: string[] | undefined;
  readonly 'ssh-user'?: string | undefined;
  readonly 'ssh-key'?: string | undefined;
  readonly 'ssh-port'?: number | undefined;
  readonly 'known-hosts'?: string | undefined;
  readonly via?: string | undefined;
  readonly 'accept-new-host-key'?: boolean | undefined;
}

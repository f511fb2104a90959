import { describe, expect, it } from '@jest/globals';
import { consoleText, readConsole } from '../../../src/sandbox/machines/console.js';
import { imageFiles, imageTag } from '../../../src/sandbox/machines/image-files.js';
import {
  createArguments,
  gatewayOf,
  networkArguments,
  overlaps,
} from '../../../src/sandbox/machines/recipe.js';
import { whyNot } from '../../../src/sandbox/machines/unavailable.js';

const spec = {
  instanceId: 'i-1',
  vpcId: 'vpc-1',
  vpcCidr: '10.0.0.0/16',
  privateIp: '10.0.1.10',
  hostname: 'ip-10-0-1-10',
  publicKey: 'ssh-ed25519 AAAA',
  userData: '#!/bin/sh\necho secret',
};

describe('the recipe of a machine', () => {
  const line = createArguments(spec, 'image:1', 'sb').join(' ');

  it('names, addresses and labels it', () => {
    expect(line).toContain('--name cloudops-sandbox-i-1 --hostname ip-10-0-1-10');
    expect(line).toContain('--network cloudops-sandbox-vpc-1 --ip 10.0.1.10');
    expect(line).toContain('--label cloudops.sandbox=sb');
    expect(line.endsWith(' image:1')).toBe(true);
  });

  it('asks for the one capability systemd needs and mounts nothing of the host', () => {
    expect(line.match(/--cap-add \S+/g)).toEqual(['--cap-add SYS_ADMIN']);
    expect(line).not.toMatch(/--privileged|seccomp|--volume|-v |--mount|--device|--pid|cgroupns host/);
    expect(line).toContain('--cgroupns private');
  });

  it('keeps user data out of the arguments', () => {
    expect(line).not.toContain('secret');
  });

  it("gives the gateway the network's first address", () => {
    expect(networkArguments('vpc-1', '10.0.0.0/16', 'sb').join(' ')).toContain(
      '--subnet 10.0.0.0/16 --gateway 10.0.0.1',
    );
    expect([gatewayOf('10.77.4.0/22'), gatewayOf('192.168.0.128/25')]).toEqual([
      '10.77.4.1',
      '192.168.0.129',
    ]);
  });

  it.each([
    ['10.0.0.0/16', '10.0.255.0/24', true],
    ['10.0.0.0/16', '10.1.0.0/16', false],
    ['0.0.0.0/0', '200.1.2.3/32', true],
    ['10.0.1.10/16', '10.0.200.0/24', true],
  ])('%s and %s overlap: %s', (one, other, expected) => {
    expect(overlaps(one, other)).toBe(expected);
    expect(overlaps(other, one)).toBe(expected);
  });
});

describe('the image', () => {
  const surroundings = { sources: 'Types: deb\n', aptSettings: [], authorities: {} };

  it('is another one when anything of it changes', () => {
    const tags = [
      surroundings,
      { ...surroundings, sources: undefined },
      { ...surroundings, aptSettings: ['Acquire::Check-Date "false";'] },
      { ...surroundings, authorities: { 'a.crt': 'PEM' } },
    ].map((each) => imageTag(imageFiles(each)));
    expect(new Set(tags).size).toBe(4);
    expect(imageTag(imageFiles(surroundings))).toBe(tags[0]);
    expect(tags[0]).toMatch(/^cloudops-sandbox-machine:[0-9a-f]{12}$/);
  });
});

describe('the console', () => {
  it("ends with cloud-init's block, CRLF throughout", () => {
    const { bootLog, hostKeys } = readConsole('ssh-ed25519 AAAA root@ip\nnonsense\n--\nboot\nrest -- more\n');
    expect(consoleText(bootLog, hostKeys)).toBe(
      [
        'boot',
        'rest -- more',
        '-----BEGIN SSH HOST KEY KEYS-----',
        'ssh-ed25519 AAAA root@ip',
        '-----END SSH HOST KEY KEYS-----',
        '',
      ].join('\r\n'),
    );
  });

  it('is empty before there are keys', () => {
    expect(consoleText('booting', [])).toBe('');
  });
});

describe('why there are no machines', () => {
  it.each([
    [{ code: 127, stdout: '', stderr: 'spawn docker ENOENT' }, 'Docker is not installed'],
    [
      { code: 1, stdout: '||', stderr: 'ERROR: Cannot connect to the Docker daemon at unix:///x.' },
      "the Docker engine doesn't answer: Cannot connect to the Docker daemon at unix:///x.",
    ],
    [
      { code: 1, stdout: '', stderr: 'Got permission denied while trying to connect' },
      "the Docker engine doesn't answer: permission denied on its socket",
    ],
    [
      { code: 0, stdout: 'linux|Docker Desktop|27.0\n', stderr: '' },
      "Docker Desktop's containers can't be reached by their addresses",
    ],
    [
      { code: 0, stdout: 'windows|Windows|27.0\n', stderr: '' },
      'the Docker engine runs windows containers, not Linux ones',
    ],
    [{ code: 0, stdout: 'linux|Debian|20.10\n', stderr: '' }, undefined],
  ])('%j: %s', (answer, expected) => {
    expect(whyNot(answer)).toBe(expected);
  });
});

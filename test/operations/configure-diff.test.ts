import { describe, expect, it } from '@jest/globals';
import type { Host } from '../../src/hosts/host.js';
import { file } from '../../src/hosts/steps/file.js';
import { contentDiff, fileDiffs, masked } from '../../src/operations/configure-diff.js';
import { fakeHost } from '../support/fake-host.js';

describe('a diff of a file', () => {
  const wanted = (content: string) => ({ path: '/etc/a.yml', content });

  it('is unified, with the lines around', () => {
    const diff = contentDiff(wanted('a\nb\nc2\nd\n'), Buffer.from('a\nb\nc\nd\n'));
    expect(diff).toBe(
      '--- /etc/a.yml (on the host)\n+++ /etc/a.yml (wanted)\n@@ -1,4 +1,4 @@\n a\n b\n-c\n+c2\n d\n',
    );
  });

  it('shows a new file whole, and nothing of one that is right', () => {
    expect(contentDiff(wanted('a\n'), undefined)).toBe(
      '--- /dev/null\n+++ /etc/a.yml (wanted)\n@@ -0,0 +1,1 @@\n+a\n',
    );
    expect(contentDiff(wanted('a\n'), Buffer.from('a\n'))).toBeUndefined();
  });

  it('says of binary content, and of a masked value, only that it differs', () => {
    expect(contentDiff(wanted('a'), Buffer.from([0, 1]))).toBe('/etc/a.yml: binary content differs\n');
    expect(contentDiff(wanted('password: new\n'), Buffer.from('password: old\n'))).toBe(
      '/etc/a.yml: differs in a value that is not shown\n',
    );
  });
});

describe('masking', () => {
  it.each([
    ['password: hunter2', 'password: (not shown)'],
    ['  - bearer_token: "abc"', '  - bearer_token: (not shown)'],
    ['"api_key": "abc",', '"api_key": (not shown)'],
    ['slack_api_url: https://u:pw@h/x', 'slack_api_url: https://u:(not shown)@h/x'],
    ['admin_password = $__file{/etc/x}', 'admin_password = $__file{/etc/x}'],
    ['password_file: /etc/x', 'password_file: /etc/x'],
    ['basic_auth:', 'basic_auth:'],
    ['threshold: 90', 'threshold: 90'],
  ])('of %j', (line, wanted) => expect(masked(`a: 1\n${line}\nb: 2\n`)).toBe(`a: 1\n${wanted}\nb: 2\n`));
});

describe('diffs of a host', () => {
  it('never reads a secret file, and shows the others', async () => {
    const host = fakeHost();
    const scripts: string[] = [];
    const watched: Host = { ...host, exec: (script, how) => (scripts.push(script), host.exec(script, how)) };
    const diffs = await fileDiffs(watched, [
      file({ path: '/nowhere/open', content: 'x\n' }),
      file({ path: '/nowhere/hidden', content: 'hunter2', secret: true }),
    ]);
    expect(diffs.map(({ path }) => path)).toEqual(['/nowhere/open', '/nowhere/hidden']);
    expect(diffs[0]?.diff).toContain('+x');
    expect(JSON.stringify(diffs)).not.toContain('hunter2');
    expect(scripts.join()).not.toContain('hidden');
  });
});

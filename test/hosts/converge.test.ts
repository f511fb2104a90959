import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { CloudopsError } from '../../src/errors.js';
import { converge, inspect } from '../../src/hosts/converge.js';
import type { Step } from '../../src/hosts/step.js';
import { directory } from '../../src/hosts/steps/directory.js';
import { file, files } from '../../src/hosts/steps/file.js';
import { fakeHost } from '../support/fake-host.js';

const owner = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
const quiet = (): void => undefined;

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'cloudops-test-'));
}

/** A step that is true when a file has a word in it, and has no script of its own. */
function word(path: string, wanted: string, effect = wanted): Step {
  return {
    id: `word ${wanted}`,
    look: `cat ${path} 2>/dev/null`,
    drift: (seen) => (seen.split('\n').includes(wanted) ? undefined : `has '${seen}'`),
    apply: async (host) => {
      await host.exec(`echo ${effect} >>${path}`);
    },
  };
}

async function errorOf(promise: Promise<unknown>): Promise<CloudopsError> {
  return (await promise.then(
    () => new Error('it worked'),
    (error: unknown) => error,
  )) as CloudopsError;
}

function role(root: string, content = 'a: 1\n'): Step[] {
  return [
    directory({ path: `${root}/etc`, mode: 0o750, owner }),
    file({ path: `${root}/etc/a.yml`, content, owner }),
    file({ path: `${root}/etc/secret`, content: 'hush', mode: 0o600, owner, secret: true }),
    word(`${root}/etc/log`, 'one'),
    file({ path: `${root}/etc/b.yml`, content: 'b: \u00e9\0\n', owner }),
  ];
}

describe('converge', () => {
  it('makes a fresh role true in few round trips, and finds it true in one', async () => {
    const root = temporary();
    const host = fakeHost();
    const said: string[] = [];
    const first = await converge(host, role(root), (message) => said.push(message));
    expect(first.outcome).toBe('changed');
    expect(first.changed.map(({ detail }) => detail)).toEqual([
      'missing',
      'missing',
      'missing',
      "has ''",
      'missing',
    ]);
    // look; directory and two files with the looks after them; the word; a look; the last file.
    expect(host.trips).toHaveLength(5);
    expect(readFileSync(`${root}/etc/b.yml`, 'utf8')).toBe('b: \u00e9\0\n');
    expect(said).toHaveLength(5);
    expect(host.trips.join()).not.toContain('hush');

    const again = fakeHost();
    expect(await converge(again, role(root), quiet)).toEqual({
      outcome: 'unchanged',
      changed: [],
      unchanged: 5,
    });
    expect(again.trips).toHaveLength(1);
  });

  it('changes only what differs, and says why', async () => {
    const root = temporary();
    await converge(fakeHost(), role(root), quiet);
    const host = fakeHost();
    const { changed, unchanged } = await converge(host, role(root, 'a: 2\n'), quiet);
    expect(changed).toEqual([{ step: `file ${root}/etc/a.yml`, detail: 'content differs' }]);
    expect(unchanged).toBe(4);
    expect(host.trips).toHaveLength(2);
  });

  it('looks anew after each step, so that one step can make the next true', async () => {
    const path = join(temporary(), 'log');
    const both = word(path, 'one', '"one\ntwo"');
    const { changed } = await converge(fakeHost(), [both, word(path, 'two')], quiet);
    expect(changed.map(({ step }) => step)).toEqual(['word one']);
  });

  it('fails when an applied step still differs', async () => {
    const error = await errorOf(
      converge(fakeHost(), [word(join(temporary(), 'log'), 'one', 'other')], quiet),
    );
    expect(error).toMatchObject({ code: 'STEP_STILL_DRIFTS', why: "Seen afterwards: has 'other'." });
  });

  it('stops between two steps when interrupted', async () => {
    const path = join(temporary(), 'log');
    const abort = new AbortController();
    const steps = [word(path, 'one'), word(path, 'two')];
    await errorOf(converge(fakeHost(), steps, () => abort.abort(), abort.signal));
    expect(readFileSync(path, 'utf8')).toBe('one\n');
  });
});

describe('inspect', () => {
  const wild = (look: string): Step => ({
    ...word('/nowhere', 'x'),
    id: 'wild',
    look,
    drift: () => 'always',
  });
  const calm: Step = {
    id: 'calm',
    look: 'echo fine',
    drift: (seen) => (seen === 'fine' ? undefined : `saw '${seen}'`),
    apply: () => Promise.resolve(),
  };

  it.each([
    ['exits', 'exit 3'],
    ['fails', 'set -e; false; echo never'],
    ['prints without end of line', 'printf half'],
    ['eats the input', 'cat'],
    ['redirects', 'exec >/dev/null 2>&1'],
    ['is broken shell', 'if ; then'],
    ['leaves a quote open', "echo 'open"],
  ])('keeps the other looks when one %s', async (_, look) => {
    expect(await inspect(fakeHost(), [calm, wild(look), calm])).toEqual([{ step: 'wild', detail: 'always' }]);
  });

  it.each([
    ['a command that is missing', 'no-such-command-here'],
    ['a look that was killed', "sh -c 'kill -KILL $$'"],
  ])('is an error, not drift, with %s', async (_, look) => {
    expect(await errorOf(inspect(fakeHost(), [wild(look)]))).toMatchObject({ code: 'HOST_LOOK_FAILED' });
  });

  it.each([0, 0.3, 0.6, 0.95])(
    'is an error, not drift, when the output breaks off after %d of it',
    async (part) => {
      const whole = fakeHost();
      const steps = [calm, calm];
      let script = '';
      await inspect({ ...whole, exec: (text, options) => whole.exec((script = text), options) }, steps);
      const { stdout } = await whole.exec(script);
      const mark = /cloudops-[0-9a-f]{16}/.exec(stdout)?.[0] ?? '';
      const cut = stdout.slice(0, Math.floor(stdout.length * part));
      const host = fakeHost({
        instead: (_, text) => {
          const now = /cloudops-[0-9a-f]{16}/.exec(text)?.[0] ?? '';
          return { code: 255, stdout: cut.replaceAll(mark, now), stderr: '' };
        },
      });
      expect(await errorOf(inspect(host, steps))).toMatchObject({ code: 'HOST_LOOK_CUT_OFF' });
    },
  );
});

describe('files', () => {
  it('are refused together when the check says no, and the old ones stay', async () => {
    const root = temporary();
    writeFileSync(`${root}/a`, 'old');
    const step = files({
      name: 'pair',
      files: [
        { path: `${root}/a`, content: 'new', owner },
        { path: `${root}/b`, content: 'new', owner },
      ],
      validate: 'cat "$NEW" "$STAGE/b"; echo "line 3: no" >&2; false',
    });
    const error = await errorOf(converge(fakeHost(), [step], quiet));
    expect(error).toMatchObject({ code: 'FILE_REFUSED', why: 'The check said: newnewline 3: no.' });
    expect(readFileSync(`${root}/a`, 'utf8')).toBe('old');
    expect((await fakeHost().exec(`ls -A ${root}`)).stdout).toBe('a\n');
  });

  it('are seen to differ by content, mode, owner and kind', async () => {
    const root = temporary();
    const step = file({ path: `${root}/a`, content: 'x', owner, mode: 0o640 });
    const see = async (script: string): Promise<string | undefined> => {
      await fakeHost().exec(`rm -rf ${root}/a; ${script}`);
      return (await inspect(fakeHost(), [step]))[0]?.detail;
    };
    expect(await see('true')).toBe('missing');
    expect(await see(`printf x >${root}/a; chmod 640 ${root}/a`)).toBeUndefined();
    expect(await see(`printf y >${root}/a; chmod 644 ${root}/a`)).toBe(
      'content differs, mode 0644 instead of 0640',
    );
    expect(await see(`ln -s /etc/passwd ${root}/a`)).toBe('is a symbolic link');
    expect(await see(`mkdir ${root}/a`)).toBe('is not a file');
    expect(step.drift(`640 nobody:nogroup 65534:65534 ${'0'.repeat(64)}`)).toContain(
      'owner nobody:nogroup instead',
    );
  });

  it('leave the old content when the input breaks off', async () => {
    const root = temporary();
    writeFileSync(`${root}/a`, 'old');
    const host = fakeHost();
    const cutting = {
      ...host,
      exec: (script: string, options: { stdin?: string | Uint8Array | undefined } = {}) =>
        host.exec(script, { ...options, stdin: options.stdin?.slice(0, 2) }),
    };
    const step = file({ path: `${root}/a`, content: 'longer', owner });
    expect(await errorOf(converge(cutting, [step], quiet))).toMatchObject({ code: 'FILE_NOT_WRITTEN' });
    expect(readFileSync(`${root}/a`, 'utf8')).toBe('old');
  });
});

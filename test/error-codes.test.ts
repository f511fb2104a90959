import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..');

/** Words in capitals that are no error codes: variables of the environment, the SDK's and the YAML parser's own. */
const others =
  /^(CLOUDOPS_|XDG_|SSH_AUTH_SOCK$|AWS_(?!ERROR$|UNREACHABLE$)|ERR_|CREDENTIALS_(?!MISSING$|EXPIRED$|INVALID$)|TAB_AS|DUPLICATE_KEY$|MULTIPLE_DOCS$|NO_COLOR$|ALERTS_FOR)/;

function codesInSource(): string[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('sandbox/'),
  );
  const codes = files.flatMap((file) => {
    const text = readFileSync(join(root, 'src', file), 'utf8');
    const found = text.matchAll(/'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'|\bcode: '([A-Z]+)'/g);
    return [...found].map(([, long, short]) => long ?? short ?? '');
  });
  return [...new Set(codes)].filter((code) => !others.test(code)).sort();
}

it('docs/errors.md has every error code, with meaning and remedy, and no other', () => {
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([A-Z0-9_]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)];
  const listed = rows.map(([, code = '']) => code);
  const inSource = codesInSource();
  expect(inSource.length).toBeGreaterThan(100);
  expect(new Set(listed).size).toBe(listed.length);
  expect(inSource.filter((code) => !listed.includes(code))).toEqual([]);
  expect(listed.filter((code) => !inSource.includes(code))).toEqual([]);
  for (const [, code, , meaning = '', remedy = ''] of rows)
    expect({ code, told: meaning.trim().length > 3 && remedy.trim().length > 3 }).toEqual({
      code,
      told: true,
    });
});

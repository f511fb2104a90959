import { describe, expect, it } from '@jest/globals';
import { template } from '../../src/templates.js';

/** What each of them needs, as their own metadata have it (for Python 3.11 on Linux). */
const needs: Readonly<Record<string, readonly string[]>> = {
  flask: ['blinker', 'click', 'itsdangerous', 'jinja2', 'markupsafe', 'werkzeug'],
  gunicorn: ['packaging'],
  'prometheus-client': [],
  blinker: [],
  click: [],
  itsdangerous: [],
  jinja2: ['markupsafe'],
  markupsafe: [],
  packaging: [],
  werkzeug: ['markupsafe'],
};

const lines = template('app/requirements.txt')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

describe("the placeholder application's requirements", () => {
  it.each(lines)('are pinned and hashed: %s', (line) => {
    expect(line).toMatch(/^[a-z0-9-]+==\d+(\.\d+)+( --hash=sha256:[0-9a-f]{64})+$/);
  });

  it('are all that is imported and all that these need, each once', () => {
    const names = lines.map((line) => line.split('==')[0] ?? '');
    const wanted = new Set(['flask', 'gunicorn', 'prometheus-client']);
    for (const name of wanted) for (const other of needs[name] ?? []) wanted.add(other);
    expect(names).toEqual([...wanted].sort());
  });

  it('have a wheel of their own for each processor where they are compiled', () => {
    const hashes = (line: string): number => line.split('--hash=').length - 1;
    const many = lines
      .filter((line) => hashes(line) > 1)
      .map((line) => `${line.split('==')[0] ?? ''} ${hashes(line)}`);
    expect(many).toEqual(['markupsafe 2']);
  });
});

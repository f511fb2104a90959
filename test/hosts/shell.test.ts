import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { quote, quoteAll } from '../../src/hosts/shell.js';

describe('quote', () => {
  it('gives a real shell exactly the words it was given', () => {
    const nasty = fc.string({ unit: 'binary-ascii' });
    const word = fc.oneof(nasty, fc.string({ unit: 'grapheme' })).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        const script = `for w in ${quoteAll(words)}; do printf '%s\\0' "$w"; done`;
        const { stdout } = spawnSync('sh', ['-c', script]);
        expect(stdout.toString('utf8')).toBe(words.map((text) => `${text}\0`).join(''));
      }),
      { numRuns: 60 },
    );
  });

  it('leaves plain words readable and refuses NUL', () => {
    expect(quote('/etc/prometheus/prometheus.yml')).toBe('/etc/prometheus/prometheus.yml');
    expect(quote('')).toBe("''");
    expect(() => quote('a\0b')).toThrow('NUL');
  });
});

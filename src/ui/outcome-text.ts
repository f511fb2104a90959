import type { Outcome, ResourceOutcome } from '../operations/run-outcome.js';

const marks: Readonly<Record<Outcome, string>> = {
  created: '+',
  changed: '~',
  replaced: '±',
  deleted: '-',
  kept: ' ',
  failed: '✖',
  'not started': '·',
};

/** The final table of a run: what became of each resource, with its id. Pure. */
export function outcomeText(rows: readonly ResourceOutcome[]): string {
  const width = (of: (row: ResourceOutcome) => string): number =>
    Math.max(0, ...rows.map((row) => of(row).length));
  const address = ({ kind, name }: ResourceOutcome): string => `${kind}/${name}`;
  const [first, second] = [width(({ outcome }) => outcome), width(address)];
  return rows
    .map((row) => {
      const why = row.outcome === 'not started' && row.because !== undefined ? `(${row.because})` : '';
      const line = `  ${marks[row.outcome]} ${row.outcome.padEnd(first)}  ${address(row).padEnd(second)}  ${row.id ?? ''}`;
      return `${line.trimEnd()}${why === '' ? '' : `  ${why}`}`;
    })
    .join('\n');
}

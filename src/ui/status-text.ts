import type { StackStatus } from '../operations/stack-status.js';

/** What exists of a stack, a line a resource. Pure. */
export function statusText({ stack, region, resources }: StackStatus): string {
  if (resources.length === 0) return `There is no stack ${stack} in ${region}.`;
  const rows = sorted(resources).map(({ kind, name, id, shows }) => {
    const facts = Object.values(shows).filter((fact) => fact !== '');
    return [`${kind}/${name}`, id, facts.join('  ')] as const;
  });
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  const [first, second] = [width(0), width(1)];
  const lines = rows.map(([address, id, facts]) =>
    `  ${address.padEnd(first)}  ${id.padEnd(second)}  ${facts}`.trimEnd(),
  );
  return [`Stack ${stack} in ${region}, ${resources.length} resources:`, '', ...lines].join('\n');
}

/** The kinds as they come, the names of each kind in order. */
function sorted(resources: StackStatus['resources']): StackStatus['resources'] {
  const kinds = [...new Set(resources.map(({ kind }) => kind))];
  return kinds.flatMap((kind) =>
    resources
      .filter((one) => one.kind === kind)
      .sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true })),
  );
}

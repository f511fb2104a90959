import type { Orphans } from '../operations/list-orphans.js';

/** Leftovers by stack, each with the command that removes them. Pure. */
export function orphansText({ region, stacks }: Orphans): string {
  if (stacks.length === 0) return `Nothing of cloudops in ${region} is left over.`;
  return stacks
    .map(({ stack, resources, remove }) => {
      const width = Math.max(...resources.map(({ type, name }) => `${type}/${name}`.length));
      const rows = resources.map(({ type, name, id }) => `  ${`${type}/${name}`.padEnd(width)}  ${id}`);
      const how =
        remove === undefined
          ? `  The tag cloudops:stack isn't a name that cloudops gives: remove them by hand.`
          : `  Remove them with '${remove}'; or complete the stack with 'cloudops infra up'.`;
      return [`Stack ${stack} is not complete; of it there are:`, ...rows, how].join('\n');
    })
    .join('\n\n');
}

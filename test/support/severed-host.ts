import type { Connect } from '../../src/hosts/host.js';

/** Cuts connections at the steps of a run, each step in the middle and at its end, and notes what it cut. */
export interface Shears {
  /** Whether this run was cut. */
  readonly cut: boolean;
  readonly connect: Connect;
}

/** What of the scripts changes from run to run. */
const marks = /cloudops-[0-9a-f]{16}/g;
/** Milliseconds into a script at which it is cut, in turn. */
const delays = [0, 20, 80, 250, 700];

/**
 * A way to hosts that is cut at the first script that was not yet cut twice: first while it runs, when it is met again
 * after it has ended on the host, before its answer is heard. `severed` keeps how often each was, also those that ran
 * beside it. Looks are let through: nothing changes by them.
 */
export function shears(
  through: Connect,
  cutCable: (host: string) => void,
  severed: Map<string, number>,
): Shears {
  const cut = new Set<string>();
  const running = new Map<string, Set<string>>();
  const sever = (host: string): void => {
    for (const key of running.get(host) ?? []) severed.set(key, (severed.get(key) ?? 0) + 1);
    cutCable(host);
  };
  return {
    get cut() {
      return cut.size > 0;
    },
    connect: async (record, signal, limits) => {
      const { name } = record;
      const host = await through(record, signal, limits);
      const beside = new Set<string>();
      running.set(name, beside);
      const exec: typeof host.exec = async (script, options) => {
        if (script.includes(' look-0') && !script.includes(' apply-0')) return host.exec(script, options);
        const key = `${name} ${script.replace(marks, '')}`;
        const times = severed.get(key) ?? 0;
        beside.add(key);
        try {
          if (cut.has(name) || times >= 2) return await host.exec(script, options);
          cut.add(name);
          if (times === 0) setTimeout(() => sever(name), delays[severed.size % delays.length]);
          const result = await host.exec(script, options);
          if (times === 0) return result;
          sever(name);
          return await host.exec('true');
        } finally {
          beside.delete(key);
        }
      };
      return { ...host, exec };
    },
  };
}

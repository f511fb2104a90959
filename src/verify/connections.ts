import { askFacts } from '../hosts/facts.js';
import type { Connect, Host, HostRecord } from '../hosts/host.js';
import { type LoggedIn, Needs } from './service.js';

/** One login a host, made when it is first needed and used by every probe. */
export interface Connections {
  /** Rejects with the connection's own error; for the probe that reports it. */
  logIn(record: HostRecord): Promise<Host>;
  /** Rejects with `Needs`; for all other probes. */
  needed(record: HostRecord): LoggedIn;
  /** Undefined when it can't be asked. */
  privateAddress(record: HostRecord): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Verify asks whether a host lets us in now; it doesn't wait until one has booted. */
const readyTimeoutMs = 15_000;

/** Logins over `connect`; nothing is opened before it is asked for. */
export function openConnections(connect: Connect, signal: AbortSignal): Connections {
  const open = new Map<HostRecord, Promise<Host>>();
  const logIn = (record: HostRecord): Promise<Host> => {
    const there = open.get(record);
    if (there !== undefined) return there;
    const opening = connect(record, signal, { readyTimeoutMs }).then(throttled);
    open.set(record, opening);
    return opening;
  };
  const needed = (record: HostRecord): LoggedIn => {
    return () =>
      logIn(record).catch(() => {
        throw new Needs(`SSH to ${record.name}`);
      });
  };
  return {
    logIn,
    needed,
    privateAddress: async (record) => {
      const host = await logIn(record).catch(() => undefined);
      return host && (await askFacts(host)).privateAddress;
    },
    async close() {
      const opened = await Promise.allSettled(open.values());
      const hosts = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      await Promise.allSettled(hosts.map((host) => host.close()));
    },
  };
}

/** sshd opens ten channels on a connection unless told otherwise; some are left for others. */
const channels = 6;

/** The same host, with at most so many scripts at once; further ones wait their turn. */
export function throttled(host: Host): Host {
  let running = 0;
  const waiting: (() => void)[] = [];
  const turn = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (running >= channels) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
  return {
    name: host.name,
    exec: (script, options) => turn(() => host.exec(script, options)),
    put: (content, path, options) => turn(() => host.put(content, path, options)),
    close: () => host.close(),
  };
}

import type { Connect, ConnectLimits, Host, HostRecord } from './host.js';

/** Logs in once; `onClose` is to be called when the connection is gone. */
export type ConnectOnce = (
  record: HostRecord,
  signal: AbortSignal,
  limits: ConnectLimits,
  onClose: () => void,
) => Promise<Host>;

/** The same host asked for again while it is open is the same connection; the last one to close it ends it. */
export function shared(connectOnce: ConnectOnce): Connect {
  const open = new Map<string, { host: Promise<Host>; users: number }>();
  return async (record, signal, limits = {}) => {
    const key = keyOf(record);
    const entry = open.get(key) ?? {
      host: connectOnce(record, signal, limits, () => open.delete(key)),
      users: 0,
    };
    open.set(key, entry);
    entry.users += 1;
    try {
      const host = await entry.host;
      return { ...host, close: () => ((entry.users -= 1) > 0 ? Promise.resolve() : host.close()) };
    } catch (error) {
      if (open.get(key) === entry) open.delete(key);
      throw error;
    }
  };
}

const keyOf = ({ instanceId = '', address = '' }: HostRecord): string => `${instanceId} ${address}`;

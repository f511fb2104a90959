import { type ServerOptions, startServer } from '../../src/sandbox/api/server.js';
import { memoryStore } from '../../src/sandbox/store.js';
import { awsAt, type Emulator } from './aws-at.js';

/** The product's own sandbox API in this process, without machines. */
export async function startEmulator(
  options: Partial<Pick<ServerOptions, 'fault' | 'onCall' | 'limits' | 'transitionMs' | 'clock'>> = {},
): Promise<Emulator> {
  const server = await startServer({
    machines: undefined,
    store: memoryStore(),
    port: 0,
    hosts: ['127.0.0.1'],
    transitionMs: 5,
    ...options,
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  return { endpoint, aws: (stack) => awsAt(endpoint, stack), close: () => server.close() };
}

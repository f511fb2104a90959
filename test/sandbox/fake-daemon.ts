/** The daemon with an endpoint that only says hello: for tests of starting and stopping. Arguments as daemon.ts. */
import { createServer } from 'node:http';
import { serve } from '../../src/sandbox/daemon-serve.js';

const [home = '', , build = '', withoutMachines] = process.argv.slice(2);
await serve(
  { home, port: 0, build, withoutMachines },
  ({ port }) =>
    new Promise((resolve, reject) => {
      const server = createServer((_, response) => response.end('hello'));
      server.on('error', reject);
      server.listen(port, '127.0.0.1', () => {
        const address = server.address();
        resolve({
          port: typeof address === 'object' && address !== null ? address.port : 0,
          listen: () => Promise.resolve(),
          close: () => new Promise((closed) => server.close(() => closed())),
        });
      });
    }),
);
process.exit(0);

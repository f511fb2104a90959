/** The sandbox's process of its own: `node sandbox-daemon.js HOME PORT BUILD [WITHOUT-MACHINES]`; daemon-start.ts runs it. */
import { startServer } from './api/server.js';
import { serve } from './daemon-serve.js';

const [home = '', port = '0', build = '', withoutMachines] = process.argv.slice(2);
await serve({ home, port: Number(port), build, withoutMachines }, startServer);
process.exit(0);

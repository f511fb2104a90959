import type { Command } from '@oclif/core';
import InfraDown from './infra/down.js';
import InfraOutput from './infra/output.js';
import InfraPlan from './infra/plan.js';
import InfraStatus from './infra/status.js';
import InfraUp from './infra/up.js';
import Init from './init.js';
import MonitoringConfigure from './monitoring/configure.js';
import MonitoringRender from './monitoring/render.js';
import SandboxEnv from './sandbox/env.js';
import SandboxReset from './sandbox/reset.js';
import SandboxStart from './sandbox/start.js';
import SandboxStatus from './sandbox/status.js';
import SandboxStop from './sandbox/stop.js';

/** Every command by its id; oclif reads it in place of a folder. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = {
  'infra:down': InfraDown,
  'infra:output': InfraOutput,
  'infra:plan': InfraPlan,
  'infra:status': InfraStatus,
  'infra:up': InfraUp,
  init: Init,
  'monitoring:configure': MonitoringConfigure,
  'monitoring:render': MonitoringRender,
  'sandbox:env': SandboxEnv,
  'sandbox:reset': SandboxReset,
  'sandbox:start': SandboxStart,
  'sandbox:status': SandboxStatus,
  'sandbox:stop': SandboxStop,
};

import type { Command } from '@oclif/core';
import AlertsList from './alerts/list.js';
import AlertsTest from './alerts/test.js';
import DashboardsDiff from './dashboards/diff.js';
import DashboardsLint from './dashboards/lint.js';
import DashboardsList from './dashboards/list.js';
import DashboardsPreview from './dashboards/preview.js';
import DashboardsPull from './dashboards/pull.js';
import DashboardsUpload from './dashboards/upload.js';
import Down from './down.js';
import InfraDown from './infra/down.js';
import InfraOutput from './infra/output.js';
import InfraPlan from './infra/plan.js';
import InfraPreflight from './infra/preflight.js';
import InfraOrphans from './infra/orphans.js';
import InfraPause from './infra/pause.js';
import InfraRefreshIp from './infra/refresh-ip.js';
import InfraResume from './infra/resume.js';
import InfraStatus from './infra/status.js';
import InfraUnlock from './infra/unlock.js';
import InfraUp from './infra/up.js';
import Init from './init.js';
import MonitoringBundleCreate from './monitoring/bundle/create.js';
import MonitoringBundleVerify from './monitoring/bundle/verify.js';
import MonitoringConfigure from './monitoring/configure.js';
import MonitoringRemove from './monitoring/remove.js';
import MonitoringRender from './monitoring/render.js';
import MonitoringRotatePassword from './monitoring/rotate-password.js';
import Open from './open.js';
import SandboxEnv from './sandbox/env.js';
import SandboxReset from './sandbox/reset.js';
import SandboxStart from './sandbox/start.js';
import SandboxStatus from './sandbox/status.js';
import SandboxStop from './sandbox/stop.js';
import Up from './up.js';
import Verify from './verify.js';

/** Every command by its id; oclif reads it in place of a folder. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = {
  'alerts:list': AlertsList,
  'alerts:test': AlertsTest,
  'dashboards:diff': DashboardsDiff,
  'dashboards:lint': DashboardsLint,
  'dashboards:list': DashboardsList,
  'dashboards:preview': DashboardsPreview,
  'dashboards:pull': DashboardsPull,
  'dashboards:upload': DashboardsUpload,
  down: Down,
  'infra:down': InfraDown,
  'infra:output': InfraOutput,
  'infra:plan': InfraPlan,
  'infra:preflight': InfraPreflight,
  'infra:orphans': InfraOrphans,
  'infra:pause': InfraPause,
  'infra:refresh-ip': InfraRefreshIp,
  'infra:resume': InfraResume,
  'infra:status': InfraStatus,
  'infra:unlock': InfraUnlock,
  'infra:up': InfraUp,
  init: Init,
  'monitoring:bundle:create': MonitoringBundleCreate,
  'monitoring:bundle:verify': MonitoringBundleVerify,
  'monitoring:configure': MonitoringConfigure,
  'monitoring:remove': MonitoringRemove,
  'monitoring:render': MonitoringRender,
  'monitoring:rotate-password': MonitoringRotatePassword,
  open: Open,
  'sandbox:env': SandboxEnv,
  'sandbox:reset': SandboxReset,
  'sandbox:start': SandboxStart,
  'sandbox:status': SandboxStatus,
  'sandbox:stop': SandboxStop,
  up: Up,
  verify: Verify,
};

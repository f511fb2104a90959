import type { Step } from '../../hosts/step.js';
import { directory } from '../../hosts/steps/directory.js';
import { file } from '../../hosts/steps/file.js';
import { service } from '../../hosts/steps/service.js';
import { user } from '../../hosts/steps/user.js';
import { template } from '../../templates.js';
import { requirements, requirementsVersion } from '../requirements.js';
import { applicationImage } from '../team-application.js';
import { applicationHome as home, applicationUnit, applicationVenv as venv } from '../units.js';
import { notInBundle, type Bundled } from '../bundle.js';
import { noTeamApplication } from './other-runtime.js';
import { pythonEnvironment } from './python-environment.js';
import { answers, type RoleInput } from './role.js';
import { teamApplicationSteps } from './team-application.js';

/** The application: the team's own container, else the placeholder. */
export function applicationSteps(input: RoleInput): readonly Step[] {
  const image = applicationImage(input.model.config);
  return image === undefined ? placeholderSteps(input) : teamApplicationSteps(input, image);
}

/** The placeholder Flask application under gunicorn, as its own user. */
function placeholderSteps(input: RoleInput): readonly Step[] {
  const { facts } = input;
  const { config } = input.model;
  const packaged = facts.packageManager === 'apt';
  const { port, metricsPath } = config.application;
  const app = `${home}/app.py`;
  return [
    user({ name: 'cloudops-app' }),
    directory({ path: home }),
    file({ path: app, content: template('app/app.py') }),
    ...(packaged ? [] : [pythonEnvironment(venv, requirements(), wheelsOf(input))]),
    noTeamApplication(facts),
    service({
      name: 'cloudops-app',
      unit: applicationUnit(config, packaged),
      environment: { METRICS_PATH: metricsPath },
      restartOn: packaged ? [app] : [app, `${venv}/.requirements`],
      port,
      ready: answers(port, '/status'),
    }),
  ];
}

/** Out of the bundle, where it has them; one of another version of cloudops has others. */
function wheelsOf({ bundle, facts }: RoleInput): Bundled | undefined {
  const arch = facts.arch ?? 'amd64';
  const found = bundle?.wheels(arch);
  if (bundle === undefined || found === undefined || found.version === requirementsVersion()) return found;
  throw notInBundle(bundle, `the placeholder's present Python packages for ${arch}`);
}

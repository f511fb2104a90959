import { createHash } from 'node:crypto';
import { CloudopsError } from '../../errors.js';
import { quote } from '../../hosts/shell.js';
import type { Step } from '../../hosts/step.js';
import { directory } from '../../hosts/steps/directory.js';
import { file } from '../../hosts/steps/file.js';
import { service } from '../../hosts/steps/service.js';
import { user } from '../../hosts/steps/user.js';
import { template } from '../../templates.js';
import { applicationImage } from '../team-application.js';
import { applicationHome as home, applicationUnit, applicationVenv as venv } from '../units.js';
import { noTeamApplication } from './other-runtime.js';
import { answers, type RoleInput } from './role.js';
import { teamApplicationSteps } from './team-application.js';

/** The application: the team's own container, else the placeholder. */
export function applicationSteps(input: RoleInput): readonly Step[] {
  const image = applicationImage(input.model.config);
  return image === undefined ? placeholderSteps(input) : teamApplicationSteps(input, image);
}

/** The placeholder Flask application under gunicorn, as its own user. */
function placeholderSteps({ model: { config }, facts }: RoleInput): readonly Step[] {
  const packaged = facts.packageManager === 'apt';
  const { port, metricsPath } = config.application;
  const app = `${home}/app.py`;
  return [
    user({ name: 'cloudops-app' }),
    directory({ path: home }),
    file({ path: app, content: template('app/app.py') }),
    ...(packaged ? [] : [pythonEnvironment(template('app/requirements.txt'))]),
    noTeamApplication(facts),
    service({
      name: 'cloudops-app',
      unit: applicationUnit(config, packaged),
      environment: { METRICS_PATH: metricsPath },
      restartOn: packaged ? [app] : [app, `${venv}/.requirements`],
      ready: answers(port, '/status'),
    }),
  ];
}

/** A virtual environment with exactly these requirements; its mark is written last. */
function pythonEnvironment(requirements: string): Step {
  const wanted = createHash('sha256').update(requirements).digest('hex');
  const mark = `${venv}/.requirements`;
  const text = [
    'exec 2>&1 </dev/null; umask 022',
    `python3.11 -m venv ${venv} || exit 1`,
    `printf %s ${quote(requirements)} >${venv}/requirements.txt || exit 1`,
    `${venv}/bin/pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes --only-binary :all: -r ${venv}/requirements.txt || exit 1`,
    `echo ${wanted} >${mark}`,
  ].join('\n');
  return {
    id: `python environment ${venv}`,
    look: `cat ${mark} 2>/dev/null || echo absent`,
    drift: (seen) =>
      seen === wanted ? undefined : seen === 'absent' ? 'missing' : 'holds other requirements',
    apply: async (host, report) => {
      report('installing the Python packages of the application');
      const { code, stdout } = await host.exec(text);
      if (code === 0) return;
      throw new CloudopsError({
        code: 'PYTHON_PACKAGES_NOT_INSTALLED',
        what: `The application's Python packages can't be installed on ${host.name}.`,
        why: stdout.trim().split('\n').slice(-6).join('\n'),
        fix: ["see whether the host reaches Python's package index, then run the same command again"],
      });
    },
  };
}

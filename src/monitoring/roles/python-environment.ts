import { createHash } from 'node:crypto';
import { CloudopsError } from '../../errors.js';
import { lastLines } from '../../hosts/output.js';
import { quote, removedAtEnd } from '../../hosts/shell.js';
import type { Step } from '../../hosts/step.js';
import type { Bundled } from '../bundle.js';
import { pipOptions, pythonVersion } from '../requirements.js';

/**
 * A virtual environment with exactly these requirements, out of a tar of wheels or fetched by the host; its mark is
 * written last.
 */
export function pythonEnvironment(venv: string, requirements: string, wheels?: Bundled): Step {
  const wanted = createHash('sha256').update(requirements).digest('hex');
  const mark = `${venv}/.requirements`;
  return {
    id: `python environment ${venv}`,
    look: `cat ${mark} 2>/dev/null || echo absent`,
    drift: (seen) =>
      seen === wanted ? undefined : seen === 'absent' ? 'missing' : 'holds other requirements',
    sends: wheels?.bytes,
    apply: async (host, report) => {
      report('installing the Python packages of the application');
      const text = `${install(venv, requirements, wheels !== undefined)}\necho ${wanted} >${mark}`;
      const { code, stdout } = await host.exec(text, { stdin: await wheels?.read() });
      if (code === 0) return;
      throw new CloudopsError({
        code: 'PYTHON_PACKAGES_NOT_INSTALLED',
        what: `The application's Python packages can't be installed on ${host.name}.`,
        why: lastLines(stdout),
        fix: [
          "see whether the host reaches Python's package index, or give a bundle that has them ('--bundle DIR')",
          'then run the same command again',
        ],
      });
    },
  };
}

function install(venv: string, requirements: string, bundled: boolean): string {
  const pip = `${venv}/bin/pip install --quiet --disable-pip-version-check --no-cache-dir ${pipOptions.join(' ')}`;
  const unpacked = ['W=$(mktemp -d) || exit 1', removedAtEnd('W'), 'tar -xf - -C "$W" || exit 1'];
  return [
    'exec 2>&1; umask 022',
    ...(bundled ? unpacked : []),
    'exec </dev/null',
    `python${pythonVersion} -m venv ${venv} || exit 1`,
    `printf %s ${quote(requirements)} >${venv}/requirements.txt || exit 1`,
    `${pip}${bundled ? ' --no-index --find-links "$W"' : ''} -r ${venv}/requirements.txt || exit 1`,
  ].join('\n');
}

import { CloudopsError } from '../../errors.js';
import { lastLines } from '../../hosts/output.js';
import { runScript, type Step, type StepScript } from '../../hosts/step.js';

/** A directory with data that belongs to a numeric `UID:GID`; what another runtime left in it changes hands with it. */
export function ownedBy(path: string, owner: string): Step {
  const script: StepScript = {
    text: `umask 027; mkdir -p ${path}/data && chmod 0750 ${path} && chown -R ${owner} ${path}`,
    explain: (host, _code, output) =>
      new CloudopsError({
        code: 'DIRECTORY_NOT_MADE',
        what: `The directory ${path} can't be given to ${owner} on ${host.name}.`,
        why: lastLines(output),
        fix: ['see whether the file system is writable, then run the same command again'],
      }),
  };
  return {
    id: `data ${path}`,
    look: `stat -c '%a %u:%g' ${path} ${path}/data 2>/dev/null || echo absent`,
    drift: (seen) => {
      if (seen.includes('absent')) return 'missing';
      const [mode = '', whose = ''] = (seen.split('\n')[0] ?? '').split(' ');
      if (seen.split('\n').some((line) => line.split(' ')[1] !== owner))
        return `owner ${whose} instead of ${owner}`;
      return mode === '750' ? undefined : `mode ${mode} instead of 750`;
    },
    apply: (host) => runScript(host, script),
    script,
  };
}

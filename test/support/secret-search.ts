import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Notes the arguments and environment of every process, over and over. */
export interface ProcessSampler {
  /** Everything that was seen so far. */
  read(): string;
  stop(): void;
}

/**
 * Machines are containers: their processes, also those of containers in them, stand in this machine's list with those
 * of the operator. Keeps each line once, in `file`.
 */
export function sampleProcesses(file: string): ProcessSampler {
  const everyProcess = `while sleep 0.1; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; done | tr '\\0' '\\n' | awk '!seen[$0]++ { print; fflush() }' >${file}`;
  const sampler = spawn('sh', ['-c', everyProcess], { detached: true, stdio: 'ignore' });
  return {
    read: () => readFileSync(file, 'utf8'),
    stop: () => {
      if (sampler.pid !== undefined) process.kill(-sampler.pid);
    },
  };
}

/** The lines of a private key that only that key has: the first lines of OpenSSH keys are the same in all of them. */
export function linesOfKey(text: string): readonly string[] {
  return text
    .split('\n')
    .slice(2)
    .filter((line) => line.length > 40);
}

/**
 * Shell for a machine: prints each file that holds one of the secrets as `MODE OWNER PATH`, and each line of the
 * journal and of what Docker tells that does. Without the search itself: its patterns, and the file of this script.
 */
export function secretSearch(secrets: readonly string[]): string {
  return `cat >/run/secrets <<'END'\n${secrets.join('\n')}\nEND
grep -rlF --binary-files=text -f /run/secrets / --exclude-dir=proc --exclude-dir=sys 2>/dev/null | grep -v '^/run/\\(secrets$\\|cloudops[.]\\)' | sort | xargs -r stat -c '%a %U %n'
{ journalctl --no-pager; systemctl show '*' --no-pager; command -v docker >/dev/null && for c in $(docker ps -aq); do docker inspect $c; docker logs $c; docker top $c -eo pid,args; done; } 2>&1 | grep -F -f /run/secrets; rm /run/secrets`;
}

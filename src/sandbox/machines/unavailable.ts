import { run } from './engine.js';

/** Undefined when this machine has a Docker engine whose containers it can reach by address, else why not. */
export async function dockerUnavailable(): Promise<string | undefined> {
  if (process.platform !== 'linux')
    return `machines need Linux: on ${process.platform} Docker's containers can't be reached by their addresses`;
  const answer = await run(
    'docker',
    ['info', '--format', '{{.OSType}}|{{.OperatingSystem}}|{{.ServerVersion}}'],
    {
      timeoutMs: 10_000,
    },
  );
  return whyNot(answer);
}

/** Reads what `docker info` said. */
export function whyNot(answer: { code: number; stdout: string; stderr: string }): string | undefined {
  if (answer.code === 127) return 'Docker is not installed';
  const [os = '', name = '', version = ''] = answer.stdout.trim().split('|');
  if (answer.code !== 0 || version === '')
    return `the Docker engine doesn't answer: ${reason(answer.stderr)}`;
  if (name === 'Docker Desktop') return "Docker Desktop's containers can't be reached by their addresses";
  return os === 'linux' ? undefined : `the Docker engine runs ${os} containers, not Linux ones`;
}

function reason(stderr: string): string {
  if (/permission denied/i.test(stderr)) return 'permission denied on its socket';
  const line = stderr.trim().split('\n').at(-1) ?? '';
  return line === '' ? 'no reason given' : line.replace(/^ERROR: /, '');
}

import { CloudopsError } from '../errors.js';
import { endMark, newMark, readFrames, type Frame } from './frames.js';
import type { Host } from './host.js';
import { lastLines } from './output.js';

/** What looks showed that were taken along with a question, before it was known which looks are wanted. */
export interface Glance {
  /** The text of the looks, as `looksOf` gave it: only who wants the same may use what they showed. */
  readonly looks: string;
  readonly frames: ReadonlyMap<string, Frame>;
}

/** Stands for a run's own mark in the text of looks. */
export const markPlace = '@cloudops-mark@';

/**
 * Asks a host something and takes `looks` along, on the guess that they are what will be wanted next: a right guess
 * spares a round trip. The question is shell that changes nothing; rejects when its answer is cut off.
 */
export async function ask(
  host: Host,
  question: string,
  looks = '',
): Promise<{ readonly answer: string; readonly glance: Glance | undefined }> {
  const mark = newMark();
  const asked = `${mark} asked`;
  const text = [question, `echo '${asked}'`, looks.replaceAll(markPlace, mark), endMark(mark)].join('\n');
  const { stdout, stderr, code } = await host.exec(text);
  const end = stdout.indexOf(`${asked}\n`);
  if (end < 0)
    throw new CloudopsError({
      code: 'HOST_LOOK_CUT_OFF',
      what: `Asking ${host.name} what it is broke off before its end.`,
      why: `The shell ended with code ${String(code)}${stderr === '' ? '' : `: ${lastLines(stderr)}`}.`,
      fix: [
        'run the same command again; if it stays, log in and look at the disk, memory and the system log',
      ],
    });
  const { frames, done } = readFrames(mark, stdout);
  return { answer: stdout.slice(0, end), glance: done && looks !== '' ? { looks, frames } : undefined };
}

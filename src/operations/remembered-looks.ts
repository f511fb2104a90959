import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostRecord } from '../hosts/host.js';
import { writePrivateFile } from './private-file.js';

/*
 * What was looked at on a host in the last run. The next run sends it along with its first question: when it turns
 * out to be what that run wants to see, a host with nothing to do took one round trip. It only saves time: nothing is
 * decided by it, and a file that is gone or wrong costs a second look.
 */

const folder = (stateDir: string): string => join(stateDir, 'looks');

/** Instance ids and addresses, with nothing in them that means something to a file system. */
const fileOf = (stateDir: string, { instanceId, address, name }: HostRecord): string =>
  join(folder(stateDir), `${(instanceId ?? address ?? name).replaceAll(/[^\w.-]/g, '_')}.sh`);

/** The text of the looks as they were kept; undefined when none are. */
export async function rememberedLooks(stateDir: string, record: HostRecord): Promise<string | undefined> {
  return readFile(fileOf(stateDir, record), 'utf8').catch(() => undefined);
}

/** Keeps the text for the next run, 0600: hosts run it as root, as they run whatever the key beside it sends. */
export async function rememberLooks(stateDir: string, record: HostRecord, looks: string): Promise<void> {
  await writePrivateFile(fileOf(stateDir, record), looks);
}

/** For a stack that is no more. */
export async function forgetLooks(stateDir: string): Promise<void> {
  await rm(folder(stateDir), { recursive: true, force: true });
}

import { readFileSync } from 'node:fs';

/** One way to log in, as ssh2 takes it. */
export interface LoginMethod {
  readonly type: 'publickey' | 'agent';
  readonly username: string;
  readonly key?: Buffer;
  readonly agent?: string;
}

/** The ways to log in, in the order in which they are tried. */
export interface SshLogin {
  readonly user: string;
  readonly methods: readonly LoginMethod[];
  /** What is tried, for the error. */
  readonly tried: readonly string[];
}

/** The stack's keys, the agent, then the config's identity files. `parses` tells whether a key can be used as it is. */
export function sshLogin(
  given: { readonly privateKeys: readonly string[]; readonly agent?: string | undefined },
  username: string,
  identityFiles: readonly string[],
  parses: (text: Buffer) => boolean,
): SshLogin {
  const tried: string[] = [];
  const methods: LoginMethod[] = [];
  const addKeys = (paths: readonly string[]): void => {
    for (const path of paths) {
      const key = readKey(path, parses);
      if (key === 'absent') continue;
      if (key === 'locked') tried.push(`${path} (passed over: it can't be read, or has a passphrase)`);
      else {
        tried.push(path);
        methods.push({ type: 'publickey', username, key });
      }
    }
  };
  addKeys(given.privateKeys);
  if (given.agent !== undefined && given.agent !== '') {
    tried.push('the keys of the agent');
    methods.push({ type: 'agent', username, agent: given.agent });
  }
  addKeys(identityFiles.filter((path) => !given.privateKeys.includes(path)));
  return { user: username, methods, tried };
}

function readKey(path: string, parses: (text: Buffer) => boolean): Buffer | 'absent' | 'locked' {
  try {
    const text = readFileSync(path);
    return parses(text) ? text : 'locked';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'locked';
  }
}

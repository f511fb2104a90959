import { expect, it } from '@jest/globals';
import { sshSession } from '../../src/hosts/ssh-session.js';

const target = { name: 'monitoring', address: '192.0.2.1', port: 22, user: 'ec2-user' };

it('says that the connection is lost when it throws in place of answering, at once or while it asks again', async () => {
  const opened = [new Error('(SSH) Channel open failure: open failed'), undefined];
  for (const first of opened) {
    let asked = 0;
    const host = sshSession(
      {
        exec: (_command, callback) => {
          asked += 1;
          if (asked > 1 || first === undefined) throw new Error('Not connected');
          callback(first, undefined as never);
        },
        on: () => undefined,
        end: () => undefined,
      },
      target,
    );
    await expect(host.exec('true')).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
  }
});

import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, it } from '@jest/globals';
import { sshSession, type SshChannel } from '../../src/hosts/ssh-session.js';

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

it('takes no output for whole when the connection breaks between the exit code and the end of the channel', async () => {
  for (const breaks of [true, false]) {
    const connection = Object.assign(new EventEmitter(), {
      exec: (command: string, callback: (error: undefined, channel: SshChannel) => void): void => {
        const mark = /cloudops-[0-9a-f]{16}/.exec(command)?.[0] ?? '';
        const channel = Object.assign(new PassThrough({ autoDestroy: false }), { stderr: new PassThrough() });
        channel.end = () => channel;
        callback(undefined, channel);
        channel.write(`\n${mark} 7\nthe first half\n`);
        channel.stderr.write(`\n${mark} 7\n`);
        setTimeout(() => {
          channel.emit('exit', 0);
          // In this order does ssh2 tell of a socket that is gone.
          if (breaks) connection.emit('close');
          channel.emit('close');
        }, 10);
      },
      end: () => undefined,
    });
    const running = sshSession(connection, target).exec('cat');
    if (breaks) await expect(running).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
    else expect(await running).toEqual({ code: 0, stdout: 'the first half\n', stderr: '' });
  }
});

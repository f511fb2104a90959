import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { CloudopsError } from '../errors.js';
import type { Tunnel } from './ssh.js';

/** The connection that a tunnel goes through. */
export interface Carrier {
  /** A new stream to the far end. */
  dial(done: (error: Error | undefined, stream: Duplex) => void): unknown;
  onClose(done: () => void): unknown;
  end(): unknown;
}

/** Listens on loopback and hands each connection to the carrier. Port 0 takes a free one. */
export async function localForward(port: number, carrier: Carrier): Promise<Tunnel> {
  const sockets = new Set<Socket>();
  let refused: string | undefined;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    carrier.dial((error, stream) => {
      if (error !== undefined) {
        refused = error.message;
        socket.destroy();
        return;
      }
      stream.on('error', () => socket.destroy()).on('close', () => socket.destroy());
      socket.on('close', () => stream.destroy());
      socket.pipe(stream).pipe(socket);
    });
  });
  let closing = false;
  const ended = new Promise<string | undefined>((resolve) => {
    carrier.onClose(() => {
      stop();
      resolve(closing ? undefined : (refused ?? 'the SSH connection was closed'));
    });
  });
  const stop = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      carrier.end();
      reject(portTaken(port, error));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    ended,
    close: async () => {
      closing = true;
      stop();
      carrier.end();
      await ended;
    },
  };
}

function portTaken(port: number, cause: Error): CloudopsError {
  return new CloudopsError({
    code: 'LOCAL_PORT_TAKEN',
    what: `The local port ${port} can't be listened on.`,
    why: `${cause.message}.`,
    fix: ["give another one with '--port', or '--port 0' for any that is free"],
    cause,
  });
}

import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a host that can be cut like a cable. */
export interface CutProxy {
  readonly port: number;
  cut(): void;
  close(): Promise<void>;
}

/** Listens on loopback and leads to `address:port`. */
export async function cutProxy(address: string, port: number): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = keep(connect(port, address));
    keep(near).pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    close: () =>
      new Promise((resolve) => {
        cut();
        server.close(() => resolve());
      }),
  };
}

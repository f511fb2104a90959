import { connect } from 'node:tls';

/**
 * The sha256 fingerprint of the certificate that a server shows, whoever signed it. Rejects when there is no TLS
 * connection within `timeoutMs`.
 */
export function peerFingerprint(
  at: { readonly host: string; readonly port: number; readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    // Nothing is sent over this connection: it only shows whether the server is the one that the host knows.
    const socket = connect({ host: at.host, port: at.port, rejectUnauthorized: false }, () => {
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      resolve(fingerprint256);
    });
    const stop = (): void => void socket.destroy(new Error('aborted'));
    signal.addEventListener('abort', stop, { once: true });
    socket.setTimeout(at.timeoutMs, () => socket.destroy(new Error('timed out')));
    socket.once('error', reject);
    socket.once('close', () => signal.removeEventListener('abort', stop));
  });
}

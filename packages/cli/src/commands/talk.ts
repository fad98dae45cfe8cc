/** stdin and stdout over a TLS connection, byte for byte. End of input is close_notify; the peer's is waited for. */
import type { TlsSocket } from 'akushu/node';
import type { Environs } from '../output.js';

/** Gives what went wrong, or null for an orderly end. `idle`: milliseconds without data after our end. */
export function talk(socket: TlsSocket, { stdin, stdout }: Environs, idle: number): Promise<unknown> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | null = null;
    let ended = false;
    const finish = (error: unknown): void => {
      if (ended) return;
      ended = true;
      if (timer) clearTimeout(timer);
      stdin.unpipe(socket);
      stdin.pause();
      if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
      resolve(error);
    };
    const expectEnd = (): void => {
      if (timer) clearTimeout(timer);
      if (socket.writableEnded) timer = setTimeout(() => finish(null), idle);
    };
    socket.on('data', expectEnd);
    socket.once('end', () => {
      socket.end();
      finish(null);
    });
    socket.once('error', finish);
    socket.once('close', () => finish(null));
    // A reader that has seen enough (`| head`) ends the conversation, and nothing else.
    stdout.once('error', () => finish(null));
    stdin.once('end', () => {
      socket.end();
      expectEnd();
    });
    socket.pipe(stdout, { end: false });
    stdin.pipe(socket, { end: false });
    if (socket.destroyed) finish(socket.errored);
  });
}

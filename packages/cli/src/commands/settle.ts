/**
 * The moments after a handshake. In TLS 1.3 a client is done before the server has seen its Finished (RFC 9846 §2):
 * the server's tickets, or its refusal of the client's certificate, come a round trip later. Before TLS 1.3 the server's
 * Finished is the last word.
 */
import { TlsError } from 'akushu';
import { isBefore13 } from 'akushu/diagnose';
import type { TlsSocket } from 'akushu/node';
import type { Story } from '../story.js';

const SHORTEST_WAIT = 250;
const LONGEST_WAIT = 1000;
/** A server that asked for a certificate has something to check. */
const WITH_CERTIFICATE = 400;

/** Waits for the server's first sign of life after the handshake, a few round trips at most. Gives its refusal, or null. */
export function settle(socket: TlsSocket, story: Story): Promise<unknown> {
  if (isBefore13(story.setting)) return Promise.resolve(null);
  const { lookup, connect, start } = socket.timings;
  const roundTrip = connect === null ? 0 : connect - (lookup ?? start);
  const asked = story.messages.some(({ type }) => type === 'CertificateRequest');
  const wait = Math.min(LONGEST_WAIT, Math.max(asked ? WITH_CERTIFICATE : SHORTEST_WAIT, 4 * roundTrip));
  return new Promise((resolve) => {
    const done = (error: unknown = null): void => {
      clearTimeout(timer);
      clearInterval(poll);
      socket.off('error', done);
      socket.off('close', ended);
      resolve(error);
    };
    const ended = (): void => done(null);
    const timer = setTimeout(ended, wait);
    const poll = setInterval(() => {
      if (story.messages.some(({ type }) => type === 'NewSessionTicket')) ended();
    }, 5);
    socket.once('error', done);
    socket.once('close', ended);
  });
}

const END_WAIT = 1000;

/** Closes, and waits for the peer to close as well: not for long, since some never do. Gives what went wrong, or null. */
export function waitForEnd(socket: TlsSocket): Promise<unknown> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), END_WAIT);
    const done = (error: unknown): void => {
      clearTimeout(timer);
      resolve(error);
    };
    // Nobody waits for data here: that the peer just hangs up is no failure. An alert is.
    socket.once('error', (error) =>
      done(error instanceof TlsError && error.code === 'peer_alert' ? error : null),
    );
    socket.once('close', () => done(null));
    socket.once('end', () => done(null));
    if (socket.destroyed) done(null);
    socket.resume();
    socket.end();
  });
}

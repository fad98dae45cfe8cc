/** What a server shows of itself in a handshake: its certificates and the OCSP response stapled to them, unverified. */
import { connect, type TlsVersionName } from 'akushu/node';
import { certificatesIn } from './certificate-message.js';
import { type Failure, failureOf } from './failure.js';
import { Story } from './story.js';
import { certificateThing, messageThing, type Place, type Thing } from './things.js';
import type { Target } from './usage.js';

/** Old servers are looked at as well: nothing is sent to them. */
const VERSIONS: readonly TlsVersionName[] = ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'];
const TIMEOUT = 10_000;

/** `failure` only where no certificate came. */
export async function sentBy(
  { host, port }: Target,
  name: string,
): Promise<{ things: readonly Thing[]; failure: Failure | null }> {
  const story = new Story('client', 0, { host, port });
  const socket = connect({
    host,
    port,
    versions: VERSIONS,
    rejectUnauthorized: false,
    timeout: TIMEOUT,
    trace: story.trace,
    onTransport: story.transport,
  });
  const failure = await new Promise<Failure | null>((resolve) => {
    socket.once('secureConnect', () => {
      story.summary = socket.handshake;
      resolve(null);
    });
    socket.once('error', (error) =>
      resolve(failureOf(error, { host, heardFromPeer: story.heardFromPeer, established: false })),
    );
  });
  socket.on('error', () => {});
  socket.destroy();
  const place: Place = {
    file: name,
    encoding: 'der',
    form: null,
    line: null,
    store: 'server',
    alias: null,
  };
  const things = certificatesOf(story).map((der) => certificateThing(der, place));
  const staple = story.summary?.ocsp;
  if (staple) things.push(messageThing(staple, place));
  return { things, failure: things.length > 0 ? null : failure };
}

/** Of a handshake that failed afterwards as well, such as for want of a client certificate. */
function certificatesOf(story: Story): readonly Uint8Array[] {
  if (story.summary) return story.summary.peerCertificates;
  const sent = story.messages.findLast(
    ({ type, from }) => from === 'server' && /^(Compressed)?Certificate$/.test(type),
  );
  return sent ? certificatesIn(sent) : [];
}

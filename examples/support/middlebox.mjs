/**
 * A middlebox between a client and a server: a TCP proxy that looks at the ClientHello and takes offence at what it
 * does not understand. Such devices exist: firewalls and load balancers that were made for hellos of 2010.
 */
import { connect, createServer } from 'node:net';

/** What fits into one TCP segment over Ethernet. */
const ONE_SEGMENT = 1460;

/** Extensions that a device of 2010 has heard of (RFC 6066, 5246, 4492, 5077, 5746), and those that came quietly. */
const KNOWN_EXTENSIONS = new Set([0, 1, 5, 10, 11, 13, 16, 18, 22, 23, 28, 35, 0xff01]);

/**
 * What it does with a hello, once the whole of it has come: `forward`, `drop` (it stays silent and the connection
 * stays open) or `reset`.
 */
export const TEMPERS = {
  /** Waits for a hello to fit into one segment, and never looks at a second one. */
  dropsLongHellos: (hello) => (hello.length > ONE_SEGMENT ? 'drop' : 'forward'),
  /** Takes an extension that it does not know for an attack. */
  resetsUnknownExtensions: (hello) =>
    extensionsOf(hello).every((type) => KNOWN_EXTENSIONS.has(type)) ? 'forward' : 'reset',
};

/** Listens on a free port and passes everything on to `port`, except hellos that `temper` dislikes. */
export async function startMiddlebox(port, temper) {
  const sockets = new Set();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('close', () => upstream.destroy());
    upstream.pipe(client);
    let hello = Buffer.alloc(0);
    client.on('data', function inspect(chunk) {
      hello = Buffer.concat([hello, chunk]);
      // A record's header has its length; a hello is one record.
      if (hello.length < 5 || hello.length < 5 + hello.readUInt16BE(3)) return;
      client.off('data', inspect);
      const verdict = temper(hello);
      if (verdict === 'reset') client.resetAndDestroy();
      else if (verdict === 'drop') client.resume().once('end', () => client.destroy());
      else {
        upstream.write(hello);
        client.pipe(upstream);
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Code points of the extensions of a ClientHello in one record (RFC 5246 §7.4.1.2). */
function extensionsOf(record) {
  // Record header, message header, version, random.
  let at = 5 + 4 + 2 + 32;
  at += 1 + record[at];
  at += 2 + record.readUInt16BE(at);
  at += 1 + record[at];
  const types = [];
  const end = at + 2 + record.readUInt16BE(at);
  for (at += 2; at < end; at += 4 + record.readUInt16BE(at + 2)) types.push(record.readUInt16BE(at));
  return types;
}

/** Servers that speak no TLS, or break off, and what stands between two peers and does harm. */
import { type AddressInfo, createServer, type Socket, connect as tcpConnect } from 'node:net';
import { type Cleaner, freePort } from '../support/processes.js';
import type { Serving } from './peers.js';

function listening(clean: Cleaner, meet: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    clean(() => void socket.destroy());
    meet(socket);
  });
  clean(() => void server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

const plain = (peer: string, meet: (socket: Socket) => void): Serving => ({
  peer,
  serve: async (clean) => ({ port: await listening(clean, meet), said: () => '' }),
});

/** Nobody listens. */
export const nobody: Serving = {
  peer: 'nobody',
  serve: async () => ({ port: await freePort(), said: () => '' }),
};

/** Greets first, and answers whatever comes with `answer`. */
export const greeting = (peer: string, banner: string, answer: string): Serving =>
  plain(peer, (socket) => {
    socket.write(banner);
    socket.on('data', () => socket.write(answer));
    socket.on('end', () => socket.end());
  });

/** SMTP that has no STARTTLS, or asks for it. */
export const smtp = (answers: Readonly<Record<string, string>>): Serving =>
  plain('SMTP', (socket) => {
    socket.write('220 mail.example ESMTP\r\n');
    socket.on('data', (line) => {
      const word = line.toString('latin1').trim().split(' ')[0]!.toUpperCase();
      socket.write(answers[word] ?? '500 5.5.2 Command unrecognized\r\n');
      if (word === 'QUIT') socket.end();
    });
    socket.on('end', () => socket.end());
  });

export const silent = plain('silence', (socket) => {
  socket.resume();
  socket.on('end', () => socket.end());
});

export const resetting = plain('reset', (socket) => {
  socket.once('data', () => socket.resetAndDestroy());
});

export const closing = plain('close', (socket) => {
  socket.once('data', () => socket.end());
});

/** A header that announces more than any record may hold (RFC 9846 §5.1). */
export const overflowing = plain('overflow', (socket) => {
  socket.once('data', () =>
    socket.write(Buffer.concat([Buffer.from([22, 3, 3, 0x60, 0]), Buffer.alloc(0x6000, 2)])),
  );
  socket.on('end', () => socket.end());
});

/** What a relay passes on in place of a piece; null: half of it, and then the end. */
type Change = (piece: Buffer) => Buffer | null;
type Cut = 'reset' | 'end';

interface Harm {
  readonly client?: Change;
  readonly server?: Change;
  readonly cut?: Cut;
}

const through = (serving: Serving, harm: Harm): Serving => ({
  peer: serving.peer,
  async serve(clean, drivers) {
    const served = await serving.serve(clean, drivers);
    const port = await listening(clean, (near) => {
      const far = tcpConnect({ port: served.port, host: '127.0.0.1', allowHalfOpen: true });
      clean(() => void far.destroy());
      pass(near, far, harm.client, harm.cut);
      pass(far, near, harm.server, harm.cut);
    });
    return { ...served, port };
  },
});

function pass(source: Socket, sink: Socket, change: Change | undefined, cut: Cut | undefined): void {
  let open = true;
  source.on('data', (piece: Buffer) => {
    if (!open) return;
    const passed = change ? change(piece) : piece;
    if (passed) {
      sink.write(passed);
      return;
    }
    open = false;
    sink.write(piece.subarray(0, piece.length >> 1), () => {
      if (cut === 'end') sink.end();
      else setTimeout(() => sink.resetAndDestroy(), 20);
    });
  });
  source.on('end', () => {
    if (open) sink.end();
  });
  source.on('error', () => sink.destroy());
}

const APPLICATION_DATA = 23;

/** Where records of application data end in a piece. */
function dataEnds(piece: Buffer): number[] {
  const ends: number[] = [];
  for (let at = 0; at + 5 <= piece.length; ) {
    const end = at + 5 + piece.readUInt16BE(at + 3);
    if (piece[at] === APPLICATION_DATA && end <= piece.length) ends.push(end);
    at = end;
  }
  return ends;
}

/** Flips a bit of the record of application data that comes after `skip` others. */
export function flipping(from: 'client' | 'server', skip: number, serving: Serving): Serving {
  return through(serving, {
    [from]: (() => {
      let seen = 0;
      return (piece: Buffer) => {
        const copy = Buffer.from(piece);
        for (const end of dataEnds(piece)) if (seen++ === skip) copy[end - 1]! ^= 1;
        return copy;
      };
    })(),
  });
}

/** Before TLS 1.3: ends in the middle of the server's first application data. */
export const cutting = (serving: Serving, cut: Cut): Serving =>
  through(serving, { cut, server: (piece) => (piece[0] === APPLICATION_DATA ? null : piece) });

/** A middlebox that takes no hello beyond one old segment, and says nothing. */
export const choking = (serving: Serving, most: number): Serving =>
  through(serving, { client: (piece) => (piece.length > most ? Buffer.alloc(0) : piece) });

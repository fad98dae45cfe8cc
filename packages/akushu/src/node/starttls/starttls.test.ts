/** STARTTLS over sockets: what is said before TLS reaches nobody else, and what goes wrong there has a name. */
import { once } from 'node:events';
import { type Server, type Socket, connect as tcpConnect } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { failure, listen, makePki, type Pki, readAll, tcpServer } from '../../../test/support/sockets.js';
import { type ConnectOptions, connect, createServer, type TlsSocket, type TransportEvent } from '../index.js';

let pki: Pki;
const open: Server[] = [];
const sockets = new Set<Socket>();

beforeAll(async () => {
  pki = await makePki();
});

afterEach(() => {
  for (const server of open.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

async function serve(talk: (socket: Socket) => void): Promise<number> {
  const server = tcpServer((socket) => {
    sockets.add(socket);
    talk(socket);
  });
  open.push(server);
  return listen(server);
}

const dial = (port: number, options: Partial<ConnectOptions> = {}): TlsSocket =>
  connect({ host: '127.0.0.1', port, ca: pki.ca.cert, starttls: 'smtp', ...options });

/** An SMTP server that answers each line with the next of its replies. */
function smtp(socket: Socket, replies: readonly string[], upgrade: (heard: string[]) => void): void {
  const [greeting, ...rest] = replies;
  const heard: string[] = [];
  let text = '';
  const listener = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
      heard.push(text.slice(0, end));
      text = text.slice(end + 2);
      const reply = rest.shift();
      if (rest.length === 0) {
        socket.off('data', listener);
        socket.pause();
        upgrade(heard);
      }
      if (reply !== undefined) socket.write(reply);
    }
  };
  socket.on('data', listener);
  socket.write(greeting!);
}

const REPLIES = ['220 mail.test ESMTP\r\n', '250-mail.test\r\n250 STARTTLS\r\n', '220 go\r\n'];

/** An echo server behind STARTTLS. */
async function echo(heard: string[] = []): Promise<number> {
  const tls = createServer({ cert: pki.server.cert, key: pki.server.keyPem }, (socket) =>
    socket.pipe(socket),
  );
  return serve((socket) =>
    smtp(socket, REPLIES, (lines) => {
      heard.push(...lines);
      tls.accept(socket);
    }),
  );
}

describe('the way to TLS', () => {
  test('leads to a connection that carries data, and to nothing of the user in the clear', async () => {
    const heard: string[] = [];
    const events: TransportEvent[] = [];
    const socket = dial(await echo(heard), { onTransport: (event) => events.push(event) });
    // Written at once: it has to wait for the handshake, not for TCP.
    socket.end('secret');
    expect((await readAll(socket)).toString()).toBe('secret');
    expect(heard).toEqual(['EHLO [127.0.0.1]', 'STARTTLS']);
    expect(socket.authorized).toBe(true);
    expect(socket.starttls).toMatchObject({ protocol: 'smtp', banner: 'mail.test ESMTP' });
    expect(socket.starttls!.ms).toBeGreaterThan(0);
    const said = events.filter((event) => event.kind === 'starttls');
    expect(said.map(({ from, lines }) => `${from} ${lines[0]}`)).toEqual([
      'server 220 mail.test ESMTP',
      'client EHLO [127.0.0.1]',
      'server 250-mail.test',
      'client STARTTLS',
      'server 220 go',
    ]);
    const ready = events.findIndex(({ kind }) => kind === 'starttls_ready');
    const hello = events.findIndex((event) => event.kind === 'bytes' && event.bytes[0] === 0x16);
    expect(ready).toBeGreaterThan(events.indexOf(said.at(-1)!));
    expect(hello).toBeGreaterThan(ready);
  });

  test('goes over any stream', async () => {
    const port = await echo();
    const socket = connect({
      host: 'localhost',
      socket: tcpConnect({ port, host: '127.0.0.1', allowHalfOpen: true }),
      ca: pki.ca.cert,
      starttls: 'smtp',
    });
    socket.end('x');
    expect((await readAll(socket)).toString()).toBe('x');
  });

  test('without it there are no facts of it', async () => {
    const server = createServer({ cert: pki.server.cert, key: pki.server.keyPem }, (socket) => socket.end());
    open.push(server);
    const socket = dial(await listen(server), { starttls: undefined });
    await once(socket, 'secureConnect');
    expect(socket.starttls).toBeNull();
    socket.resume();
    await once(socket, 'close');
  });

  test('an unknown protocol is a RangeError', () => {
    expect(() => dial(1, { starttls: 'gopher' as 'smtp' })).toThrow(RangeError);
    expect(() => dial(1, { starttls: 'toString' as 'smtp' })).toThrow(RangeError);
    expect(() => connect({ host: '127.0.0.1' })).toThrow('"port"');
  });
});

describe('what goes wrong on it', () => {
  const fails = async (talk: (socket: Socket) => void, options: Partial<ConnectOptions> = {}) => {
    let seen = Buffer.alloc(0);
    const port = await serve((socket) => {
      socket.on('data', (chunk: Buffer) => {
        seen = Buffer.concat([seen, chunk]);
      });
      talk(socket);
    });
    const socket = dial(port, options);
    socket.write('secret');
    socket.on('secureConnect', () => expect.unreachable('it was secure'));
    const error = await failure(socket);
    return { error, seen: seen.toString('latin1') };
  };

  test('an answer that comes with the go-ahead never reaches TLS', async () => {
    const { error, seen } = await fails((socket) =>
      smtp(socket, [...REPLIES.slice(0, 2), '220 go\r\n250 injected\r\n'], () => {}),
    );
    expect(error).toMatchObject({ code: 'starttls_injection', facts: { got: '250 injected\\x0d\\x0a' } });
    expect(seen).toBe('EHLO [127.0.0.1]\r\nSTARTTLS\r\n');
  });

  test('a forged alert with the go-ahead is an injection as well, not the peer’s word', async () => {
    const alert = Buffer.from('15030300020228', 'hex').toString('latin1');
    const { error } = await fails((socket) =>
      smtp(socket, [...REPLIES.slice(0, 2), ''], () => {
        socket.write(Buffer.from(`220 go\r\n${alert}`, 'latin1'));
      }),
    );
    expect(error.code).toBe('starttls_injection');
  });

  test('a server that offers no TLS is left, and nothing of the user was sent', async () => {
    const { error, seen } = await fails((socket) =>
      smtp(socket, ['220 x\r\n', '250 SIZE\r\n', ''], () => {}),
    );
    expect(error).toMatchObject({ code: 'starttls_not_offered', alert: null, sentBy: null });
    expect(seen).toBe('EHLO [127.0.0.1]\r\n');
  });

  test('a server that leaves before TLS closed during the handshake', async () => {
    const { error } = await fails((socket) => void socket.end('220 x\r\n'));
    expect(error).toMatchObject({
      code: 'closed_during_handshake',
      facts: { phase: 'starttls', protocol: 'smtp', after: 'EHLO [127.0.0.1]' },
    });
  });

  test('a server that leaves with the go-ahead closed too', async () => {
    const { error } = await fails((socket) =>
      smtp(socket, [...REPLIES.slice(0, 2), ''], () => void socket.end('220 go\r\n')),
    );
    expect(error.code).toBe('closed_during_handshake');
  });

  test('a server that says nothing has run out of time; so has one that drips', async () => {
    const silent = await fails(() => {}, { timeout: 60 });
    expect(silent.error).toMatchObject({
      code: 'starttls_timeout',
      facts: { phase: 'starttls', protocol: 'smtp', after: null, timeout: 60 },
    });
    const dripping = await fails(
      (socket) => {
        const timer = setInterval(() => socket.write('2'), 10);
        socket.once('close', () => clearInterval(timer));
      },
      { timeout: 100 },
    );
    expect(dripping.error.code).toBe('starttls_timeout');
  });

  test('a TLS server that is asked in the clear is named as one', async () => {
    const server = createServer({ cert: pki.server.cert, key: pki.server.keyPem });
    server.on('tlsClientError', () => {});
    open.push(server);
    const error = await failure(dial(await listen(server), { starttls: 'postgres' }));
    expect(error.code).toBe('starttls_already_tls');
  });

  test('it can be canceled on the way', async () => {
    const controller = new AbortController();
    const port = await serve(() => controller.abort());
    const error = await failure(dial(port, { signal: controller.signal }));
    expect(error.name).toBe('AbortError');
  });

  test('an onlooker that throws ends this connection only', async () => {
    const port = await echo();
    const error = await failure(
      dial(port, {
        onTransport: (event) => {
          if (event.kind === 'starttls') throw new Error('mine');
        },
      }),
    );
    expect(error).toMatchObject({ code: 'callback_failed', cause: { message: 'mine' } });
  });
});

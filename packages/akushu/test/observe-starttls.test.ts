/** TLS on any port and after words in the clear, and what is said where TLS was not spoken. */
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromHex, fromUtf8 } from '../src/bytes/index.js';
import type { CaptureEvent, ObservedConnection } from '../src/observe/index.js';
import type { Side } from '../src/trace/index.js';
import { client, makeCredentials, server } from './support/pairs12.js';
import { captureOf, WatchedPair, watch } from './support/watched.js';

let tls: CaptureEvent[];
let hello: Uint8Array;
let keyLog: string[];

beforeAll(async () => {
  await makeCredentials();
  const pair = new WatchedPair(client(), server());
  pair.pump();
  pair.client.connection.write(fromUtf8('ping'));
  pair.pump();
  tls = pair.wire;
  keyLog = pair.client.keyLog;
  const [first] = tls;
  hello = first && 'bytes' in first ? first.bytes : new Uint8Array(0);
});

type Said = readonly [from: Side, what: string | Uint8Array];
const START = Date.UTC(2026, 0, 2);

const events = (said: readonly Said[]): CaptureEvent[] =>
  said.map(([from, what], i) => ({
    t: START - 1000 + i,
    from,
    bytes: typeof what === 'string' ? fromUtf8(what) : what,
  }));

async function see(all: readonly CaptureEvent[]): Promise<{ connection: ObservedConnection; text: string }> {
  const { connections, text } = await watch(captureOf(all), { keyLog });
  expect(connections).toHaveLength(1);
  return { connection: connections[0]!, text: text.client };
}

const C = 'client';
const S = 'server';
const X224 = 'e00000000000';

/** Dialogues that end in TLS: what leads to it, and which of the lines asks for it. */
const DIALOGUES: readonly (readonly [
  name: string,
  requested: number,
  accepted: boolean | null,
  said: readonly Said[],
])[] = [
  [
    'smtp',
    3,
    true,
    [
      [S, '220 mx.example ESMTP\r\n'],
      [C, 'EHLO me\r\n'],
      [S, '250-mx.example\r\n250 STARTTLS\r\n'],
      [C, 'STARTTLS\r\n'],
      [S, '220 go ahead\r\n'],
    ],
  ],
  [
    'imap',
    1,
    true,
    [
      [S, '* OK ready\r\n'],
      [C, 'a1 STARTTLS\r\n'],
      [S, 'a1 OK begin\r\n'],
    ],
  ],
  [
    'pop3',
    1,
    true,
    [
      [S, '+OK ready\r\n'],
      [C, 'STLS\r\n'],
      [S, '+OK begin\r\n'],
    ],
  ],
  [
    'ftp',
    1,
    true,
    [
      [S, '220 ftp.example\r\n'],
      [C, 'AUTH TLS\r\n'],
      [S, '234 proceed\r\n'],
    ],
  ],
  [
    'xmpp',
    2,
    true,
    [
      [C, "<?xml version='1.0'?><stream:stream to='example' xmlns='jabber:client'>"],
      [
        S,
        "<?xml version='1.0'?><stream:stream><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
      ],
      [C, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
      [S, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
    ],
  ],
  [
    'ldap',
    0,
    true,
    [
      [C, concat(fromHex('301d02010177188016'), fromUtf8('1.3.6.1.4.1.1466.20037'))],
      [S, fromHex('300c02010178070a010004000400')],
    ],
  ],
  [
    'postgresql',
    0,
    true,
    [
      [C, fromHex('0000000804d2162f')],
      [S, 'S'],
    ],
  ],
  [
    'mysql',
    1,
    null,
    [
      [S, concat(fromHex('4a0000000a'), fromUtf8('8.0.36\0'), new Uint8Array(70))],
      [C, concat(fromHex('20000001'), fromHex('85aeff19'), new Uint8Array(28))],
    ],
  ],
  [
    'rdp',
    0,
    true,
    [
      [C, fromHex(`0300001300${X224}${'01000800030000'}`.replace('0300001300', '030000130e'))],
      [S, fromHex('030000130ed000001234000200080002000000')],
    ],
  ],
  [
    'http_connect',
    0,
    true,
    [
      [C, 'CONNECT www.example:443 HTTP/1.1\r\nHost: www.example:443\r\n\r\n'],
      [S, 'HTTP/1.1 200 Connection established\r\n\r\n'],
    ],
  ],
  [
    'socks',
    2,
    true,
    [
      [C, fromHex('050100')],
      [S, fromHex('0500')],
      [C, concat(fromHex('050100030b'), fromUtf8('www.example'), fromHex('01bb'))],
      [S, fromHex('05000001000000000000')],
    ],
  ],
  [
    'nntp',
    1,
    true,
    [
      [S, '200 news.example ready\r\n'],
      [C, 'STARTTLS\r\n'],
      [S, '382 continue\r\n'],
    ],
  ],
  [
    'irc',
    2,
    true,
    [
      [C, 'CAP LS 302\r\n'],
      [S, ':irc.example CAP * LS :tls\r\n'],
      [C, 'STARTTLS\r\n'],
      [S, ':irc.example 670 * :go ahead\r\n'],
    ],
  ],
  [
    'sieve',
    1,
    true,
    [
      [S, '"IMPLEMENTATION" "a sieve"\r\n"STARTTLS"\r\nOK\r\n'],
      [C, 'STARTTLS\r\n'],
      [S, 'OK\r\n'],
    ],
  ],
];

describe('after words in the clear', () => {
  test.each(DIALOGUES)('of %s', async (name, requested, accepted, said) => {
    const { connection, text } = await see([...events(said), ...tls]);
    expect(connection.starttls).toMatchObject({ protocol: name, requested, accepted });
    expect(connection.starttls!.preamble.map(({ from }) => from)).toEqual(said.map(([from]) => from));
    expect(connection.notTls).toBeNull();
    expect(connection.tls!.fromTheStart).toBe(true);
    expect(connection.problems).toEqual([]);
    expect(text).toBe('ping');
  });

  test('a proxy is told where to, by CONNECT and by SOCKS', async () => {
    for (const name of ['http_connect', 'socks']) {
      const [, , , said] = DIALOGUES.find(([other]) => other === name)!;
      const { connection } = await see([...events(said), ...tls]);
      expect(connection.starttls).toMatchObject({
        protocol: name,
        accepted: true,
        target: 'www.example:443',
      });
    }
  });

  test('that came in one segment with the ClientHello', async () => {
    const header = fromUtf8('PROXY TCP4 192.0.2.1 192.0.2.2 1 443\r\n');
    const mysql = DIALOGUES.find(([name]) => name === 'mysql')![3];
    const request = mysql[1]![1] as Uint8Array;
    const rest = tls.slice(1);
    const proxied = await see([{ t: START, from: C, bytes: concat(header, hello) }, ...rest]);
    expect(proxied.connection.starttls).toMatchObject({ protocol: 'proxy' });
    expect(proxied.text).toBe('ping');
    const all = [
      ...events(mysql.slice(0, 1)),
      { t: START, from: C, bytes: concat(request, hello) } as const,
      ...rest,
    ];
    const { connection, text } = await see(all);
    expect(connection.starttls).toMatchObject({ protocol: 'mysql', requested: 1 });
    expect(text).toBe('ping');
  });

  test('that nobody knows', async () => {
    const { connection, text } = await see([
      ...events([
        [C, 'upgrade please\n'],
        [S, 'ok\n'],
      ]),
      ...tls,
    ]);
    expect(connection.starttls).toMatchObject({ protocol: 'unknown', requested: null });
    expect(text).toBe('ping');
  });

  test('that end in a refusal', async () => {
    const refusals: readonly (readonly [string, readonly Said[]])[] = [
      [
        'smtp',
        [
          [S, '220 mx ESMTP\r\n'],
          [C, 'STARTTLS\r\n'],
          [S, '454 TLS not available\r\n'],
          [C, 'QUIT\r\n'],
        ],
      ],
      [
        'postgresql',
        [
          [C, fromHex('0000000804d2162f')],
          [S, 'N'],
        ],
      ],
      [
        'http_connect',
        [
          [C, 'CONNECT a:443 HTTP/1.1\r\n\r\n'],
          [S, 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'],
        ],
      ],
    ];
    for (const [protocol, said] of refusals) {
      const { connection } = await see(events(said));
      expect(connection.starttls).toMatchObject({ protocol, accepted: false });
      expect(connection.tls).toBeNull();
    }
  });
});

describe('a ClientHello', () => {
  test('is known in pieces of any size', async () => {
    for (const size of [1, 2, 3, 5, 6, 100]) {
      const pieces = Array.from({ length: Math.ceil(hello.length / size) }, (_, i) =>
        hello.subarray(i * size, (i + 1) * size),
      );
      const { connection, text } = await see([...events(pieces.map((piece) => [C, piece])), ...tls.slice(1)]);
      expect(connection.tls!.clientHello).not.toBeNull();
      expect(connection.notTls).toBeNull();
      expect(text).toBe('ping');
    }
  });

  test('that stops in its middle is an incomplete message', async () => {
    const { connection } = await see(events([[C, hello.subarray(0, 100)]]));
    expect(connection.tls).toMatchObject({ clientHello: null, records: [] });
    for (const length of [3, 5])
      expect((await see(events([[C, hello.subarray(0, length)]]))).connection.tls).not.toBeNull();
  });

  test('of SSL 2.0 is read, and TLS behind it', async () => {
    const body = fromHex(`010303000c00000010${'00c02f00009c00002f0000ff'}${'ab'.repeat(16)}`);
    const { connection } = await see([
      ...events([[C, concat(Uint8Array.of(0x80, body.length), body)]]),
      ...tls.slice(1, 2),
    ]);
    const { clientHello, messages, serverHello, fingerprints } = connection.tls!;
    expect(clientHello).toMatchObject({
      legacyVersion: 0x0303,
      cipherSuites: [0xc02f, 0x009c, 0x002f, 0x00ff],
    });
    expect([...clientHello!.random.subarray(0, 16)]).toEqual(new Array(16).fill(0));
    expect(messages[0]).toMatchObject({ name: 'CLIENT-HELLO', type: 1 });
    expect(messages[0]!.kind === 'handshake' && messages[0]!.annotate().children.length).toBe(8);
    expect(serverHello).not.toBeNull();
    expect(fingerprints.ja3).toBeNull();
  });
});

test('a connection of SSL 2.0 is read as far as its hellos', async () => {
  const body = fromHex(`0100020003000000${'10'}${'0700c0'}${'ab'.repeat(16)}`);
  const certificate = fromHex('3003020101');
  const answer = concat(
    fromHex('0400010002'),
    Uint8Array.of(0, certificate.length, 0, 3, 0, 2),
    certificate,
    fromHex('0700c0'),
    fromHex('c1d2'),
  );
  const framed = (bytes: Uint8Array): Uint8Array => concat(Uint8Array.of(0x80, bytes.length), bytes);
  const encrypted = concat(Uint8Array.of(0x80, 40), new Uint8Array(40).fill(0x5a));
  const { connection } = await see(
    events([
      [C, framed(body)],
      [S, framed(answer)],
      [C, encrypted],
    ]),
  );
  const { clientHello, negotiated, serverChain, messages } = connection.tls!;
  expect(clientHello).toMatchObject({ legacyVersion: 2, cipherSuites: [0x0700c0] });
  expect(negotiated.version).toBe(2);
  expect(serverChain).toEqual([certificate]);
  expect(messages.map((message) => (message.kind === 'handshake' ? message.name : message.kind))).toEqual([
    'CLIENT-HELLO',
    'SERVER-HELLO',
    'encrypted',
  ]);
  expect(connection.problems).toEqual([]);
});

test('a record that says it is longer than any may be is said, and what follows is read', async () => {
  const long = concat(Uint8Array.of(22, 3, 3, 0xff, 0xff), new Uint8Array(100));
  const alert = fromHex('15030300020246');
  const { connection } = await see(
    events([
      [C, hello],
      [S, long],
      [S, alert],
    ]),
  );
  expect(connection.notTls?.server).toMatchObject({ protocol: 'binary' });
  const after = await see([...tls.slice(0, 2), ...events([[S, long]]), ...events([[S, alert]])]);
  expect(after.connection.problems).toMatchObject([
    { code: 'record_too_long', from: 'server', facts: { type: 22, length: 0xffff } },
  ]);
  expect(after.connection.tls!.alerts).toMatchObject([{ description: 'protocol_version' }]);
});

describe('what is spoken instead of TLS', () => {
  test.each<readonly [string, string | Uint8Array, string]>([
    ['http', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    ['http', '<html><head>400</head></html>', '<html><head>400</head></html>'],
    ['smtp', '220 mx.example ESMTP Postfix\r\n', '220 mx.example ESMTP Postfix'],
    ['ssh', 'SSH-2.0-OpenSSH_9.6\r\n', 'SSH-2.0-OpenSSH_9.6'],
    ['ftp', '220 (vsFTPd 3.0.5)\r\n', '220 (vsFTPd 3.0.5)'],
    ['imap', '* OK IMAP4rev1 ready\r\n', '* OK IMAP4rev1 ready'],
    ['pop3', '+OK POP3 ready\r\n', '+OK POP3 ready'],
    [
      'mysql',
      concat(fromHex('4a0000000a'), fromUtf8('8.0.36\0'), new Uint8Array(70)),
      '4a0000000a382e302e3336',
    ],
    ['redis', '-ERR unknown command\r\n', '-ERR unknown command'],
    ['vnc', 'RFB 003.008\n', 'RFB 003.008'],
    ['text', 'what do you want?\n', 'what do you want?'],
    ['binary', fromHex('00112233445566'), '00112233445566'],
  ])('%s by a server that is sent a ClientHello', async (protocol, answer, firstLine) => {
    for (const said of [
      [
        [C, hello],
        [S, answer],
      ],
      [
        [S, answer],
        [C, hello],
      ],
    ] as const) {
      const { connection } = await see(events(said));
      expect(connection.notTls!.client).toBeNull();
      expect(connection.notTls!.server).toMatchObject({
        protocol,
        firstLine: expect.stringContaining(firstLine) as string,
      });
      expect(connection.tls!.clientHello).not.toBeNull();
    }
  });

  test('by a client that a server of TLS answers with an alert', async () => {
    const { connection } = await see(
      events([
        [C, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
        [S, fromHex('15030300020246')],
      ]),
    );
    expect(connection.notTls).toMatchObject({
      client: { protocol: 'http', firstLine: 'GET / HTTP/1.1' },
      server: null,
    });
    expect(connection.tls!.alerts).toMatchObject([{ from: 'server', description: 'protocol_version' }]);
  });

  test('by both', async () => {
    const { connection } = await see(
      events([
        [C, 'GET / HTTP/1.1\r\n\r\n'],
        [S, 'HTTP/1.1 200 OK\r\n\r\nhello'],
      ]),
    );
    expect(connection.tls).toBeNull();
    expect(connection.notTls).toMatchObject({ client: { protocol: 'http' }, server: { protocol: 'http' } });
  });

  test('and after a STARTTLS that was granted', async () => {
    const said = DIALOGUES[0]![3];
    const { connection } = await see([
      ...events(said),
      ...events([
        [C, hello],
        [S, '500 what?\r\n'],
      ]),
    ]);
    expect(connection.starttls).toMatchObject({ protocol: 'smtp', accepted: true });
    expect(connection.notTls).toMatchObject({
      client: null,
      server: { protocol: 'smtp', firstLine: '500 what?' },
    });
  });
});

/** What TCP does to a connection on its way: order, repetition, loss, and connections that never were. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromUtf8 } from '../src/bytes/index.js';
import { nodeProvider } from '../src/crypto/node.js';
import { type ObservedConnection, observeAll } from '../src/observe/index.js';
import { ipv4, packetsOf, pcap, segment, u16, u32, udp } from './support/frames.js';
import { client, makeCredentials, server } from './support/pairs12.js';
import { WatchedPair, watch } from './support/watched.js';

const CLIENT = ['10.0.0.1', 50_000] as const;
const SERVER = ['10.0.0.2', 443] as const;

let wire: { readonly client: Uint8Array; readonly server: Uint8Array };
let keyLog: string[];
let packets: Uint8Array[];
/** Bytes of the ClientHello's flight. */
let helloLength: number;

beforeAll(async () => {
  await makeCredentials();
  const pair = new WatchedPair(client({ versions: [0x0304] }), server({ versions: [0x0304] }));
  pair.pump();
  pair.client.connection.write(new Uint8Array(20_000).fill(0x61));
  pair.pump();
  pair.client.connection.close();
  pair.pump();
  keyLog = pair.client.keyLog;
  packets = packetsOf(pair.capture());
  const [first] = pair.wire;
  helloLength = first && 'bytes' in first ? first.bytes.length : 0;
  const side = (from: string): Uint8Array =>
    concat(...pair.wire.flatMap((event) => ('bytes' in event && event.from === from ? [event.bytes] : [])));
  wire = { client: side('client'), server: side('server') };
});

const A = 'a'.repeat(20_000);
const only = async (file: Uint8Array): Promise<ObservedConnection> => {
  const { connections } = await watch(file, { keyLog });
  expect(connections).toHaveLength(1);
  return connections[0]!;
};

/** The opening, then in segments the ClientHello, what the server says, and the rest of the client's. */
function segments(
  size: number,
  { client: clientStart = 1000, server: serverStart = 2000 } = {},
): {
  readonly opening: Uint8Array[];
  readonly hello: Uint8Array[];
  readonly up: Uint8Array[];
  readonly down: Uint8Array[];
} {
  const opening = [
    segment(CLIENT, SERVER, 'S', clientStart, 0),
    segment(SERVER, CLIENT, 'SA', serverStart, clientStart + 1),
    segment(CLIENT, SERVER, 'A', clientStart + 1, serverStart + 1),
  ];
  const cut = (bytes: Uint8Array, make: (at: number, piece: Uint8Array) => Uint8Array): Uint8Array[] =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      make(i * size, bytes.subarray(i * size, (i + 1) * size)),
    );
  const ofClient = (from: number) => (at: number, piece: Uint8Array) =>
    segment(CLIENT, SERVER, 'AP', clientStart + 1 + from + at, serverStart + 1, piece);
  const ofServer = (at: number, piece: Uint8Array) =>
    segment(SERVER, CLIENT, 'AP', serverStart + 1 + at, clientStart + 1 + helloLength, piece);
  return {
    opening,
    hello: cut(wire.client.subarray(0, helloLength), ofClient(0)),
    up: cut(wire.client.subarray(helloLength), ofClient(helloLength)),
    down: cut(wire.server, ofServer),
  };
}

/** All of it, in order. */
const inOrder = ({ opening, hello, down, up }: ReturnType<typeof segments>): Uint8Array[] => [
  ...opening,
  ...hello,
  ...down,
  ...up,
];

describe('order', () => {
  test('segments that come in any order within a window are put right', async () => {
    const property = async (size: number, jumps: Iterator<number>): Promise<void> => {
      const { opening, hello, up, down } = segments(size);
      for (const all of [down, up]) {
        for (let i = 0; i < all.length - 4; i++) {
          const j = i + (jumps.next().value as number);
          [all[i], all[j]] = [all[j]!, all[i]!];
        }
      }
      const { connections, text } = await watch(pcap([...opening, ...hello, ...down, ...up]), { keyLog });
      expect(text.client === A).toBe(true);
      expect(connections[0]!.problems).toEqual([]);
      expect(connections[0]!.tcp.bytes).toEqual({ client: wire.client.length, server: wire.server.length });
    };
    const size = fc.integer({ min: 300, max: 1460 });
    await fc.assert(fc.asyncProperty(size, fc.infiniteStream(fc.nat(3)), property), { numRuns: 30 });
  });

  test('answers that come before what they answer wait for it', async () => {
    const pair = new WatchedPair(client({ versions: [0x0304] }), server({ versions: [0x0304] }));
    pair.pump();
    pair.client.connection.write(fromUtf8('ping'));
    pair.pump();
    const bare = packetsOf(pair.capture());
    const data = bare.flatMap((packet, i) => (packet.length > 40 ? [i] : []));
    for (const [from, to] of data.map((at, i) => [at, data[i + 1] ?? at] as const)) {
      const all = [...bare];
      const [moved] = all.splice(to, 1);
      all.splice(from, 0, moved!);
      const { connections, text } = await watch(pcap(all), { keyLog: pair.client.keyLog });
      expect(text.client).toBe('ping');
      expect(connections[0]!.problems).toEqual([]);
      expect(connections[0]!.tls!.serverHello).not.toBeNull();
    }
  });

  test('segments that come again, whole, joined or overlapping, are counted and change nothing', async () => {
    const { opening, hello, up, down } = segments(1000);
    const joined = segments(1500);
    const all = [
      ...opening,
      ...hello,
      ...down,
      down[0]!,
      ...up.slice(0, 5),
      up[2]!,
      up[4]!,
      ...joined.up.slice(2),
    ];
    const { connections, text } = await watch(pcap(all), { keyLog });
    expect(text.client === A).toBe(true);
    const { tcp, problems } = connections[0]!;
    expect(problems).toEqual([]);
    expect(tcp.retransmissions).toEqual({ client: 3, server: 1 });
    expect(tcp.overlaps).toEqual({ client: 1, server: 0 });
  });

  test('sequence numbers may go past zero', async () => {
    for (const start of [0xffff_ffff, 0xffff_ff00, 0x7fff_ff00]) {
      const { opening, hello, up, down } = segments(500, { client: start, server: start });
      const all = [...opening, ...hello, ...down, up[0]!, up[2]!, up[1]!, ...up.slice(3)];
      const { text } = await watch(pcap(all), { keyLog });
      expect(text.client === A).toBe(true);
    }
  });
});

describe('loss', () => {
  test('is found where the other side has acknowledged it, and reading goes on behind it', async () => {
    const { opening, hello, up, down } = segments(1000);
    const acknowledged = segment(SERVER, CLIENT, 'A', 2001 + wire.server.length, 1001 + 19_000);
    const kept = up.filter((_, i) => i !== 7);
    const { tcp, problems, tls } = await only(pcap([...opening, ...hello, ...down, ...kept, acknowledged]));
    const offset = helloLength + 7000;
    expect(tcp.lost).toMatchObject([{ from: 'client', offset, length: 1000 }]);
    expect(problems).toMatchObject([{ code: 'lost_bytes', from: 'client', offset }]);
    expect(tls!.records.filter(({ from }) => from === 'client').length).toBeGreaterThan(3);
  });

  test('at the end is found by what was acknowledged', async () => {
    const { opening, hello } = segments(1460);
    const all = [...opening, ...hello, segment(SERVER, CLIENT, 'A', 2001, 1001 + helloLength + 4000)];
    const { tcp } = await only(pcap(all));
    expect(tcp.lost).toMatchObject([{ from: 'client', offset: helloLength, length: 4000 }]);
  });

  test('of one whole direction leaves the other', async () => {
    const { opening, hello, up } = segments(1000);
    const { tcp, tls } = await only(pcap([opening[0]!, ...hello, ...up]));
    expect(tcp.bytes.client).toBe(wire.client.length);
    expect(tls!.clientHello).not.toBeNull();
    expect(tls!.serverHello).toBeNull();
  });
});

describe('a connection that had begun before', () => {
  test('is known for TLS by its ClientHello, and the client by it', async () => {
    const { hello, up, down } = segments(1460);
    const { rolesFrom, tcp, tls, client } = await only(pcap([...hello, ...down, ...up]));
    expect([rolesFrom, tcp.opening, tcp.startedMidStream, client.port]).toEqual([
      'hello',
      'unseen',
      true,
      50_000,
    ]);
    expect(tls!.fromTheStart).toBe(true);
  });

  test('is known by its records from wherever they begin', async () => {
    const { up } = segments(1000);
    const { rolesFrom, tls, client } = await only(pcap(up.slice(2)));
    expect([rolesFrom, client.port]).toEqual(['port', 50_000]);
    expect(tls).toMatchObject({ fromTheStart: false, clientHello: null });
    expect(tls!.records.at(-1)).toMatchObject({ type: 23, protected: true });
  });
});

describe('ports that are used again', () => {
  test('make a new connection with each new SYN', async () => {
    const one = segments(1460);
    const two = segments(1460, { client: 90_000, server: 95_000 });
    const { connections, text } = await watch(pcap([...inOrder(one), ...inOrder(two)]), { keyLog });
    expect(connections.map(({ index, tls }) => [index, tls!.clientHello !== null])).toEqual([
      [0, true],
      [1, true],
    ]);
    expect(text.client === A + A).toBe(true);
  });

  test('a SYN that is sent again is the same connection', async () => {
    const all = segments(1460);
    const { tcp } = await only(pcap([all.opening[0]!, all.opening[0]!, ...inOrder(all)]));
    expect([tcp.syns, tcp.opening]).toEqual([3, 'complete']);
  });

  test('stragglers of a closed connection belong to it', async () => {
    const all = [...packets, packets[packets.length - 1]!, packets[packets.length - 2]!];
    expect((await watch(pcap(all))).connections).toHaveLength(1);
  });
});

describe('connections that never were', () => {
  const syn = segment(CLIENT, SERVER, 'S', 1000, 0);

  test('a SYN without an answer', async () => {
    const { tcp, tls, notTls } = await only(pcap([syn, syn, syn]));
    expect(tcp).toMatchObject({ opening: 'no_answer', syns: 3, synAck: null, rst: null, open: true });
    expect([tls, notTls]).toEqual([null, null]);
  });

  test('a SYN that is refused', async () => {
    const { tcp } = await only(pcap([syn, segment(SERVER, CLIENT, 'RA', 0, 1001)]));
    expect(tcp).toMatchObject({ opening: 'refused', rst: { by: 'server' } });
  });

  test('a SYN that ICMP answers', async () => {
    const icmp = ipv4(
      concat(Uint8Array.of(3, 13, 0, 0), u32(0), syn.subarray(0, 28)),
      1,
      '10.9.9.9',
      '10.0.0.1',
    );
    const { tcp } = await only(pcap([syn, icmp]));
    expect(tcp).toMatchObject({
      opening: 'unreachable',
      unreachable: { by: '10.9.9.9', reason: 'prohibited' },
    });
  });

  test('a SYN-ACK that the client does not follow up', async () => {
    const { tcp } = await only(pcap([syn, segment(SERVER, CLIENT, 'SA', 2000, 1001)]));
    expect(tcp).toMatchObject({ opening: 'half', open: true });
  });

  test('a reset after the ClientHello', async () => {
    const { opening, hello } = segments(1460);
    const { tcp, tls } = await only(pcap([...opening, ...hello, segment(SERVER, CLIENT, 'R', 2001, 0)]));
    expect(tcp).toMatchObject({
      opening: 'complete',
      rst: { by: 'server' },
      bytes: { server: 0 },
      open: false,
    });
    expect(tls!.clientHello).not.toBeNull();
  });
});

describe('DNS', () => {
  const RESOLVER = '9.9.9.9';
  const question = (
    id: number,
    name: string,
    type: number,
    flags: number,
    answers: readonly Uint8Array[] = [],
  ) =>
    concat(
      u16(id),
      u16(flags),
      u16(1),
      u16(answers.length),
      u32(0),
      ...name.split('.').map((label) => concat(Uint8Array.of(label.length), fromUtf8(label))),
      Uint8Array.of(0),
      u16(type),
      u16(1),
      ...answers,
    );
  const answer = (type: number, data: Uint8Array, name = 0xc00c): Uint8Array =>
    concat(u16(name), u16(type), u16(1), u32(60), u16(data.length), data);
  const ask = (payload: Uint8Array, port = 4000): Uint8Array =>
    ipv4(udp(payload, port, 53), 17, '10.0.0.1', RESOLVER);
  const reply = (payload: Uint8Array, port = 4000): Uint8Array =>
    ipv4(udp(payload, 53, port), 17, RESOLVER, '10.0.0.1');
  const lookups = async (all: readonly Uint8Array[]) =>
    (await observeAll(pcap(all), { provider: nodeProvider })).filter((item) => item.kind === 'lookup');

  test('answers name the hosts of connections, aliases or not', async () => {
    const alias = concat(Uint8Array.of(4), fromUtf8('edge'), Uint8Array.of(0));
    const cname = answer(5, alias);
    const address = concat(alias, u16(1), u16(1), u32(60), u16(4), Uint8Array.of(10, 0, 0, 2));
    const { opening } = segments(1460);
    const all = [
      ask(question(1, 'www.example.com', 1, 0x0100)),
      reply(question(1, 'www.example.com', 1, 0x8180, [cname, address])),
      ...opening,
    ];
    const { connections, capture } = await watch(pcap(all));
    expect(connections[0]!.server.names).toEqual(['www.example.com', 'edge']);
    expect(capture.seen).toMatchObject({ dns: 2, tcp: 3 });
    expect(await lookups(all)).toEqual([]);
  });

  test.each([
    [3, 'nxdomain'],
    [2, 'servfail'],
    [5, 'refused'],
    [9, 'rcode_9'],
    [0, 'no_addresses'],
  ])('an answer with code %i is a failure: %s', async (rcode, outcome) => {
    const all = [
      ask(question(7, 'nowhere.example', 28, 0x0100)),
      ask(question(7, 'nowhere.example', 28, 0x0100)),
      reply(question(7, 'nowhere.example', 28, 0x8180 | rcode)),
    ];
    expect(await lookups(all)).toMatchObject([
      {
        name: 'nowhere.example',
        type: 'AAAA',
        outcome,
        attempts: 2,
        resolver: { address: RESOLVER, port: 53 },
      },
    ]);
  });

  test('a question without an answer is a failure, and what ICMP says of it', async () => {
    const asked = ask(question(1, 'a.example', 1, 0x0100));
    const icmp = ipv4(
      concat(Uint8Array.of(3, 3, 0, 0), u32(0), asked.subarray(0, 28)),
      1,
      RESOLVER,
      '10.0.0.1',
    );
    expect(await lookups([asked])).toMatchObject([{ outcome: 'no_answer', answeredAt: null }]);
    expect(await lookups([asked, icmp])).toMatchObject([{ outcome: 'unreachable' }]);
  });

  test('messages that point in circles or are cut are none', async () => {
    const circle = concat(u16(1), u16(0x0100), u16(1), u16(0), u32(0), u16(0xc00c), u16(1), u16(1));
    const good = question(1, 'a.example', 1, 0x8180, [answer(1, Uint8Array.of(1, 2, 3, 4))]);
    for (let end = 0; end < good.length; end++)
      expect(await lookups([reply(good.subarray(0, end))])).toBeDefined();
    expect(await lookups([ask(circle)])).toEqual([]);
  });
});

test('connections beyond the limit end the ones that were silent longest', async () => {
  const syns = Array.from({ length: 100 }, (_, i) => segment(['10.0.1.1', 1000 + i], SERVER, 'S', i, 0));
  const { connections } = await watch(pcap(syns), { limits: { connections: 10 } });
  expect(connections.map(({ index }) => index)).toEqual(syns.map((_, i) => i));
});

test('what waits for a missing segment is bounded', async () => {
  const { opening, hello, up } = segments(1000);
  const begun = [...opening, ...hello, up[0]!];
  const { tcp } = await only(pcap([...begun, ...up.slice(2)]));
  const lost = [{ offset: helloLength + 1000, length: 1000 }];
  expect(tcp.lost).toMatchObject(lost);
  const late = pcap([...begun, ...up.slice(2, 8), up[1]!]);
  const small = await watch(late, { limits: { outOfOrderBytes: 3000 } });
  expect(small.connections[0]!.tcp.lost).toMatchObject(lost);
});

describe('what one packet says of others', () => {
  test('an answer that was captured before its SYN belongs to the same connection', async () => {
    const [syn, synAck, ...rest] = inOrder(segments(1000));
    const { tcp } = await only(pcap([synAck!, syn!, ...rest]));
    expect([tcp.opening, tcp.syns, tcp.startedMidStream]).toEqual(['complete', 1, false]);
  });

  test('so does a refusal, and the first data', async () => {
    const { opening, hello } = segments(1000);
    const refusal = segment(SERVER, CLIENT, 'RA', 0, 1001);
    expect((await only(pcap([refusal, opening[0]!]))).tcp.opening).toBe('refused');
    const [first, ...rest] = hello;
    const early = await only(pcap([first!, ...opening, ...rest]));
    expect([early.tcp.opening, early.tcp.syns, early.tls?.clientHello === null]).toEqual([
      'complete',
      1,
      false,
    ]);
  });

  test('a client that goes on was answered, whether or not that was captured', async () => {
    const [syn, , ack] = segments(1000).opening;
    expect((await only(pcap([syn!, ack!]))).tcp.opening).toBe('complete');
    expect((await only(pcap([syn!]))).tcp.opening).toBe('no_answer');
  });

  test('what is acknowledged was there, whether or not it was captured', async () => {
    const { opening, hello } = segments(1000);
    const acked = segment(SERVER, CLIENT, 'A', 2001, 1001 + helloLength);
    expect((await only(pcap([...opening, ...hello]))).tcp.acknowledged).toEqual({ client: 0, server: 0 });
    expect((await only(pcap([...opening, ...hello, acked]))).tcp.acknowledged.client).toBe(helloLength);
  });

  test('the FIN that the other one acknowledges came first', async () => {
    const first = segment(CLIENT, SERVER, 'FA', 1001, 2001);
    const second = segment(SERVER, CLIENT, 'FA', 2001, 1002);
    for (const ends of [
      [first, second],
      [second, first],
    ])
      expect((await only(pcap([...segments(1000).opening, ...ends]))).tcp.finFirst).toBe('client');
  });

  test('cut segments are counted, and how long the longest is', async () => {
    const { capture, connections } = await watch(pcap(inOrder(segments(1000)), { snapLength: 96 }));
    expect([capture.cutAt, connections[0]!.tcp.cutSegments.client > 20]).toEqual([96, true]);
    expect((await watch(pcap(inOrder(segments(1000))))).capture.cutAt).toBeNull();
  });

  test('a clock that goes back is told by how far', async () => {
    const packets = inOrder(segments(1000));
    const file = pcap(packets);
    expect((await only(file)).tcp.stepBack).toBe(0);
    const view = new DataView(file.buffer, file.byteOffset);
    view.setUint32(24, view.getUint32(24, true) + 60, true);
    expect((await only(file)).tcp.stepBack).toBeCloseTo(59_999, -1);
  });
});

describe('a connection met in its middle', () => {
  const HIGH = ['10.0.0.3', 51_000] as const;
  const record = (type: number, ...messages: number[]): Uint8Array => {
    const body = messages.flatMap((message) => [message, 0, 0, 2, 0, 0]);
    return Uint8Array.of(type, 3, 3, 0, body.length, ...body);
  };

  test.each([
    ['ServerHelloDone', [14], 'server'],
    ['Certificate and ServerKeyExchange', [11, 12], 'server'],
    ['Certificate and ClientKeyExchange', [11, 16], 'client'],
    ['ClientKeyExchange', [16], 'client'],
  ] as const)('has its sides by %s', async (_, messages, side) => {
    const { connections } = await watch(pcap([segment(CLIENT, HIGH, 'AP', 1, 1, record(22, ...messages))]));
    const [connection] = connections;
    expect(connection!.rolesFrom).toBe('hello');
    expect(connection![side].port).toBe(CLIENT[1]);
  });

  test('an alert of more than two bytes is encrypted, and is none in the clear', async () => {
    const { opening, hello } = segments(1000);
    const secret = Uint8Array.of(21, 3, 3, 0, 26, ...new Uint8Array(26).fill(2));
    const { connections } = await watch(
      pcap([...opening, ...hello, segment(SERVER, CLIENT, 'AP', 2001, 1001 + helloLength, secret)]),
    );
    const { alerts, messages } = connections[0]!.tls!;
    expect(alerts).toEqual([]);
    expect(messages.at(-1)).toMatchObject({ kind: 'alert', from: 'server', alert: null });
  });
});

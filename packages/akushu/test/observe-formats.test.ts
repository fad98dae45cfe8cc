/** Captures in every file format and link layer that is read, whole, cut and broken. */
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, EMPTY, fromUtf8 } from '../src/bytes/index.js';
import { nodeProvider } from '../src/crypto/node.js';
import { CaptureError, observe, observeAll, writePcapng } from '../src/observe/index.js';
import {
  block,
  fragments,
  interfaceBlock,
  packetBlock,
  packetsOf,
  pcap,
  START,
  sectionBlock,
  u16,
  WRAPPINGS,
} from './support/frames.js';
import { client, makeCredentials, server } from './support/pairs12.js';
import { WatchedPair, watch } from './support/watched.js';

let packets: Uint8Array[];
let overIpv6: Uint8Array[];
let keyLog: string[];
let shown: unknown;

beforeAll(async () => {
  await makeCredentials();
  const pair = new WatchedPair(client({ versions: [0x0304] }), server({ versions: [0x0304] }));
  pair.pump();
  pair.client.connection.write(fromUtf8('ping'));
  pair.pump();
  pair.client.connection.close();
  pair.pump();
  keyLog = pair.client.keyLog;
  packets = packetsOf(pair.capture());
  const ends = { client: { address: '2001:db8::1', port: 1 }, server: { address: '2001:db8::2', port: 443 } };
  overIpv6 = packetsOf(writePcapng([{ ...ends, events: pair.wire }]));
  shown = await outline(pcap(packets));
});

/** What is the same however it was captured. */
async function outline(file: Uint8Array | Iterable<Uint8Array>): Promise<unknown> {
  const { connections, capture, text } = await watch(file, { keyLog });
  return {
    text,
    problems: capture.problems,
    connections: connections.map(({ tls, tcp, problems }) => ({
      messages: tls?.messages.map((message) => (message.kind === 'handshake' ? message.name : message.kind)),
      bytes: tcp.bytes,
      fin: tcp.finFirst,
      lost: tcp.lost,
      repeated: tcp.retransmissions,
      problems,
      records: tls?.records.map(({ start, end, innerType }) => [start, end, innerType]),
    })),
  };
}

test('a connection is read from one end to the other', async () => {
  expect(shown).toMatchObject({
    text: { client: 'ping' },
    problems: [],
    connections: [{ problems: [], fin: 'client' }],
  });
});

describe('pcap', () => {
  test.each([
    [true, false],
    [false, false],
    [true, true],
    [false, true],
  ])('of little-endian machines: %s, with nanoseconds: %s', async (little, nanoseconds) => {
    const file = pcap(packets, { little, nanoseconds });
    expect(await outline(file)).toEqual(shown);
    const { connections, capture } = await watch(file);
    expect([connections[0]!.start, capture.start, capture.end]).toEqual([
      START,
      START,
      START + packets.length - 1,
    ]);
  });

  test('a snapshot length cuts packets, and what is cut off is lost', async () => {
    const { connections, capture } = await watch(pcap(packets, { snapLength: 200 }));
    expect(capture.cutPackets).toBeGreaterThan(0);
    const { tcp, problems } = connections[0]!;
    expect(tcp.lost.length).toBeGreaterThan(0);
    expect(problems.every(({ code }) => code === 'lost_bytes')).toBe(true);
    expect(tcp.bytes).toEqual((shown as { connections: { bytes: unknown }[] }).connections[0]!.bytes);
  });
});

describe('pcapng', () => {
  const ticks = (i: number, perMillisecond: number): bigint => BigInt((START + i) * perMillisecond);

  test.each([true, false])('of little-endian machines: %s', async (little) => {
    const file = concat(
      sectionBlock(little),
      interfaceBlock(101, 6, 0, little),
      ...packets.map((packet, i) => packetBlock(packet, ticks(i, 1000), 0, little)),
    );
    expect(await outline(file)).toEqual(shown);
    expect((await watch(file)).capture).toMatchObject({
      format: 'pcapng',
      start: START,
      packets: packets.length,
    });
  });

  test('several interfaces have their own link types and clocks', async () => {
    const file = concat(
      sectionBlock(),
      interfaceBlock(1, 9),
      interfaceBlock(113, 3, 1000),
      interfaceBlock(0, 0x80 | 10),
      ...packets.map((packet, i) => {
        const [linkType, wrap] = [WRAPPINGS.Ethernet!, WRAPPINGS['Linux cooked']!][i % 2]!;
        const time = linkType === 1 ? BigInt(START + i) * 1_000_000n : BigInt(START + i - 1_000_000);
        return packetBlock(wrap(packet), time, i % 2);
      }),
    );
    expect(await outline(file)).toEqual(shown);
    const { capture, connections } = await watch(file);
    expect(capture.linkTypes).toEqual([1, 113, 0]);
    expect([connections[0]!.start, capture.end]).toEqual([START, START + packets.length - 1]);
  });

  test('old and simple packet blocks, unknown blocks and several sections', async () => {
    const [first, second, ...rest] = packets;
    const file = concat(
      sectionBlock(),
      interfaceBlock(101, 6),
      packetBlock(first!, ticks(0, 1000), 0, true, 2),
      block(0x0bad, new Uint8Array(50_000)),
      sectionBlock(false),
      interfaceBlock(101, 6, 0, false),
      block(3, concat(Uint8Array.of(0, 0), u16(second!.length), second!), false),
      ...rest.map((packet, i) => packetBlock(packet, ticks(i + 2, 1000), 0, false)),
    );
    expect(await outline(file)).toEqual(shown);
  });

  test('names that it has for addresses', async () => {
    const name = fromUtf8('www.example.com\0alias.example\0');
    const body = concat(u16(1), u16(4 + name.length), Uint8Array.of(198, 51, 100, 7), name);
    const padded = concat(body, new Uint8Array((4 - (body.length % 4)) % 4), new Uint8Array(4));
    const file = concat(
      sectionBlock(false),
      interfaceBlock(101, 6, 0, false),
      block(4, padded, false),
      ...packets.map((packet, i) => packetBlock(packet, ticks(i, 1000), 0, false)),
    );
    const { connections } = await watch(file);
    expect(connections[0]!.server.names).toEqual(['alias.example', 'www.example.com']);
  });

  test('packets of an interface that was never described are said', async () => {
    const before = concat(sectionBlock(), interfaceBlock(101, 6));
    const file = concat(before, packetBlock(packets[0]!, 0n, 3));
    const { capture } = await watch(file);
    expect(capture.problems).toMatchObject([
      { code: 'unknown_interface', offset: before.length, facts: { interface: 3 } },
    ]);
  });
});

describe('link layers and tunnels', () => {
  test.each(Object.keys(WRAPPINGS))('%s', async (name) => {
    const [linkType, wrap] = WRAPPINGS[name]!;
    for (const bare of [packets, overIpv6]) {
      const { connections, text } = await watch(pcap(bare.map(wrap), { linkType }), { keyLog });
      expect(text.client).toBe('ping');
      expect(connections).toHaveLength(1);
      expect(connections[0]!.problems).toEqual([]);
    }
  });

  test('IP fragments come together in any order, and again', async () => {
    for (const bare of [packets, overIpv6]) {
      const pieces = bare.flatMap((packet) => {
        const [first, ...rest] = fragments(packet, 64);
        return [...rest.reverse(), ...(rest[0] ? [rest[0]] : []), first!];
      });
      const { connections, text } = await watch(pcap(pieces), { keyLog });
      expect(text.client).toBe('ping');
      expect(connections[0]!.problems).toEqual([]);
    }
  });

  test('one that is not known is said, once', async () => {
    const { capture, connections } = await watch(pcap(packets, { linkType: 147 }));
    expect(connections).toEqual([]);
    expect(capture.problems).toMatchObject([
      { code: 'unsupported_link_type', offset: 24, count: packets.length, facts: { linkType: 147 } },
    ]);
  });
});

describe('chunks', () => {
  test.each([1, 3, 16, 24, 100, 1000])('of %i bytes make no difference', async (size) => {
    const file = concat(
      sectionBlock(),
      interfaceBlock(101, 6),
      ...packets.map((p, i) => packetBlock(p, BigInt(START + i) * 1000n)),
    );
    for (const whole of [file, pcap(packets)]) {
      const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) =>
        whole.subarray(i * size, (i + 1) * size),
      );
      expect(await outline(chunks)).toEqual(shown);
    }
  });

  test('may be given in the same memory again and again', async () => {
    const file = pcap(packets);
    const memory = new Uint8Array(100);
    function* chunks(): Generator<Uint8Array> {
      for (let at = 0; at < file.length; at += 100) {
        memory.set(file.subarray(at, at + 100));
        yield memory.subarray(0, Math.min(100, file.length - at));
      }
    }
    expect(await outline(chunks())).toEqual(shown);
  });

  test('may come from a stream of the web, as from a file in a browser', async () => {
    const stream = new Blob([pcap(packets) as Uint8Array<ArrayBuffer>]).stream();
    const seen = await observeAll({ getReader: () => stream.getReader() }, { provider: nodeProvider });
    expect(seen.map(({ kind }) => kind)).toEqual(['connection', 'capture']);
  });

  test('are told of as they are read', async () => {
    const file = pcap(packets);
    const progress: number[] = [];
    await watch([file.subarray(0, 100), file.subarray(100)], {
      onProgress: ({ bytesRead }) => void progress.push(bytesRead),
    });
    expect(progress).toEqual([100, file.length]);
  });
});

describe('gzip', () => {
  test('is taken off', async () => {
    const file = new Uint8Array(gzipSync(pcap(packets)));
    expect(await outline(file)).toEqual(shown);
    expect((await watch(file)).capture).toMatchObject({ compressed: true, bytes: pcap(packets).length });
  });

  test('that ends too early or is broken gives what was before, and says so', async () => {
    const many = concat(pcap(packets), ...Array.from({ length: 200 }, () => pcap(packets).subarray(24)));
    const file = new Uint8Array(gzipSync(many, { level: 1 }));
    const cut = await watch(file.subarray(0, file.length - 20));
    expect(cut.capture.problems.map(({ code }) => code)).toEqual(['gzip_truncated']);
    const broken = file.slice();
    broken[broken.length - 6]! ^= 1;
    const { capture } = await watch(broken);
    expect(capture.problems).toMatchObject([{ code: 'gzip_corrupt', offset: capture.bytes }]);
    expect(capture.packets).toBeGreaterThan(100);
  });

  test('of something else is no capture', async () => {
    const file = new Uint8Array(gzipSync('hello, this is text'));
    await expect(watch(file)).rejects.toMatchObject({ code: 'not_a_capture', facts: { looksLike: 'text' } });
  });
});

describe('what is broken', () => {
  test('a file that ends in a packet gives all before it, and where it ended', async () => {
    const file = pcap(packets);
    const lastHeader = file.length - packets[packets.length - 1]!.length - 16;
    const { capture, connections } = await watch(file.subarray(0, -3));
    expect(capture.problems).toMatchObject([{ code: 'truncated', offset: lastHeader, count: 1 }]);
    expect([connections.length, capture.packets]).toEqual([1, packets.length - 1]);
  });

  test('a length that cannot be ends the reading there', async () => {
    const file = pcap(packets, { little: false });
    const at = 24 + 16 + packets[0]!.length;
    file.set([0x7f, 0xff, 0xff, 0xff], at + 8);
    const { capture } = await watch(file);
    expect(capture.problems).toMatchObject([
      { code: 'corrupt', offset: at, facts: { what: 'packet_length' } },
    ]);
    expect(capture.packets).toBe(1);
  });

  test('a block whose two lengths differ ends the reading there', async () => {
    const good = concat(sectionBlock(), interfaceBlock(101, 6), packetBlock(packets[0]!, 0n));
    const bad = packetBlock(packets[1]!, 0n);
    bad[bad.length - 1]! ^= 1;
    const { capture } = await watch(concat(good, bad, packetBlock(packets[2]!, 0n)));
    expect(capture.problems).toMatchObject([
      { code: 'corrupt', offset: good.length, facts: { what: 'block_trailer' } },
    ]);
    expect(capture.packets).toBe(1);
  });

  test('what is no capture is refused by name', async () => {
    const refusal = async (bytes: Uint8Array): Promise<unknown> => {
      const error = await watch(bytes).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(CaptureError);
      const { code, facts } = error as CaptureError;
      return [code, facts.looksLike];
    };
    expect(await refusal(EMPTY)).toEqual(['empty', undefined]);
    expect(await refusal(fromUtf8('GET / HTTP/1.1'))).toEqual(['not_a_capture', 'text']);
    expect(await refusal(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0))).toEqual([
      'unsupported_compression',
      'zstd',
    ]);
    expect(await refusal(Uint8Array.of(0xd4, 0xc3))).toEqual(['not_a_capture', null]);
  });

  test('a source that fails says how', async () => {
    const cause = new Error('disk');
    const failing = (async function* () {
      yield pcap(packets);
      throw cause;
    })();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const item of observe(failing, { provider: nodeProvider })) seen.push(item.kind);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'source_failed', cause });
  });
});

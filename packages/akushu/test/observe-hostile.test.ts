/** Captures that were made to do harm, or were damaged: everything readable, typed errors, bounded work. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromUtf8 } from '../src/bytes/index.js';
import { nodeProvider } from '../src/crypto/node.js';
import { CaptureError, DEFAULT_OBSERVE_LIMITS, type Observation, observeAll } from '../src/observe/index.js';
import {
  fragments,
  interfaceBlock,
  ipv4,
  packetBlock,
  packetsOf,
  pcap,
  sectionBlock,
  segment,
} from './support/frames.js';
import { client, makeCredentials, server } from './support/pairs12.js';
import { ABSENT, hasShared, shared } from './support/shared.js';
import { captureOf, WatchedPair } from './support/watched.js';

const RUNS = process.env.AKUSHU_FULL ? 5000 : 150;

let files: Uint8Array[];
let keyLog: string[];

beforeAll(async () => {
  await makeCredentials();
  files = [];
  keyLog = [];
  for (const versions of [[0x0304], [0x0303]]) {
    const pair = new WatchedPair(client({ versions }), server({ versions }));
    pair.pump();
    pair.client.connection.write(fromUtf8('ping'));
    pair.pump();
    keyLog.push(...pair.client.keyLog);
    files.push(captureOf(pair.wire, 1, pair.client.keyLog));
    files.push(pcap(packetsOf(pair.capture())));
    files.push(pcap(packetsOf(pair.capture()).flatMap((packet) => fragments(packet, 120))));
  }
});

/** Reads it; what is thrown must be typed, and everything said must have its end. */
async function survive(file: Uint8Array): Promise<Observation[]> {
  try {
    const seen = await observeAll(file, { provider: nodeProvider, keyLog, onPlaintext: () => undefined });
    expect(seen.at(-1)?.kind).toBe('capture');
    for (const item of seen) if (item.kind === 'connection') show(item);
    return seen;
  } catch (error) {
    expect(error).toBeInstanceOf(CaptureError);
    return [];
  }
}

/** Annotating must not fail either. */
function show(connection: Extract<Observation, { kind: 'connection' }>): void {
  for (const message of connection.tls?.messages ?? [])
    if (message.kind === 'handshake' && message.bytes.length >= 4) message.annotate();
}

test('bytes changed anywhere do no harm', async () => {
  const change = fc.record({
    at: fc.nat(),
    value: fc.integer({ min: 0, max: 255 }),
    count: fc.integer({ min: 1, max: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.nat(5), fc.array(change, { minLength: 1, maxLength: 12 }), async (which, changes) => {
      const file = files[which]!.slice();
      for (const { at, value, count } of changes)
        file.fill(value, at % file.length, (at % file.length) + count);
      await survive(file);
    }),
    { numRuns: RUNS },
  );
});

test('bytes changed only where messages are do no harm', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(2),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }),
      async (which, changes) => {
        const packets = packetsOf(files[which < 2 ? 0 : 3]!);
        for (const [at, value] of changes) {
          const packet = packets[at % packets.length]!;
          if (packet.length > 40)
            packet[40 + (Math.floor(at / packets.length) % (packet.length - 40))] = value;
        }
        const seen = await survive(pcap(packets));
        expect(seen.filter(({ kind }) => kind === 'connection')).toHaveLength(1);
      },
    ),
    { numRuns: RUNS },
  );
});

test('a file cut anywhere gives what is before, and says that it was cut', async () => {
  for (const file of files) {
    const whole = await survive(file);
    for (let end = 24; end < file.length; end += 1 + (end % 97)) {
      const seen = await survive(file.subarray(0, end));
      const [capture] = seen.filter((item) => item.kind === 'capture');
      const [all] = whole.filter((item) => item.kind === 'capture');
      expect(capture!.packets).toBeLessThanOrEqual(all!.packets);
      const said = capture!.problems.map(({ code }) => code);
      expect(said.every((code) => code === 'truncated')).toBe(true);
    }
  }
});

test('noise behind a header does no harm', async () => {
  const headers = [pcap([]), concat(sectionBlock(), interfaceBlock(1, 6))];
  await fc.assert(
    fc.asyncProperty(fc.nat(1), fc.uint8Array({ maxLength: 3000 }), async (which, noise) => {
      await survive(concat(headers[which]!, noise));
      await survive(pcap([noise], { linkType: [0, 1, 9, 101, 113, 276][noise.length % 6]! }));
    }),
    { numRuns: RUNS },
  );
});

describe.skipIf(!hasShared('captures'))('real captures', () => {
  const root = shared('captures');
  const names = existsSync(root)
    ? readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pcap'))
    : [];

  test.each(names)('%s is read whole, and survives what is done to it', async (name) => {
    const file = new Uint8Array(readFileSync(`${root}/${name}`));
    const seen = await survive(file);
    const [capture] = seen.filter((item) => item.kind === 'capture');
    expect(capture!.problems).toEqual([]);
    const random = fc.sample(fc.tuple(fc.nat(file.length - 25), fc.integer({ min: 0, max: 255 })), {
      numRuns: 20,
      seed: 7,
    });
    for (const [at, value] of random) {
      const changed = file.slice();
      changed.fill(value, 24 + at, 24 + at + 4);
      await survive(changed);
    }
    await survive(file.subarray(0, file.length - 7));
  });
});
test.skipIf(hasShared('captures'))('real captures survive', ({ skip }) => skip(ABSENT));

describe('work and memory stay bounded', () => {
  const A = ['10.0.0.1', 1] as const;
  const B = ['10.0.0.2', 443] as const;

  test('for a handshake message that never ends', async () => {
    const piece = concat(Uint8Array.of(22, 3, 3, 0x3f, 0xff), new Uint8Array(0x3fff));
    const first = piece.slice();
    first.set([1, 0xff, 0xff, 0xff], 5);
    const stream = [first, ...Array.from({ length: 60 }, () => piece)].map((bytes, i) =>
      segment(A, B, 'A', 1 + i * piece.length, 1, bytes),
    );
    const seen = await survive(pcap(stream));
    const [connection] = seen.filter((item) => item.kind === 'connection');
    expect(connection!.problems.map(({ code }) => code)).toContain('message_too_long');
  });

  test('for endless small messages, records and alerts', async () => {
    const hello = concat(Uint8Array.of(22, 3, 1, 0, 4), Uint8Array.of(1, 0, 0, 0));
    const many = concat(...Array.from({ length: 7000 }, () => hello));
    const alerts = concat(...Array.from({ length: 7000 }, () => Uint8Array.of(21, 3, 3, 0, 2, 1, 90)));
    const stream = [many, alerts, many, alerts].map((bytes, i, all) =>
      segment(A, B, 'A', 1 + all.slice(0, i).reduce((sum, { length }) => sum + length, 0), 1, bytes),
    );
    const seen = await survive(pcap(stream));
    const [connection] = seen.filter((item) => item.kind === 'connection');
    const { tls, problems } = connection!;
    expect(tls!.records.length).toBeLessThanOrEqual(DEFAULT_OBSERVE_LIMITS.records + 32);
    expect(tls!.messages.length).toBeLessThanOrEqual(DEFAULT_OBSERVE_LIMITS.messages);
    expect(tls!.alerts.length).toBeLessThanOrEqual(DEFAULT_OBSERVE_LIMITS.messages);
    expect(problems.length).toBeLessThanOrEqual(DEFAULT_OBSERVE_LIMITS.problems);
    expect(tls!.recordsOmitted + tls!.records.length).toBe(28_000);
  });

  test('for a flood of SYNs, and of segments that wait for one that never comes', async () => {
    const syns = Array.from({ length: 30_000 }, (_, i) =>
      segment([`10.${i >> 8}.${i & 0xff}.1`, i], B, 'S', i, 0),
    );
    const waiting = Array.from({ length: 5000 }, (_, i) =>
      segment(A, B, 'A', 1000 + 2 * i * 100, 1, new Uint8Array(100)),
    );
    const seen = await survive(pcap([...syns, segment(A, B, 'A', 1, 1, new Uint8Array(1)), ...waiting]));
    expect(seen.filter(({ kind }) => kind === 'connection')).toHaveLength(30_001);
  });

  test('for tunnels in tunnels, and headers behind headers', async () => {
    let packet = segment(A, B, 'S', 1, 0);
    for (let i = 0; i < 100; i++) packet = ipv4(packet, 4);
    const seen = await survive(pcap([packet]));
    expect(seen).toMatchObject([{ kind: 'capture', connections: 0, seen: { malformed: 1 } }]);
  });

  test('for blocks and packets that claim to be large', async () => {
    const block = packetBlock(new Uint8Array(8), 0n);
    block.set([0xfc, 0xff, 0xff, 0x7f], 4);
    const [capture] = await survive(
      concat(sectionBlock(), interfaceBlock(1, 6), block, new Uint8Array(1000)),
    );
    expect(capture).toMatchObject({ problems: [{ code: 'corrupt' }] });
  });
});

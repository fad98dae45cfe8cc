import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromUtf8 } from '../bytes/index.js';
import { checksum } from './packets.js';
import { type CapturedConnection, type PcapngOptions, writePcapng } from './pcapng-writer.js';

const hasTshark = spawnSync('tshark', ['--version']).status === 0;

const client = { address: '192.0.2.1', port: 40_000 };
const server = { address: '198.51.100.7', port: 443 };
const START = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Fields of every packet as tshark reads them; checksums are checked. */
function dissect(file: Uint8Array, fields: readonly string[], filter?: string): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'pcapng-'));
  try {
    const path = join(folder, 'x.pcapng');
    writeFileSync(path, file);
    const checks = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE'];
    const args = ['-r', path, ...checks, ...(filter ? ['-Y', filter] : []), '-T', 'fields'];
    const text = execFileSync('tshark', [...args, ...fields.flatMap((field) => ['-e', field])], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const conversation = (over: Partial<CapturedConnection> = {}): CapturedConnection => ({
  client,
  server,
  events: [
    { t: START + 1, from: 'client', bytes: fromUtf8('GET / HTTP/1.1\r\nHost: example.com\r\n\r\n') },
    { t: START + 2.5, from: 'server', bytes: new Uint8Array(4000).fill(0x61) },
  ],
  ...over,
});

test('the checksum of RFC 1071 has the value of its example', () => {
  expect(checksum(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7))).toBe(~0xddf2 & 0xffff);
});

test('a message with its checksum in place sums up to zero', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 64 }), (bytes) => {
      const even = bytes.length % 2 === 0 ? bytes : bytes.subarray(1);
      const sum = checksum(even);
      expect(checksum(Uint8Array.from([...even, sum >> 8, sum & 0xff]))).toBe(0);
    }),
  );
});

test('blocks are padded to four bytes and say their length at both ends', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 3000 }),
      fc.string({ maxLength: 30 }),
      (bytes, keyLog) => {
        const file = writePcapng([conversation({ events: [{ t: START, from: 'client', bytes }], keyLog })]);
        const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
        let at = 0;
        while (at < file.length) {
          const length = view.getUint32(at + 4);
          expect(length % 4).toBe(0);
          expect(view.getUint32(at + length - 4)).toBe(length);
          at += length;
        }
        expect(at).toBe(file.length);
      },
    ),
  );
});

test('what is no address or port is refused', () => {
  expect(() => writePcapng([conversation({ client: { address: 'example.com', port: 1 } })])).toThrow(
    TypeError,
  );
  expect(() => writePcapng([conversation({ client: { address: '192.0.2.1', port: 65_536 } })])).toThrow(
    RangeError,
  );
  expect(() => writePcapng([], { segmentSize: 0 })).toThrow(RangeError);
});

describe.skipIf(!hasTshark)('as tshark reads it', () => {
  const fields = [
    'ip.src',
    'ip.checksum.status',
    'tcp.checksum.status',
    'tcp.flags.str',
    'tcp.len',
    'tcp.analysis.flags',
  ];

  test('a conversation opens, is acknowledged and ends without a complaint', () => {
    const rows = dissect(writePcapng([conversation()]), fields);
    for (const [, ip, tcp, , , complaint] of rows) expect([ip, tcp, complaint ?? '']).toEqual(['1', '1', '']);
    const letters = rows.map(([source, , , flags, length]) => [
      source,
      flags?.replaceAll('·', ''),
      Number(length),
    ]);
    expect(letters).toEqual([
      [client.address, 'S', 0],
      [server.address, 'AS', 0],
      [client.address, 'A', 0],
      [client.address, 'AP', 37],
      [server.address, 'A', 1460],
      [server.address, 'A', 1460],
      [server.address, 'AP', 1080],
      [client.address, 'AF', 0],
      [server.address, 'A', 0],
      [server.address, 'AF', 0],
      [client.address, 'A', 0],
    ]);
  });

  test('microseconds cut what nanoseconds keep', () => {
    const events = [{ t: START + 2 + 2 ** -11, from: 'client' as const, bytes: fromUtf8('x') }];
    const timeWith = (resolution: PcapngOptions['resolution']) =>
      dissect(
        writePcapng([conversation({ events })], { resolution }),
        ['frame.time_epoch'],
        'tcp.len == 1',
      )[0]![0]!;
    // Old versions print seconds since 1970, newer ones a date: the fraction is the same.
    expect(timeWith('microseconds')).toMatch(/\.002000000/);
    expect(timeWith('nanoseconds')).toMatch(/\.002000488/);
  });

  test('IPv6 addresses make IPv6 packets, and mapped ones are IPv4', () => {
    const v6 = writePcapng([
      conversation({
        client: { address: '2001:db8::1', port: 1 },
        server: { address: '2001:db8::2', port: 2 },
      }),
    ]);
    const rows = dissect(v6, ['ipv6.src', 'tcp.checksum.status', 'tcp.analysis.flags'], 'tcp.len > 0');
    expect(rows.map(([source, status]) => [source, status])).toContainEqual(['2001:db8::1', '1']);
    expect(rows.every(([, status]) => status === '1')).toBe(true);
    const mapped = writePcapng([
      conversation({
        client: { address: '::ffff:192.0.2.9', port: 1 },
        server: { address: '::ffff:192.0.2.10', port: 2 },
      }),
    ]);
    expect(dissect(mapped, ['ip.src'], 'tcp.len > 0')[0]).toEqual(['192.0.2.9']);
  });

  test('a segment as large as a packet can be is one packet', () => {
    const events = [{ t: START, from: 'server' as const, bytes: new Uint8Array(100_000) }];
    const rows = dissect(
      writePcapng([conversation({ events })], { segmentSize: 1e6 }),
      ['tcp.len', 'tcp.checksum.status'],
      'tcp.len > 0',
    );
    expect(rows).toEqual([
      ['65495', '1'],
      ['34505', '1'],
    ]);
  });

  test('an end that one side announced first stands where it happened', () => {
    const events: CapturedConnection['events'] = [
      { t: START, from: 'client', bytes: fromUtf8('x') },
      { t: START + 1, from: 'client', end: true },
      { t: START + 2, from: 'server', bytes: fromUtf8('y') },
    ];
    const rows = dissect(writePcapng([conversation({ events })]), [
      'ip.src',
      'tcp.flags.fin',
      'tcp.len',
      'tcp.analysis.flags',
    ]);
    const fins = rows.flatMap((row, i) => (/^(1|True)$/.test(row[1]!) ? [[i, row[0]]] : []));
    expect(fins).toEqual([
      [4, client.address],
      [7, server.address],
    ]);
  });
});

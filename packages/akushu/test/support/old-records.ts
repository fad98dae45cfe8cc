/**
 * Connections that nobody speaks any more, made up to be read: RC4 and SSL 3.0 (RFC 6101), and drafts of TLS 1.3. Hellos
 * are as small as they can be, Finished messages hold nothing true; the records are protected as they should be.
 */
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { concat, fromUtf8, toHex } from '../../src/bytes/index.js';
import type { CaptureEvent } from '../../src/observe/index.js';
import type { Side } from '../../src/trace/index.js';
import { u16 } from './frames.js';

const CLIENT_RANDOM = new Uint8Array(32).fill(0x11);
const SERVER_RANDOM = new Uint8Array(32).fill(0x22);
const MASTER = new Uint8Array(48).fill(0x33);

const record = (type: number, version: number, body: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(type), u16(version), u16(body.length), body);
const message = (type: number, body: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(type, 0), u16(body.length), body);
const hash = (name: string, ...parts: readonly Uint8Array[]): Uint8Array => {
  const digest = createHash(name);
  for (const part of parts) digest.update(part);
  return new Uint8Array(digest.digest());
};
const hmac = (name: string, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array => {
  const mac = createHmac(name, key);
  for (const part of parts) mac.update(part);
  return new Uint8Array(mac.digest());
};

function rc4(key: Uint8Array): (data: Uint8Array) => Uint8Array {
  const s = Array.from({ length: 256 }, (_, i) => i);
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + s[i]! + key[i % key.length]!) % 256;
    [s[i], s[j]] = [s[j]!, s[i]!];
  }
  let i = 0;
  let j = 0;
  return (data) =>
    data.map((byte) => {
      i = (i + 1) % 256;
      j = (j + s[i]!) % 256;
      [s[i], s[j]] = [s[j]!, s[i]!];
      return byte ^ s[(s[i]! + s[j]!) % 256]!;
    });
}

/** RFC 6101 §6.2.2. */
function ssl3Block(length: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let i = 0; i * 16 < length; i++) {
    const salt = fromUtf8(String.fromCharCode(65 + i).repeat(i + 1));
    parts.push(hash('md5', MASTER, hash('sha1', salt, MASTER, SERVER_RANDOM, CLIENT_RANDOM)));
  }
  return concat(...parts).subarray(0, length);
}

/** RFC 2246 §5. */
function tls10Block(length: number): Uint8Array {
  const expand = (name: string, secret: Uint8Array): Uint8Array => {
    const seed = concat(fromUtf8('key expansion'), SERVER_RANDOM, CLIENT_RANDOM);
    const parts: Uint8Array[] = [];
    let a = seed;
    for (let size = 0; size < length; size += parts.at(-1)!.length) {
      a = hmac(name, secret, a);
      parts.push(hmac(name, secret, a, seed));
    }
    return concat(...parts).subarray(0, length);
  };
  const [one, two] = [expand('md5', MASTER.subarray(0, 24)), expand('sha1', MASTER.subarray(24))];
  return one.map((byte, i) => byte ^ two[i]!);
}

interface Kind {
  readonly version: number;
  readonly suite: number;
  readonly mac: 'md5' | 'sha1';
  readonly cipher: 'rc4' | 'aes-128-cbc' | 'des-ede3-cbc';
}

export const OLD_KINDS: Readonly<Record<string, Kind>> = {
  'TLS 1.0 with RC4 and MD5': { version: 0x0301, suite: 0x0004, mac: 'md5', cipher: 'rc4' },
  'TLS 1.0 with RC4 and SHA-1': { version: 0x0301, suite: 0x0005, mac: 'sha1', cipher: 'rc4' },
  'SSL 3.0 with RC4 and MD5': { version: 0x0300, suite: 0x0004, mac: 'md5', cipher: 'rc4' },
  'SSL 3.0 with RC4 and SHA-1': { version: 0x0300, suite: 0x0005, mac: 'sha1', cipher: 'rc4' },
  'SSL 3.0 with AES': { version: 0x0300, suite: 0x002f, mac: 'sha1', cipher: 'aes-128-cbc' },
  'SSL 3.0 with 3DES': { version: 0x0300, suite: 0x000a, mac: 'sha1', cipher: 'des-ede3-cbc' },
};

/** What seals one direction's records. */
function sealer(kind: Kind, side: 0 | 1): (type: number, content: Uint8Array) => Uint8Array {
  const { version, mac, cipher } = kind;
  const macLength = mac === 'md5' ? 16 : 20;
  const keyLength = cipher === 'des-ede3-cbc' ? 24 : 16;
  const ivLength = cipher === 'rc4' ? 0 : cipher === 'aes-128-cbc' ? 16 : 8;
  const size = 2 * (macLength + keyLength + ivLength);
  const block = version === 0x0300 ? ssl3Block(size) : tls10Block(size);
  const take = (at: number, length: number): Uint8Array =>
    block.slice(at + side * length, at + (side + 1) * length);
  const macKey = take(0, macLength);
  const key = take(2 * macLength, keyLength);
  let iv = take(2 * (macLength + keyLength), ivLength);
  const stream = rc4(key);
  let sequence = 0;
  return (type, content) => {
    const number = new Uint8Array(8);
    number[7] = sequence++;
    const length = u16(content.length);
    const pad = (byte: number): Uint8Array => new Uint8Array(mac === 'md5' ? 48 : 40).fill(byte);
    const tag =
      version === 0x0300
        ? hash(
            mac,
            macKey,
            pad(0x5c),
            hash(mac, macKey, pad(0x36), number, Uint8Array.of(type), length, content),
          )
        : hmac(mac, macKey, number, Uint8Array.of(type), u16(version), length, content);
    const plain = concat(content, tag);
    if (cipher === 'rc4') return record(type, version, stream(plain));
    const padding = ivLength - (plain.length % ivLength);
    const encryption = createCipheriv(cipher, key, iv).setAutoPadding(false);
    const last = new Uint8Array(padding).fill(0xee);
    last[padding - 1] = padding - 1;
    const sealed = new Uint8Array(encryption.update(concat(plain, last)));
    iv = sealed.slice(-ivLength);
    return record(type, version, sealed);
  };
}

const START = Date.UTC(2026, 0, 2);

export interface OldConnection {
  readonly events: readonly CaptureEvent[];
  readonly keyLog: string;
}

const inTime = (said: readonly (readonly [Side, Uint8Array])[]): CaptureEvent[] =>
  said.map(([from, bytes], i) => ({ t: START + i, from, bytes }));

/** A connection with `ping` and `pong` in several records. */
export function oldConnection(kind: Kind): OldConnection {
  const { version, suite } = kind;
  const [up, down] = [sealer(kind, 0), sealer(kind, 1)];
  const hello = concat(u16(version), CLIENT_RANDOM, Uint8Array.of(0, 0, 2), u16(suite), Uint8Array.of(1, 0));
  const answer = concat(u16(version), SERVER_RANDOM, Uint8Array.of(0), u16(suite), Uint8Array.of(0));
  const clear = (type: number, body: Uint8Array): Uint8Array => record(22, version, message(type, body));
  const changed = record(20, version, Uint8Array.of(1));
  const finished = message(20, new Uint8Array(version === 0x0300 ? 36 : 12));
  // RFC 6101 §5.6.7.1 has no length in front.
  const premaster = version === 0x0300 ? new Uint8Array(128) : concat(u16(128), new Uint8Array(128));
  const events = inTime([
    ['client', clear(1, hello)],
    ['server', concat(clear(2, answer), clear(11, Uint8Array.of(0, 0, 0)), clear(14, new Uint8Array(0)))],
    ['client', concat(clear(16, premaster), changed, up(22, finished))],
    ['server', concat(changed, down(22, finished))],
    ['client', concat(up(23, fromUtf8('pi')), up(23, fromUtf8('ng')))],
    ['server', concat(down(23, fromUtf8('po')), down(23, fromUtf8('ng')))],
  ]);
  return { events, keyLog: `CLIENT_RANDOM ${toHex(CLIENT_RANDOM)} ${toHex(MASTER)}` };
}

/** A draft of TLS 1.3 with application data alone behind the hellos, and secrets made up. */
export function draftConnection(draft: number): OldConnection {
  const version = 0x7f00 | draft;
  const secret = { client: new Uint8Array(32).fill(0x44), server: new Uint8Array(32).fill(0x55) };
  const seal = (side: Side, generation = secret[side]) => {
    const prefix = draft < 20 ? 'TLS 1.3, ' : 'tls13 ';
    const expand = (label: string, length: number): Uint8Array => {
      const name = fromUtf8(prefix + label);
      return hmac(
        'sha256',
        generation,
        u16(length),
        Uint8Array.of(name.length),
        name,
        Uint8Array.of(0, 1),
      ).subarray(0, length);
    };
    const [key, iv] = [expand('key', 16), expand('iv', 12)];
    let sequence = 0;
    return (type: number, content: Uint8Array): Uint8Array => {
      const nonce = iv.slice();
      nonce[11]! ^= sequence++;
      const cipher = createCipheriv('aes-128-gcm', key, nonce);
      const outer = draft < 18 || draft >= 23 ? 0x0303 : 0x0301;
      const header = concat(Uint8Array.of(23), u16(outer), u16(content.length + 17));
      if (draft >= 25) cipher.setAAD(header);
      const sealed = concat(
        new Uint8Array(cipher.update(concat(content, Uint8Array.of(type)))),
        new Uint8Array(cipher.final()),
        new Uint8Array(cipher.getAuthTag()),
      );
      return concat(header, sealed);
    };
  };
  const share = concat(u16(29), u16(32), new Uint8Array(32).fill(9));
  const shareType = draft < 23 ? 40 : 51;
  const extension = (type: number, body: Uint8Array): Uint8Array => concat(u16(type), u16(body.length), body);
  const offers = concat(
    extension(43, concat(Uint8Array.of(2), u16(version))),
    extension(shareType, concat(u16(share.length), share)),
    extension(10, concat(u16(2), u16(29))),
  );
  const answers = concat(
    draft < 22 ? new Uint8Array(0) : extension(43, u16(version)),
    extension(shareType, share),
  );
  const hello = concat(
    u16(0x0303),
    CLIENT_RANDOM,
    Uint8Array.of(0, 0, 2),
    u16(0x1301),
    Uint8Array.of(1, 0),
    u16(offers.length),
    offers,
  );
  const answer =
    draft < 22
      ? concat(u16(version), SERVER_RANDOM, u16(0x1301), u16(answers.length), answers)
      : concat(
          u16(0x0303),
          SERVER_RANDOM,
          Uint8Array.of(0),
          u16(0x1301),
          Uint8Array.of(0),
          u16(answers.length),
          answers,
        );
  const finished = message(20, new Uint8Array(32));
  const handshake = { client: seal('client'), server: seal('server') };
  const traffic = {
    client: seal('client', new Uint8Array(32).fill(0x66)),
    server: seal('server', new Uint8Array(32).fill(0x77)),
  };
  const events = inTime([
    ['client', record(22, 0x0301, message(1, hello))],
    [
      'server',
      concat(
        record(22, 0x0303, message(2, answer)),
        handshake.server(22, concat(message(8, u16(0)), finished)),
      ),
    ],
    ['client', handshake.client(22, finished)],
    ['client', concat(traffic.client(23, fromUtf8('pi')), traffic.client(23, fromUtf8('ng')))],
    ['server', concat(traffic.server(23, fromUtf8('po')), traffic.server(23, fromUtf8('ng')))],
  ]);
  const line = (label: string, byte: number): string =>
    `${label} ${toHex(CLIENT_RANDOM)} ${toHex(new Uint8Array(32).fill(byte))}`;
  const keyLog = [
    line('CLIENT_HANDSHAKE_TRAFFIC_SECRET', 0x44),
    line('SERVER_HANDSHAKE_TRAFFIC_SECRET', 0x55),
    line('CLIENT_TRAFFIC_SECRET_0', 0x66),
    line('SERVER_TRAFFIC_SECRET_0', 0x77),
  ].join('\n');
  return { events, keyLog };
}

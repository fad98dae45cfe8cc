import { expect, test } from 'vitest';
import { concat, fromHex, fromUtf8, toHex } from '../bytes/index.js';
import { nodeProvider } from '../crypto/node.js';
import { portableProvider } from '../crypto/portable.js';
import { EarlySecret, Exporter, expand, expandLabel, extract, hashLength, TrafficSecret } from './index.js';

const SUITE = { hash: 'sha256', aead: 'aes-128-gcm' } as const;

/** RFC 8448 §3, simple 1-RTT handshake. */
const SIMPLE = {
  sharedSecret: '8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d',
  helloHash: '860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8',
  clientHandshake: 'b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21',
  serverHandshake: 'b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38',
  serverHandshakeKey: '3fce516009c21727d0f2e4e86ee403bc',
  serverHandshakeIv: '5d313eb2671276ee13000b30',
  finishedHash: '9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13',
  clientApplication: '9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5',
  serverApplication: 'a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643',
  exporter: 'fe22f881176eda18eb8f44529e6792c50c9a3f89452f68d8ae311b4309d3cf50',
  clientFinishedHash: '209145a96ee8e2a122ff810047cc952684658d6049e86429426db87c54ad143d',
  ticketPsk: '4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3',
};

for (const provider of [nodeProvider, portableProvider]) {
  const name = provider.name;

  test(`HKDF gives the values of RFC 5869 appendix A (${name})`, () => {
    const prk = extract(
      provider,
      'sha256',
      fromHex('000102030405060708090a0b0c'),
      new Uint8Array(22).fill(0x0b),
    );
    expect(toHex(prk)).toBe('077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5');
    const out = expand(provider.hmacKey('sha256', prk), fromHex('f0f1f2f3f4f5f6f7f8f9'), 42);
    expect(toHex(out)).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    );
  });

  test(`handshake and application secrets, exporter and tickets' PSKs are those of RFC 8448 §3 (${name})`, () => {
    const handshake = EarlySecret.from(provider, 'sha256').toHandshake(fromHex(SIMPLE.sharedSecret));
    const hello = fromHex(SIMPLE.helloHash);
    expect(toHex(handshake.clientTraffic(SUITE, hello).secret)).toBe(SIMPLE.clientHandshake);
    expect(toHex(handshake.serverTraffic(SUITE, hello).secret)).toBe(SIMPLE.serverHandshake);
    const master = handshake.toMaster();
    const hash = fromHex(SIMPLE.finishedHash);
    expect(toHex(master.clientTraffic(SUITE, hash).secret)).toBe(SIMPLE.clientApplication);
    expect(toHex(master.serverTraffic(SUITE, hash).secret)).toBe(SIMPLE.serverApplication);
    expect(toHex(master.exporter(hash).secret)).toBe(SIMPLE.exporter);
    const resumption = master.resumption(fromHex(SIMPLE.clientFinishedHash));
    expect(toHex(resumption.psk(fromHex('0000')))).toBe(SIMPLE.ticketPsk);
  });

  test(`a traffic secret gives the key and IV of RFC 8448 §3 (${name})`, () => {
    const secret = new TrafficSecret(provider, SUITE, fromHex(SIMPLE.serverHandshake));
    expect([toHex(secret.key()), toHex(secret.iv())]).toEqual([
      SIMPLE.serverHandshakeKey,
      SIMPLE.serverHandshakeIv,
    ]);
  });
}

const provider = nodeProvider;

test('expanding more than 255 hashes is refused', () => {
  const key = provider.hmacKey('sha256', new Uint8Array(32));
  expect(expand(key, new Uint8Array(0), 255 * 32).length).toBe(255 * 32);
  expect(() => expand(key, new Uint8Array(0), 255 * 32 + 1)).toThrow(RangeError);
});

test('each update of a traffic secret is derived from the one before with "traffic upd"', () => {
  let secret = new TrafficSecret(provider, SUITE, fromHex(SIMPLE.clientApplication));
  let expected = fromHex(SIMPLE.clientApplication);
  for (let n = 1; n <= 5; n++) {
    // HkdfLabel by hand: length 32, "tls13 traffic upd", no context.
    const info = concat(fromHex('002011'), fromUtf8('tls13 traffic upd'), fromHex('00'));
    expected = expand(provider.hmacKey('sha256', expected), info, 32);
    secret = secret.next();
    expect([toHex(secret.secret), secret.generation]).toEqual([toHex(expected), n]);
  }
});

test('updating leaves the secret before usable, wiping does not', () => {
  const first = new TrafficSecret(provider, SUITE, new Uint8Array(32).fill(7));
  const second = first.next();
  expect(toHex(first.next().secret)).toBe(toHex(second.secret));
  first.wipe();
  expect(toHex(first.secret)).toBe('00'.repeat(32));
});

test('key lengths follow the AEAD', () => {
  const lengths = {
    'aes-128-gcm': 16,
    'aes-256-gcm': 32,
    'chacha20-poly1305': 32,
    'aes-128-ccm-8': 16,
  } as const;
  for (const [aead, length] of Object.entries(lengths)) {
    const suite = { hash: 'sha256', aead: aead as keyof typeof lengths } as const;
    expect(new TrafficSecret(provider, suite, new Uint8Array(32)).key().length).toBe(length);
  }
});

test('a stage of the key schedule cannot be used after its successor was made', () => {
  const hash = new Uint8Array(32);
  const early = EarlySecret.from(provider, 'sha256');
  const handshake = early.toHandshake(new Uint8Array(32));
  expect(() => early.toHandshake(new Uint8Array(32))).toThrow(/successor/);
  expect(() => early.clientEarlyTraffic(SUITE, hash)).toThrow(/successor/);
  expect(() => early.binder('res binder', hash)).toThrow(/successor/);
  const master = handshake.toMaster();
  expect(() => handshake.clientTraffic(SUITE, hash)).toThrow(/successor/);
  master.resumption(hash);
  expect(() => master.exporter(hash)).toThrow(/successor/);
  expect(() => master.resumption(hash)).toThrow(/successor/);
});

test('the kinds of binder differ, and so do hashes', () => {
  const hash = new Uint8Array(32);
  const early = EarlySecret.from(provider, 'sha256', new Uint8Array(32).fill(1));
  const binders = (['ext binder', 'res binder', 'imp binder'] as const).map((kind) =>
    toHex(early.binder(kind, hash)),
  );
  expect(new Set(binders).size).toBe(3);
  expect(hashLength('sha384')).toBe(48);
  expect(() => hashLength('md5')).toThrow(RangeError);
});

test('no PSK and no shared secret are zeros of the hash length', () => {
  const zeros = new Uint8Array(48);
  const hash = new Uint8Array(48).fill(1);
  const suite = { hash: 'sha384', aead: 'aes-256-gcm' } as const;
  const implicit = EarlySecret.from(provider, 'sha384').toHandshake(undefined).clientTraffic(suite, hash);
  const explicit = EarlySecret.from(provider, 'sha384', zeros).toHandshake(zeros).clientTraffic(suite, hash);
  expect(toHex(implicit.secret)).toBe(toHex(explicit.secret));
});

test('an exporter depends on label, context and length, and follows RFC 9846 §7.5', () => {
  const secret = fromHex(SIMPLE.exporter);
  const exporter = new Exporter(provider, 'sha256', secret);
  const context = fromUtf8('context');
  const derived = expandLabel(provider.hmacKey('sha256', secret), 'label', provider.digest('sha256'), 32);
  const expected = expandLabel(
    provider.hmacKey('sha256', derived),
    'exporter',
    provider.digest('sha256', context),
    50,
  );
  expect(toHex(exporter.export('label', context, 50))).toBe(toHex(expected));
  const others = [
    exporter.export('label', context, 50),
    exporter.export('other', context, 50),
    exporter.export('label', new Uint8Array(0), 50),
    exporter.export('label', context, 51).subarray(0, 50),
  ];
  expect(new Set(others.map(toHex)).size).toBe(4);
});

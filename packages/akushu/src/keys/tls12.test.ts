import { spawnSync } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, fromLatin1, toHex } from '../bytes/index.js';
import { nodeProvider } from '../crypto/node.js';
import { portableProvider } from '../crypto/portable.js';
import { type CipherSuite, cipherSuiteByCode, type HashName, Suite, Version } from '../registry/index.js';
import { type Cipher12, cipherOf, MasterSecret12, prfOf, transcriptHashes } from './index.js';

const providers = [nodeProvider, portableProvider];
const suiteOf = (code: number): CipherSuite => cipherSuiteByCode(code)!;
const withHash = (hash: HashName): CipherSuite => ({
  ...suiteOf(Suite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
  hash,
});
const bytes = (length: number, first = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (first + i) & 0xff);

/** P_hash written down once more, from RFC 5246 §5, with nothing of ours in it. */
function pHash(hash: string, secret: Uint8Array, seed: Uint8Array, length: number): Buffer {
  const hmac = (data: Uint8Array) => createHmac(hash, secret).update(data).digest();
  let out = Buffer.alloc(0);
  let a: Buffer = hmac(seed);
  while (out.length < length) {
    out = Buffer.concat([out, hmac(Buffer.concat([a, seed]))]);
    a = hmac(a);
  }
  return out.subarray(0, length);
}

function oldPrf(secret: Uint8Array, seed: Uint8Array, length: number): Buffer {
  const half = (secret.length + 1) >> 1;
  const one = pHash('md5', secret.subarray(0, half), seed, length);
  const other = pHash('sha1', secret.subarray(secret.length - half), seed, length);
  return Buffer.from(one.map((byte, i) => byte ^ other[i]!));
}

describe('the PRF', () => {
  /** Published on the mailing list of the TLS working group; the last with TLS 1.0. */
  const VECTORS: readonly (readonly [string, number, HashName, string, string, string, string])[] = [
    [
      'SHA-256',
      Version['TLSv1.2'],
      'sha256',
      '9bbe436ba940f017b17652849a71db35',
      'test label',
      'a0ba9f936cda311827a6f796ffd5198c',
      'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66',
    ],
    [
      'SHA-384',
      Version['TLSv1.2'],
      'sha384',
      'b80b733d6ceefcdc71566ea48e5567df',
      'test label',
      'cd665cf6a8447dd6ff8b27555edb7465',
      '7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d9184259b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703d73e56f',
    ],
    [
      'SHA-512',
      Version['TLSv1.2'],
      'sha512',
      'b0323523c1853599584d88568bbb05eb',
      'test label',
      'd4640e12e4bcdbfb437f03e6ae418ee5',
      '1261f588c798c5c201ff036e7a9cb5edcd7fe3f94c669a122a4638d7d508b283042df6789875c7147e906d868bc75c45e20eb40c1cf4a1713b27371f68432592f7dc8ea8ef223e12ea8507841311bf68653d0cfc4056d811f025c45ddfa6e6fec702f054b409d6f28dd0a3233e498da41a3e75c5630eedbe22fe254e33a1b0e9f6b9826675bec7d01a845658dc9c397545401d40b9f46c7a400ee1b8f81ca0a60d1a397a1028bff5d2ef5066126842fb8da4197632bdb54ff6633f86bbc836e640d4d898',
    ],
    [
      'MD5 and SHA-1',
      Version.TLSv1,
      'sha256',
      'ab'.repeat(48),
      'PRF Testvector',
      'cd'.repeat(64),
      'd3d4d1e349b5d515044666d51de32bab258cb521b6b053463e354832fd976754443bcf9a296519bc289abcbc1187e4ebd31e602353776c408aafb74cbc85eff69255f9788faa184cbb957a9819d84a5d7eb006eb459d3ae8de9810454b8b2d8f1afbc655a8c9a013',
    ],
  ];

  test.each(VECTORS)('of %s gives the published values', (_, version, hash, secret, label, seed, out) => {
    for (const provider of providers) {
      const prf = prfOf(provider, version, withHash(hash));
      expect(toHex(prf(fromHex(secret), label, fromHex(seed), out.length / 2))).toBe(out);
      // A shorter output is the beginning of a longer one.
      for (const length of [0, 1, 12, 16, 31, 32, 33, 48, 64, 65]) {
        expect(toHex(prf(fromHex(secret), label, fromHex(seed), length))).toBe(out.slice(0, 2 * length));
      }
    }
  });

  test('is that of the suite in TLS 1.2, and MD5 with SHA-1 before, whatever the suite says', () => {
    const secretOf = fc.uint8Array({ minLength: 0, maxLength: 300 });
    fc.assert(
      fc.property(
        secretOf,
        fc.uint8Array({ maxLength: 100 }),
        fc.nat(150),
        fc.constantFrom<HashName>('sha256', 'sha384'),
        (secret, seed, length, hash) => {
          const labelled = concat(fromLatin1('key expansion'), seed);
          for (const provider of providers) {
            const prf = (version: number) =>
              toHex(prfOf(provider, version, withHash(hash))(secret, 'key expansion', seed, length));
            expect(prf(Version['TLSv1.2'])).toBe(pHash(hash, secret, labelled, length).toString('hex'));
            const old = oldPrf(secret, labelled, length).toString('hex');
            expect([prf(Version['TLSv1.1']), prf(Version.TLSv1)]).toEqual([old, old]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  const openssl = (digest: string, secret: Uint8Array, seed: Uint8Array, length: number) =>
    spawnSync('openssl', [
      ...['kdf', '-keylen', String(length), '-kdfopt', `digest:${digest}`],
      ...['-kdfopt', `hexsecret:${toHex(secret)}`, '-kdfopt', `hexseed:${toHex(seed)}`, 'TLS1-PRF'],
    ]);
  const hasKdf = openssl('SHA256', bytes(16), bytes(16), 16).status === 0;

  test.skipIf(!hasKdf)('agrees with OpenSSL, also for secrets of odd length', () => {
    for (const [digest, version, hash] of [
      ['SHA256', Version['TLSv1.2'], 'sha256'],
      ['SHA384', Version['TLSv1.2'], 'sha384'],
      ['MD5-SHA1', Version['TLSv1.1'], 'sha256'],
    ] as const) {
      for (const size of [16, 47, 48, 133]) {
        const seed = bytes(64, size);
        const labelled = concat(fromLatin1('extended master secret'), seed);
        const theirs = openssl(digest, bytes(size), labelled, 48).stdout.toString();
        const prf = prfOf(nodeProvider, version, withHash(hash));
        expect(toHex(prf(bytes(size), 'extended master secret', seed, 48))).toBe(
          theirs.replace(/[:\s]/g, '').toLowerCase(),
        );
      }
    }
  });
});

test('the transcript is hashed with the hash of the PRF, and with two before TLS 1.2', () => {
  const suite = suiteOf(Suite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384);
  expect(transcriptHashes(Version['TLSv1.2'], suite)).toEqual(['sha384']);
  expect(transcriptHashes(Version['TLSv1.1'], suite)).toEqual(['md5', 'sha1']);
  expect(transcriptHashes(Version.TLSv1, suite)).toEqual(['md5', 'sha1']);
});

describe('what a suite means for its records', () => {
  const cipher = (name: keyof typeof Suite, encryptThenMac = false) =>
    cipherOf(suiteOf(Suite[name]), encryptThenMac);

  test('AEADs, block ciphers with their MAC, and NULL are told apart', () => {
    expect(cipher('TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384')).toEqual({ kind: 'aead', aead: 'aes-256-gcm' });
    expect(cipher('TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA')).toEqual({
      kind: 'cbc',
      cbc: 'aes-128-cbc',
      mac: 'sha1',
      encryptThenMac: false,
    });
    // The hash in the name of a CBC suite is the MAC's; that of the PRF is never SHA-1 in TLS 1.2.
    expect(suiteOf(Suite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA).hash).toBe('sha256');
    expect(cipherOf(suiteOf(0x003b))).toEqual({ kind: 'null', mac: 'sha256' });
    expect(cipherOf(suiteOf(0x0001))).toEqual({ kind: 'null', mac: 'md5' });
  });

  test('encrypt-then-MAC changes block ciphers and nothing else', () => {
    expect(cipher('TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', true)).toMatchObject({ encryptThenMac: true });
    expect(cipher('TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', true)).toEqual({
      kind: 'aead',
      aead: 'aes-256-gcm',
    });
    expect(cipherOf(suiteOf(0x003b), true)).toEqual({ kind: 'null', mac: 'sha256' });
  });

  test('RC4, DES and other relics are nothing that is spoken here', () => {
    // RC4 with MD5 and SHA-1, RC2 and RC4 of export, DES, IDEA, SEED.
    for (const code of [0x0004, 0x0005, 0x0006, 0x0003, 0x0009, 0x0007, 0x0096]) {
      const suite = cipherSuiteByCode(code);
      expect([suite?.iana, suite && cipherOf(suite)]).toEqual([expect.any(String), undefined]);
    }
  });
});

describe('the master secret', () => {
  const [client, server] = [bytes(32, 1), bytes(32, 101)];
  const suite = suiteOf(Suite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256);
  const from = (premaster: Uint8Array, hash: Uint8Array | null, version: number = Version['TLSv1.2']) =>
    MasterSecret12.from(nodeProvider, version, suite, premaster, client, server, hash);

  test('comes from both randoms, the client first', () => {
    const seed = concat(fromLatin1('master secret'), client, server);
    expect(toHex(from(bytes(48), null).secret)).toBe(pHash('sha256', bytes(48), seed, 48).toString('hex'));
    expect(toHex(from(bytes(48), null, Version.TLSv1).secret)).toBe(
      oldPrf(bytes(48), seed, 48).toString('hex'),
    );
  });

  test('is bound to the whole handshake where it is the extended one (RFC 7627 §4)', () => {
    const hash = createHash('sha256').update('the session').digest();
    const seed = concat(fromLatin1('extended master secret'), hash);
    expect(toHex(from(bytes(48), hash).secret)).toBe(pHash('sha256', bytes(48), seed, 48).toString('hex'));
    const old = Buffer.concat([
      createHash('md5').update('the session').digest(),
      createHash('sha1').update('the session').digest(),
    ]);
    const oldSeed = concat(fromLatin1('extended master secret'), old);
    expect(toHex(from(bytes(48), old, Version['TLSv1.1']).secret)).toBe(
      oldPrf(bytes(48), oldSeed, 48).toString('hex'),
    );
  });

  test('leaves nothing of the premaster secret', () => {
    for (const hash of [null, bytes(32)]) {
      const premaster = bytes(48, 7);
      from(premaster, hash);
      expect(premaster.every((byte) => byte === 0)).toBe(true);
    }
  });

  test('gives each side its own verify_data of twelve bytes', () => {
    const master = from(bytes(48), null);
    const hash = bytes(32, 9);
    const expected = (side: string) =>
      pHash('sha256', master.secret, concat(fromLatin1(`${side} finished`), hash), 12).toString('hex');
    expect(toHex(master.verifyData('client', hash))).toBe(expected('client'));
    expect(toHex(master.verifyData('server', hash))).toBe(expected('server'));
    expect(expected('client')).not.toBe(expected('server'));
  });

  test('is all zeros once it was wiped', () => {
    const master = from(bytes(48), null);
    master.wipe();
    expect(master.secret.every((byte) => byte === 0)).toBe(true);
  });
});

describe('an exporter (RFC 5705)', () => {
  const [client, server] = [bytes(32, 1), bytes(32, 101)];
  const suite = suiteOf(Suite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384);
  const master = new MasterSecret12(nodeProvider, Version['TLSv1.2'], suite, bytes(48), client, server);
  const expected = (label: string, ...context: readonly Uint8Array[]) =>
    pHash('sha384', bytes(48), concat(fromLatin1(label), client, server, ...context), 40).toString('hex');

  test('has the context with its length behind the randoms, or nothing at all', () => {
    expect(toHex(master.export('EXPORTER-x', null, 40))).toBe(expected('EXPORTER-x'));
    expect(toHex(master.export('EXPORTER-x', new Uint8Array(0), 40))).toBe(
      expected('EXPORTER-x', Uint8Array.of(0, 0)),
    );
    expect(toHex(master.export('EXPORTER-x', bytes(259), 40))).toBe(
      expected('EXPORTER-x', Uint8Array.of(1, 3), bytes(259)),
    );
  });

  test('takes a context of 65,535 bytes and refuses a longer one', () => {
    const longest = new Uint8Array(65_535);
    expect(toHex(master.export('x', longest, 40))).toBe(expected('x', Uint8Array.of(255, 255), longest));
    expect(() => master.export('x', new Uint8Array(65_536), 40)).toThrow(RangeError);
  });
});

describe('the key block', () => {
  const [client, server] = [bytes(32, 1), bytes(32, 101)];
  const suite = suiteOf(Suite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA);
  const block = (version: number, length: number) => {
    const seed = concat(fromLatin1('key expansion'), server, client);
    return version === Version['TLSv1.2']
      ? pHash('sha256', bytes(48), seed, length)
      : oldPrf(bytes(48), seed, length);
  };
  const cbc = { kind: 'cbc', cbc: 'aes-128-cbc', mac: 'sha1', encryptThenMac: false } as const;

  test.each<readonly [string, number, Cipher12, number, number, number]>([
    ['AES-128-GCM', 0x0303, { kind: 'aead', aead: 'aes-128-gcm' }, 0, 16, 4],
    ['AES-256-GCM', 0x0303, { kind: 'aead', aead: 'aes-256-gcm' }, 0, 32, 4],
    ['AES-128-CCM-8', 0x0303, { kind: 'aead', aead: 'aes-128-ccm-8' }, 0, 16, 4],
    ['ChaCha20-Poly1305', 0x0303, { kind: 'aead', aead: 'chacha20-poly1305' }, 0, 32, 12],
    ['AES-128-CBC with SHA-1 in TLS 1.2', 0x0303, cbc, 20, 16, 0],
    ['AES-128-CBC with SHA-1 in TLS 1.1', 0x0302, cbc, 20, 16, 0],
    ['AES-128-CBC with SHA-1 in TLS 1.0', 0x0301, cbc, 20, 16, 16],
    ['AES-256-CBC with SHA-384', 0x0303, { ...cbc, cbc: 'aes-256-cbc', mac: 'sha384' }, 48, 32, 0],
    ['3DES with SHA-1 in TLS 1.0', 0x0301, { ...cbc, cbc: '3des-ede-cbc' }, 20, 24, 8],
    ['CAMELLIA-256 with SHA-256', 0x0303, { ...cbc, cbc: 'camellia-256-cbc', mac: 'sha256' }, 32, 32, 0],
    ['NULL with SHA-256', 0x0303, { kind: 'null', mac: 'sha256' }, 32, 0, 0],
    ['NULL with MD5 in TLS 1.0', 0x0301, { kind: 'null', mac: 'md5' }, 16, 0, 0],
  ])('of %s is cut into MAC keys, keys and IVs, the client first', (_, version, cipher, mac, key, iv) => {
    const master = new MasterSecret12(nodeProvider, version, suite, bytes(48), client, server);
    const keys = master.keys(cipher);
    const cut = [keys.client.macKey, keys.server.macKey, keys.client.key, keys.server.key];
    const ivs = [keys.client.iv, keys.server.iv];
    expect([...cut, ...ivs].map((part) => part.length)).toEqual([mac, mac, key, key, iv, iv]);
    expect(toHex(concat(...cut, ...ivs))).toBe(block(version, 2 * (mac + key + iv)).toString('hex'));
    expect([keys.client.version, keys.server.version]).toEqual([version, version]);
  });
});

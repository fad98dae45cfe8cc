/**
 * Hostile input to every parser of files: any bytes, every truncation, every change of one byte. What comes is a typed
 * error or the same meaning, never anything else. Named after the classes of past failures where one is meant.
 */
import { generateKeyPairSync } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, fromUtf8, toHex } from '../../bytes/index.js';
import { nodeProvider as provider } from '../../crypto/node.js';
import { encryptedPrivateKeyInfo } from '../asn1.js';
import { annotateCertificate, parseCertificate } from '../certificate.js';
import { decodeDer, encodeDer, sequenceOf, smallInteger, X509Error } from '../der/index.js';
import { oidFromBytes, oidToBytes } from '../der/oid.js';
import { parseExtensions } from '../extensions.js';
import { matchHost } from '../names.js';
import { OID } from '../oids.js';
import { certificatesFromPem, decodePem, encodePem } from '../pem.js';
import { privateKeyFromPem } from '../private-key.js';
import { pbes2Parameters, pbkdf2Parameters, scryptParameters } from './asn1.js';
import { openFile } from './contents.js';
import { parseCertificateRequest, requestIsSigned } from './csr.js';
import { parseJks } from './jks.js';
import { FORMAT_OID } from './oids.js';
import { parsePkcs7 } from './pkcs7.js';
import { decryptPrivateKey } from './pkcs8.js';
import { parsePkcs12 } from './pkcs12.js';
import { identifyFile } from './sniff.js';

const options = { provider, password: 'x', maxIterations: 2_000 };
const root = certificatesFromPem(rootCertificates[0]!)[0]!;

/** An element of any length. */
function tlv(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = concat(new Uint8Array(0), ...parts);
  const { length } = content;
  const digits = length < 256 ? 1 : length < 65536 ? 2 : 3;
  const bytes = [length >> 16, (length >> 8) & 255, length & 255].slice(3 - digits);
  const size = length < 128 ? [length] : [0x80 | digits, ...bytes];
  return concat(Uint8Array.of(tag, ...size), content);
}
const objectId = (oid: string): Uint8Array => tlv(0x06, oidToBytes(oid));

const bundle = tlv(
  0x30,
  objectId(FORMAT_OID.signedData),
  tlv(
    0xa0,
    tlv(0x30, fromHex('020101 3100'), tlv(0x30, objectId(FORMAT_OID.data)), tlv(0xa0, root), fromHex('3100')),
  ),
);

const pkcs8 = new Uint8Array(
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'der' }),
);
const keyBag = tlv(0x30, objectId(FORMAT_OID.keyBag), tlv(0xa0, pkcs8));
const certBag = tlv(
  0x30,
  objectId(FORMAT_OID.certBag),
  tlv(0xa0, tlv(0x30, objectId(FORMAT_OID.x509Certificate), tlv(0xa0, tlv(0x04, root)))),
);
const dataInfo = (content: Uint8Array): Uint8Array =>
  tlv(0x30, objectId(FORMAT_OID.data), tlv(0xa0, tlv(0x04, content)));
const store = (...bags: Uint8Array[]): Uint8Array =>
  tlv(0x30, fromHex('020103'), dataInfo(tlv(0x30, dataInfo(tlv(0x30, ...bags)))));
const pfx = store(keyBag, certBag);

const javaText = (text: string): Uint8Array => concat(Uint8Array.of(0, text.length), fromUtf8(text));
const u32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
const jks = concat(
  fromHex('feedfeed 00000002 00000001 00000002'),
  javaText('root'),
  new Uint8Array(8),
  javaText('X.509'),
  u32(root.length),
  root,
  new Uint8Array(20),
);

function encryptedKey(derivation: { algorithm: string; parameters: Uint8Array }): Uint8Array {
  const scheme = { algorithm: FORMAT_OID.aes128Cbc, parameters: tlv(0x04, new Uint8Array(16)) };
  const parameters = encodeDer(pbes2Parameters, { keyDerivationFunc: derivation, encryptionScheme: scheme });
  return encodeDer(encryptedPrivateKeyInfo, {
    encryptionAlgorithm: { algorithm: FORMAT_OID.pbes2, parameters },
    encryptedData: new Uint8Array(64),
  });
}
const pbkdf2With = (iterationCount: number): Uint8Array =>
  encryptedKey({
    algorithm: FORMAT_OID.pbkdf2,
    parameters: encodeDer(pbkdf2Parameters, {
      salt: new Uint8Array(8),
      iterationCount,
      keyLength: undefined,
      prf: undefined,
    }),
  });
const scryptWith = (costParameter: number, blockSize: number, parallelizationParameter: number): Uint8Array =>
  encryptedKey({
    algorithm: FORMAT_OID.scrypt,
    parameters: encodeDer(scryptParameters, {
      salt: new Uint8Array(8),
      costParameter,
      blockSize,
      parallelizationParameter,
      keyLength: undefined,
    }),
  });

function ruleOf(run: () => unknown): string {
  try {
    run();
    return 'accepted';
  } catch (error) {
    if (error instanceof X509Error) return error.rule;
    throw error;
  }
}

/** What a parser found, without the bytes around it. */
type Meaning = (bytes: Uint8Array) => string;

const PARSERS: readonly (readonly [string, Uint8Array, Meaning])[] = [
  ['a certificate', root, (bytes) => toHex(parseCertificate(bytes).der)],
  ['an encrypted key', pbkdf2With(1), (bytes) => toHex(decryptPrivateKey(bytes, options))],
  ['a key', pkcs8, (bytes) => toHex(privateKeyFromPem(bytes))],
  ['PKCS#7', bundle, (bytes) => parsePkcs7(bytes).certificates.map(toHex).join()],
  [
    'PKCS#12',
    pfx,
    (bytes) =>
      parsePkcs12(bytes, options)
        .certificates.map(({ der }) => toHex(der))
        .join(),
  ],
  [
    'JKS',
    jks,
    (bytes) =>
      parseJks(bytes)
        .trusted.map(({ certificate }) => toHex(certificate))
        .join(),
  ],
  [
    'PEM',
    fromUtf8(encodePem('CERTIFICATE', root)),
    (bytes) =>
      decodePem(bytes)
        .map(({ der }) => toHex(der))
        .join(),
  ],
];

describe('the samples are what they are meant to be', () => {
  test('each is read', () => {
    expect(parsePkcs7(bundle).certificates).toEqual([root]);
    expect(parsePkcs12(pfx, options)).toMatchObject({
      keys: [{ pkcs8 }],
      certificates: [{ der: root }],
      mac: null,
      ber: false,
    });
    expect(parseJks(jks).trusted).toMatchObject([{ alias: 'root', certificate: root }]);
    expect(ruleOf(() => decryptPrivateKey(pbkdf2With(1), options))).toBe('wrong_password');
  });
});

describe.each(PARSERS)('%s', (name, sample, meaning) => {
  test('any bytes: a typed error or a result', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(40), (noise, kept) => {
        ruleOf(() => meaning(noise));
        ruleOf(() => meaning(concat(sample.subarray(0, kept), noise)));
      }),
      { numRuns: 1_000 },
    );
  });

  test('every truncation is refused', () => {
    // The end of PEM's last line is not needed, and a text without a block has no blocks.
    const last = name === 'PEM' ? sample.length - 2 : sample.length - 1;
    for (let end = name === 'PEM' ? 12 : 0; end <= last; end++) {
      expect(
        ruleOf(() => meaning(sample.subarray(0, end))),
        `at ${end}`,
      ).not.toBe('accepted');
    }
  });

  test('a change of one byte is refused, or changes only what it stands for, never where the rest is', () => {
    const original = ruleOf(() => meaning(sample)) === 'accepted' ? meaning(sample) : null;
    for (let at = 0; at < sample.length; at++) {
      const changed = sample.slice();
      changed[at]! ^= 1 << (at % 8);
      let found: string | null = null;
      ruleOf(() => {
        found = meaning(changed);
      });
      if (found === null || original === null) continue; // refused; and a wrong password decrypts nothing
      // Either what was taken out is the same, or gone as a whole, or has that one byte changed: a digit of base64 has
      // bits of two.
      if (found === '' || found === original) continue;
      const [now, before]: [Uint8Array, Uint8Array] = [fromHex(found), fromHex(original)];
      expect(now.length).toBe(before.length);
      const differences = now.filter((byte, i) => byte !== before[i]).length;
      expect(differences).toBeLessThanOrEqual(name === 'PEM' ? 2 : 1);
    }
  });

  test('openFile and identifyFile take every change of one byte', () => {
    for (let at = 0; at < sample.length; at += 3) {
      const changed = sample.slice();
      changed[at]! ^= 1 << (at % 8);
      openFile(changed, options);
    }
  });
});

describe('an error says where it is, in bytes and in words', () => {
  const errorOf = (run: () => unknown): X509Error => {
    try {
      run();
    } catch (error) {
      if (error instanceof X509Error) return error;
    }
    throw new Error('no X509Error');
  };

  test('deep inside of PKCS#12, of PKCS#7 and of an encrypted key', () => {
    // The length of the version of the PrivateKeyInfo in its bag.
    const version = Buffer.from(pfx).indexOf(Buffer.from(pkcs8)) + 4;
    const badStore = pfx.slice();
    badStore[version] = 0;
    expect(errorOf(() => parsePkcs12(badStore, options))).toMatchObject({
      rule: 'integer_empty',
      offset: version + 1,
      field: 'safeContents.bagValue.version',
    });
    const signers = bundle.length - 2;
    const badBundle = bundle.slice();
    badBundle[signers] = 0x30;
    expect(errorOf(() => parsePkcs7(badBundle))).toMatchObject({
      rule: 'wrong_tag',
      offset: signers,
      field: 'content.signerInfos',
    });
    const key = pbkdf2With(1);
    const count = Buffer.from(key).indexOf(Buffer.from('020101', 'hex'));
    const badKey = key.slice();
    badKey[count] = 0x01;
    expect(errorOf(() => decryptPrivateKey(badKey, options))).toMatchObject({
      rule: 'wrong_tag',
      offset: count,
      field: 'encryptionAlgorithm.parameters.keyDerivationFunc.parameters.iterationCount',
    });
  });
});

describe('work that a file may ask for', () => {
  test('iterations beyond the limit, none at all, and negative ones are refused', () => {
    expect(ruleOf(() => decryptPrivateKey(pbkdf2With(2 ** 31 - 1), { provider, password: 'x' }))).toBe(
      'too_much_work',
    );
    expect(ruleOf(() => decryptPrivateKey(pbkdf2With(5_000_001), { provider, password: 'x' }))).toBe(
      'too_much_work',
    );
    expect(ruleOf(() => decryptPrivateKey(pbkdf2With(0), options))).toBe('bad_value');
  });

  test('scrypt: memory and work are bounded, and its cost is a power of two', () => {
    for (const [cost, size, parallel, rule] of [
      [2 ** 20, 8, 1, 'too_much_work'],
      [2, 2 ** 20, 2 ** 20, 'too_much_work'],
      [2 ** 14, 8, 100, 'too_much_work'],
      [2 ** 14, 8, 1, 'wrong_password'],
      [1000, 8, 1, 'bad_value'],
      [1, 8, 1, 'bad_value'],
      [16, 0, 1, 'bad_value'],
      [16, 8, 0, 'bad_value'],
    ] as const) {
      expect(
        ruleOf(() => decryptPrivateKey(scryptWith(cost, size, parallel), { provider, password: 'x' })),
      ).toBe(rule);
    }
  });

  test('a key store with a million claimed entries is refused at its header (CVE-2025-58185)', () => {
    const claimed = concat(fromHex('feedfeed 00000002'), u32(1_000_000), jks.subarray(12));
    expect(ruleOf(() => parseJks(claimed))).toBe('too_many_elements');
  });

  test('many BEGIN lines and no END cost no more than their length (CVE-2025-61723)', () => {
    const text = `${'-----BEGIN CERTIFICATE-----\n'.repeat(20_000)}-----END CERTIFICATE-----\n`;
    const { items } = identifyFile(fromUtf8(text));
    expect(items).toHaveLength(10_001);
    expect(items.at(-1)?.problem?.rule).toBe('too_many_blocks');
  });
});

describe('classes of past failures', () => {
  test('recursion: nesting is bounded in SafeContents, in BER and in the annotated tree (CVE-2025-66031)', () => {
    let nested = keyBag;
    for (let i = 0; i < 20; i++)
      nested = tlv(0x30, objectId(FORMAT_OID.safeContentsBag), tlv(0xa0, tlv(0x30, nested)));
    expect(ruleOf(() => parsePkcs12(store(nested), options))).toBe('too_deep');
    const open = fromHex('3080'.repeat(100_000));
    expect(ruleOf(() => parsePkcs7(open))).toBe('too_deep');
    expect(identifyFile(open).items).toHaveLength(1);
    let deep = fromHex('0500');
    for (let i = 0; i < 3_000; i++) deep = tlv(0x30, deep);
    expect(annotateCertificate(deep).error).toBe('bad_certificate');
    expect(ruleOf(() => parseCertificate(deep))).not.toBe('accepted');
  });

  test('OID truncation: arcs beyond 32 and 64 bits are exact, cut and padded ones are refused (CVE-2025-66030)', () => {
    for (const oid of [
      '2.5.29.4294967313',
      '1.2.18446744073709551616.1',
      '2.25.340282366920938463463374607431768211455',
    ]) {
      expect(oidFromBytes(oidToBytes(oid))).toBe(oid);
    }
    // 2^32 + 17 is not 17: a reader with 32 bits would take this for subjectAltName.
    const value = tlv(0x30, tlv(0x82, fromUtf8('evil.example')));
    const known = parseExtensions([{ oid: '2.5.29.4294967313', critical: false, value }], () => 0);
    expect(known.subjectAltName).toBeNull();
    for (const hex of ['551d91', '80551d11', '551d8011', '']) {
      expect(ruleOf(() => oidFromBytes(fromHex(hex)))).toBe('oid_malformed');
    }
    expect(ruleOf(() => oidFromBytes(concat(new Uint8Array(2_000).fill(0xff), Uint8Array.of(1))))).toBe(
      'oid_too_long',
    );
  });

  test('ASN.1 desynchronisation: an inner length never reaches beyond its frame, and nothing stands behind it (CVE-2025-12816)', () => {
    const numbers = sequenceOf(smallInteger);
    // The inner INTEGER claims bytes that stand behind the SEQUENCE.
    expect(ruleOf(() => decodeDer(sequenceOf(numbers), fromHex('300a 3003 020401 3003 020102')))).toBe(
      'truncated',
    );
    expect(ruleOf(() => decodeDer(numbers, fromHex('3003 020101 00')))).toBe('trailing_bytes');
    expect(ruleOf(() => decodeDer(numbers, fromHex('3081 03 020101')))).toBe('length_not_minimal');
    expect(ruleOf(() => decodeDer(numbers, fromHex('3080 020101 0000')))).toBe('indefinite_length');
    // The same for each length in a certificate: one more or one less is always noticed.
    for (let at = 0; at < root.length - 1; at++) {
      if (root[at] !== 0x30 && root[at] !== 0x31) continue;
      for (const by of [1, -1]) {
        const changed = root.slice();
        changed[at + 1]! += by;
        const rule = ruleOf(() => parseCertificate(changed));
        // Bytes of keys and signatures can look like a SEQUENCE.
        if (rule === 'accepted')
          expect(parseCertificate(changed).extensions.length).toBe(parseCertificate(root).extensions.length);
      }
    }
  });

  test('embedded NULs: a name with one is not the name before it', () => {
    const value = tlv(0x30, tlv(0x82, fromUtf8('bank.example\0.evil.example')));
    const known = parseExtensions([{ oid: OID.subjectAltName, critical: false, value }], () => 0);
    expect(known.subjectAltName).toEqual([{ kind: 'dns', value: 'bank.example\0.evil.example' }]);
    const certificate = { ...parseCertificate(root), ...known };
    expect(matchHost(certificate, 'bank.example').ok).toBe(false);
    const honest = tlv(0x30, tlv(0x82, fromUtf8('bank.example')));
    const without = parseExtensions([{ oid: OID.subjectAltName, critical: false, value: honest }], () => 0);
    expect(matchHost({ ...parseCertificate(root), ...without }, 'bank.example').ok).toBe(true);
    expect(ruleOf(() => decodePem(`-----BEGIN X-----\nAQ\0==\n-----END X-----\n`))).toBe('bad_base64');
  });

  test('PEM smuggling: nothing inside of a block is skipped, and no block hides in another', () => {
    const pem = encodePem('CERTIFICATE', root);
    const lines = pem.split('\n');
    const within = (line: string): string => [...lines.slice(0, 2), line, ...lines.slice(2)].join('\n');
    for (const line of [
      'Comment: hidden',
      '# hidden',
      '-----BEGIN CERTIFICATE-----',
      '=',
      'AQ==',
      'é',
      '\u0000',
    ]) {
      expect(
        ruleOf(() => decodePem(within(line))),
        line,
      ).not.toBe('accepted');
    }
    // Headers are for encrypted keys only.
    expect(ruleOf(() => decodePem(pem.replace('-----\n', '-----\nX: y\n\n')))).toBe('bad_base64');
    // A block ends where its own label says so.
    expect(ruleOf(() => decodePem(pem.replace('END CERTIFICATE', 'END CERTIFICATES')))).toBe(
      'label_mismatch',
    );
    // Lines that only look like the beginning, in the middle of a line, are text.
    expect(decodePem(`x -----BEGIN CERTIFICATE-----\n${pem}`)).toHaveLength(1);
  });

  test('a request whose signature is broken, or by another key, is not signed', () => {
    for (const bad of [new Uint8Array(0), new Uint8Array(72), fromHex('3006020100020100')]) {
      const request = { ...parseFake(), signature: bad };
      expect(requestIsSigned(request, provider)).toBe(false);
    }
  });
});

/** A request without attributes, which nobody signed. */
function parseFake(): ReturnType<typeof parseCertificateRequest> {
  const info = tlv(0x30, fromHex('020100 3000'), parseCertificate(root).spki, fromHex('a000'));
  const algorithm = tlv(0x30, objectId('1.2.840.10045.4.3.2'));
  return parseCertificateRequest(tlv(0x30, info, algorithm, fromHex('030100')));
}

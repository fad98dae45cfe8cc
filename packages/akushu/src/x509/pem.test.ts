import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromUtf8 } from '../bytes/index.js';
import { X509Error } from './der/index.js';
import { certificatesFromPem, decodePem, encodePem } from './pem.js';
import { privateKeyFromPem } from './private-key.js';

function caught(run: () => unknown): X509Error {
  try {
    run();
  } catch (error) {
    if (error instanceof X509Error) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const block = (label: string, body: string): string =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;

describe('PEM', () => {
  test('any bytes survive encoding and decoding, with either kind of line end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (der) => {
        const text = encodePem('CERTIFICATE', der);
        for (const form of [text, text.replaceAll('\n', '\r\n'), `\ufeff${text}`]) {
          expect(decodePem(form)).toEqual([{ label: 'CERTIFICATE', der, headers: [] }]);
          expect(decodePem(fromUtf8(form))).toEqual([{ label: 'CERTIFICATE', der, headers: [] }]);
        }
      }),
    );
  });

  test('text around blocks is ignored, whatever it is', () => {
    const text = `Größe: -----BEGIN x\n${block('A', 'AQ==')}subject=CN = x\n${block('B', 'Ag==')}end`;
    expect(decodePem(text).map(({ label, der }) => [label, ...der])).toEqual([
      ['A', 1],
      ['B', 2],
    ]);
    expect(decodePem(fromUtf8(text))).toHaveLength(2);
    expect(decodePem('nothing here')).toEqual([]);
  });

  test.each([
    ['a character outside of the alphabet', 'AQ-='],
    ['missing padding', 'AQ'],
    ['too much padding', 'AQ====='],
    ['padding in the middle', 'AQ==AQ=='],
    ['a single digit', 'A==='],
    ['bits that do not count', 'AR=='],
    ['two bits that do not count', 'AAB='],
  ])('base64 with %s is refused', (_, body) => {
    expect(caught(() => decodePem(block('X', body))).rule).toBe('bad_base64');
  });

  test('a block that does not end, or ends as another, is refused', () => {
    expect(caught(() => decodePem('-----BEGIN CERTIFICATE-----\nAQ==')).rule).toBe('unterminated_block');
    const error = caught(() => decodePem('-----BEGIN A-----\nAQ==\n-----END B-----'));
    expect(error).toMatchObject({ rule: 'label_mismatch', facts: { label: 'A', found: 'B' } });
  });

  test('too much of it is refused', () => {
    expect(caught(() => decodePem(new Uint8Array(16 * 1024 * 1024 + 1))).rule).toBe('too_large');
    expect(caught(() => decodePem(block('X', 'AQ==').repeat(10_001))).rule).toBe('too_many_blocks');
  });

  test('arbitrary text raises nothing but the typed error', () => {
    const piece = fc.constantFrom(
      '-----BEGIN ',
      '-----END ',
      'X',
      '-----',
      '\n',
      'AQ==',
      ':',
      '=',
      ' ',
      '\r\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          decodePem(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(X509Error);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('who looks for a certificate and finds a key is told so', () => {
    const error = caught(() => certificatesFromPem(block('PRIVATE KEY', 'AQ==')));
    expect(error).toMatchObject({
      rule: 'wrong_label',
      facts: { wanted: 'CERTIFICATE', found: ['PRIVATE KEY'] },
    });
    expect(caught(() => certificatesFromPem('')).rule).toBe('no_pem_block');
  });
});

describe('private keys', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const spkiOf = (key: KeyObject) =>
    createPrivateKey(key.export({ type: 'pkcs8', format: 'pem' })).export({ format: 'jwk' });

  test.each([
    ['PKCS#8 RSA', rsa, 'pkcs8'],
    ['PKCS#1', rsa, 'pkcs1'],
    ['PKCS#8 EC', ec, 'pkcs8'],
    ['SEC1', ec, 'sec1'],
  ] as const)('%s, as PEM and as DER, becomes PKCS#8 of the same key', (_, key, type) => {
    for (const input of [
      key.export({ type: type as 'pkcs8', format: 'pem' }) as string,
      new Uint8Array(key.export({ type: type as 'pkcs8', format: 'der' })),
    ]) {
      const pkcs8 = privateKeyFromPem(input);
      const read = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
      expect(read.export({ format: 'jwk' })).toEqual(spkiOf(key));
    }
  });

  test('a file with EC PARAMETERS in front gives its key', () => {
    const text = block('EC PARAMETERS', 'BggqhkjOPQMBBw==') + ec.export({ type: 'sec1', format: 'pem' });
    expect(privateKeyFromPem(text)).toEqual(
      privateKeyFromPem(ec.export({ type: 'pkcs8', format: 'pem' }) as string),
    );
  });

  test.each([
    ['PKCS#8', { type: 'pkcs8', format: 'pem' }],
    ['the old format', { type: 'pkcs1', format: 'pem' }],
    ['PKCS#8 in DER', { type: 'pkcs8', format: 'der' }],
  ] as const)('an encrypted key in %s is told apart', (_, form) => {
    const encryption = { cipher: 'aes-128-cbc', passphrase: 'x' };
    const exported: unknown = rsa.export({ ...form, ...encryption } as typeof form & { type: 'pkcs1' });
    const input = typeof exported === 'string' ? exported : new Uint8Array(exported as Buffer);
    expect(caught(() => privateKeyFromPem(input)).rule).toBe('encrypted_key');
  });

  test('a certificate given as a key, and a key of another kind, are told apart', () => {
    expect(caught(() => privateKeyFromPem(block('CERTIFICATE', 'AQ=='))).facts).toMatchObject({
      found: ['CERTIFICATE'],
    });
    expect(caught(() => privateKeyFromPem(block('OPENSSH PRIVATE KEY', 'AQ=='))).rule).toBe(
      'unsupported_key',
    );
  });
});

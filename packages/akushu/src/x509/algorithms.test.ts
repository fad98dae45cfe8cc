import { describe, expect, test } from 'vitest';
import { fromHex } from '../bytes/index.js';
import {
  type AlgorithmIdentifier,
  identifierOf,
  publicKeySummary,
  signatureAlgorithmOf,
} from './algorithms.js';
import { algorithmIdentifier, oid, rsaPssParameters, rsaPublicKey } from './asn1.js';
import { encodeDer, X509Error } from './der/index.js';
import { OID } from './oids.js';

const NULL = fromHex('0500');
const SHA256 = '2.16.840.1.101.3.4.2.1';
const SHA384 = '2.16.840.1.101.3.4.2.2';

describe('signature algorithms', () => {
  test.each([
    { kind: 'rsa-pkcs1', hash: 'sha256' },
    { kind: 'rsa-pkcs1', hash: 'md5' },
    { kind: 'rsa-pss', hash: 'sha384', saltLength: 48 },
    { kind: 'ecdsa', hash: 'sha512' },
    { kind: 'ed25519' },
    { kind: 'ml-dsa-65' },
  ] as const)('%o survives being written and read', (algorithm) => {
    expect(signatureAlgorithmOf(identifierOf(algorithm))).toEqual(algorithm);
  });

  test('parameters are as the algorithm has them, or it is unknown', () => {
    const read = (algorithm: string, parameters?: Uint8Array) =>
      signatureAlgorithmOf({ algorithm, parameters });
    const sha256WithRsa = '1.2.840.113549.1.1.11';
    expect(read(sha256WithRsa)).toEqual({ kind: 'rsa-pkcs1', hash: 'sha256' });
    expect(read(sha256WithRsa, fromHex('3000'))).toBeNull();
    expect(read('1.2.840.10045.4.3.2', NULL)).toBeNull();
    expect(read(OID.ed25519, NULL)).toBeNull();
    expect(read(OID.rsassaPss)).toBeNull();
    expect(read('1.2.3')).toBeNull();
  });

  const pss = (
    hash: string,
    mgfHash: string,
    more: { mgf?: string; trailer?: number } = {},
  ): AlgorithmIdentifier => ({
    algorithm: OID.rsassaPss,
    parameters: encodeDer(rsaPssParameters, {
      hashAlgorithm: { algorithm: hash, parameters: NULL },
      maskGenAlgorithm: {
        algorithm: more.mgf ?? OID.mgf1,
        parameters: encodeDer(algorithmIdentifier, { algorithm: mgfHash, parameters: NULL }),
      },
      saltLength: 32,
      trailerField: more.trailer,
    }),
  });

  test('PSS is known only with MGF1 over the same hash and the usual trailer', () => {
    expect(signatureAlgorithmOf(pss(SHA256, SHA256))).toEqual({
      kind: 'rsa-pss',
      hash: 'sha256',
      saltLength: 32,
    });
    expect(signatureAlgorithmOf(pss(SHA256, SHA384))).toBeNull();
    expect(signatureAlgorithmOf(pss(SHA256, SHA256, { mgf: '1.2.3' }))).toBeNull();
    expect(signatureAlgorithmOf(pss(SHA256, SHA256, { trailer: 2 }))).toBeNull();
    expect(signatureAlgorithmOf({ algorithm: OID.rsassaPss, parameters: fromHex('3000') })).toEqual({
      kind: 'rsa-pss',
      hash: 'sha1',
      saltLength: 20,
    });
  });
});

describe('public keys', () => {
  const rsa = (modulus: string) =>
    encodeDer(rsaPublicKey, { modulus: fromHex(modulus), publicExponent: fromHex('010001') });

  test('the bits of an RSA modulus are counted without the zero in front', () => {
    const bitsOf = (modulus: string) =>
      publicKeySummary({ algorithm: OID.rsaEncryption, parameters: NULL }, rsa(modulus)).bits;
    expect(bitsOf(`00${'ff'.repeat(256)}`)).toBe(2048);
    expect(bitsOf(`7f${'ff'.repeat(255)}`)).toBe(2047);
    expect(() => bitsOf('ff')).toThrow(X509Error);
    expect(() => bitsOf('00')).toThrow(X509Error);
  });

  test('curves are told by name, and explicit parameters are not understood', () => {
    const summaryOf = (parameters: Uint8Array | undefined) =>
      publicKeySummary({ algorithm: OID.ecPublicKey, parameters }, new Uint8Array(65));
    expect(summaryOf(encodeDer(oid, '1.2.840.10045.3.1.7'))).toMatchObject({
      kind: 'ec',
      bits: 256,
      curve: 'secp256r1',
    });
    expect(summaryOf(encodeDer(oid, '1.2.3'))).toMatchObject({ kind: 'ec', bits: null, curve: '1.2.3' });
    expect(summaryOf(fromHex('3003020101'))).toMatchObject({ kind: 'unknown' });
    expect(summaryOf(undefined)).toMatchObject({ kind: 'unknown' });
  });
});

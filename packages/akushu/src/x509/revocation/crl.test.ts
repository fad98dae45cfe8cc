import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { DAY, type Entity, makeRoot, TIME } from '../../../test/support/pki.js';
import { concat, equal, fromHex, toHex } from '../../bytes/index.js';
import { nodeProvider as provider } from '../../crypto/node.js';
import type { AlgorithmIdentifier } from '../algorithms.js';
import { name } from '../asn1.js';
import { decodeDer, encodeDer, X509Error } from '../der/index.js';
import type { Extension } from '../extensions.js';
import { type CrlOptions, createCrl } from '../issuing/crl.js';
import { signingWith, signStructure } from '../issuing/sign.js';
import { tbsCertList } from './asn1.js';
import { checkCrls } from './check-crl.js';
import { annotateCrl, parseCrl } from './crl.js';
import { REVOCATION_OID } from './oids.js';

let ca: Entity;
beforeAll(async () => {
  ca = await makeRoot('CA');
});

const make = (options: Partial<CrlOptions> = {}): Promise<Uint8Array> =>
  createCrl({
    provider,
    issuer: ca,
    number: 7,
    thisUpdate: TIME - DAY,
    nextUpdate: TIME + DAY,
    entries: [],
    ...options,
  });

const serialOf = (n: number): Uint8Array => Uint8Array.of(0x11, n >>> 16, (n >>> 8) & 0xff, n & 0xff);

const ruleOf = (der: Uint8Array): string => {
  try {
    parseCrl(der);
    return 'read';
  } catch (error) {
    if (error instanceof X509Error) return error.rule;
    throw error;
  }
};

const extension = (oid: string, hex: string): Extension => ({ oid, critical: true, value: fromHex(hex) });

describe('reading', () => {
  test('gives all fields of a list and of its entries', async () => {
    const der = await make({
      number: 2n ** 100n,
      baseNumber: 255,
      scope: {
        names: [{ uri: 'http://a' }],
        onlyUserCerts: true,
        reasons: ['keyCompromise', 'aACompromise'],
      },
      entries: [
        { serial: serialOf(1), revokedAt: TIME, reason: 'superseded', invalidityDate: TIME - DAY },
        { serial: serialOf(2), revokedAt: Date.UTC(2060, 0, 1) },
      ],
    });
    const crl = parseCrl(der);
    expect(crl).toMatchObject({
      version: 2,
      thisUpdate: TIME - DAY,
      nextUpdate: TIME + DAY,
      number: 2n ** 100n,
      baseNumber: 255n,
      authorityKeyId: ca.certificate.subjectKeyId,
      issuingDistributionPoint: {
        fullName: [{ kind: 'uri', value: 'http://a' }],
        onlyUserCerts: true,
        onlyCaCerts: false,
        reasons: ['keyCompromise', 'aACompromise'],
        indirect: false,
      },
      unknownCritical: null,
    });
    expect([...crl.entries]).toMatchObject([
      { revocationDate: TIME, reason: 'superseded', invalidityDate: TIME - DAY, certificateIssuer: null },
      { revocationDate: Date.UTC(2060, 0, 1), reason: null, invalidityDate: null },
    ]);
    expect(JSON.stringify(annotateCrl(der))).not.toContain('"error"');
    expect(JSON.stringify(annotateCrl(der))).toContain('IssuingDistributionPoint');
  });

  test('reads version 1, which has neither version nor extensions nor, perhaps, a next update', async () => {
    const signing = signingWith(ca.key, { provider });
    const raw = ca.certificate.subject.raw;
    const tbs = encodeDer(tbsCertList, {
      version: undefined,
      signature: { value: signing.identifier, raw: signing.identifierDer },
      issuer: { value: decodeDer(name, raw), raw },
      thisUpdate: { kind: 'utcTime', value: TIME },
      nextUpdate: undefined,
      revokedCertificates: undefined,
      crlExtensions: undefined,
    });
    const crl = parseCrl(await signStructure(signing, tbs));
    expect(crl).toMatchObject({ version: 1, nextUpdate: null, number: null });
    // Nothing says how long it was meant to be true.
    const check = {
      certificate: ca.certificate,
      issuers: [ca.certificate],
      crls: [crl],
      otherIssuers: [],
      time: TIME,
      clockSkew: 0,
      allowSha1: false,
      provider,
    };
    expect(checkCrls(check).rule).toBe('crl_without_next_update');
  });

  test('a reason without a meaning does not make the certificate less revoked', async () => {
    const der = await make({ entries: [{ serial: serialOf(1), revokedAt: TIME, reason: 'superseded' }] });
    const at = toHex(der).indexOf('0603551d1504030a0104') / 2 + 9;
    const changed = der.slice();
    changed[at] = 7;
    expect(parseCrl(changed).entries.find(serialOf(1))[0]?.reason).toBe('unspecified');
  });
});

describe('a hundred thousand entries', () => {
  const COUNT = 100_000;
  let der: Uint8Array;
  beforeAll(async () => {
    const entries = Array.from({ length: COUNT }, (_, n) => ({
      serial: serialOf(n),
      revokedAt: TIME - n * 1000,
      reason: n % 3 === 0 ? undefined : ('keyCompromise' as const),
    }));
    der = await make({ entries });
  }, 60_000);

  test('are read, and each is found by its serial number', () => {
    const crl = parseCrl(der);
    expect(crl.entries.count).toBe(COUNT);
    for (const n of [0, 1, 2, 3, 54_321, COUNT - 1]) {
      expect(crl.entries.find(serialOf(n))).toMatchObject([
        { revocationDate: TIME - n * 1000, reason: n % 3 === 0 ? null : 'keyCompromise' },
      ]);
    }
    expect(crl.entries.find(serialOf(COUNT))).toEqual([]);
  });

  test('are shown in part only', () => {
    const tree = annotateCrl(der);
    const list = tree.children[0]?.children.find(({ name: field }) => field === 'revokedCertificates');
    expect(list?.children.length).toBe(256);
    expect(list?.value).toMatch(/more bytes/);
    expect(tree.error).toBeUndefined();
  });

  test('larger lists than wanted are refused before anything is read', () => {
    expect(() => parseCrl(der, 1024)).toThrow(/too_large/);
  });
});

describe('hostile lists', () => {
  test('RUSTSEC-2026-0104: an empty BIT STRING of reasons is refused, one without reasons covers none', async () => {
    const empty = extension(REVOCATION_OID.issuingDistributionPoint, '30028300');
    await expect(make({ extraExtensions: [empty] })).rejects.toThrow(/truncated/);
    const none = extension(REVOCATION_OID.issuingDistributionPoint, '3003830100');
    const crl = parseCrl(await make({ extraExtensions: [none] }));
    expect(crl.issuingDistributionPoint?.reasons).toEqual([]);
    const check = {
      certificate: ca.certificate,
      issuers: [ca.certificate],
      crls: [crl],
      otherIssuers: [],
      time: TIME,
      clockSkew: 0,
      allowSha1: false,
      provider,
    };
    expect(checkCrls(check).status).toBe('unknown');
  });

  test('many entries with one serial number are found without being compared with each other', async () => {
    const entries = Array.from({ length: 20_000 }, () => ({ serial: serialOf(1), revokedAt: TIME }));
    expect(parseCrl(await make({ entries })).entries.find(serialOf(1)).length).toBe(20_000);
  });

  test('repeated extensions, numbers below zero, other versions, other algorithms and left-over bytes are refused', async () => {
    const number = { oid: REVOCATION_OID.cRLNumber, critical: false, value: fromHex('020101') };
    await expect(make({ extraExtensions: [number] })).rejects.toThrow(/duplicate_extension/);
    const negative = extension(REVOCATION_OID.deltaCRLIndicator, '0201ff');
    await expect(make({ extraExtensions: [negative] })).rejects.toThrow(/integer_out_of_range/);
    const der = await make();
    expect(ruleOf(concat(der, Uint8Array.of(0)))).toBe('trailing_bytes');
    const other = der.slice();
    other[toHex(der).indexOf('020101') / 2 + 2] = 2;
    expect(ruleOf(other)).toBe('bad_version');
    const mixed = der.slice();
    mixed[toHex(der).lastIndexOf('2a8648ce3d040302') / 2 + 7] = 3;
    expect(ruleOf(mixed)).toBe('signature_algorithm_mismatch');
    expect(ruleOf(new Uint8Array(0))).not.toBe('read');
  });

  test('an entry with a malformed date, serial number or extension makes the list malformed', async () => {
    const der = await make({ entries: [{ serial: serialOf(1), revokedAt: TIME, reason: 'superseded' }] });
    const hex = toHex(der);
    const at = (text: string): number => hex.indexOf(text) / 2;
    const spoil = (position: number, value: number): string => {
      const changed = der.slice();
      changed[position] = value;
      return ruleOf(changed);
    };
    const serial = at('020411000001');
    expect(spoil(serial + 2, 0)).toBe('integer_not_minimal');
    expect(spoil(serial + 6, 0x02)).toBe('wrong_tag');
    expect(spoil(serial + 8, 0x39)).toBe('read');
    expect(spoil(serial + 10, 0x39)).toBe('time_malformed');
    expect(spoil(at('0603551d15') + 7, 0x30)).not.toBe('read');
  });

  test('one byte changed anywhere is an error, or a list whose signature does not verify', async () => {
    const der = await make({
      scope: { names: [{ uri: 'http://a' }], indirect: true },
      entries: [{ serial: serialOf(1), revokedAt: TIME, reason: 'superseded', certificateIssuer: 'Other' }],
    });
    const key = provider.importPublicKey(ca.certificate.spki);
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const changed = der.slice();
        changed[position]! ^= change;
        const rule = ruleOf(changed);
        annotateCrl(changed);
        if (rule !== 'read') return;
        const { signatureAlgorithm, tbs, signature } = parseCrl(changed);
        if (signatureAlgorithm === null) return;
        expect(key.verify(signatureAlgorithm, tbs, signature)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('random bytes behind a plausible beginning never do worse than a typed error', async () => {
    const der = await make({ entries: [{ serial: serialOf(1), revokedAt: TIME }] });
    const key = provider.importPublicKey(ca.certificate.spki);
    fc.assert(
      fc.property(fc.nat(der.length), fc.uint8Array({ maxLength: 64 }), (cut, tail) => {
        const bytes = concat(der.subarray(0, cut), tail);
        annotateCrl(bytes);
        if (ruleOf(bytes) !== 'read' || equal(bytes, der)) return;
        // Only the signature is left to have been changed.
        const { signatureAlgorithm, tbs, signature } = parseCrl(bytes);
        expect(key.verify(signatureAlgorithm!, tbs, signature)).toBe(false);
      }),
    );
  });
});

test('what is made has the fields that were asked for, whatever they are', async () => {
  const reasons = [
    'keyCompromise',
    'cACompromise',
    'superseded',
    'certificateHold',
    'privilegeWithdrawn',
  ] as const;
  const entry = fc.record({
    serial: fc.uint8Array({ minLength: 1, maxLength: 20 }).filter((bytes) => bytes.some((byte) => byte > 0)),
    revokedAt: fc.integer({ min: 0, max: 2_000_000_000 }).map((seconds) => seconds * 1000),
    reason: fc.constantFrom(undefined, ...reasons),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 40 }),
      fc.bigInt({ min: 0n, max: 2n ** 152n - 1n }),
      async (entries, number) => {
        const crl = parseCrl(await make({ entries, number }));
        expect(crl.number).toBe(number);
        expect(
          [...crl.entries].map(({ revocationDate, reason }) => [revocationDate, reason ?? undefined]),
        ).toEqual(entries.map(({ revokedAt, reason }) => [revokedAt, reason]));
        for (const found of crl.entries) expect(crl.entries.find(found.serial)).toContainEqual(found);
      },
    ),
    { numRuns: 50 },
  );
});

test('nonsense is not signed', async () => {
  const identifier: AlgorithmIdentifier = signingWith(ca.key, { provider }).identifier;
  expect(identifier.parameters).toBeUndefined();
  const entries = [{ serial: serialOf(1), revokedAt: TIME, reason: 'removeFromCRL' as const }];
  await expect(make({ entries })).rejects.toThrow(RangeError);
  await expect(make({ nextUpdate: TIME - 2 * DAY })).rejects.toThrow(RangeError);
  await expect(make({ number: -1 })).rejects.toThrow(RangeError);
  await expect(make({ number: 2n ** 152n })).rejects.toThrow(RangeError);
  await expect(make({ baseNumber: 7 })).rejects.toThrow(RangeError);
  await expect(make({ scope: {} })).rejects.toThrow(RangeError);
  await expect(make({ scope: { onlyCaCerts: true, onlyUserCerts: true } })).rejects.toThrow(RangeError);
  const foreign = [{ serial: serialOf(1), revokedAt: TIME, certificateIssuer: 'Other' }];
  await expect(make({ entries: foreign })).rejects.toThrow(RangeError);
});

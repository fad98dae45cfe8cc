import { beforeAll, describe, expect, test } from 'vitest';
import { DAY, type Entity, makeCertificate, makeRoot, newKey, TIME } from '../../../test/support/pki.js';
import { nodeProvider as provider } from '../../crypto/node.js';
import type { Certificate } from '../certificate.js';
import { type CrlEntryInput, type CrlOptions, createCrl } from '../issuing/crl.js';
import { type CrlCheck, checkCrls } from './check-crl.js';
import { type Crl, parseCrl } from './crl.js';

const A = 'http://crl.example/a.crl';
const B = 'http://crl.example/b.crl';

let root: Entity;
let ca: Entity;
let leaf: Entity;
beforeAll(async () => {
  root = await makeRoot();
  ca = await makeCertificate(root, 'Issuing CA', { isCa: true });
  leaf = await makeCertificate(ca, 'a.example', { crlDistributionPoints: [A] });
});

let lists = 0;
async function crlOf(issuer: Entity, options: Partial<CrlOptions> = {}): Promise<Crl> {
  const der = await createCrl({
    provider,
    issuer,
    number: ++lists,
    thisUpdate: TIME - DAY,
    nextUpdate: TIME + DAY,
    entries: [],
    ...options,
  });
  return parseCrl(der);
}

const revoked = (certificate: Certificate, more: Partial<CrlEntryInput> = {}): CrlEntryInput => ({
  serial: certificate.serial,
  revokedAt: TIME - 2 * DAY,
  ...more,
});

function check(certificate: Certificate, crls: readonly Crl[], more: Partial<CrlCheck> = {}) {
  const issuers = certificate === ca.certificate ? [root.certificate] : [ca.certificate, root.certificate];
  return checkCrls({
    certificate,
    issuers,
    crls,
    otherIssuers: [],
    time: TIME,
    clockSkew: 0,
    allowSha1: false,
    provider,
    ...more,
  });
}

describe('complete lists', () => {
  test('a certificate that is on the list is revoked, with time, reason and since when', async () => {
    const invalidityDate = TIME - 9 * DAY;
    const entries = [revoked(leaf.certificate, { reason: 'keyCompromise', invalidityDate })];
    expect(check(leaf.certificate, [await crlOf(ca, { entries })])).toMatchObject({
      status: 'revoked',
      reason: 'keyCompromise',
      rule: 'crl_revoked',
      facts: { revokedAt: TIME - 2 * DAY, invalidityDate },
    });
  });

  test('one that is not on it is good, and without a list nothing is known', async () => {
    const other = revoked(ca.certificate);
    expect(check(leaf.certificate, [await crlOf(ca, { entries: [other] })]).status).toBe('good');
    expect(check(leaf.certificate, [await crlOf(ca)]).status).toBe('good');
    expect(check(leaf.certificate, [])).toMatchObject({ status: 'unknown', rule: 'no_crl' });
  });

  test('one without a number, or with a critical one, clears nobody in the strict profiles, and revokes in all', async () => {
    const clean = await crlOf(ca);
    const revoking = await crlOf(ca, { entries: [revoked(leaf.certificate)] });
    const unnumbered = { number: null, extensions: [] };
    const critical = { extensions: clean.extensions.map((one) => ({ ...one, critical: true })) };
    const rulesOf = (crl: Crl) =>
      [false, true].map((strictForm) => check(leaf.certificate, [crl], { strictForm }).rule);
    expect(rulesOf(clean)).toEqual(['crl_good', 'crl_good']);
    expect(rulesOf({ ...clean, ...unnumbered })).toEqual(['crl_good', 'crl_number_missing']);
    expect(rulesOf({ ...clean, ...critical })).toEqual(['crl_good', 'crl_number_critical']);
    expect(rulesOf({ ...revoking, ...unnumbered })).toEqual(['crl_revoked', 'crl_revoked']);
  });

  test('a list of another issuer does not count', async () => {
    const entries = [revoked(leaf.certificate)];
    expect(check(leaf.certificate, [await crlOf(root, { entries })])).toMatchObject({
      status: 'unknown',
      rule: 'crl_issuer_mismatch',
    });
  });

  test('a list of a namesake with another key does not count', async () => {
    const namesake = await makeRoot('Issuing CA');
    expect(check(leaf.certificate, [await crlOf(namesake)])).toMatchObject({
      status: 'unknown',
      rule: 'crl_signature_invalid',
    });
  });

  test('of several lists the newest decides, in whatever order they are given', async () => {
    const entries = [revoked(leaf.certificate, { reason: 'certificateHold' })];
    const old = await crlOf(ca, { number: 1, thisUpdate: TIME - 2 * DAY });
    const held = await crlOf(ca, { number: 2, entries });
    const again = await crlOf(ca, { number: 3 });
    const later = await crlOf(ca, { number: 4, thisUpdate: TIME - 1000, entries });
    expect(check(leaf.certificate, [old, held]).status).toBe('revoked');
    expect(check(leaf.certificate, [held, old]).status).toBe('revoked');
    expect(check(leaf.certificate, [old, held, again]).status).toBe('good');
    expect(check(leaf.certificate, [again, later, held, old]).status).toBe('revoked');
  });

  test('one forged byte makes a list worthless', async () => {
    const { der } = await crlOf(ca, { entries: [revoked(ca.certificate)] });
    const forged = der.slice();
    forged[forged.length - 1]! ^= 1;
    expect(check(leaf.certificate, [parseCrl(forged)]).rule).toBe('crl_signature_invalid');
  });

  test('stale lists and lists from the future do not count, but for the clock skew', async () => {
    const stale = await crlOf(ca, { thisUpdate: TIME - 9 * DAY, nextUpdate: TIME - DAY });
    const early = await crlOf(ca, { thisUpdate: TIME + 60_000, nextUpdate: TIME + DAY });
    expect(check(leaf.certificate, [stale]).rule).toBe('crl_expired');
    expect(check(leaf.certificate, [early]).rule).toBe('crl_not_yet_valid');
    expect(check(leaf.certificate, [early], { clockSkew: 60_000 }).status).toBe('good');
    expect(check(leaf.certificate, [stale], { clockSkew: DAY }).status).toBe('good');
  });

  test('an issuer whose key usage has no cRLSign signs no list', async () => {
    const silent = await makeCertificate(root, 'Silent CA', { isCa: true, keyUsage: ['keyCertSign'] });
    const speaking = await makeCertificate(root, 'Silent CA', { isCa: true, key: silent.key });
    const certificate = (await makeCertificate(silent, 'b.example')).certificate;
    const list = await crlOf({ certificate: speaking.certificate, key: silent.key });
    const issuers = [silent.certificate, root.certificate];
    expect(check(certificate, [list], { issuers }).rule).toBe('crl_issuer_not_authorized');
    await expect(crlOf(silent)).rejects.toThrow(/cRLSign/);
  });

  test('a critical extension that is not understood makes a list worthless', async () => {
    const extraExtensions = [{ oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }];
    expect(check(leaf.certificate, [await crlOf(ca, { extraExtensions })])).toMatchObject({
      rule: 'crl_unknown_critical_extension',
      facts: { oid: '1.2.3.4' },
    });
  });
});

describe('CRL distribution-point mismatch', () => {
  test('RUSTSEC-2026-0049: a list of another distribution point does not count', async () => {
    const list = await crlOf(ca, { scope: { names: [{ uri: B }] } });
    expect(check(leaf.certificate, [list])).toMatchObject({ status: 'unknown', rule: 'crl_scope' });
    const own = await crlOf(ca, { scope: { names: [{ uri: A }] } });
    expect(check(leaf.certificate, [list, own]).status).toBe('good');
  });

  test('RUSTSEC-2026-0049: the second distribution point of a certificate, and the second name of one, count', async () => {
    const points = [A, { names: [{ uri: 'ldap://x' }, { uri: B }] }];
    const { certificate } = await makeCertificate(ca, 'c.example', { crlDistributionPoints: points });
    const entries = [revoked(certificate)];
    const list = await crlOf(ca, { scope: { names: [{ uri: 'http://z' }, { uri: B }] }, entries });
    expect(check(certificate, [list]).status).toBe('revoked');
  });

  test('a list with a place of its own says nothing about a certificate that names none', async () => {
    const { certificate } = await makeCertificate(ca, 'd.example');
    const entries = [revoked(certificate)];
    expect(check(certificate, [await crlOf(ca, { scope: { names: [{ uri: A }] }, entries })]).rule).toBe(
      'crl_scope',
    );
    expect(check(certificate, [await crlOf(ca, { entries })]).status).toBe('revoked');
  });

  test('lists for users, authorities and attributes say nothing about the others', async () => {
    const users = await crlOf(ca, { scope: { onlyUserCerts: true } });
    const authorities = await crlOf(ca, { scope: { onlyCaCerts: true } });
    const attributes = await crlOf(ca, { scope: { onlyAttributeCerts: true } });
    expect(check(leaf.certificate, [users]).status).toBe('good');
    expect(check(leaf.certificate, [authorities])).toMatchObject({ reason: 'only_ca_certificates' });
    expect(check(leaf.certificate, [attributes])).toMatchObject({ reason: 'only_attribute_certificates' });
    const ofRoot = (scope: CrlOptions['scope']) => crlOf(root, { scope });
    expect(check(ca.certificate, [await ofRoot({ onlyCaCerts: true })]).status).toBe('good');
    expect(check(ca.certificate, [await ofRoot({ onlyUserCerts: true })])).toMatchObject({
      reason: 'only_user_certificates',
    });
  });

  test('directory names are compared as names, not as bytes', async () => {
    const point = { names: [{ directory: { O: 'Example  Corp', CN: 'crl one' } }] };
    const { certificate } = await makeCertificate(ca, 'e.example', { crlDistributionPoints: [point] });
    const list = await crlOf(ca, { scope: { names: [{ directory: { O: 'EXAMPLE corp', CN: 'CRL One' } }] } });
    expect(check(certificate, [list]).status).toBe('good');
  });
});

describe('reasons', () => {
  test('lists for some reasons only are good together, not one alone', async () => {
    const compromise = ['keyCompromise', 'cACompromise', 'aACompromise'] as const;
    const rest = [
      'affiliationChanged',
      'superseded',
      'cessationOfOperation',
      'certificateHold',
      'privilegeWithdrawn',
    ] as const;
    const one = await crlOf(ca, { scope: { reasons: compromise } });
    const two = await crlOf(ca, { scope: { reasons: rest } });
    expect(check(leaf.certificate, [one])).toMatchObject({
      status: 'unknown',
      rule: 'crl_reasons_incomplete',
      facts: { missing: expect.arrayContaining(['superseded']) },
    });
    expect(check(leaf.certificate, [one, two]).status).toBe('good');
    const entries = [revoked(leaf.certificate, { reason: 'superseded' })];
    const hit = await crlOf(ca, { scope: { reasons: rest }, entries });
    expect(check(leaf.certificate, [one, hit])).toMatchObject({ status: 'revoked', reason: 'superseded' });
  });

  test('a distribution point for some reasons limits what its list covers', async () => {
    const points = [{ names: [{ uri: A }], reasons: ['keyCompromise'] as const }];
    const { certificate } = await makeCertificate(ca, 'f.example', { crlDistributionPoints: points });
    const list = await crlOf(ca, { scope: { names: [{ uri: A }] } });
    expect(check(certificate, [list]).rule).toBe('crl_reasons_incomplete');
  });
});

describe('deltas', () => {
  test('a delta adds to its base, and takes away what was on hold', async () => {
    const base = await crlOf(ca, {
      number: 10,
      entries: [revoked(leaf.certificate, { reason: 'certificateHold' })],
    });
    const other = (await makeCertificate(ca, 'g.example')).certificate;
    const delta = await crlOf(ca, {
      number: 12,
      baseNumber: 10,
      entries: [revoked(leaf.certificate, { reason: 'removeFromCRL' }), revoked(other)],
    });
    expect(check(leaf.certificate, [base])).toMatchObject({ status: 'revoked', reason: 'certificateHold' });
    expect(check(leaf.certificate, [base, delta]).status).toBe('good');
    expect(check(other, [base]).status).toBe('good');
    expect(check(other, [delta, base]).status).toBe('revoked');
    expect(check(other, [delta]).status).toBe('unknown');
  });

  test('a delta to a later base, of another scope, or with another key is left aside', async () => {
    const base = await crlOf(ca, { number: 10 });
    const entries = [revoked(leaf.certificate)];
    const later = await crlOf(ca, { number: 20, baseNumber: 11, entries });
    const scoped = await crlOf(ca, { number: 20, baseNumber: 10, entries, scope: { onlyUserCerts: true } });
    const foreign = await crlOf(await makeRoot('Issuing CA'), { number: 20, baseNumber: 10, entries });
    for (const delta of [later, scoped, foreign]) {
      expect(check(leaf.certificate, [base, delta]).status).toBe('good');
    }
  });

  test('an old base with a fresh delta is fresh', async () => {
    const base = await crlOf(ca, { number: 10, thisUpdate: TIME - 9 * DAY, nextUpdate: TIME - DAY });
    const delta = await crlOf(ca, { number: 11, baseNumber: 9 });
    expect(check(leaf.certificate, [base]).rule).toBe('crl_expired');
    expect(check(leaf.certificate, [base, delta]).status).toBe('good');
  });
});

describe('indirect lists', () => {
  let lister: Entity;
  let certificate: Certificate;
  beforeAll(async () => {
    lister = await makeCertificate(root, 'CRL Issuer', { isCa: true, keyUsage: ['cRLSign'] });
    const point = { names: [{ uri: A }], crlIssuer: [{ directory: 'CRL Issuer' }] };
    certificate = (await makeCertificate(ca, 'h.example', { crlDistributionPoints: [point] })).certificate;
  });
  const scope = { names: [{ uri: A }], indirect: true };
  const authorized = () => ({ otherIssuers: [lister.certificate] });

  test('the entry names the issuer, and later entries without a name have the same', async () => {
    const first = (await makeCertificate(ca, 'i.example')).certificate;
    const entries = [
      { serial: certificate.serial, revokedAt: TIME - DAY },
      revoked(first, { certificateIssuer: ca.certificate }),
      revoked(certificate, { certificateIssuer: ca.certificate, reason: 'superseded' }),
    ];
    const list = await crlOf(lister, { scope, entries });
    expect(
      list.entries.find(certificate.serial).map((entry) => entry.certificateIssuer?.text ?? null),
    ).toEqual([null, 'CN=Issuing CA']);
    expect(check(certificate, [list], authorized())).toMatchObject({
      status: 'revoked',
      reason: 'superseded',
    });
  });

  test('the same serial number of another issuer is another certificate', async () => {
    const entries = [{ serial: certificate.serial, revokedAt: TIME - DAY }];
    expect(check(certificate, [await crlOf(lister, { scope, entries })], authorized()).status).toBe('good');
  });

  test('whoever is not certified by an authority of the path signs no list for it', async () => {
    const stranger = await makeRoot('CRL Issuer', { keyUsage: ['cRLSign'] });
    const otherIssuers = [stranger.certificate];
    const list = await crlOf(stranger, { scope });
    expect(check(certificate, [list], { otherIssuers }).rule).toBe('crl_issuer_not_authorized');
    expect(check(certificate, [await crlOf(lister, { scope })]).rule).toBe('crl_issuer_unknown');
  });

  test('a list that is not marked as indirect is none', async () => {
    const list = await crlOf(lister, { scope: { names: [{ uri: A }] } });
    expect(check(certificate, [list], authorized()).rule).toBe('crl_not_indirect');
  });
});

test('a list signed with a separate key of the issuer counts where the issuer certified that key', async () => {
  const key = await newKey();
  const signer = await makeCertificate(ca, 'Issuing CA', { key, isCa: true, keyUsage: ['cRLSign'] });
  const list = await crlOf(signer, { entries: [revoked(leaf.certificate)] });
  expect(check(leaf.certificate, [list]).status).toBe('unknown');
  expect(check(leaf.certificate, [list], { otherIssuers: [signer.certificate] }).status).toBe('revoked');
});

test('a separate signer that is itself revoked signs no list', async () => {
  const options = { isCa: true, keyUsage: ['cRLSign'] as const };
  const signer = await makeCertificate(root, 'Issuing CA', options);
  const otherIssuers = [signer.certificate];
  const list = await crlOf(signer);
  expect(check(leaf.certificate, [list], { otherIssuers }).status).toBe('good');
  const above = await crlOf(root, { entries: [revoked(signer.certificate)] });
  expect(check(leaf.certificate, [list, above], { otherIssuers }).rule).toBe('crl_issuer_not_authorized');
});

test('lists signed with ML-DSA count', async () => {
  const strange = await makeRoot('PQ', { key: await newKey('ml-dsa-44') });
  const { certificate } = await makeCertificate(strange, 'pq.example');
  const issuers = [strange.certificate];
  expect(check(certificate, [await crlOf(strange)], { issuers }).status).toBe('good');
  const entries = [revoked(certificate)];
  expect(check(certificate, [await crlOf(strange, { entries })], { issuers }).status).toBe('revoked');
});

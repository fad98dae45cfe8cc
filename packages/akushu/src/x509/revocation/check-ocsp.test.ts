import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { DAY, type Entity, makeCertificate, makeRoot, newKey, TIME } from '../../../test/support/pki.js';
import { concat, toHex } from '../../bytes/index.js';
import { nodeProvider as provider } from '../../crypto/node.js';
import { X509Error } from '../der/index.js';
import {
  createOcspError,
  createOcspResponse,
  type OcspAnswerInput,
  type OcspResponseOptions,
} from '../issuing/ocsp.js';
import { checkOcsp, type OcspCheck } from './check-ocsp.js';
import {
  annotateOcspRequest,
  annotateOcspResponse,
  createOcspRequest,
  parseOcspRequest,
  parseOcspResponse,
} from './ocsp.js';

let root: Entity;
let ca: Entity;
let leaf: Entity;
let responder: Entity;
beforeAll(async () => {
  root = await makeRoot();
  ca = await makeCertificate(root, 'Issuing CA', { isCa: true });
  leaf = await makeCertificate(ca, 'a.example');
  responder = await makeResponder(ca);
});

const makeResponder = (issuer: Entity, options: Parameters<typeof makeCertificate>[2] = {}) =>
  makeCertificate(
    issuer,
    { CN: 'Responder' },
    { extKeyUsage: ['OCSPSigning'], ocspNoCheck: true, ...options },
  );

const answer = (more: Partial<OcspAnswerInput> = {}): OcspAnswerInput => ({
  certificate: leaf.certificate,
  status: 'good',
  thisUpdate: TIME - DAY,
  nextUpdate: TIME + DAY,
  ...more,
});

const respond = (
  answers: readonly OcspAnswerInput[] = [answer()],
  more: Partial<OcspResponseOptions> = {},
): Promise<Uint8Array> =>
  createOcspResponse({
    provider,
    authority: ca.certificate,
    responder: ca,
    answers,
    producedAt: TIME - DAY,
    ...more,
  });

const check = (response: Uint8Array, more: Partial<OcspCheck> = {}) =>
  checkOcsp({
    certificate: leaf.certificate,
    issuer: ca.certificate,
    response,
    time: TIME,
    clockSkew: 0,
    maxAge: 2 * DAY,
    allowSha1: false,
    provider,
    ...more,
  });

describe('answers', () => {
  test('good, revoked with time and reason, unknown', async () => {
    expect(check(await respond())).toMatchObject({ status: 'good', rule: 'ocsp_good' });
    const revokedAt = TIME - 3 * DAY;
    const revoked = answer({ status: 'revoked', revokedAt, reason: 'cessationOfOperation' });
    expect(check(await respond([revoked]))).toMatchObject({
      status: 'revoked',
      reason: 'cessationOfOperation',
      facts: { revokedAt },
    });
    expect(check(await respond([answer({ status: 'revoked', revokedAt })])).reason).toBe('unspecified');
    expect(check(await respond([answer({ status: 'unknown' })]))).toMatchObject({
      status: 'unknown',
      rule: 'ocsp_unknown',
    });
  });

  test.each(['sha1', 'sha256', 'sha384', 'sha512'] as const)('certificates named by %s', async (hash) => {
    expect(check(await respond([answer()], { hash })).status).toBe('good');
  });

  test('an answer about another certificate does not count', async () => {
    const other = await makeCertificate(ca, 'b.example');
    expect(check(await respond([answer({ certificate: other.certificate })])).rule).toBe(
      'ocsp_other_certificate',
    );
    expect(check(await respond([])).rule).toBe('ocsp_other_certificate');
  });

  test('an answer about the same serial number of another issuer does not count', async () => {
    expect(check(await respond([answer()], { authority: root.certificate })).rule).toBe(
      'ocsp_other_certificate',
    );
  });

  test('among several answers the one about the certificate counts, and the worst of those', async () => {
    const other = await makeCertificate(ca, 'c.example');
    const others = answer({ certificate: other.certificate, status: 'revoked', revokedAt: TIME - DAY });
    expect(check(await respond([others, answer()])).status).toBe('good');
    const revoked = answer({ status: 'revoked', revokedAt: TIME - DAY });
    expect(check(await respond([answer(), revoked])).status).toBe('revoked');
    const stale = answer({ status: 'unknown', nextUpdate: TIME - 1000 });
    expect(check(await respond([stale, answer()])).status).toBe('good');
  });

  test('a responder that gives no answer says why', async () => {
    for (const status of [
      'tryLater',
      'unauthorized',
      'malformedRequest',
      'internalError',
      'sigRequired',
    ] as const) {
      expect(check(createOcspError(status))).toMatchObject({ rule: 'ocsp_error_status', reason: status });
    }
  });
});

describe('time', () => {
  test('an expired response does not count, but for the clock skew', async () => {
    const response = await respond([answer({ nextUpdate: TIME - 60_000 })]);
    expect(check(response)).toMatchObject({ status: 'unknown', rule: 'ocsp_stale' });
    expect(check(response, { clockSkew: 60_000 }).status).toBe('good');
  });

  test('a response from the future does not count', async () => {
    expect(check(await respond([answer({ thisUpdate: TIME + 1000 })])).rule).toBe('ocsp_not_yet_valid');
    expect(check(await respond([answer()], { producedAt: TIME + 1000 })).rule).toBe('ocsp_not_yet_valid');
  });

  test('an answer without a next update counts for as long as the caller says', async () => {
    const response = await respond([answer({ nextUpdate: undefined })]);
    expect(check(response).status).toBe('good');
    expect(check(response, { maxAge: DAY - 1000 }).rule).toBe('ocsp_stale');
  });
});

describe('who may sign', () => {
  test('the authority, named by key or by name', async () => {
    for (const nameBy of ['key', 'name'] as const) {
      expect(check(await respond([answer()], { nameBy })).status).toBe('good');
    }
  });

  test('a responder that the authority certified', async () => {
    expect(check(await respond([answer()], { responder })).status).toBe('good');
    expect(check(await respond([answer()], { responder, nameBy: 'name' })).status).toBe('good');
  });

  test.each([
    ['has no purpose at all', { extKeyUsage: [] }, 'no_ocsp_signing'],
    ['is for servers', { extKeyUsage: ['serverAuth'] }, 'no_ocsp_signing'],
    ['is for any purpose', { extKeyUsage: ['any'] }, 'no_ocsp_signing'],
    ['has expired', { notAfter: TIME - DAY }, 'signer_expired'],
    [
      'has a critical extension that nobody knows',
      { extraExtensions: [{ oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }] },
      'unknown_critical_extension',
    ],
    ['may not sign', { keyUsage: ['keyEncipherment'] as const }, 'key_usage'],
  ] as const)('not a delegated responder whose certificate %s', async (_, options, reason) => {
    const weak = await makeResponder(ca, options);
    expect(check(await respond([answer()], { responder: weak }))).toMatchObject({
      status: 'unknown',
      rule: 'ocsp_responder_not_authorized',
      reason,
    });
  });

  test('not a responder of another authority, even of the one above', async () => {
    for (const issuer of [root, await makeRoot('Issuing CA')]) {
      const foreign = await makeResponder(issuer);
      expect(check(await respond([answer()], { responder: foreign })).reason).toBe('other_issuer');
    }
  });

  test('not a stranger, unless the user trusts it', async () => {
    const stranger = await makeRoot('Stranger');
    const response = await respond([answer()], { responder: stranger });
    expect(check(response).rule).toBe('ocsp_responder_not_authorized');
    expect(check(response, { trustedResponders: [stranger.certificate] }).status).toBe('good');
  });

  test('not the certificate that is asked about', async () => {
    expect(check(await respond([answer()], { responder: leaf })).reason).toBe('no_ocsp_signing');
  });

  test('not a responder that is revoked, unless it is exempt from being asked about', async () => {
    const isResponderRevoked = () => true;
    const exempt = await respond([answer()], { responder });
    expect(check(exempt, { isResponderRevoked }).status).toBe('good');
    const plain = await respond([answer()], { responder: await makeResponder(ca, { ocspNoCheck: false }) });
    expect(check(plain, { isResponderRevoked }).reason).toBe('responder_revoked');
    expect(check(plain).status).toBe('good');
  });

  test('a name that is not the signer’s does not help', async () => {
    const namesake = await makeRoot('Issuing CA');
    expect(check(await respond([answer()], { responder: namesake, nameBy: 'name' })).status).toBe('unknown');
  });

  test('a forged signature is refused', async () => {
    const forged = await respond();
    forged[forged.length - 1]! ^= 1;
    expect(check(forged)).toMatchObject({ status: 'unknown', rule: 'ocsp_signature_invalid' });
  });

  test('responses signed with ML-DSA count', async () => {
    const pq = await makeRoot('PQ', { key: await newKey('ml-dsa-65') });
    const { certificate } = await makeCertificate(pq, 'pq.example');
    const response = await respond([answer({ certificate })], { authority: pq.certificate, responder: pq });
    expect(check(response, { certificate, issuer: pq.certificate }).status).toBe('good');
  });
});

describe('nonces', () => {
  test('an answer has to have the nonce of the question', async () => {
    const { der, nonce } = createOcspRequest({
      certificate: leaf.certificate,
      issuer: ca.certificate,
      provider,
      nonce: true,
      hash: 'sha256',
    });
    const request = parseOcspRequest(der);
    expect(request.nonce).toEqual(nonce);
    const response = await respond([answer()], { request });
    expect(check(response, { nonce: nonce! }).status).toBe('good');
    expect(check(response, { nonce: provider.random(32) }).rule).toBe('ocsp_nonce_mismatch');
    expect(check(await respond(), { nonce: nonce! }).rule).toBe('ocsp_nonce_mismatch');
  });

  test('other lengths than 1 to 128 are not asked with', () => {
    const request = (nonce: Uint8Array) =>
      createOcspRequest({ certificate: leaf.certificate, issuer: ca.certificate, provider, nonce });
    expect(() => request(new Uint8Array(129))).toThrow(RangeError);
    expect(() => request(new Uint8Array(0))).toThrow(RangeError);
    expect(request(new Uint8Array(128)).nonce?.length).toBe(128);
  });
});

describe('reading', () => {
  test('requests and responses are shown to the last byte', async () => {
    const { der } = createOcspRequest({
      certificate: leaf.certificate,
      issuer: ca.certificate,
      provider,
      nonce: true,
    });
    const response = await respond([answer()], { responder, nonce: provider.random(16) });
    for (const tree of [annotateOcspRequest(der), annotateOcspResponse(response)]) {
      expect(JSON.stringify(tree)).not.toContain('"error"');
    }
    const text = JSON.stringify(annotateOcspResponse(response));
    expect(text).toContain('SingleResponse');
    expect(text).toContain(toHex(leaf.certificate.serial));
  });

  test('one byte changed anywhere never makes a good answer, a crash or an exception', async () => {
    const response = await respond([answer({ status: 'unknown' })], { responder });
    fc.assert(
      fc.property(fc.nat(response.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const changed = response.slice();
        changed[position]! ^= change;
        annotateOcspResponse(changed);
        expect(check(changed).status).toBe('unknown');
      }),
      { numRuns: 500 },
    );
  });

  test('what is no response is an error with its place, and left-over bytes are', async () => {
    const ruleOf = (bytes: Uint8Array): string => {
      try {
        parseOcspResponse(bytes);
        return 'read';
      } catch (error) {
        if (error instanceof X509Error) return error.rule;
        throw error;
      }
    };
    const response = await respond();
    expect(ruleOf(new Uint8Array(0))).toBe('truncated');
    expect(ruleOf(concat(response, Uint8Array.of(0)))).toBe('trailing_bytes');
    expect(ruleOf(Uint8Array.of(0x30, 3, 0x0a, 1, 0))).toBe('missing_field');
    expect(ruleOf(Uint8Array.of(0x30, 3, 0x0a, 1, 4))).toBe('integer_out_of_range');
    expect(ruleOf(new Uint8Array(300_000))).toBe('too_large');
    expect(check(leaf.certificate.der).rule).toBe('ocsp_malformed');
  });
});

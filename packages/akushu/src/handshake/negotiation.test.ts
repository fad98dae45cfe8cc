import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/index.js';
import { nodeProvider } from '../crypto/node.js';
import type { PublicKey } from '../crypto/provider.js';
import { schemeAlgorithm } from '../crypto/schemes.js';
import { TlsError } from '../errors.js';
import { messageBytes } from '../messages/index.js';
import { Scheme, schemeByCode, ExtensionType as X } from '../registry/index.js';
import { ALLOWED, checkRequest, checkResponse } from './extension-rules.js';
import { choose, observedChoice } from './negotiation.js';
import { keyFits, schemesFor13, signedContent } from './signatures.js';
import { Transcript } from './transcript.js';

const nameOf = (code: number): string => `v${code}`;
const lists = fc.uniqueArray(fc.nat(20), { maxLength: 8 });

const codeFrom = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof TlsError) return error.code;
    throw error;
  }
  return 'nothing';
};

describe('a choice out of two lists', () => {
  test('is the first shared value in the order that counts, and names every other value once', () => {
    fc.assert(
      fc.property(
        lists,
        lists,
        fc.constantFrom<'server' | 'client'>('server', 'client'),
        (ours, theirs, order) => {
          const choice = choose({ ours, theirs, order, nameOf });
          const [first, second] = order === 'server' ? [ours, theirs] : [theirs, ours];
          expect(choice.chosen).toBe(first.find((code) => second.includes(code)));
          const named = choice.alternatives.map((one) => one.value);
          const others = [...new Set([...ours, ...theirs])].filter((code) => code !== choice.chosen);
          expect(named.toSorted()).toEqual(others.map(nameOf).toSorted());
        },
      ),
    );
  });

  test('says why each other value was passed over', () => {
    const choice = choose({ ours: [1, 2, 3], theirs: [3, 2, 9, 0x1a1a], order: 'server', nameOf });
    expect([choice.chosen, choice.reason]).toEqual([2, 'first_shared_in_server_order']);
    expect(choice.alternatives).toEqual([
      { value: 'v1', reason: 'not_offered_by_client' },
      { value: 'v3', reason: 'less_preferred' },
      { value: 'v9', reason: 'not_supported_by_server' },
      { value: 'v6682', reason: 'grease' },
    ]);
    expect(choose({ ours: [1], theirs: [2, 1], order: 'client', nameOf }).reason).toBe('only_shared');
  });

  test('never falls on a GREASE value, even if both sides have it', () => {
    expect(choose({ ours: [0x1a1a, 5], theirs: [0x1a1a, 5], order: 'server', nameOf }).chosen).toBe(5);
  });

  test('as a client sees it, names what else was offered', () => {
    expect(observedChoice(2, [1, 2, 0x2a2a], nameOf)).toEqual({
      chosen: 'v2',
      reason: 'chosen_by_server',
      alternatives: [
        { value: 'v1', reason: 'less_preferred' },
        { value: 'v10794', reason: 'grease' },
      ],
    });
  });
});

describe('extensions', () => {
  test('of a response must have been offered and belong there, for each message and extension', () => {
    for (const [message, allowed] of Object.entries(ALLOWED)) {
      if (message === 'NST') continue;
      for (const code of Object.values(X)) {
        const name = message as 'SH';
        const belongs = allowed.has(code);
        expect([message, code, codeFrom(() => checkResponse(name, [code], [code]))]).toEqual([
          message,
          code,
          belongs ? 'nothing' : 'forbidden_extension',
        ]);
        if (message === 'HRR' && code === X.cookie) continue;
        expect(codeFrom(() => checkResponse(name, [code], []))).toBe('unsolicited_extension');
      }
    }
  });

  test('of a request are ignored where they are unknown, refused where they belong elsewhere', () => {
    for (const message of ['CR', 'NST'] as const) {
      expect(codeFrom(() => checkRequest(message, [0x1a1a, 0xfff0]))).toBe('nothing');
      for (const code of [X.key_share, X.supported_versions, X.cookie, X.pre_shared_key]) {
        expect(codeFrom(() => checkRequest(message, [code]))).toBe('forbidden_extension');
      }
    }
    expect(codeFrom(() => checkRequest('NST', [X.early_data]))).toBe('nothing');
    expect(codeFrom(() => checkRequest('CH', [X.oid_filters]))).toBe('forbidden_extension');
    expect(codeFrom(() => checkRequest('CH', [0x1234, X.key_share, X.heartbeat]))).toBe('nothing');
  });
});

describe('signatures', () => {
  const key = (kind: PublicKey['kind'], curve?: 'secp256r1' | 'secp384r1'): PublicKey => ({
    kind,
    bits: 256,
    ...(curve && { curve }),
    spki: new Uint8Array(0),
    verify: () => false,
  });

  test('a scheme fixes kind and curve of the key', () => {
    const fits = (one: PublicKey): string[] =>
      Object.entries(Scheme).flatMap(([name, code]) => {
        const scheme = schemeByCode(code);
        return scheme?.tls13 && schemeAlgorithm(scheme.iana) && keyFits(one, scheme) ? [name] : [];
      });
    expect(fits(key('ec', 'secp256r1'))).toEqual(['ecdsa_secp256r1_sha256']);
    expect(fits(key('ec', 'secp384r1'))).toEqual(['ecdsa_secp384r1_sha384']);
    expect(fits(key('ed25519'))).toEqual(['ed25519']);
    expect(fits(key('rsa'))).toEqual(['rsa_pss_rsae_sha256', 'rsa_pss_rsae_sha384', 'rsa_pss_rsae_sha512']);
    expect(fits(key('rsa-pss'))).toEqual(['rsa_pss_pss_sha256', 'rsa_pss_pss_sha384', 'rsa_pss_pss_sha512']);
    expect(fits(key('ml-dsa-44'))).toEqual(['mldsa44']);
  });

  test('PKCS#1 v1.5, SHA-1 and unknown schemes never sign a handshake', () => {
    const codes = [Scheme.rsa_pkcs1_sha256, Scheme.ecdsa_sha1, Scheme.rsa_pkcs1_sha1, 0x1a1a, Scheme.ed25519];
    expect(schemesFor13(codes).map((scheme) => scheme.iana)).toEqual(['ed25519']);
  });

  test('what is signed is 64 spaces, the context of the side, a zero and the hash', () => {
    const hash = new Uint8Array(32).fill(0x01);
    const text = 'TLS 1.3, server CertificateVerify';
    const expected = `${'20'.repeat(64)}${Buffer.from(text).toString('hex')}00${'01'.repeat(32)}`;
    expect(toHex(signedContent('server', hash))).toBe(expected);
    expect(toHex(signedContent('client', hash))).not.toBe(expected);
  });
});

describe('the transcript', () => {
  const one = messageBytes('KeyUpdate', { requestUpdate: 0 });
  const two = messageBytes('Finished', { verifyData: new Uint8Array(32) });

  test('is the hash of all messages, whenever the hash became known', () => {
    const early = new Transcript(nodeProvider);
    early.start('sha256');
    const late = new Transcript(nodeProvider);
    for (const message of [one, two]) {
      early.add(message);
      late.add(message);
    }
    late.start('sha256');
    expect(toHex(early.digest())).toBe(toHex(nodeProvider.digest('sha256', one, two)));
    expect(toHex(late.digest())).toBe(toHex(early.digest()));
    expect(toHex(late.digestWith('sha256', one))).toBe(toHex(nodeProvider.digest('sha256', one, two, one)));
  });

  test('puts the hash of the first hello in its place on a retry', () => {
    const transcript = new Transcript(nodeProvider);
    transcript.add(one);
    transcript.retry('sha384');
    transcript.add(two);
    const synthetic = messageBytes('message_hash', { hash: nodeProvider.digest('sha384', one) });
    expect(toHex(transcript.digest())).toBe(toHex(nodeProvider.digest('sha384', synthetic, two)));
  });

  test('cannot be hashed before its hash is known, and a copy goes its own way', () => {
    const transcript = new Transcript(nodeProvider);
    expect(() => transcript.digest()).toThrow(/before its hash/);
    transcript.start('sha256');
    const copy = transcript.copy();
    copy.add(one);
    expect(toHex(transcript.digest())).toBe(toHex(nodeProvider.digest('sha256')));
  });
});

import { describe, expect, test } from 'vitest';
import type { HandshakeSummary } from '../connection/index.js';
import { findCipherSuite, findGroup, findScheme } from '../registry/index.js';
import type { DecisionEvent } from '../trace/index.js';
import { weakPointsOf } from './index.js';

const decided = (about: DecisionEvent['about'], used: boolean): DecisionEvent => ({
  kind: 'decision',
  t: 0,
  about,
  by: 'server',
  chosen: used ? about : null,
  reason: used ? 'accepted' : 'not_supported_by_server',
  alternatives: [],
});

function summary(version: HandshakeSummary['version'], suite: string, over: Partial<HandshakeSummary> = {}) {
  return {
    version,
    cipherSuite: findCipherSuite(suite)!,
    group: findGroup('x25519')!,
    signatureScheme: findScheme('rsa_pss_rsae_sha256')!,
    alpn: null,
    serverName: null,
    resumed: false,
    earlyDataAccepted: false,
    peerCertificates: [],
    ocsp: null,
    scts: [],
    why: {
      extendedMasterSecret: decided('extended_master_secret', true),
      secureRenegotiation: decided('secure_renegotiation', true),
    },
    ...over,
  } satisfies HandshakeSummary;
}

describe('weak points', () => {
  test('are none of TLS 1.3, and of TLS 1.2 with ECDHE and an AEAD', () => {
    expect(weakPointsOf(summary('TLSv1.3', 'TLS_AES_128_GCM_SHA256', { why: {} }))).toEqual([]);
    expect(weakPointsOf(summary('TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256'))).toEqual([]);
    expect(weakPointsOf(summary('TLSv1.2', 'DHE-RSA-AES256-GCM-SHA384'))).toEqual([]);
  });

  test('are named for static RSA, CBC, 3DES and short tags', () => {
    const withoutEtm = {
      extendedMasterSecret: decided('extended_master_secret', true),
      encryptThenMac: decided('encrypt_then_mac', false),
    };
    expect(weakPointsOf(summary('TLSv1.2', 'AES128-SHA', { why: withoutEtm }))).toEqual([
      'no_forward_secrecy',
      'mac_then_encrypt',
    ]);
    expect(weakPointsOf(summary('TLSv1.2', 'ECDHE-RSA-DES-CBC3-SHA'))).toEqual(
      expect.arrayContaining(['broken_cipher', 'small_blocks']),
    );
    expect(weakPointsOf(summary('TLSv1.2', 'ECDHE-ECDSA-AES128-CCM8'))).toEqual(['short_tag']);
    expect(weakPointsOf(summary('TLSv1.2', 'ECDHE-RSA-NULL-SHA'))).toContain('no_encryption');
  });

  test('do not count CBC whose MAC is over the encrypted record', () => {
    const why = { encryptThenMac: decided('encrypt_then_mac', true) };
    expect(weakPointsOf(summary('TLSv1.2', 'ECDHE-RSA-AES128-SHA', { why }))).toEqual([]);
  });

  test('are named for old versions, SHA-1, and missing extensions', () => {
    expect(weakPointsOf(summary('TLSv1.1', 'ECDHE-RSA-AES128-SHA'))).toContain('old_version');
    expect(
      weakPointsOf(
        summary('TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256', { signatureScheme: findScheme('ecdsa_sha1')! }),
      ),
    ).toEqual(['sha1_signature']);
    const why = {
      extendedMasterSecret: decided('extended_master_secret', false),
      secureRenegotiation: decided('secure_renegotiation', false),
    };
    expect(weakPointsOf(summary('TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256', { why }))).toEqual([
      'no_extended_master_secret',
      'no_secure_renegotiation',
    ]);
  });

  test('of TLS 1.3 are a pre-shared key without a key exchange', () => {
    expect(weakPointsOf(summary('TLSv1.3', 'TLS_AES_128_GCM_SHA256', { group: null, why: {} }))).toEqual([
      'no_forward_secrecy',
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import { CAUSES, type Cause, type Offers, type VerdictSide, verdictOf } from './index.js';
import { PROGRAMS } from './remedy/types.js';

const verdict = (cause: Cause, side: VerdictSide, offers: Offers = {}, facts = {}) =>
  verdictOf({ cause, side, confidence: 0.9, offers, facts });
const nginx = (...given: Parameters<typeof verdict>): string | undefined =>
  verdict(...given).remedy.snippets.find(({ program }) => program === 'nginx')?.config;

describe('remedies', () => {
  test('are for every program, or for none', () => {
    for (const cause of CAUSES)
      for (const side of ['client', 'server', 'path', 'unknown'] as const) {
        const programs = verdict(cause, side).remedy.snippets.map(({ program }) => program);
        expect(programs.length === 0 ? PROGRAMS : programs, cause).toEqual(PROGRAMS);
      }
  });

  test('of versions are for the side that lacks them', () => {
    expect(nginx('protocol_version_mismatch', 'server')).toBe('ssl_protocols TLSv1.2 TLSv1.3;');
    expect(nginx('protocol_version_mismatch', 'client')).toBe('proxy_ssl_protocols TLSv1.2 TLSv1.3;');
    expect(nginx('inappropriate_fallback', 'client')).toBe('proxy_ssl_protocols TLSv1.2 TLSv1.3;');
    // The client has what a server should have: the server can be given it.
    expect(nginx('protocol_version_mismatch', 'client', { versions: ['TLS 1.2'] })).toBe(
      'ssl_protocols TLSv1.2 TLSv1.3;',
    );
  });

  test('of a client’s certificate are for the client', () => {
    expect(nginx('certificate_expired', 'server')).toContain('ssl_certificate ');
    expect(nginx('certificate_expired', 'client')).toContain('proxy_ssl_certificate ');
  });

  test('are not there where only an update helps', () => {
    expect(verdict('legacy_renegotiation', 'server').remedy.snippets).toEqual([]);
  });
});

test('the missing certificate is named, and where it lies', () => {
  const facts = { subject: 'CN=a', issuer: 'CN=R3', caIssuers: ['http://ca.example/r3.der'] };
  const { explanation } = verdict('missing_intermediate', 'server', {}, facts);
  expect(explanation.en).toMatch(
    / Certificate: CN=a\. Missing certificate: CN=R3\. Its address: http:\/\/ca\.example\/r3\.der\.$/,
  );
  expect(explanation.ja).toContain('足りない証明書: CN=R3。その入手先: http://ca.example/r3.der。');
});

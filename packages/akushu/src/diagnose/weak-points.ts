/** What is weak about a connection that came about, read off its summary. Says nothing of certificates. */
import type { HandshakeSummary } from '../connection/index.js';
import type { Weakness } from '../registry/index.js';
import type { WeakPoint } from './texts.js';

const BROKEN: readonly Weakness[] = ['export', 'rc4', 'rc2', 'des', '3des', 'idea', 'md5', 'broken_kem'];
const LONG_TERM: readonly Weakness[] = ['static_rsa', 'static_dh', 'static_ecdh', 'static_key'];

/** The gravest first. */
export function weakPointsOf(summary: HandshakeSummary): WeakPoint[] {
  const { version, cipherSuite, group, signatureScheme, resumed, why } = summary;
  const has = (...words: Weakness[]) => words.some((word) => cipherSuite.weaknesses.includes(word));
  const before13 = version !== 'TLSv1.3';
  const old = before13 && version !== 'TLSv1.2';
  const found: readonly (readonly [WeakPoint, boolean])[] = [
    ['no_encryption', has('null')],
    ['not_authenticated', has('anonymous')],
    ['broken_cipher', has(...BROKEN)],
    ['small_blocks', has('block64')],
    ['old_version', old],
    // In TLS 1.3 it takes a PSK without a key exchange (RFC 9846 §2.2).
    ['no_forward_secrecy', before13 ? has(...LONG_TERM) : group === null],
    ['mac_then_encrypt', has('cbc') && why.encryptThenMac?.chosen == null],
    ['short_tag', has('short_tag')],
    ['sha1_signature', before13 && !old && !resumed && signatureScheme?.hash === 'sha1'],
    ['no_extended_master_secret', before13 && why.extendedMasterSecret?.chosen === null],
    ['no_secure_renegotiation', before13 && why.secureRenegotiation?.chosen === null],
  ];
  return found.filter(([, is]) => is).map(([point]) => point);
}

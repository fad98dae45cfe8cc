/**
 * OpenSSL's security levels as far as they are about cipher suites (SSL_CTX_set_security_level(3)). What they ask of
 * keys, signatures and groups is not here.
 */
import type { CipherSuite } from '../types.js';

/** Why a level refuses a suite; `strength`: too few bits. */
export type SecurityLevelObjection = 'strength' | 'anonymous' | 'md5' | 'sha1' | 'rc4' | 'no_forward_secrecy';

const LEAST_BITS = [0, 80, 112, 128, 192, 256] as const;

/** What level 0–5 has against a suite; null where it allows it. */
export function securityLevelObjection(suite: CipherSuite, level: number): SecurityLevelObjection | null {
  if (level <= 0) return null;
  const least = LEAST_BITS[Math.min(level, 5)]!;
  if (suite.bits < least) return 'strength';
  if (suite.auth === 'anon') return 'anonymous';
  if (suite.mac === 'MD5') return 'md5';
  // HMAC with SHA-1 counts as 160 bits.
  if (least > 160 && suite.mac === 'SHA1') return 'sha1';
  if (level >= 2 && suite.enc.startsWith('RC4')) return 'rc4';
  // SRP is not counted among the ephemeral ones.
  if (level >= 3 && !/DHE|^any$/.test(suite.kx)) return 'no_forward_secrecy';
  return null;
}

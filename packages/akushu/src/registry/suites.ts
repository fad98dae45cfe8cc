/** The cipher suites of TLS 1.3 (RFC 9846 appendix B.4). */
import type { AeadName, CipherSuite, HashName } from './types.js';

function suite(code: number, iana: string, enc: string, bits: number, hash: HashName, aead: AeadName): CipherSuite {
  const ccm = enc.includes('CCM');
  return {
    code,
    iana,
    openssl: iana,
    gnutls: iana,
    kx: 'any',
    auth: 'any',
    enc,
    bits,
    mac: 'AEAD',
    hash,
    aead,
    forwardSecret: true,
    versions: ['TLSv1.3'],
    recommended: enc.endsWith('CCM-8') ? 'N' : 'Y',
    weaknesses: ccm && enc.endsWith('8') ? ['short_tag'] : [],
  };
}

const table: readonly CipherSuite[] = [
  suite(0x1301, 'TLS_AES_128_GCM_SHA256', 'AES-128-GCM', 128, 'sha256', 'aes-128-gcm'),
  suite(0x1302, 'TLS_AES_256_GCM_SHA384', 'AES-256-GCM', 256, 'sha384', 'aes-256-gcm'),
  suite(0x1303, 'TLS_CHACHA20_POLY1305_SHA256', 'CHACHA20-POLY1305', 256, 'sha256', 'chacha20-poly1305'),
  suite(0x1304, 'TLS_AES_128_CCM_SHA256', 'AES-128-CCM', 128, 'sha256', 'aes-128-ccm'),
  suite(0x1305, 'TLS_AES_128_CCM_8_SHA256', 'AES-128-CCM-8', 128, 'sha256', 'aes-128-ccm-8'),
];

export const cipherSuites = (): readonly CipherSuite[] => table;
export const cipherSuiteByCode = (code: number): CipherSuite | undefined => table.find((s) => s.code === code);
export const findCipherSuite = (name: string): CipherSuite | undefined =>
  table.find((s) => s.iana.toLowerCase() === name.toLowerCase());

/**
 * The registry "TLS Supported Groups" with the values that only drafts and experiments used. `bits` follows NIST
 * SP 800-57 part 1, table 2 (between its rows, the formula of FIPS 140 IG D.B); ML-KEM counts as the AES key that
 * its category compares with, and a hybrid as the stronger of its two parts.
 */
import { NamedTable } from './names-index.js';
import type { GroupKind, NamedGroup, Recommended } from './types.js';

interface Extra {
  readonly gnutls?: string;
  readonly aliases?: readonly string[];
  readonly tls13?: boolean;
  readonly obsolete?: true;
  /** null where OpenSSL never had it; its name is IANA's otherwise. */
  readonly openssl?: null;
}

function group(
  code: number,
  iana: string,
  kind: GroupKind,
  bits: number | null,
  recommended: Recommended,
  extra: Extra = {},
): NamedGroup {
  return {
    code,
    iana,
    openssl: extra.openssl === null ? null : iana,
    gnutls: extra.gnutls ?? null,
    kind,
    bits,
    postQuantum: kind === 'kem' || kind === 'hybrid',
    recommended,
    tls13: extra.tls13 ?? false,
    ...(extra.aliases === undefined ? {} : { aliases: extra.aliases }),
    ...(extra.obsolete === undefined ? {} : { obsolete: true as const }),
  };
}

const is13 = (gnutls: string, ...aliases: string[]): Extra => ({ gnutls, aliases, tls13: true });
const named = (...aliases: string[]): Extra => ({ aliases });
const unknownToOpenssl: Extra = { openssl: null };
const gost: Extra = { openssl: null, tls13: true };
const draft: Extra = { openssl: null, tls13: true, obsolete: true };

/** RFC 9847 §6 marks every curve below 256 bits as discouraged. */
const table: readonly NamedGroup[] = [
  group(0x0001, 'sect163k1', 'ecdh', 80, 'D', named('K-163')),
  group(0x0002, 'sect163r1', 'ecdh', 80, 'D'),
  group(0x0003, 'sect163r2', 'ecdh', 80, 'D', named('B-163')),
  group(0x0004, 'sect193r1', 'ecdh', 96, 'D'),
  group(0x0005, 'sect193r2', 'ecdh', 96, 'D'),
  group(0x0006, 'sect233k1', 'ecdh', 112, 'D', named('K-233')),
  group(0x0007, 'sect233r1', 'ecdh', 112, 'D', named('B-233')),
  group(0x0008, 'sect239k1', 'ecdh', 112, 'D'),
  group(0x0009, 'sect283k1', 'ecdh', 128, 'N', named('K-283')),
  group(0x000a, 'sect283r1', 'ecdh', 128, 'N', named('B-283')),
  group(0x000b, 'sect409k1', 'ecdh', 192, 'N', named('K-409')),
  group(0x000c, 'sect409r1', 'ecdh', 192, 'N', named('B-409')),
  group(0x000d, 'sect571k1', 'ecdh', 256, 'N', named('K-571')),
  group(0x000e, 'sect571r1', 'ecdh', 256, 'N', named('B-571')),
  group(0x000f, 'secp160k1', 'ecdh', 80, 'D'),
  group(0x0010, 'secp160r1', 'ecdh', 80, 'D'),
  group(0x0011, 'secp160r2', 'ecdh', 80, 'D'),
  group(0x0012, 'secp192k1', 'ecdh', 96, 'D'),
  group(0x0013, 'secp192r1', 'ecdh', 96, 'D', {
    gnutls: 'GROUP-SECP192R1',
    aliases: ['P-192', 'prime192v1'],
  }),
  group(0x0014, 'secp224k1', 'ecdh', 112, 'D'),
  group(0x0015, 'secp224r1', 'ecdh', 112, 'D', { gnutls: 'GROUP-SECP224R1', aliases: ['P-224'] }),
  group(0x0016, 'secp256k1', 'ecdh', 128, 'N'),
  group(0x0017, 'secp256r1', 'ecdh', 128, 'Y', is13('GROUP-SECP256R1', 'P-256', 'prime256v1')),
  group(0x0018, 'secp384r1', 'ecdh', 192, 'Y', is13('GROUP-SECP384R1', 'P-384')),
  group(0x0019, 'secp521r1', 'ecdh', 256, 'N', is13('GROUP-SECP521R1', 'P-521')),
  group(0x001a, 'brainpoolP256r1', 'ecdh', 128, 'N'),
  group(0x001b, 'brainpoolP384r1', 'ecdh', 192, 'N'),
  group(0x001c, 'brainpoolP512r1', 'ecdh', 256, 'N'),
  group(0x001d, 'x25519', 'xdh', 128, 'Y', is13('GROUP-X25519', 'curve25519')),
  group(0x001e, 'x448', 'xdh', 224, 'Y', is13('GROUP-X448', 'curve448')),
  group(0x001f, 'brainpoolP256r1tls13', 'ecdh', 128, 'N', { tls13: true }),
  group(0x0020, 'brainpoolP384r1tls13', 'ecdh', 192, 'N', { tls13: true }),
  group(0x0021, 'brainpoolP512r1tls13', 'ecdh', 256, 'N', { tls13: true }),
  group(0x0022, 'GC256A', 'ecdh', 128, 'N', gost),
  group(0x0023, 'GC256B', 'ecdh', 128, 'N', { ...gost, gnutls: 'GROUP-GC256B' }),
  group(0x0024, 'GC256C', 'ecdh', 128, 'N', gost),
  group(0x0025, 'GC256D', 'ecdh', 128, 'N', gost),
  group(0x0026, 'GC512A', 'ecdh', 256, 'N', { ...gost, gnutls: 'GROUP-GC512A' }),
  group(0x0027, 'GC512B', 'ecdh', 256, 'N', gost),
  group(0x0028, 'GC512C', 'ecdh', 256, 'N', gost),
  group(0x0029, 'curveSM2', 'ecdh', 128, 'N', { tls13: true, aliases: ['SM2'] }),
  group(0x0100, 'ffdhe2048', 'ffdh', 112, 'N', is13('GROUP-FFDHE2048')),
  group(0x0101, 'ffdhe3072', 'ffdh', 128, 'N', is13('GROUP-FFDHE3072')),
  group(0x0102, 'ffdhe4096', 'ffdh', 152, 'N', is13('GROUP-FFDHE4096')),
  group(0x0103, 'ffdhe6144', 'ffdh', 176, 'N', is13('GROUP-FFDHE6144')),
  group(0x0104, 'ffdhe8192', 'ffdh', 200, 'N', is13('GROUP-FFDHE8192')),
  group(0x0200, 'MLKEM512', 'kem', 128, 'N', { tls13: true, aliases: ['ML-KEM-512'] }),
  group(0x0201, 'MLKEM768', 'kem', 192, 'N', { tls13: true, aliases: ['ML-KEM-768'] }),
  group(0x0202, 'MLKEM1024', 'kem', 256, 'N', { tls13: true, aliases: ['ML-KEM-1024'] }),
  group(0x023a, 'kyber512', 'kem', 128, 'N', draft),
  group(0x023c, 'kyber768', 'kem', 192, 'N', draft),
  group(0x023d, 'kyber1024', 'kem', 256, 'N', draft),
  group(0x11eb, 'SecP256r1MLKEM768', 'hybrid', 192, 'N', is13('GROUP-SECP256R1-MLKEM768')),
  group(0x11ec, 'X25519MLKEM768', 'hybrid', 192, 'N', is13('GROUP-X25519-MLKEM768')),
  group(0x11ed, 'SecP384r1MLKEM1024', 'hybrid', 256, 'N', is13('GROUP-SECP384R1-MLKEM1024')),
  group(0x11ee, 'curveSM2MLKEM768', 'hybrid', 192, 'N', { tls13: true }),
  group(0x2f39, 'x25519_kyber512', 'hybrid', 128, 'N', draft),
  group(0x2f3a, 'p256_kyber512', 'hybrid', 128, 'N', draft),
  group(0x2f3c, 'p384_kyber768', 'hybrid', 192, 'N', draft),
  group(0x2f3d, 'p521_kyber1024', 'hybrid', 256, 'N', draft),
  group(0x4138, 'CECPQ2', 'hybrid', 128, 'N', draft),
  group(0x6399, 'X25519Kyber768Draft00', 'hybrid', 192, 'N', draft),
  group(0x639a, 'SecP256r1Kyber768Draft00', 'hybrid', 192, 'N', draft),
  group(0xfe30, 'X25519Kyber512Draft00', 'hybrid', 128, 'N', draft),
  group(0xfe31, 'X25519Kyber768Draft00Old', 'hybrid', 192, 'N', draft),
  group(0xfe32, 'P256Kyber768Draft00', 'hybrid', 192, 'N', draft),
  group(0xff01, 'arbitrary_explicit_prime_curves', 'ecdh', null, 'N', unknownToOpenssl),
  group(0xff02, 'arbitrary_explicit_char2_curves', 'ecdh', null, 'N', unknownToOpenssl),
];

const lookUps = new NamedTable(
  () => table,
  ({ iana, openssl, gnutls, aliases }) => [iana, openssl, gnutls, ...(aliases ?? [])],
);

export function namedGroups(): readonly NamedGroup[] {
  return table;
}

export function groupByCode(code: number): NamedGroup | undefined {
  return lookUps.byCode(code);
}

/** Finds a group by IANA's, OpenSSL's or GnuTLS's name, NIST's (`P-256`), or its code in hexadecimal. */
export function findGroup(name: string): NamedGroup | undefined {
  return lookUps.find(name);
}

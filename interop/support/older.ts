/** What tests of TLS 1.2, 1.1 and 1.0 have in common: the versions, which of a peer's suites count, a pre-shared key. */
import { type CipherSuite, findCipherSuite } from 'akushu';
import type { ConnectOptions, ServerOptions, TlsVersionName } from 'akushu/node';
import { pem } from './suite-server.js';

export const OLDER_VERSIONS = ['TLSv1.2', 'TLSv1.1', 'TLSv1'] as const;
export type OlderVersion = (typeof OLDER_VERSIONS)[number];

/** Printable, since some take it for a name; in hexadecimal on command lines. */
export const PSK_IDENTITY = 'interop';
export const PSK_HEX = '00112233445566778899aabbccddeeff';
const PSK = {
  identity: Buffer.from(PSK_IDENTITY),
  key: Buffer.from(PSK_HEX, 'hex'),
  hash: 'sha256',
} as const;

/**
 * What is not spoken, and why: nobody is authenticated (anon), nobody has such certificates (DSS), another protocol
 * (SRP, KRB5), broken (RC4, DES, IDEA, SEED, export); Camellia in GCM has no implementation in node:crypto.
 */
const NOT_SPOKEN =
  /_anon_|_DSS_|_SRP_|_KRB5_|_EXPORT|_RC4_|_RC2_|_DES_CBC_|_DES40_|_IDEA_|_SEED_|_CAMELLIA_\d+_GCM_|_ECDH_|_DH_RSA_|_GOST|_SM4_|SCSV/;

/** Suites of a peer's list that have to work in a version. Throws where the peer has a suite that nobody knows. */
export function suitesIn(version: OlderVersion, names: readonly string[]): readonly CipherSuite[] {
  const suites = names.map((name) => {
    const suite = findCipherSuite(name);
    if (!suite) throw new Error(`the registry has no suite ${name}`);
    return suite;
  });
  return suites.filter((suite) => suite.versions.includes(version) && !NOT_SPOKEN.test(suite.iana));
}

export const usesPsk = (suite: CipherSuite): boolean => suite.kx.endsWith('PSK');
export const isCbc = (suite: CipherSuite): boolean => suite.cbc !== null;

/** The certificate that a server needs for a suite. */
export const credentialFor = (suite: CipherSuite): 'p256' | 'rsa' =>
  suite.auth === 'ECDSA' ? 'p256' : 'rsa';

/** Options of a client of one version that trusts our authority, with the suites of the defaults. */
export function olderClient(version: TlsVersionName, more: ConnectOptions = {}): ConnectOptions {
  return { ca: pem('ca'), versions: [version], ...more };
}

export function olderServer(version: TlsVersionName, more: ServerOptions = {}): ServerOptions {
  return { versions: [version], ...more };
}

export const withPsk = { externalPsks: [PSK] } as const;

/** A client that says nothing of tickets (RFC 5077): then the server can name a session only by its id. */
export const withoutTickets: ConnectOptions['tls'] = {
  shapeHello: (hello) => {
    const { sessionTicket: _, ...extensions } = hello.extensions ?? {};
    return { ...hello, extensions };
  },
};

/** Which of our credentials the peer's list of authorities asks for (RFC 9846 §4.3.4). */
import { equal } from '../bytes/index.js';
import { parseCertificate } from '../x509/index.js';
import type { Credential } from './config.js';

/**
 * Those issued under one of `authorities` (DER names) first, then the others, each in their order; without those that
 * must match and do not. An empty list matches nothing.
 */
export function byIssuer(
  credentials: readonly Credential[],
  authorities: readonly Uint8Array[],
): readonly Credential[] {
  const matches = credentials.filter((credential) => isIssuedUnder(credential, authorities));
  const others = credentials.filter(
    (credential) => !credential.mustMatchIssuer && !matches.includes(credential),
  );
  return [...matches, ...others];
}

function isIssuedUnder(credential: Credential, authorities: readonly Uint8Array[]): boolean {
  return (
    authorities.length > 0 &&
    issuersOf(credential).some((issuer) => authorities.some((name) => equal(name, issuer)))
  );
}

/** A chain is parsed once. */
const known = new WeakMap<Credential, readonly Uint8Array[]>();

function issuersOf(credential: Credential): readonly Uint8Array[] {
  let issuers = known.get(credential);
  if (!issuers) {
    issuers = credential.chain.map((der) => parseCertificate(der).issuer.raw);
    known.set(credential, issuers);
  }
  return issuers;
}

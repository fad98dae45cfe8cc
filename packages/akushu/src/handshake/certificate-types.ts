/** X.509 chain or raw public key (RFC 7250), for our own credential and for the peer's. */
import { tlsError } from '../errors.js';
import { RAW_PUBLIC_KEY, X509 } from '../messages/extensions/certificate-types.js';
import type { CertificateTypeName, CommonConfig, Credential } from './config.js';

const CODES: Readonly<Record<CertificateTypeName, number>> = { x509: X509, raw_public_key: RAW_PUBLIC_KEY };

/** The name that callbacks get. */
export function typeName(code: number): CertificateTypeName {
  return code === RAW_PUBLIC_KEY ? 'raw_public_key' : 'x509';
}

/** Code points that the configuration allows, most preferred first. X.509 only where it says nothing. */
export function typesOf(config: CommonConfig, whose: 'own' | 'peer'): readonly number[] {
  return config.certificateTypes?.[whose]?.map((name) => CODES[name]) ?? [X509];
}

/** What to offer: nothing where X.509 alone goes without saying (§3). */
export function typesToOffer(config: CommonConfig, whose: 'own' | 'peer'): readonly number[] | undefined {
  const types = typesOf(config, whose);
  return types.length === 1 && types[0] === X509 ? undefined : types;
}

/** Client: what the server chose of our list; absent means X.509 (§4.2). Throws `unoffered_certificate_type`. */
export function acceptType(chosen: number | undefined, ours: readonly number[]): number {
  const type = chosen ?? X509;
  if (!ours.includes(type)) throw tlsError('unoffered_certificate_type', { type, offered: ours });
  return type;
}

/** §4.1: a client with X.509 alone leaves the extension out. Throws `illegal_field`. */
export function checkOfferedTypes(...lists: readonly (readonly number[] | undefined)[]): void {
  if (lists.some((types) => types?.length === 1 && types[0] === X509))
    throw tlsError('illegal_field', { structure: 'CertificateTypeExtension' });
}

/** Server: the first of ours that the client takes (§4.2). Throws `no_shared_certificate_type`. */
export function chooseType(ours: readonly number[], offered: readonly number[] | undefined): number {
  const theirs = offered ?? [X509];
  const type = ours.find((candidate) => theirs.includes(candidate));
  if (type === undefined) throw tlsError('no_shared_certificate_type', { offered: theirs, supported: ours });
  return type;
}

/** A credential without a chain is a raw public key. */
export function typeOf(credential: Credential): number {
  return credential.chain.length === 0 ? RAW_PUBLIC_KEY : X509;
}

export function ofType(credentials: readonly Credential[], type: number): readonly Credential[] {
  return credentials.filter((credential) => typeOf(credential) === type);
}

/**
 * Which of its credentials a server presents (RFC 9846 §4.5.2.2, RFC 6066 §3): by the name that the client asked for,
 * by the caller's word, and by what the client can verify. All that was passed over is reported.
 */
import { tlsError } from '../errors.js';
import { findScheme, signatureSchemeName } from '../registry/index.js';
import type { DecisionEvent, DecisionReason } from '../trace/index.js';
import { matchesDnsName, parseCertificate } from '../x509/index.js';
import { credentialName, ownPublicKey, schemeFor } from './authentication.js';
import { ofType, typeName, typeOf } from './certificate-types.js';
import { type Credential, type ServerConfig, signingSchemesOf } from './config.js';
import { ask, type Flow } from './flow.js';
import { callerSays, type Handshake } from './handshake.js';
import { byIssuer } from './issuers.js';
import type { Hello } from './server-negotiation.js';
import { keyFits, keyFits12 } from './signatures.js';

type Server = Handshake<ServerConfig>;

export interface ChosenCredential {
  readonly credential: Credential;
  readonly scheme: number;
}

/** Credentials that may stand for the name that the client asked for, most preferred first. */
export interface Candidates {
  readonly credentials: readonly Credential[];
  readonly reason: DecisionReason;
  /** Those that answer to other names. */
  readonly passedOver: DecisionEvent['alternatives'];
}

/** By name or by the caller's word (§4.5.2.2). Throws `unrecognized_server_name`, `no_shared_certificate_type`. */
export function* credentialCandidates(hs: Server, hello: Hello, type: number): Flow<Candidates> {
  const { config } = hs;
  const name = hello.info.serverName;
  const callback = config.chooseCredential;
  if (callback) {
    const credential = yield* ask(
      callerSays(() => callback({ ...hello.info, certificateType: typeName(type) })),
    );
    if (!credential) throw tlsError('unrecognized_server_name', { serverName: name });
    if (typeOf(credential) !== type)
      throw tlsError('no_shared_certificate_type', { chosen: typeOf(credential), negotiated: type });
    return { credentials: [credential], reason: 'chosen_by_callback', passedOver: [] };
  }
  const all = byIssuer(ofType(config.credentials ?? [], type), hello.x.certificateAuthorities ?? []);
  const named = name === null ? [] : answering(all, name);
  if (name !== null && all.length > 0 && named.length === 0 && config.unknownServerName === 'refuse') {
    throw tlsError('unrecognized_server_name', { serverName: name });
  }
  if (named.length === 0) return { credentials: all, reason: 'default_credential', passedOver: [] };
  const passedOver = all
    .filter((credential) => !named.includes(credential))
    .map((credential) => ({ value: credentialName(hs, credential), reason: 'name_does_not_match' as const }));
  return { credentials: named, reason: 'matches_server_name', passedOver };
}

/** The credential by name and by what the client can verify (§4.5.2.2). Throws `unrecognized_server_name`, `no_shared_signature_scheme`, `no_credential`. */
export function* chooseCredential(hs: Server, hello: Hello, type: number): Flow<ChosenCredential> {
  const candidates = yield* credentialCandidates(hs, hello, type);
  if (candidates.credentials.length === 0) throw tlsError('no_credential');
  return decideCredential(hs, hello, candidates);
}

function decideCredential(hs: Server, hello: Hello, candidates: Candidates): ChosenCredential {
  const ours = signingSchemesOf(hs.config);
  const theirs = hello.info.signatureSchemes;
  const schemes = candidates.credentials.map((credential) => schemeFor(hs, credential, theirs, ours));
  const index = schemes.findIndex((scheme) => scheme !== undefined);
  const fits = (i: number): DecisionReason =>
    schemes[i] === undefined ? 'no_shared_signature_scheme' : 'less_preferred';
  reportCredential(hs, candidates, index, fits);
  const credential = candidates.credentials[index];
  const scheme = schemes[index];
  if (!credential || scheme === undefined) {
    throw tlsError('no_shared_signature_scheme', {
      offered: theirs.map(signatureSchemeName),
      supported: schemesOf(hs, candidates, 'tls13'),
    });
  }
  reportScheme(hs, credential, scheme, theirs, 'tls13');
  return { credential, scheme };
}

/** The credential with all others; `index` is -1 where none could be taken. */
export function reportCredential(
  hs: Server,
  { credentials, passedOver, reason }: Candidates,
  index: number,
  why: (i: number) => DecisionReason,
): void {
  const others = credentials.map((credential, i) => ({
    value: credentialName(hs, credential),
    reason: why(i),
  }));
  const chosen = credentials[index];
  hs.decide({
    about: 'credential',
    by: 'server',
    chosen: chosen ? credentialName(hs, chosen) : null,
    reason: chosen ? reason : 'refused',
    alternatives: [...others.filter((_, i) => i !== index), ...passedOver],
  });
}

type Era = 'tls13' | 'tls12';

const fitsEra = (era: Era) => (era === 'tls13' ? keyFits : keyFits12);

/** The scheme with the others that both sides have. */
export function reportScheme(
  hs: Server,
  credential: Credential,
  chosen: number,
  theirs: readonly number[],
  era: Era,
): void {
  const ours = signingSchemesOf(hs.config);
  const signs = (code: number) =>
    schemesOf(hs, { credentials: [credential] }, era).includes(signatureSchemeName(code));
  hs.decide({
    about: 'signature_scheme',
    by: 'server',
    chosen: signatureSchemeName(chosen),
    reason: 'first_shared_in_server_order',
    alternatives: ours
      .filter((code) => code !== chosen && theirs.includes(code))
      .map((code) => ({
        value: signatureSchemeName(code),
        reason: signs(code) ? 'less_preferred' : 'key_cannot_sign',
      })),
  });
}

/** Names of the schemes with which these credentials can sign in a version. */
export function schemesOf(hs: Server, candidates: Pick<Candidates, 'credentials'>, era: Era): string[] {
  return candidates.credentials.flatMap((credential) => {
    const key = ownPublicKey(hs, credential);
    return credential.key.schemes.filter((name) => {
      const scheme = findScheme(name);
      return scheme && (era === 'tls12' || scheme.tls13) && fitsEra(era)(key, scheme);
    });
  });
}

/** Those that present the name itself first, then those that present a wildcard for it (RFC 9525 §6.3). */
function answering(credentials: readonly Credential[], name: string): readonly Credential[] {
  const wanted = name.toLowerCase();
  const exact = credentials.filter((credential) => namesOf(credential).includes(wanted));
  const wild = credentials.filter(
    (credential) =>
      !exact.includes(credential) && namesOf(credential).some((own) => matchesDnsName(own, wanted)),
  );
  return [...exact, ...wild];
}

/** All of them: what is made for showing is cut short. */
function dnsNames(leaf: Uint8Array): string[] {
  const names = parseCertificate(leaf).subjectAltName ?? [];
  return names.flatMap((name) => (name.kind === 'dns' ? [name.value] : []));
}

/** In lower case; a leaf is parsed once. */
const namesOfCredential = new WeakMap<Credential, readonly string[]>();

function namesOf(credential: Credential): readonly string[] {
  let names = namesOfCredential.get(credential);
  if (!names) {
    const leaf = credential.chain[0];
    const given = credential.serverNames ?? (leaf ? dnsNames(leaf) : []);
    names = given.map((name) => name.toLowerCase());
    namesOfCredential.set(credential, names);
  }
  return names;
}

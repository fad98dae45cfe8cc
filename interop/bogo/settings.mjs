/**
 * From the runner's flags to the engine's configuration. Where a flag is absent and the engine's default is wider than
 * BoringSSL's, the lists here are BoringSSL's: tests count on them.
 */
import { readFileSync } from 'node:fs';
import {
  certificatesFromPem,
  Group,
  groupName,
  importPsk,
  nodeProvider,
  privateKeyFromPem,
  Scheme,
  schemeByCode,
  TlsError,
  Version,
} from './engine.mjs';
import { Unimplemented } from './flags.mjs';
import { runnerTickets } from './runner-tickets.mjs';
import { suitesFor } from './suites.mjs';

const DEFAULT_GROUPS = [Group.X25519MLKEM768, Group.x25519, Group.secp256r1, Group.secp384r1];

const DEFAULT_VERIFY = [
  Scheme.ecdsa_secp256r1_sha256,
  Scheme.rsa_pss_rsae_sha256,
  Scheme.rsa_pkcs1_sha256,
  Scheme.ecdsa_secp384r1_sha384,
  Scheme.rsa_pss_rsae_sha384,
  Scheme.rsa_pkcs1_sha384,
  Scheme.rsa_pss_rsae_sha512,
  Scheme.rsa_pkcs1_sha512,
  Scheme.rsa_pkcs1_sha1,
];

const DEFAULT_SIGN = [
  Scheme.ed25519,
  Scheme.ecdsa_secp256r1_sha256,
  Scheme.rsa_pss_rsae_sha256,
  Scheme.rsa_pkcs1_sha256,
  Scheme.ecdsa_secp384r1_sha384,
  Scheme.rsa_pss_rsae_sha384,
  Scheme.rsa_pkcs1_sha384,
  Scheme.ecdsa_secp521r1_sha512,
  Scheme.rsa_pss_rsae_sha512,
  Scheme.rsa_pkcs1_sha512,
  Scheme.mldsa44,
  Scheme.mldsa65,
  Scheme.mldsa87,
  // For peers that verify nothing else.
  Scheme.ecdsa_sha1,
  Scheme.rsa_pkcs1_sha1,
];

/** What signs in TLS 1.1 and has no code point. */
const MD5_SHA1 = 'rsa_pkcs1_md5_sha1';

/** PKCS #1 v1.5 for client certificates in TLS 1.3 (RFC 9963). */
const LEGACY_SCHEMES = new Set([0x0420, 0x0520, 0x0620]);

const MAX_EARLY_DATA = 14_336;

/** Types of RFC 7250 §3. */
const X509 = 0;
const RAW_PUBLIC_KEY = 2;
const CERTIFICATE_TYPES = new Map([
  [X509, 'x509'],
  [RAW_PUBLIC_KEY, 'raw_public_key'],
]);

/** An answer now, or later where the test wants everything to take its time. */
export function later(settings, value) {
  return settings.async ? new Promise((resolve) => setImmediate(resolve, value)) : value;
}

/** Splits a list of protocols from its form on the wire. */
export function splitAlpn(text) {
  const names = [];
  for (let at = 0; at < text.length; ) {
    const length = text.charCodeAt(at);
    names.push(text.slice(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return names;
}

/** The SCTs of a SignedCertificateTimestampList (RFC 6962 §3.3). */
export function splitScts(list) {
  const view = new DataView(list.buffer, list.byteOffset, list.length);
  const scts = [];
  for (let at = 2; at < list.length; ) {
    const length = view.getUint16(at);
    scts.push(list.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return scts;
}

/** Distinguished names as the runner writes them: hexadecimal DER with commas between. */
export function splitNames(text) {
  if (!text || text === '<NULL>' || text === '<EMPTY>') return [];
  return text.split(',').map((hex) => new Uint8Array(Buffer.from(hex, 'hex')));
}

async function loadKey(settings, description) {
  const key = await nodeProvider.importPrivateKey(
    privateKeyFromPem(readFileSync(description['key-file'], 'utf8')),
  );
  const preferred = (description['signing-prefs'] ?? DEFAULT_SIGN).map((code) => schemeByCode(code)?.iana);
  return {
    schemes: [...preferred, MD5_SHA1, 'ecdsa_sha1'].filter((name) => key.schemes.includes(name)),
    spki: key.spki,
    sign: (scheme, message, options) => later(settings, key.sign(scheme, message, options)),
    ...(key.decryptRaw && {
      decryptRaw: (block, options) => later(settings, key.decryptRaw(block, options)),
    }),
  };
}

async function loadCredential(settings, description) {
  if (!description['key-file']) return null;
  const ocsp = description['ocsp-response'];
  const scts = description['signed-cert-timestamps'];
  const stapled = ocsp && !settings['decline-ocsp-callback'];
  const raw = description.kind === 'rpk';
  return {
    chain: raw ? [] : certificatesFromPem(readFileSync(description['cert-file'], 'utf8')),
    key: await loadKey(settings, description),
    // BoringSSL chooses by order alone.
    serverNames: [],
    ...(description['must-match-issuer'] && { mustMatchIssuer: true }),
    ...(stapled && { ocsp }),
    ...(scts && { scts: splitScts(scts) }),
  };
}

/** Credentials in the order in which they are tried; the one without a name of its own comes last. */
async function loadCredentials(settings) {
  const descriptions = [...settings.credentials.filter(({ kind }) => kind !== 'psk'), settings];
  const loaded = await Promise.all(descriptions.map((description) => loadCredential(settings, description)));
  return loaded.filter((credential) => credential !== null);
}

/** What any of our keys is to sign with, in the order in which their lists say so. */
function signingSchemes(settings, credentials) {
  const names = new Set(credentials.flatMap(({ key }) => key.schemes));
  const preferred = [settings, ...settings.credentials]
    .filter((own) => own['key-file'])
    .flatMap((own) => own['signing-prefs'] ?? DEFAULT_SIGN);
  return [...new Set(preferred)].filter((code) => names.has(schemeByCode(code)?.iana));
}

function onlyPsks(settings) {
  return (
    settings.credentials.length > 0 &&
    settings.credentials.every(({ kind }) => kind === 'psk') &&
    !settings['key-file'] &&
    !settings['verify-peer']
  );
}

function verdictOf(settings, state, peer) {
  // Whoever has nothing but pre-shared keys wants no certificate.
  if (!settings.server && onlyPsks(settings)) return { trusted: false, code: 'certificate_refused' };
  state.peerType = peer.rawPublicKey ? RAW_PUBLIC_KEY : X509;
  const pin = settings['expect-peer-rpk-sha256'];
  // Without a pin there is nothing to judge a raw key by.
  if (peer.rawPublicKey && !pin) return { trusted: false, code: 'certificate_refused' };
  if (
    pin &&
    !(peer.rawPublicKey && Buffer.compare(nodeProvider.digest('sha256', peer.rawPublicKey), pin) === 0)
  ) {
    return { trusted: false, code: 'certificate_refused' };
  }
  if (settings.server === undefined && settings['fail-ocsp-callback'] && settings['use-ocsp-callback']) {
    return { trusted: false, code: 'bad_ocsp_response' };
  }
  const enforced =
    settings['verify-peer'] ||
    settings['require-any-client-certificate'] ||
    settings['use-custom-verify-callback'];
  return settings['verify-fail'] && enforced
    ? { trusted: false, code: 'certificate_refused' }
    : { trusted: true };
}

/** Types of certificate (RFC 7250 §3): those of the peer as told, our own as told or as our credentials have them. */
function certificateTypes(settings) {
  const named = (codes) =>
    codes.map((code) => {
      if (!CERTIFICATE_TYPES.has(code)) throw new Unimplemented(`certificate type ${code}`);
      return CERTIFICATE_TYPES.get(code);
    });
  const derived = settings.credentials
    .filter(({ kind }) => kind !== 'psk')
    .map(({ kind }) => (kind === 'rpk' ? RAW_PUBLIC_KEY : X509));
  if (settings['key-file']) derived.push(X509);
  const own = settings['available-client-cert-types'] ?? [...new Set(derived)];
  const peer = settings['accepted-peer-cert-types'];
  return { ...(own.length > 0 && { own: named(own) }), ...(peer && { peer: named(peer) }) };
}

/** A test that needs a group or a scheme that the engine has not. */
function refuseUnknown(settings) {
  const groups = [...(settings.curves ?? []), ...(settings['key-shares'] ?? [])];
  for (const code of groups) {
    if (!nodeProvider.groups.includes(groupName(code))) throw new Unimplemented(`group ${groupName(code)}`);
  }
  const schemes = [settings, ...settings.credentials].flatMap((part) => [
    ...(part['signing-prefs'] ?? []),
    ...(part['verify-prefs'] ?? []),
  ]);
  if (schemes.some((code) => LEGACY_SCHEMES.has(code))) throw new Unimplemented('rsa_pkcs1_*_legacy');
}

/** All but those that are switched off; TLS 1.0 and 1.1 are on unless a test says otherwise. */
export function versionsFor(settings) {
  const { 'max-version': max = 0xffff } = settings;
  // The pre-shared keys of RFC 9258 are for TLS 1.3 alone, and certificates such a client does not want.
  const min = !settings.server && onlyPsks(settings) ? Version['TLSv1.3'] : (settings['min-version'] ?? 0);
  const off = [
    settings['no-tls1'] && Version.TLSv1,
    settings['no-tls11'] && Version['TLSv1.1'],
    settings['no-tls12'] && Version['TLSv1.2'],
    settings['no-tls13'] && Version['TLSv1.3'],
  ];
  return [Version['TLSv1.3'], Version['TLSv1.2'], Version['TLSv1.1'], Version.TLSv1].filter(
    (code) => code >= min && code <= max && !off.includes(code),
  );
}

/** How often the peer may renegotiate. Before the first handshake is done there is nothing to renegotiate. */
function renegotiations(settings) {
  if (settings['forbid-renegotiation-after-handshake']) return 0;
  if (settings['renegotiate-freely']) return Number.MAX_SAFE_INTEGER;
  return settings['renegotiate-once'] ? 1 : 0;
}

/** The key of -psk. */
function olderPsk(settings) {
  return {
    identity: new Uint8Array(Buffer.from(settings['psk-identity'] ?? '')),
    key: new Uint8Array(Buffer.from(settings.psk)),
    hash: 'sha256',
  };
}

/** The keys to be used in place of an external one (RFC 9258). */
function importedPsks(credential) {
  return importPsk(nodeProvider, {
    identity: credential['psk-importer-identity'],
    key: credential['psk-importer-key'],
    hash: credential['psk-importer-sha384'] ? 'sha384' : 'sha256',
    ...(credential['psk-importer-context'] && { context: credential['psk-importer-context'] }),
  });
}

const sameBytes = (a, b) => Buffer.compare(a, b) === 0;

async function commonConfig(settings, state, shared) {
  refuseUnknown(settings);
  const credentials = await loadCredentials(settings);
  const psks = settings.credentials.filter(({ kind }) => kind === 'psk').flatMap(importedPsks);
  return {
    provider: nodeProvider,
    // The clock stands still, as BoringSSL's shim has it: ages of tickets come out in whole seconds.
    now: () => shared.clock,
    versions: versionsFor(settings),
    cipherSuites: suitesFor(settings),
    renegotiations: renegotiations(settings),
    requireSecureRenegotiation: settings['no-legacy-server-connect'] ?? false,
    groups: settings.curves ?? DEFAULT_GROUPS,
    // MD5 with SHA-1 has a number of BoringSSL's own, which stands for nothing here.
    signatureSchemes: (settings['verify-prefs'] ?? DEFAULT_VERIFY).filter((code) => schemeByCode(code)),
    signingSchemes: signingSchemes(settings, credentials),
    trace: (event) => state.observe(event),
    keyLog: (line) => state.logSecret(line),
    verifyPeer: (peer) => later(settings, verdictOf(state.settingsFor(peer), state, peer)),
    rejudgeOnResumption: settings['reverify-on-resume'] ?? false,
    credentials,
    certificateTypes: certificateTypes(settings),
    certificateAuthorities: splitNames(settings['use-client-ca-list']),
    grease: settings['enable-grease'] ?? false,
    ...(settings['max-send-fragment'] && { maxSendFragment: settings['max-send-fragment'] }),
    limits: {
      chain: 100,
      emptyRecords: 32,
      ...(settings['max-cert-list'] !== undefined && { certificateMessage: settings['max-cert-list'] }),
    },
    ...(psks.length > 0 && { externalPsks: psks }),
  };
}

/** RFC 8701 and the like: an order of extensions that stays for both hellos of a connection. */
function shuffledExtensions() {
  const order = Array.from({ length: 64 }, (_, code) => code);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order.filter((code) => code !== 41);
}

/** Whether the session may be offered: not one of TLS 1.2 by its ticket where tickets are off. */
function mayOffer(settings, session) {
  if (!session) return false;
  return !settings['no-ticket'] || session.version === Version['TLSv1.3'] || session.ticket.length === 0;
}

/** The hello in another order of extensions, or without the word that tickets are welcome. */
function shape(hello, settings, order) {
  const { sessionTicket, ...others } = hello.extensions;
  const extensions = settings['no-ticket'] || sessionTicket === undefined ? others : hello.extensions;
  return { ...hello, extensions: { ...extensions, ...(order && { order }) } };
}

export async function clientConfig(settings, state, shared) {
  const common = await commonConfig(settings, state, shared);
  const early = settings['enable-early-data'] && shared.session?.maxEarlyData > 0;
  const order = settings['permute-extensions'] ? shuffledExtensions() : null;
  return {
    ...common,
    ...(settings['host-name'] && { serverName: settings['host-name'] }),
    ...(settings['advertise-alpn'] && { alpn: splitAlpn(settings['advertise-alpn']) }),
    ...(settings['key-shares'] && { keyShares: settings['key-shares'] }),
    ...(settings['no-key-shares'] && { keyShares: [] }),
    fallback: settings['fallback-scsv'] ?? false,
    ignoreHelloRequests: settings['renegotiate-ignore'] ?? false,
    falseStart: mayStartFalsely(settings),
    ...(settings.psk && {
      choosePsk: (hint) => {
        const psk = olderPsk(settings);
        const fits = sameBytes(hint ?? new Uint8Array(0), psk.identity);
        return later(settings, fits ? psk : null);
      },
    }),
    requestOcsp: settings['enable-ocsp-stapling'] ?? false,
    requestScts: settings['enable-signed-cert-timestamps'] ?? false,
    onSession: (session) => {
      state.newSession = session;
    },
    ...((order || settings['no-ticket']) && { shapeHello: (hello) => shape(hello, settings, order) }),
    ...(mayOffer(settings, shared.session) && { session: shared.session }),
    ...(early && { replayableEarlyData: state.earlyWrite(shared.session.maxEarlyData) }),
    ...(choosesLate(settings) && {
      chooseCredential: (wish) => {
        state.wish = wish;
        if (settings['fail-cert-callback']) throw new Error('the test wants this to fail');
        return later(settings, firstFitting(common.credentials, wish.signatureSchemes) ?? null);
      },
    }),
  };
}

/** BoringSSL's clients want a protocol agreed upon, or a word that none is needed. A second wait is for the end. */
function mayStartFalsely(settings) {
  if (settings['handshake-twice']) return false;
  const allowed = settings['advertise-alpn'] || settings['allow-false-start-without-alpn'];
  return Boolean(settings['false-start'] && allowed);
}

/** The first credential whose key can sign with what the peer verifies. */
function firstFitting(credentials, schemes) {
  const names = new Set(schemes.map((code) => schemeByCode(code)?.iana));
  return credentials.find(({ key }) => key.schemes.some((name) => names.has(name)));
}

/** Whether the choice of a credential goes through a callback of ours instead of the engine's own. */
function choosesLate(settings) {
  // Which type of certificate was negotiated a callback is not told: with several the engine has to choose.
  // Nor does it choose by issuer.
  const byEngine = settings.credentials.some((own) => own.kind === 'rpk' || own['must-match-issuer']);
  if (byEngine) return settings['fail-cert-callback'] ?? false;
  return (
    (settings.async && !settings.psk) ||
    settings['fail-cert-callback'] ||
    settings['fail-ocsp-callback'] ||
    settings['fail-ddos-callback'] ||
    settings['expect-client-ca-list'] ||
    settings['expect-peer-verify-pref']
  );
}

export async function serverConfig(settings, state, shared) {
  const wanted = settings['require-any-client-certificate']
    ? 'require'
    : settings['verify-peer']
      ? 'request'
      : 'none';
  const common = await commonConfig(settings, state, shared);
  // Of pre-shared keys BoringSSL's servers take the first of their own.
  const hasPsk = settings.credentials.some(({ kind }) => kind === 'psk');
  const tickets = settings['no-ticket'] ? {} : { tickets: ticketKeeper(settings, shared) };
  return {
    ...common,
    ...tickets,
    sessionIds: storedSessions(settings, shared),
    ...alpnConfig(settings, state),
    // BoringSSL's servers always do.
    grease: true,
    clientAuth: wanted,
    ...(settings.psk && {
      findPsk: (identity) => {
        const psk = olderPsk(settings);
        return later(settings, sameBytes(identity, psk.identity) ? psk : null);
      },
      ...(settings['psk-identity'] && { pskIdentityHint: olderPsk(settings).identity }),
    }),
    preference: settings['server-preference'] || settings.cipher || hasPsk ? 'server' : 'client',
    ...(settings['enable-early-data'] && {
      maxEarlyData: MAX_EARLY_DATA,
      acceptEarlyData: () => later(settings, true),
    }),
    ...(settings['no-server-name-ack'] && { shapeHello: withoutServerName }),
    // With nothing but keys our servers answer unknown_psk_identity; BoringSSL's handshake_failure, as where no
    // certificate is found.
    ...(hasPsk && common.credentials.length === 0 && { chooseCredential: refuse }),
    ...(choosesLate(settings) && {
      chooseCredential: (hello) => {
        state.hello = hello;
        if (
          settings['fail-cert-callback'] ||
          settings['fail-ocsp-callback'] ||
          settings['fail-ddos-callback']
        )
          throw new Error('the test wants this to fail');
        const chosen = firstFitting(common.credentials, hello.signatureSchemes) ?? common.credentials[0];
        return later(settings, chosen ?? null);
      },
    }),
  };
}

function refuse() {
  throw new TlsError('no_credential');
}

/** Before TLS 1.3 the server answers server_name in its hello. */
function withoutServerName(hello) {
  if (hello.legacyVersion === Version['TLSv1.2'] && hello.extensions?.supportedVersions)
    throw new Unimplemented('TLS 1.3 without an answer to server_name');
  const { serverName: _, ...extensions } = hello.extensions ?? {};
  return { ...hello, extensions };
}

function alpnConfig(settings, state) {
  // Nothing that a client can offer is in common with this: the handshake is refused (RFC 7301 §3.2).
  if (settings['reject-alpn']) return { alpn: ['\u0000'] };
  const decline = settings['decline-alpn'];
  const select = settings['select-empty-alpn'] ? '' : settings['select-alpn'];
  if (!decline && (select === undefined || (select === '' && !settings['select-empty-alpn']))) return {};
  return {
    chooseAlpn: (offered) => {
      state.offeredAlpn = offered;
      return later(settings, decline ? null : select);
    },
  };
}

function ticketKeeper(settings, shared) {
  const key = settings['ticket-key'];
  const tickets = key ? runnerTickets(shared.tickets, key) : shared.tickets;
  return {
    seal: (state) => later(settings, settings['skip-ticket'] ? null : tickets.seal(state)),
    open: (ticket) => {
      if (settings['fail-ddos-callback']) throw new Error('the test wants this to fail');
      const opened = tickets.open(ticket);
      return later(settings, opened && settings['renew-ticket'] ? { ...opened, renew: true } : opened);
    },
  };
}

function storedSessions(settings, { sessionIds }) {
  return {
    newId: () => sessionIds.newId(),
    keep: async (id, state) => later(settings, await sessionIds.keep(id, state)),
    find: async (id) => later(settings, await sessionIds.find(id)),
    forget: (id) => sessionIds.forget(id),
  };
}

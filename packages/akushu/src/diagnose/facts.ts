/**
 * A handshake as facts, whoever saw it: our own engine by its trace, or a capture. What the judges in `judge/` look at.
 * Code points stay numbers here; names are for texts.
 */
import { toLatin1 } from '../bytes/index.js';
import type { Provider } from '../crypto/provider.js';
import { TlsError } from '../errors.js';
import { type ClientHello, decodeBody, type ServerHello, unpackCertificate } from '../messages/index.js';
import type { ObservedConnection, TlsFacts } from '../observe/observation.js';
import {
  ContentType,
  cipherSuiteByCode,
  cipherSuiteName,
  groupName,
  isGrease,
  Scsv,
  signatureSchemeName,
  Version,
  versionName,
} from '../registry/index.js';
import type { Side, TraceEvent } from '../trace/index.js';
import type { Offers } from './verdict.js';

export interface FactAlert {
  readonly from: Side;
  readonly description: string;
  readonly fatal: boolean;
  /** Where it stands in its sender's stream, of a capture. */
  readonly bytes?: { readonly start: number; readonly end: number } | undefined;
}

export interface HandshakeFacts {
  /** Milliseconds since 1970: when it happened. */
  readonly time: number;
  /** The name that was meant: asked for by SNI, or as the user gave it; null where nobody said. */
  readonly host: string | null;
  readonly port: number | null;
  readonly clientHello: ClientHello | null;
  /** Its message, header included. */
  readonly helloMessage: Uint8Array | null;
  readonly version: number | null;
  readonly cipherSuite: number | null;
  readonly alerts: readonly FactAlert[];
  /** Messages that were seen, as `server Certificate`. */
  readonly seen: ReadonlySet<string>;
  /** DER, leaf first; null where no Certificate was read. */
  readonly serverChain: readonly Uint8Array[] | null;
  readonly clientChain: readonly Uint8Array[] | null;
  readonly clientCertificateRequested: boolean | null;
  /** The server's hello agreed to RFC 5746; null where it was not read, and in TLS 1.3. */
  readonly secureRenegotiation: boolean | null;
  /** DER of the OCSP response that came with the server's certificate. */
  readonly ocspStaple: Uint8Array | null;
  /** Who asked for a new handshake that nobody answered. */
  readonly renegotiating: Side | null;
  /** TLS 1.3 without keys: the longest record of the server's flight, in which its Certificate travels. */
  readonly hiddenChainBytes: number | null;
}

/** What the client offers, by names and without reserved values. */
export interface Offer {
  readonly versions: readonly number[];
  /** What legacy_version says where that is all there is: this version, or one before it. */
  readonly highest: number | null;
  readonly suites: readonly number[];
  readonly groups: readonly number[] | null;
  readonly schemes: readonly number[] | null;
  readonly alpn: readonly string[];
  readonly serverName: string | null;
  readonly psk: boolean;
  readonly fallback: boolean;
}

/** For `ChainInput`: a client that does not ask for a response misses none. */
export const stapleOf = ({
  ocspStaple,
  clientHello,
}: HandshakeFacts): { readonly staple?: Uint8Array | null } =>
  ocspStaple || clientHello?.extensions?.statusRequest ? { staple: ocspStaple } : {};

const SIGNALS: ReadonlySet<number> = new Set(Object.values(Scsv));

export function offerOf(hello: ClientHello): Offer {
  const { extensions = {}, cipherSuites, legacyVersion } = hello;
  const real = (codes: readonly number[]): number[] => codes.filter((code) => !isGrease(code));
  const name = extensions.serverName?.[0]?.value;
  return {
    versions: real(extensions.supportedVersions ?? upTo(legacyVersion)),
    highest: extensions.supportedVersions ? null : legacyVersion,
    suites: real(cipherSuites).filter((code) => !SIGNALS.has(code)),
    groups: extensions.supportedGroups ? real(extensions.supportedGroups) : null,
    schemes: extensions.signatureAlgorithms ? real(extensions.signatureAlgorithms) : null,
    alpn: (extensions.alpn ?? []).map(toLatin1).filter((one) => !/[^\x21-\x7e]/.test(one)),
    serverName: name === undefined ? null : toLatin1(name),
    psk: extensions.preSharedKey !== undefined,
    fallback: cipherSuites.includes(Scsv.TLS_FALLBACK_SCSV),
  };
}

/** Before supported_versions a client named its highest version, and meant all below it that it had. */
function upTo(highest: number): number[] {
  return [Version['TLSv1.2'], Version['TLSv1.1'], Version.TLSv1, Version.SSLv3].filter(
    (version) => version <= highest,
  );
}

/** The offer as texts and snippets have it. */
export function offersOf(facts: HandshakeFacts): Offers {
  const base: Offers = {
    ...(facts.host !== null && { host: facts.host }),
    ...(facts.port !== null && { port: facts.port }),
  };
  if (!facts.clientHello) return base;
  const offer = offerOf(facts.clientHello);
  return {
    ...base,
    versions: offer.versions.map(versionName),
    suites: offer.suites.filter((code) => cipherSuiteByCode(code)).map(cipherSuiteName),
    groups: (offer.groups ?? []).map(groupName),
    schemes: (offer.schemes ?? []).map(signatureSchemeName),
    alpn: offer.alpn,
  };
}

export function factsOfConnection(observed: ObservedConnection, at: number | undefined): HandshakeFacts {
  const { tls, server } = observed;
  const seen = new Set<string>();
  for (const message of tls?.messages ?? []) {
    if (message.kind === 'handshake') seen.add(`${message.from} ${message.name}`);
    if (message.kind === 'change_cipher_spec') seen.add(`${message.from} ChangeCipherSpec`);
  }
  for (const side of ['client', 'server'] as const) if (tls?.finished[side]) seen.add(`${side} Finished`);
  return {
    time: at ?? observed.start,
    host: tls?.negotiated.serverName ?? null,
    port: server.port,
    clientHello: tls?.secondClientHello ?? tls?.clientHello ?? null,
    helloMessage: lastHello(tls),
    version: tls?.negotiated.version ?? null,
    cipherSuite: tls?.negotiated.cipherSuite ?? null,
    alerts: (tls?.alerts ?? []).map(({ from, time, description, level }) => ({
      from,
      description,
      fatal: level !== 'warning',
      bytes: placeOfAlert(tls, from, time),
    })),
    seen,
    serverChain: tls?.serverChain ?? null,
    clientChain: tls?.clientChain ?? null,
    clientCertificateRequested: tls?.negotiated.clientCertificateRequested ?? null,
    secureRenegotiation: tls?.serverHello ? secureIn(tls.serverHello, tls.negotiated.version) : null,
    ocspStaple: tls?.ocspStaple ?? null,
    renegotiating: tls && whoAskedAgain(tls),
    hiddenChainBytes: tls && tls.serverChain === null ? longestHidden(tls) : null,
  };
}

/** Of a hello before TLS 1.3. */
function secureIn(hello: ServerHello, version: number | null): boolean | null {
  if (version === null || version >= Version['TLSv1.3']) return null;
  return answersIn(hello)?.renegotiationInfo !== undefined;
}

const answersIn = ({ extensions }: ServerHello) =>
  extensions && !('retry' in extensions) ? extensions : undefined;

/**
 * Before TLS 1.3: behind both Finished one side sent another handshake message, and the other side no more of it. Told by
 * types of records, so without keys as well.
 */
function whoAskedAgain({ records }: TlsFacts): Side | null {
  const hidden = records.filter(({ type, protected: sealed }) => sealed && type === ContentType.handshake);
  const opened = new Set<Side>();
  const more = hidden.filter(({ from }) => {
    const first = !opened.has(from);
    opened.add(from);
    return !first;
  });
  const asking = more[0]?.from;
  return opened.size === 2 && asking && more.every(({ from }) => from === asking) ? asking : null;
}

function placeOfAlert(
  tls: TlsFacts | null,
  from: Side,
  time: number,
): { start: number; end: number } | undefined {
  const found = tls?.messages.find((one) => one.kind === 'alert' && one.from === from && one.time === time);
  return found && { start: found.start, end: found.end };
}

function lastHello(tls: TlsFacts | null): Uint8Array | null {
  const found = tls?.messages.findLast(
    (message) => message.kind === 'handshake' && message.name === 'ClientHello' && message.value !== null,
  );
  return found?.kind === 'handshake' ? found.bytes : null;
}

/** Up to the client's answer: what follows is not the handshake. */
function longestHidden({ records }: TlsFacts): number | null {
  const hidden = records.filter(
    ({ type, protected: sealed }) => sealed && type === ContentType.application_data,
  );
  const answer = hidden.findIndex(({ from }) => from === 'client');
  const flight = answer < 0 ? hidden : hidden.slice(0, answer);
  return flight.length === 0 ? null : Math.max(...flight.map(({ length }) => length));
}

export interface TraceCircumstances {
  readonly time: number;
  readonly host: string | null;
  readonly port: number | null;
}

/** From what our own engine reported. Compressed certificates are read where there is a provider that unpacks them. */
export function factsOfTrace(
  events: readonly TraceEvent[],
  around: TraceCircumstances,
  provider: Provider | null,
): HandshakeFacts {
  const messages = events.filter((event) => event.kind === 'message');
  const last = (type: string, from: Side) =>
    messages.findLast((message) => message.type === type && message.from === from) ?? null;
  const certificate = (from: Side): Uint8Array | undefined => {
    const packed = provider && last('CompressedCertificate', from);
    return (
      last('Certificate', from)?.bytes ?? ((packed && unpackCertificate(packed.bytes, provider)) || undefined)
    );
  };
  const hello = last('ClientHello', 'client');
  const chosen = events.filter((event) => event.kind === 'decision');
  const version = chosen.findLast(({ about }) => about === 'version')?.chosen ?? null;
  const clientHello = hello && readHello(hello.bytes);
  return {
    ...around,
    host: around.host ?? (clientHello ? offerOf(clientHello).serverName : null),
    clientHello,
    helloMessage: hello?.bytes ?? null,
    version: version === null ? null : (VERSION_BY_NAME[version] ?? null),
    cipherSuite: null,
    alerts: events.flatMap((event) =>
      event.kind === 'alert'
        ? [{ from: event.from, description: event.description, fatal: event.level === 'fatal' }]
        : [],
    ),
    seen: new Set(messages.map(({ from, type }) => `${from} ${type}`)),
    serverChain: chainIn(certificate('server')),
    clientChain: chainIn(certificate('client')),
    clientCertificateRequested: messages.some(({ type }) => type === 'CertificateRequest'),
    secureRenegotiation: secureInTrace(last('ServerHello', 'server')?.bytes),
    ocspStaple: stapleIn(last('CertificateStatus', 'server')?.bytes, certificate('server')),
    renegotiating: null,
    hiddenChainBytes: null,
  };
}

const VERSION_BY_NAME: Readonly<Record<string, number>> = Version;

const readHello = (bytes: Uint8Array): ClientHello | null => attempt(() => decodeBody('ClientHello', bytes));

/** DER, leaf first; the form is TLS 1.3's where it reads as that. Null where there is no message. */
function chainIn(message: Uint8Array | undefined): readonly Uint8Array[] | null {
  if (!message) return null;
  return (
    attempt(() => decodeBody('Certificate', message).certificateList.map(({ certData }) => certData)) ??
    attempt(() => decodeBody('Certificate12', message).certificateList)
  );
}

function secureInTrace(message: Uint8Array | undefined): boolean | null {
  const hello = message && attempt(() => decodeBody('ServerHello', message));
  return hello ? secureIn(hello, answersIn(hello)?.supportedVersions ?? hello.legacyVersion) : null;
}

/** Before TLS 1.3 in a message of its own, from then on beside the certificate. */
function stapleIn(status: Uint8Array | undefined, chain: Uint8Array | undefined): Uint8Array | null {
  if (status) return attempt(() => decodeBody('CertificateStatus', status).response);
  const first = chain && attempt(() => decodeBody('Certificate', chain).certificateList[0]);
  return first?.extensions?.statusRequest?.response ?? null;
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof TlsError) return null;
    throw error;
  }
}

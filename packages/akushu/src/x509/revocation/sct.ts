/**
 * Signed certificate timestamps (RFC 6962 §3.2, §3.3): embedded in a certificate, in the TLS extension, in OCSP responses.
 * Read, and verified against a list of logs that the caller brings. Asks no log whether it kept its promise.
 */
import { Reader, ShortRead, toHex, Writer } from '../../bytes/index.js';
import { CryptoError, type Provider, type PublicKey } from '../../crypto/provider.js';
import { extensions as extensionsSyntax } from '../asn1.js';
import type { Certificate } from '../certificate.js';
import {
  any,
  decodeDer,
  encodeDer,
  explicit,
  peekTag,
  sequenceOf,
  X509Error,
  x509Error,
} from '../der/index.js';
import { OID } from '../oids.js';

export interface SignedCertificateTimestamp {
  /** SerializedSCT. */
  readonly bytes: Uint8Array;
  /** 0 is version 1, the only one; of others nothing else is read. */
  readonly version: number;
  /** SHA-256 of the log's key. */
  readonly logId: Uint8Array;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly extensions: Uint8Array;
  /** Code points of TLS 1.2 (RFC 5246 §7.4.1.4.1). */
  readonly hashAlgorithm: number;
  readonly signatureAlgorithm: number;
  readonly signature: Uint8Array;
}

/** More in one list are refused. */
const MAX_SCTS = 64;

/** SignedCertificateTimestampList to SerializedSCTs. Throws X509Error `sct_malformed`. */
function sctListEntries(list: Uint8Array): readonly Uint8Array[] {
  return malformedUnless(() => {
    const reader = new Reader(list);
    const body = reader.sub(reader.u16());
    const found: Uint8Array[] = [];
    while (body.remaining > 0) {
      const entry = body.view(body.u16());
      if (entry.length === 0 || found.length === MAX_SCTS) throw x509Error('sct_malformed', body.pos);
      found.push(entry);
    }
    if (reader.remaining > 0 || found.length === 0) throw x509Error('sct_malformed', reader.pos);
    return found;
  });
}

/** SerializedSCTs to a SignedCertificateTimestampList. */
export function encodeSctList(scts: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer();
  writer.prefixed(2, () => {
    for (const sct of scts) writer.prefixed(2, () => writer.append(sct));
  });
  return writer.finish();
}

/** One SerializedSCT. Throws X509Error `sct_malformed`. */
export function parseSct(bytes: Uint8Array): SignedCertificateTimestamp {
  return malformedUnless(() => {
    const reader = new Reader(bytes);
    const version = reader.u8();
    // RFC 6962 §3.3: clients ignore versions that they do not know.
    if (version !== 0) {
      const none = new Uint8Array(0);
      const nothing = { logId: none, timestamp: 0, extensions: none, signature: none };
      return { bytes, version, ...nothing, hashAlgorithm: 0, signatureAlgorithm: 0 };
    }
    const logId = reader.view(32);
    const timestamp = reader.u64();
    if (timestamp > BigInt(Number.MAX_SAFE_INTEGER)) throw x509Error('sct_malformed', 33);
    const extensions = reader.view(reader.u16());
    const hashAlgorithm = reader.u8();
    const signatureAlgorithm = reader.u8();
    const signature = reader.view(reader.u16());
    if (reader.remaining > 0) throw x509Error('sct_malformed', reader.pos);
    return {
      bytes,
      version,
      logId,
      timestamp: Number(timestamp),
      extensions,
      hashAlgorithm,
      signatureAlgorithm,
      signature,
    };
  });
}

/** The timestamps in a SignedCertificateTimestampList. Throws X509Error `sct_malformed`. */
export function parseSctList(list: Uint8Array): readonly SignedCertificateTimestamp[] {
  return sctListEntries(list).map(parseSct);
}

function malformedUnless<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ShortRead) throw x509Error('sct_malformed', error.offset);
    throw error;
  }
}

export interface TransparencyLog {
  /** DER SubjectPublicKeyInfo; the log's identifier is its SHA-256. */
  readonly spki: Uint8Array;
  readonly name?: string | undefined;
  /** Who runs it: policies ask for several. */
  readonly operator?: string | undefined;
  /** Timestamps from then on do not count: the log was retired or distrusted. Milliseconds since 1970. */
  readonly retiredAt?: number | undefined;
}

export type SctSource = 'certificate' | 'tls' | 'ocsp';

export interface SctResult {
  readonly source: SctSource;
  /** Null where it could not be read. */
  readonly sct: SignedCertificateTimestamp | null;
  readonly log: TransparencyLog | null;
  readonly status:
    | 'valid'
    | 'malformed'
    | 'unknown_version'
    | 'unknown_log'
    | 'retired_log'
    | 'future'
    | 'unsupported_algorithm'
    | 'bad_signature';
}

export interface SctCheck {
  readonly certificate: Certificate;
  /** Needed for timestamps that are embedded in the certificate. */
  readonly issuer?: Certificate | undefined;
  /** SerializedSCTs of the TLS extension. */
  readonly tls?: readonly Uint8Array[] | undefined;
  /** SignedCertificateTimestampList of an OCSP answer about the certificate. */
  readonly ocsp?: Uint8Array | null | undefined;
  readonly logs: readonly TransparencyLog[];
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly provider: Provider;
}

/** Verifies every timestamp of a certificate, wherever it came from. Never throws on what a peer sent. */
export function verifyScts(check: SctCheck): readonly SctResult[] {
  const { certificate, tls = [], ocsp, provider } = check;
  const logs = new Map(check.logs.map((log) => [toHex(provider.digest('sha256', log.spki)), log]));
  const plain = x509Entry(certificate);
  const embedded =
    certificate.sctList && check.issuer ? precertEntry(certificate, check.issuer, provider) : null;
  const all: { source: SctSource; bytes: Uint8Array | null; entry: Uint8Array }[] = [];
  const addList = (source: SctSource, list: Uint8Array, entry: Uint8Array): void => {
    try {
      for (const bytes of sctListEntries(list)) all.push({ source, bytes, entry });
    } catch (error) {
      if (!(error instanceof X509Error)) throw error;
      all.push({ source, bytes: null, entry });
    }
  };
  if (certificate.sctList && embedded) addList('certificate', certificate.sctList, embedded);
  for (const bytes of tls.slice(0, MAX_SCTS)) all.push({ source: 'tls', bytes, entry: plain });
  if (ocsp) addList('ocsp', ocsp, plain);
  const keys = new Map<TransparencyLog, PublicKey | null>();
  return all.map(({ source, bytes, entry }): SctResult => {
    const sct = bytes && readOrNull(bytes);
    if (!sct) return { source, sct: null, log: null, status: 'malformed' };
    const log = logs.get(toHex(sct.logId)) ?? null;
    return { source, sct, log, status: statusOf(sct, log, entry, keys, check) };
  });
}

function readOrNull(bytes: Uint8Array): SignedCertificateTimestamp | null {
  try {
    return parseSct(bytes);
  } catch (error) {
    if (error instanceof X509Error) return null;
    throw error;
  }
}

function statusOf(
  sct: SignedCertificateTimestamp,
  log: TransparencyLog | null,
  entry: Uint8Array,
  keys: Map<TransparencyLog, PublicKey | null>,
  { time, provider }: SctCheck,
): SctResult['status'] {
  if (sct.version !== 0) return 'unknown_version';
  if (!log) return 'unknown_log';
  if (log.retiredAt !== undefined && sct.timestamp >= log.retiredAt) return 'retired_log';
  // §5.2: a timestamp in the future does not count.
  if (sct.timestamp > time) return 'future';
  if (!keys.has(log)) keys.set(log, importKey(log, provider));
  const key = keys.get(log);
  // §2.1.4: SHA-256 with ECDSA over P-256 or with RSA.
  const fits = sct.hashAlgorithm === 4 && sct.signatureAlgorithm === (key?.kind === 'ec' ? 3 : 1);
  if (!key || !fits) return 'unsupported_algorithm';
  const kind = key.kind === 'ec' ? 'ecdsa' : 'rsa-pkcs1';
  return key.verify({ kind, hash: 'sha256' }, signedPart(sct, entry), sct.signature)
    ? 'valid'
    : 'bad_signature';
}

function importKey({ spki }: TransparencyLog, provider: Provider): PublicKey | null {
  try {
    return provider.importPublicKey(spki);
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

/** §3.2: what the log signed. */
export function signedPart(
  { timestamp, extensions }: Pick<SignedCertificateTimestamp, 'timestamp' | 'extensions'>,
  entry: Uint8Array,
): Uint8Array {
  const writer = new Writer();
  writer.u8(0); // version 1
  writer.u8(0); // certificate_timestamp
  writer.u64(BigInt(timestamp));
  writer.append(entry);
  writer.prefixed(2, () => writer.append(extensions));
  return writer.finish();
}

/** §3.2: entry_type and entry for timestamps beside a certificate. */
export function x509Entry({ der }: Pick<Certificate, 'der'>): Uint8Array {
  const writer = new Writer(der.length + 16);
  writer.u16(0);
  writer.prefixed(3, () => writer.append(der));
  return writer.finish();
}

/** §3.2: entry_type and entry for timestamps in a certificate: what it was before they were put in. */
export function precertEntry(
  { tbs }: Pick<Certificate, 'tbs'>,
  issuer: Pick<Certificate, 'spki'>,
  provider: Provider,
): Uint8Array {
  const writer = new Writer(tbs.length + 64);
  writer.u16(1);
  writer.append(provider.digest('sha256', issuer.spki));
  writer.prefixed(3, () => writer.append(precertTbs(tbs)));
  return writer.finish();
}

const elements = sequenceOf(any);
const wrapped = explicit(3, any);

/** The to-be-signed part without the timestamps and without the poison; every other byte as it was. */
function precertTbs(tbs: Uint8Array): Uint8Array {
  const fields = decodeDer(elements, tbs).map((field) => {
    if (peekTag(new Reader(field)) !== wrapped.tag) return field;
    const list = decodeDer(wrapped, field);
    const parsed = decodeDer(extensionsSyntax, list);
    const kept = decodeDer(elements, list).filter((_, i) => !OMITTED.has(parsed[i]!.extnID));
    return kept.length === 0 ? new Uint8Array(0) : encodeDer(wrapped, encodeDer(elements, kept));
  });
  return encodeDer(elements, fields);
}

const OMITTED: ReadonlySet<string> = new Set([OID.signedCertificateTimestamps, OID.precertificatePoison]);

export interface SctPolicy {
  /** How many valid timestamps, of different logs. Left out: two, and three above 180 days of validity, as browsers demand. */
  readonly minimum?: number | undefined;
  /** How many different operators. Default two where operators are known. */
  readonly operators?: number | undefined;
}

export interface SctVerdict {
  readonly ok: boolean;
  readonly required: { readonly logs: number; readonly operators: number };
  readonly found: { readonly logs: number; readonly operators: number };
}

const DAY = 24 * 60 * 60_000;

/** Whether there are enough of them. */
export function checkSctPolicy(
  results: readonly SctResult[],
  { notBefore, notAfter }: Pick<Certificate, 'notBefore' | 'notAfter'>,
  policy: SctPolicy = {},
): SctVerdict {
  const valid = results.flatMap(({ status, log }) => (status === 'valid' && log ? [log] : []));
  const logs = new Set(valid).size;
  const operators = new Set(valid.map(({ operator, spki }) => operator ?? toHex(spki))).size;
  const required = {
    logs: policy.minimum ?? (notAfter - notBefore > 180 * DAY ? 3 : 2),
    operators: policy.operators ?? 2,
  };
  const found = { logs, operators };
  return { ok: logs >= required.logs && operators >= required.operators, required, found };
}

/**
 * Verification that may fetch a missing intermediate from where the certificate below it says (RFC 5280 §4.2.2.1,
 * RFC 5280 §8): only where the caller asks for it, and only through a function that the caller brings. A fetched
 * certificate is a candidate like any other that a peer sends. Bounded in number, rounds and size; in time by `signal`.
 */
import { equal } from '../bytes/index.js';
import { parseCertificate } from './certificate.js';
import { X509Error } from './der/index.js';
import { parsePkcs7 } from './formats/pkcs7.js';
import { certificatesFromPem } from './pem.js';
import type { ChainVerdict } from './verdict.js';
import { type VerifyInput, verifyChain } from './verify.js';

export interface IssuerFetchRequest {
  /** Always `http:`. It comes out of a certificate that nobody has verified: whoever fetches decides which hosts may be asked. */
  readonly url: string;
  readonly method: 'GET';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: null;
  /** More need not be read: it would be refused. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

export type IssuerFetch = (request: IssuerFetchRequest) => Promise<Uint8Array>;

export interface FetchingInput extends VerifyInput {
  /** Left out: nothing is fetched. */
  readonly fetchIssuer?: IssuerFetch | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Addresses asked in all. Default 4. */
  readonly maxFetches?: number | undefined;
  /** Of one answer. Default 64 KiB. */
  readonly maxFetchBytes?: number | undefined;
}

export interface FetchReport {
  readonly url: string;
  /** How many certificates it gave that were not there yet. */
  readonly certificates: number;
  /** A rule of X509Error, `fetch_failed` or `too_large`; null where it could be read. */
  readonly problem: string | null;
}

export type FetchingVerdict = ChainVerdict & { readonly fetched: readonly FetchReport[] };

const MAX_CERTIFICATES = 8;

/** As `verifyChain`; rejects only where `signal` is aborted. */
export async function verifyChainAsync(input: FetchingInput): Promise<FetchingVerdict> {
  const { fetchIssuer, signal, maxFetches = 4, maxFetchBytes = 64 * 1024 } = input;
  const chain = [...input.chain];
  const fetched: FetchReport[] = [];
  let verdict = verifyChain(input);
  while (fetchIssuer) {
    const url = nextAddress(verdict, fetched);
    if (url === undefined || fetched.length >= maxFetches) break;
    signal?.throwIfAborted();
    const { found, problem } = await ask(fetchIssuer, url, maxFetchBytes, signal);
    const news = found.filter((der) => !chain.some((known) => equal(known, der))).slice(0, MAX_CERTIFICATES);
    fetched.push({ url, certificates: news.length, problem });
    if (news.length === 0) continue;
    chain.push(...news);
    verdict = verifyChain({ ...input, chain });
  }
  return { ...verdict, fetched };
}

/** §4.2.2.1: of the paths that want an issuer, the first address that was not asked yet. */
function nextAddress(verdict: ChainVerdict, fetched: readonly FetchReport[]): string | undefined {
  if (verdict.ok) return undefined;
  return verdict.repairs
    .flatMap((repair) => (repair.kind === 'add_issuer' ? repair.caIssuers : []))
    .find((url) => /^http:\/\//i.test(url) && !fetched.some((report) => report.url === url));
}

async function ask(
  fetchIssuer: IssuerFetch,
  url: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly found: readonly Uint8Array[]; readonly problem: string | null }> {
  let bytes: Uint8Array;
  try {
    bytes = await fetchIssuer({ url, method: 'GET', headers: {}, body: null, maxBytes, signal });
  } catch {
    signal?.throwIfAborted();
    return { found: [], problem: 'fetch_failed' };
  }
  if (bytes.length > maxBytes) return { found: [], problem: 'too_large' };
  try {
    return { found: certificatesOf(bytes), problem: null };
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    return { found: [], problem: error.rule };
  }
}

/** RFC 5280 §4.2.2.1: one certificate in DER, or a bundle of them. Some authorities give PEM. */
function certificatesOf(bytes: Uint8Array): Uint8Array[] {
  const readers: readonly (() => readonly Uint8Array[])[] = [
    () => [parseCertificate(bytes).der],
    () => parsePkcs7(bytes).certificates,
    () => certificatesFromPem(bytes),
  ];
  let first: X509Error | null = null;
  for (const read of readers) {
    try {
      return [...read()];
    } catch (error) {
      if (!(error instanceof X509Error)) throw error;
      first ??= error;
    }
  }
  throw first;
}

/**
 * Asks for what is needed to check a path for revocation, at the places that its certificates name (RFC 5280 §4.2.1.13,
 * §4.2.1.15, §4.2.2.1; RFC 6960 appendix A), through a function that the caller brings: there is no network here.
 * What comes back is only read; whether it counts is decided by `policy.ts`.
 */
import type { Provider } from '../../crypto/provider.js';
import type { Certificate } from '../certificate.js';
import { X509Error } from '../der/index.js';
import { type Crl, MAX_CRL_BYTES, parseCrl } from './crl.js';
import { urlsOf } from './distribution-points.js';
import { createOcspRequest, MAX_OCSP_BYTES, parseOcspResponse } from './ocsp.js';
import type { GivenResponse } from './policy.js';

export interface RevocationFetchRequest {
  /** `http:` or `https:`. It comes out of a certificate: whoever fetches decides which hosts may be asked. */
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  /** More need not be read: it would be refused. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

export type RevocationFetch = (request: RevocationFetchRequest) => Promise<Uint8Array>;

export interface GatherOptions {
  /** Leaf first, trust anchor last: of a verdict that is good otherwise. */
  readonly path: readonly Certificate[];
  readonly provider: Provider;
  readonly fetch: RevocationFetch;
  /** `ocsp`: lists only where no responder answers. `crl`: lists only. `both`. Default `ocsp`. */
  readonly prefer?: 'ocsp' | 'crl' | 'both' | undefined;
  /** Ask responders with a nonce and refuse answers without it. Default false: most answer from a store. */
  readonly nonce?: boolean | undefined;
  readonly maxCrlBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface GatherFailure {
  /** Which certificate of the path. */
  readonly index: number;
  readonly url: string;
  /** A rule of X509Error, `bad_url`, `fetch_failed`, or a status of an OCSP response. */
  readonly reason: string;
}

export interface Gathered {
  readonly crls: readonly Crl[];
  readonly ocspResponses: readonly GivenResponse[];
  readonly failures: readonly GatherFailure[];
}

/** Addresses of each kind that are tried for one certificate. */
const MAX_URLS = 3;

/** Fetches what the certificates of a path point to. Rejects only where `signal` is aborted. */
export async function gatherRevocation(options: GatherOptions): Promise<Gathered> {
  const { path } = options;
  const crls = new Map<string, Crl>();
  const ocspResponses: GivenResponse[] = [];
  const failures: GatherFailure[] = [];
  await Promise.all(
    path.slice(0, -1).map(async (certificate, index) => {
      const issuer = path[index + 1]!;
      const prefer = options.prefer ?? 'ocsp';
      const note = (url: string, error: unknown) => failures.push({ index, url, reason: reasonOf(error) });
      const answer = prefer === 'crl' ? null : await askResponders(certificate, issuer, options, note);
      if (answer) ocspResponses.push(answer);
      if (answer === null || prefer === 'both') await fetchLists(certificate, options, crls, note);
    }),
  );
  options.signal?.throwIfAborted();
  return { crls: [...crls.values()], ocspResponses, failures };
}

type Note = (url: string, error: unknown) => void;

async function askResponders(
  certificate: Certificate,
  issuer: Certificate,
  { provider, fetch, nonce: wanted = false, signal }: GatherOptions,
  note: Note,
): Promise<GivenResponse | null> {
  for (const url of (certificate.authorityInfoAccess?.ocsp ?? []).slice(0, MAX_URLS)) {
    try {
      checkUrl(url);
      const { der, nonce } = createOcspRequest({ certificate, issuer, provider, nonce: wanted });
      const headers = {
        'content-type': 'application/ocsp-request',
        accept: 'application/ocsp-response',
      };
      const maxBytes = MAX_OCSP_BYTES;
      const bytes = await fetch({ url, method: 'POST', headers, body: der, maxBytes, signal });
      const response = parseOcspResponse(bytes);
      if (response.response !== null) return { response, nonce: nonce ?? undefined };
      note(url, response.status);
    } catch (error) {
      note(url, error);
    }
  }
  return null;
}

async function fetchLists(
  certificate: Certificate,
  { fetch, maxCrlBytes: maxBytes = MAX_CRL_BYTES, signal }: GatherOptions,
  crls: Map<string, Crl>,
  note: Note,
): Promise<void> {
  const get = async (url: string): Promise<Crl | null> => {
    const known = crls.get(url);
    if (known) return known;
    try {
      checkUrl(url);
      const headers = { accept: 'application/pkix-crl' };
      const crl = parseCrl(
        await fetch({ url, method: 'GET', headers, body: null, maxBytes, signal }),
        maxBytes,
      );
      crls.set(url, crl);
      return crl;
    } catch (error) {
      note(url, error);
      return null;
    }
  };
  const deltas = [...urlsOf(certificate.freshestCrl)];
  for (const url of urlsOf(certificate.crlDistributionPoints).slice(0, MAX_URLS)) {
    const crl = await get(url);
    if (crl) deltas.push(...urlsOf(crl.freshestCrl));
  }
  for (const url of [...new Set(deltas)].slice(0, MAX_URLS)) await get(url);
}

/** Certificates also name LDAP directories and files. */
function checkUrl(url: string): void {
  if (!/^https?:\/\/[^\s/]/i.test(url) || url.length > 2048) throw new TypeError('bad_url');
}

function reasonOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (error instanceof X509Error) return error.rule;
  return error instanceof TypeError && error.message === 'bad_url' ? 'bad_url' : 'fetch_failed';
}

/** Options that `connect` and `createServer` share, and what the engine makes of them: names to code points, PEM to credentials. */
import type { Credential } from '../handshake/index.js';
import { findCipherSuite, findGroup, findScheme } from '../registry/index.js';
import type { TrustAnchors } from '../x509/index.js';
import { credentialFrom, type PemInput } from './files.js';
import type { CaOption } from './trust.js';
import { type VersionOptions, versionCodes } from './versions.js';

export interface CommonOptions extends VersionOptions {
  /** Application protocols, most preferred first. */
  readonly ALPNProtocols?: readonly string[] | undefined;
  /** Trusted in place of the system's roots: PEM texts, or DER. */
  readonly ca?: CaOption | TrustAnchors | undefined;
  /** PEM chains, leaf first; as many as there are in `key`. */
  readonly cert?: PemInput | readonly PemInput[] | undefined;
  readonly key?: PemInput | readonly PemInput[] | undefined;
  readonly credentials?: readonly Credential[] | undefined;
  /** IANA names, or those of OpenSSL, of suites of all versions, most preferred first. */
  readonly ciphers?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly sigalgs?: readonly string[] | undefined;
  /** Lines of SSLKEYLOGFILE (RFC 9850). */
  readonly keyLog?: ((line: string) => void) | undefined;
  readonly allowHalfOpen?: boolean | undefined;
}

interface Named {
  readonly code: number;
}

/** Code points of names. Throws RangeError with the name that nobody knows. */
function codesOf(
  title: string,
  names: readonly string[],
  find: (name: string) => Named | undefined,
): number[] {
  return names.map((name) => {
    const found = find(name);
    if (!found) throw new RangeError(`"${title}" expected known names, got ${JSON.stringify(name)}`);
    return found.code;
  });
}

export interface CommonValues {
  readonly alpn?: readonly string[];
  readonly versions?: readonly number[];
  readonly credentials?: readonly Credential[];
  readonly cipherSuites?: readonly number[];
  readonly groups?: readonly number[];
  readonly signatureSchemes?: readonly number[];
}

/** The part of the engine's configuration that follows from the options. Throws RangeError, TypeError, FileError. */
export function commonValues(options: CommonOptions): CommonValues {
  const versions = versionCodes(options);
  const credentials = [...(options.credentials ?? []), ...pairs(options.cert, options.key)];
  return {
    ...(options.ALPNProtocols && { alpn: options.ALPNProtocols }),
    ...(versions && { versions }),
    ...(credentials.length > 0 && { credentials }),
    ...(options.ciphers && { cipherSuites: codesOf('ciphers', options.ciphers, findCipherSuite) }),
    ...(options.groups && { groups: codesOf('groups', options.groups, findGroup) }),
    ...(options.sigalgs && { signatureSchemes: codesOf('sigalgs', options.sigalgs, findScheme) }),
  };
}

function pairs(cert: CommonOptions['cert'], key: CommonOptions['key']): Credential[] {
  const certs = listOf(cert);
  const keys = listOf(key);
  if (certs.length !== keys.length)
    throw new TypeError('"cert" and "key" expected as many of the one as of the other');
  return certs.map((pem, i) => credentialFrom(pem, keys[i]!));
}

function listOf(input: PemInput | readonly PemInput[] | undefined): readonly PemInput[] {
  if (input === undefined) return [];
  return typeof input === 'string' || input instanceof Uint8Array ? [input] : input;
}

/** RFC 8879, most preferred first: brotli makes chains smaller. */
export const CERTIFICATE_COMPRESSION = ['brotli', 'zlib'] as const;

/** Handshake deadline in milliseconds. */
export const DEFAULT_TIMEOUT = 10_000;

/**
 * The roots that a system trusts. Looks where OpenSSL looks, then where the systems keep their bundle, then takes the
 * roots that Node brings. Read once, when first needed.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { certificatesFromPem, TrustAnchors, trustAnchors, X509Error } from '../x509/index.js';
import { certificatesFrom, type PemInput } from './files.js';

/** Debian and Alpine; Fedora; older Fedora and RHEL; openSUSE; Alpine and the BSDs, macOS. */
const BUNDLES: readonly string[] = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

export interface SystemTrust {
  readonly anchors: TrustAnchors;
  /** Where they are from: paths, or `node` for those that Node brings. */
  readonly sources: readonly string[];
}

export type TrustEnvironment = Readonly<
  Partial<Record<'SSL_CERT_FILE' | 'SSL_CERT_DIR' | 'NODE_EXTRA_CA_CERTS', string>>
>;

let cached: SystemTrust | null = null;

/** The system's roots, from the cache after the first call. */
export function systemTrust(): SystemTrust {
  cached ??= loadSystemTrust(process.env);
  return cached;
}

/** Reads the system's roots anew. */
export function loadSystemTrust(env: TrustEnvironment, bundles: readonly string[] = BUNDLES): SystemTrust {
  const found = fromEnvironment(env) ?? fromBundles(bundles) ?? fromNode();
  const extra = env.NODE_EXTRA_CA_CERTS ? readBundle(env.NODE_EXTRA_CA_CERTS) : [];
  return {
    anchors: trustAnchors([...found.ders, ...extra]),
    sources: extra.length > 0 ? [...found.sources, env.NODE_EXTRA_CA_CERTS!] : found.sources,
  };
}

interface Found {
  readonly ders: readonly Uint8Array[];
  readonly sources: readonly string[];
}

/** Set variables replace the system's roots, even by none: so OpenSSL and Go have it. */
function fromEnvironment({ SSL_CERT_FILE: file, SSL_CERT_DIR: directories }: TrustEnvironment): Found | null {
  if (!file && !directories) return null;
  const sources = [...(file ? [file] : []), ...(directories ? directories.split(':').filter(Boolean) : [])];
  return {
    ders: sources.flatMap((path) => (path === file ? readBundle(path) : readDirectory(path))),
    sources,
  };
}

function fromBundles(paths: readonly string[]): Found | null {
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const ders = readBundle(path);
    if (ders.length > 0) return { ders, sources: [path] };
  }
  return null;
}

function fromNode(): Found {
  return { ders: rootCertificates.flatMap((pem) => certificatesFromPem(pem)), sources: ['node'] };
}

/** What cannot be read is no root: the verdict on a chain will say that its root is not known. */
function readBundle(path: string): Uint8Array[] {
  try {
    return certificatesFromPem(readFileSync(path));
  } catch (error) {
    if (error instanceof X509Error || isSystemError(error)) return [];
    throw error;
  }
}

function readDirectory(path: string): Uint8Array[] {
  try {
    return readdirSync(path)
      .sort()
      .flatMap((name) => readBundle(join(path, name)));
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

export type CaOption = PemInput | readonly PemInput[];

/** The anchors for a connection: those given, else the system's. Throws FileError for what is no certificate. */
export function anchorsFor(ca: CaOption | TrustAnchors | undefined): TrustAnchors {
  if (ca === undefined) return systemTrust().anchors;
  if (ca instanceof TrustAnchors) return ca;
  const inputs = typeof ca === 'string' || ca instanceof Uint8Array ? [ca] : ca;
  return trustAnchors(inputs.flatMap((input) => certificatesFrom(input)));
}

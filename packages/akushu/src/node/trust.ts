/**
 * The roots that a system trusts. Looks where OpenSSL looks, then asks the system's own store where Node can (macOS,
 * Windows), then where the systems keep their bundle, then takes the roots that Node brings. Read once, when first
 * needed.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import * as tls from 'node:tls';
import { certificatesFromPem, TrustAnchors, trustAnchors, X509Error } from '../x509/index.js';
import { certificatesFrom, type PemInput } from './files.js';

/** Debian, Arch and Alpine; Fedora and RHEL; older ones; openSUSE; Alpine and OpenBSD; FreeBSD. Then directories; Android. */
const UNIX: readonly string[] = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/ssl/cert.pem',
  '/usr/local/share/certs/ca-root-nss.crt',
  '/etc/ssl/certs',
  '/etc/pki/tls/certs',
  '/system/etc/security/cacerts',
];

/** What macOS itself brings for OpenSSL; Homebrew on both kinds of processor; MacPorts. */
const MACOS: readonly string[] = [
  '/etc/ssl/cert.pem',
  '/opt/homebrew/etc/ca-certificates/cert.pem',
  '/usr/local/etc/ca-certificates/cert.pem',
  '/opt/local/share/curl/curl-ca-bundle.crt',
];

/** OpenSSL's own place and that of Git, in the folder for programs. */
const WINDOWS: readonly string[] = [
  'Common Files\\SSL\\cert.pem',
  'Git\\mingw64\\etc\\ssl\\certs\\ca-bundle.crt',
  'Git\\usr\\ssl\\certs\\ca-bundle.crt',
];

/** Files and directories in which a platform keeps its roots, the first that has some counts. */
export function trustPlaces(
  platform: NodeJS.Platform,
  programFiles = process.env.ProgramFiles ?? 'C:\\Program Files',
): readonly string[] {
  if (platform === 'win32') return WINDOWS.map((path) => `${programFiles}\\${path}`);
  return platform === 'darwin' ? MACOS : UNIX;
}

export interface SystemTrust {
  readonly anchors: TrustAnchors;
  /** Where they are from: paths, `system` for a store that is no file, or `node` for those that Node brings. */
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

/** What is not read from files; replaced in tests. */
export interface TrustStores {
  /** PEM of the roots in the system's own store; empty where Node cannot ask it. */
  readonly system: () => readonly string[];
}

/** Since Node 22.15. On Linux it would read the files that are read here. */
const STORES: TrustStores = {
  system: () => {
    if (process.platform !== 'darwin' && process.platform !== 'win32') return [];
    const { getCACertificates } = tls as { getCACertificates?: (type: 'system') => string[] };
    return getCACertificates?.('system') ?? [];
  },
};

/** Reads the system's roots anew. */
export function loadSystemTrust(
  env: TrustEnvironment,
  places: readonly string[] = trustPlaces(process.platform),
  stores: TrustStores = STORES,
): SystemTrust {
  const found = fromEnvironment(env) ?? fromStore(stores) ?? fromPlaces(places) ?? fromNode();
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
  const sources = [
    ...(file ? [file] : []),
    ...(directories ? directories.split(delimiter).filter(Boolean) : []),
  ];
  return {
    ders: sources.flatMap((path) => (path === file ? readBundle(path) : readDirectory(path))),
    sources,
  };
}

function fromStore({ system }: TrustStores): Found | null {
  const ders = system().flatMap((pem) => readable(() => certificatesFromPem(pem)));
  return ders.length > 0 ? { ders, sources: ['system'] } : null;
}

function fromPlaces(places: readonly string[]): Found | null {
  for (const path of places) {
    if (!existsSync(path)) continue;
    const ders = statSync(path).isDirectory() ? readDirectory(path) : readBundle(path);
    if (ders.length > 0) return { ders, sources: [path] };
  }
  return null;
}

function fromNode(): Found {
  return { ders: tls.rootCertificates.flatMap((pem) => certificatesFromPem(pem)), sources: ['node'] };
}

const readBundle = (path: string): Uint8Array[] => readable(() => certificatesFromPem(readFileSync(path)));

const readDirectory = (path: string): Uint8Array[] =>
  readable(() =>
    readdirSync(path)
      .sort()
      .flatMap((name) => readBundle(join(path, name))),
  );

/** What cannot be read is no root: the verdict on a chain will say that its root is not known. */
function readable(read: () => Uint8Array[]): Uint8Array[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof X509Error || isSystemError(error)) return [];
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

/** Which versions, suites and groups a configuration comes to, with what the provider has. */
import type { Provider } from '../crypto/provider.js';
import { cipherOf } from '../keys/index.js';
import { isKeyExchange12, type KeyExchange12, usesPsk } from '../messages/index.js';
import {
  type CipherSuite,
  cipherSuiteByCode,
  groupByCode,
  Version,
  versionByCode,
  versionName,
} from '../registry/index.js';
import { type CommonConfig, DEFAULT_GROUPS, DEFAULT_VERSIONS, defaultSuites } from './config.js';
import type { Handshake } from './handshake.js';

const SPOKEN: readonly number[] = Object.values(Version).filter((code) => code > Version.SSLv3);

/** Highest first. Throws RangeError where the configuration names one that is not spoken. */
export function versionsOf(config: CommonConfig): readonly number[] {
  const versions = config.versions ?? DEFAULT_VERSIONS;
  const strange = versions.find((code) => !SPOKEN.includes(code));
  if (strange !== undefined || versions.length === 0)
    throw new RangeError(`"versions" expected code points of TLS 1.0 to 1.3, got ${strange ?? 'none'}`);
  return [...new Set(versions)].sort((a, b) => b - a);
}

/** The configured versions for which it leaves a suite, highest first. */
export function usableVersions(hs: Handshake): readonly number[] {
  hs.made.versions ??= versionsOf(hs.config).filter((version) => suitesOf(hs, version).length > 0);
  return hs.made.versions;
}

/** Suites of the configuration that can be spoken in `version`, in its order. */
export function suitesOf(hs: Handshake, version: number): readonly number[] {
  // A configuration is asked several times in a handshake.
  let suites = hs.made.suites.get(version);
  if (!suites) {
    suites = findSuites(hs.config, version);
    hs.made.suites.set(version, suites);
  }
  return suites;
}

function findSuites(config: CommonConfig, version: number): readonly number[] {
  const { choosePsk, findPsk } = config as { choosePsk?: unknown; findPsk?: unknown };
  const hasPsk = (config.externalPsks?.length ?? 0) > 0 || Boolean(choosePsk) || Boolean(findPsk);
  return (config.cipherSuites ?? defaultSuites(versionsOf(config))).filter((code) => {
    const suite = cipherSuiteByCode(code);
    if (!suite || !speaks(config.provider, suite, version)) return false;
    return hasPsk || version >= Version['TLSv1.3'] || !usesPsk(suite.kx as KeyExchange12);
  });
}

/** What authenticates suites that are spoken before TLS 1.3: not DSS, nor nobody. */
const AUTHENTICATIONS: ReadonlySet<string> = new Set(['RSA', 'ECDSA', 'PSK']);

/** Whether the engine, with this provider, speaks the suite in `version`. */
export function speaks(provider: Provider, suite: CipherSuite, version: number): boolean {
  const name = versionByCode(version)?.name;
  if (!name || !suite.versions.includes(name)) return false;
  if (version >= Version['TLSv1.3']) return suite.aead !== null && provider.aeads.includes(suite.aead);
  if (!isKeyExchange12(suite.kx) || !AUTHENTICATIONS.has(suite.auth)) return false;
  // Export suites have short keys made in another way; they were never to come back (RFC 4346 appendix A.5).
  if (suite.weaknesses.includes('export')) return false;
  const cipher = cipherOf(suite);
  if (!cipher) return false;
  if (cipher.kind === 'aead') return provider.aeads.includes(cipher.aead);
  return cipher.kind === 'null' || provider.cbcCiphers.includes(cipher.cbc);
}

/** Groups of the configuration that the provider has, in its order. */
export function groupsOf(hs: Handshake): readonly number[] {
  return (hs.config.groups ?? DEFAULT_GROUPS).filter((code) =>
    hs.provider.groups.some((name) => name === groupByCode(code)?.iana),
  );
}

/** Elliptic curves and Montgomery curves: what ECDHE of TLS 1.2 and older can be run over (RFC 8422 §5.1.1). */
export function isEcdheGroup(code: number): boolean {
  const kind = groupByCode(code)?.kind;
  return kind === 'ecdh' || kind === 'xdh';
}

/** RFC 7919 §2: the code points of finite-field groups. */
export function isFiniteField(code: number): boolean {
  return code >> 8 === 1;
}

/** A version as facts and decisions name it: `TLSv1.2`; in words where it has no such name. */
export const versionLabel = (code: number): string => versionByCode(code)?.name ?? versionName(code);

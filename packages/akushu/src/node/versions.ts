/** Versions by name, as in `node:tls`, and what the engine is told of them. */
import { DEFAULT_VERSIONS } from '../handshake/index.js';
import { findVersion, Version, versions } from '../registry/index.js';

/** As in `node:tls`. */
export type TlsVersionName = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export interface VersionOptions {
  /** Default `TLSv1.2`, or `maxVersion` where that is older. */
  readonly minVersion?: TlsVersionName | undefined;
  /** Default `TLSv1.3`. */
  readonly maxVersion?: TlsVersionName | undefined;
  /** Exactly these, in place of a range. TLS 1.1 and 1.0 are deprecated (RFC 8996). */
  readonly versions?: readonly TlsVersionName[] | undefined;
}

/** Code points; undefined where nothing is said. Throws RangeError, and TypeError for a list and a range at once. */
export function versionCodes({
  minVersion,
  maxVersion,
  versions: exact,
}: VersionOptions): readonly number[] | undefined {
  const ranged = minVersion !== undefined || maxVersion !== undefined;
  if (exact !== undefined) {
    if (ranged) throw new TypeError('"versions" expected alone, or "minVersion" and "maxVersion"');
    if (exact.length === 0) throw new RangeError('"versions" expected at least one');
    return exact.map((name) => codeOf('versions', name));
  }
  if (!ranged) return undefined;
  const max = maxVersion === undefined ? DEFAULT_VERSIONS[0]! : codeOf('maxVersion', maxVersion);
  const min = minVersion === undefined ? Math.min(Version['TLSv1.2'], max) : codeOf('minVersion', minVersion);
  if (min > max) throw new RangeError(`"minVersion" expected at most ${maxVersion}, got ${minVersion}`);
  return versions()
    .map(({ code }) => code)
    .filter((code) => code >= min && code <= max)
    .reverse();
}

/** Any of the names that the registry knows does. */
function codeOf(title: string, name: string): number {
  const found = findVersion(name);
  if (!found || found.code < Version.TLSv1)
    throw new RangeError(
      `"${title}" expected TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3, got ${JSON.stringify(name)}`,
    );
  return found.code;
}

/**
 * How a server chooses the version (RFC 9846 §4.3.1, RFC 5246 appendix E.1): the highest that both sides have, from
 * supported_versions where the client sends it and from the hello's own field otherwise.
 */
import { tlsError } from '../errors.js';
import { isGrease, Scsv, Version } from '../registry/index.js';
import type { DecisionReason } from '../trace/index.js';
import type { ServerConfig } from './config.js';
import type { Handshake } from './handshake.js';
import type { Hello } from './server-negotiation.js';
import { usableVersions, versionLabel, versionsOf } from './suites.js';

/** Chooses, reports, and fixes the form of messages. Throws `no_shared_version`, `inappropriate_fallback`. */
export function chooseVersion(hs: Handshake<ServerConfig>, hello: Hello): number {
  const ours = usableVersions(hs);
  const offered = offeredVersions(hello);
  const version = ours.find((code) => offered.includes(code));
  hs.decide({
    about: 'version',
    by: 'server',
    chosen: version === undefined ? null : versionLabel(version),
    reason: version === undefined ? 'refused' : 'highest_shared',
    alternatives: [...others(offered, ours, version), ...unoffered(ours, offered), ...withoutSuite(hs, ours)],
  });
  if (version === undefined) {
    throw tlsError('no_shared_version', {
      offered: offered.map(versionLabel),
      supported: ours.map(versionLabel),
    });
  }
  // RFC 7507 §3: a second try with less, though we have more.
  if (hello.body.cipherSuites.includes(Scsv.TLS_FALLBACK_SCSV) && version < ours[0]!)
    throw tlsError('inappropriate_fallback', { chosen: versionLabel(version), best: versionLabel(ours[0]!) });
  hs.speak(version);
  return version;
}

/** Without the extension a client means all versions up to the one that it names. */
function offeredVersions({ body, x }: Hello): readonly number[] {
  // RFC 9846 appendix E.5: a hello of SSL 3.0 is refused, whatever its extensions say.
  if (body.legacyVersion <= Version.SSLv3) return [body.legacyVersion];
  if (x.supportedVersions) return x.supportedVersions;
  return [Version['TLSv1.2'], Version['TLSv1.1'], Version.TLSv1].filter((code) => code <= body.legacyVersion);
}

type Alternatives = { readonly value: string; readonly reason: DecisionReason }[];

function others(
  offered: readonly number[],
  ours: readonly number[],
  chosen: number | undefined,
): Alternatives {
  return offered
    .filter((code) => code !== chosen)
    .map((code) => {
      if (isGrease(code)) return { value: versionLabel(code), reason: 'grease' };
      return {
        value: versionLabel(code),
        reason: ours.includes(code) ? 'lower_version' : 'not_supported_by_server',
      };
    });
}

/** Versions that are configured, and no suite for them. */
function withoutSuite(hs: Handshake<ServerConfig>, ours: readonly number[]): Alternatives {
  return versionsOf(hs.config)
    .filter((code) => !ours.includes(code))
    .map((code) => ({ value: versionLabel(code), reason: 'not_configured' }));
}

function unoffered(ours: readonly number[], offered: readonly number[]): Alternatives {
  return ours
    .filter((code) => !offered.includes(code))
    .map((code) => ({ value: versionLabel(code), reason: 'not_offered_by_client' }));
}

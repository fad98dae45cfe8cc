/**
 * What a message or key has to be seen with to be explained: version and key exchange (RFC 5246 §7.3). Read off the
 * hellos themselves, so that it is known for a trace that is still being written as well as for a capture.
 */
import { equal } from '../bytes/index.js';
import { TlsError } from '../errors.js';
import { decodeBody, type Extensions } from '../messages/index.js';
import { cipherSuiteByCode, type VersionName, versionByCode } from '../registry/index.js';
import type { MessageEvent } from '../trace/index.js';

export interface Setting {
  /** null before the ServerHello. */
  readonly version: VersionName | null;
  /** As the registry has it: `ECDHE`, `DHE`, `RSA`, `PSK`, …; null before the ServerHello. */
  readonly keyExchange: string | null;
  /** Before TLS 1.3: the server goes on with an earlier session. */
  readonly resumed: boolean;
  /** The ClientHello's session identifier, with which a server says that it resumes. */
  readonly sessionId: Uint8Array;
  /** The ClientHello has key shares, so that TLS 1.3 is possible. */
  readonly keyShares: boolean;
}

export const NO_SETTING: Setting = {
  version: null,
  keyExchange: null,
  resumed: false,
  sessionId: new Uint8Array(0),
  keyShares: true,
};

/** What is known once this message was seen too. Only hellos change it. */
export function settingAfter(
  before: Setting,
  { type, bytes }: Pick<MessageEvent, 'type' | 'bytes'>,
): Setting {
  try {
    if (type === 'ClientHello') return ofClientHello(bytes);
    return type === 'ServerHello' ? ofServerHello(before, bytes) : before;
  } catch (error) {
    // A hello that cannot be read is the engine's to complain of.
    if (error instanceof TlsError) return before;
    throw error;
  }
}

function ofClientHello(bytes: Uint8Array): Setting {
  const { legacySessionId, extensions } = decodeBody('ClientHello', bytes);
  return { ...NO_SETTING, sessionId: legacySessionId, keyShares: extensions?.keyShare !== undefined };
}

function ofServerHello(before: Setting, bytes: Uint8Array): Setting {
  const hello = decodeBody('ServerHello', bytes);
  const chosen = (hello.extensions as Extensions<'SH'> | undefined)?.supportedVersions ?? hello.legacyVersion;
  const version = versionByCode(chosen)?.name ?? null;
  const echo = hello.legacySessionIdEcho;
  return {
    ...before,
    version,
    keyExchange: cipherSuiteByCode(hello.cipherSuite)?.kx ?? null,
    resumed: version !== 'TLSv1.3' && echo.length > 0 && equal(echo, before.sessionId),
  };
}

export const isBefore13 = ({ version }: Setting): boolean => version !== null && version !== 'TLSv1.3';

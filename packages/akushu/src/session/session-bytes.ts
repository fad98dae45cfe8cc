/**
 * Sessions as bytes: for stores and files. What leaves the process is sealed as well (`SessionSealer`): a session holds
 * keys, and a chain that nobody looks at again where the same trust is in force.
 */
import { concat, EMPTY, fromLatin1, fromUtf8 } from '../bytes/index.js';
import { decode, encode, type Infer, opaque, struct, uint8, uint16, uint32, vector } from '../codec/index.js';
import type { Aead, Provider } from '../crypto/provider.js';
import { TlsError } from '../errors.js';
import type { Session } from './session.js';
import { milliseconds, textOf } from './wire.js';

/** Bytes that are no session: of another format, cut, changed, or sealed under another key. */
export class BadSession extends Error {
  override readonly name = 'BadSession';
  constructor(
    readonly reason: 'not_a_session' | 'unknown_version' | 'malformed' | 'does_not_open',
    options?: ErrorOptions,
  ) {
    super(`no session: ${reason}`, options);
  }
}

const MAGIC = fromLatin1('akushu session');
const VERSION = 1;
const NONCE_LENGTH = 12;

const codec = struct('Session', 'akushu', {
  version: uint16,
  cipherSuite: uint16,
  psk: opaque(1, 255),
  ticket: opaque(0, 0xffff),
  lifetime: uint32,
  ageAdd: uint32,
  receivedAt: milliseconds,
  authenticatedAt: milliseconds,
  maxEarlyData: uint32,
  serverName: vector(opaque(0, 0xffff), 0, 0x1ffff),
  alpn: vector(opaque(0, 510), 0, 0x1ffff),
  peerChain: vector(opaque(1, 0xffffff), 0, 0xffffff),
  peerRawKey: opaque(0, 0xffff),
  trustName: opaque(0, 255),
  trustUntil: milliseconds,
  presented: vector(opaque(0, 32), 0, 33),
  sessionId: opaque(0, 32),
  extendedMasterSecret: uint8,
});

/** The session with a name and a version in front. Not secret, not authenticated. */
export function encodeSession(session: Session): Uint8Array {
  const maybe = (text: string | null): Uint8Array[] => (text === null ? [] : [fromUtf8(text)]);
  const wire: Infer<typeof codec> = {
    ...session,
    serverName: maybe(session.serverName),
    alpn: maybe(session.alpn),
    peerRawKey: session.peerRawKey ?? EMPTY,
    trustName: session.trust?.name ?? EMPTY,
    trustUntil: session.trust?.until ?? 0,
    presented: session.presented ? [session.presented] : [],
    sessionId: session.sessionId ?? EMPTY,
    extendedMasterSecret: session.extendedMasterSecret ? 1 : 0,
  };
  return concat(MAGIC, Uint8Array.of(VERSION), encode(codec, wire));
}

/** Throws BadSession. */
export function decodeSession(bytes: Uint8Array): Session {
  const start = MAGIC.length + 1;
  if (bytes.length < start || MAGIC.some((byte, at) => bytes[at] !== byte))
    throw new BadSession('not_a_session');
  if (bytes[MAGIC.length] !== VERSION) throw new BadSession('unknown_version');
  try {
    const { trustName, trustUntil, sessionId, extendedMasterSecret, ...wire } = decode(codec, bytes, start);
    return {
      ...wire,
      serverName: wire.serverName[0] ? textOf(wire.serverName[0]) : null,
      alpn: wire.alpn[0] ? textOf(wire.alpn[0]) : null,
      peerRawKey: wire.peerRawKey.length > 0 ? wire.peerRawKey : null,
      trust: trustName.length > 0 ? { name: trustName, until: trustUntil } : null,
      presented: wire.presented[0] ?? null,
      ...(sessionId.length > 0 && { sessionId }),
      ...(extendedMasterSecret === 1 && { extendedMasterSecret: true }),
    };
  } catch (cause) {
    if (cause instanceof TlsError) throw new BadSession('malformed', { cause });
    throw cause;
  }
}

/** Seals sessions for where others could read or change them: AES-256-GCM under a key of the caller's. */
export class SessionSealer {
  private readonly aead: Aead;

  /** Throws RangeError for a key of less than 32 bytes. */
  constructor(
    private readonly provider: Provider,
    key: Uint8Array,
  ) {
    if (key.length < 32) throw new RangeError(`"key" expected at least 32 bytes, got ${key.length}`);
    const root = provider.hmacKey('sha256', key);
    this.aead = provider.aead('aes-256-gcm', root.sign(fromUtf8('akushu session key')));
  }

  /** `context` is bound to it: it opens under the same one only. */
  seal(session: Session, context = ''): Uint8Array {
    const nonce = this.provider.random(NONCE_LENGTH);
    const { ciphertext, tag } = this.aead.seal(nonce, fromUtf8(context), encodeSession(session));
    return concat(nonce, ciphertext, tag);
  }

  /** Throws BadSession. */
  open(sealed: Uint8Array, context = ''): Session {
    if (sealed.length < NONCE_LENGTH + this.aead.tagLength) throw new BadSession('does_not_open');
    const nonce = sealed.subarray(0, NONCE_LENGTH);
    const plain = this.aead.open(nonce, fromUtf8(context), sealed.subarray(NONCE_LENGTH));
    if (!plain) throw new BadSession('does_not_open');
    return decodeSession(plain);
  }
}

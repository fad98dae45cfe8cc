/**
 * Opens records of SSL 3.0 to TLS 1.2. The master secret comes from a key log, from the server's RSA key (RFC 5246
 * §8.1.1; only static RSA key exchange can be read so), or from a session that was seen when it began.
 */
import { toHex, toLatin1 } from '../../bytes/index.js';
import { CryptoError, type PrivateKey, type Provider } from '../../crypto/provider.js';
import { TlsError } from '../../errors.js';
import { cipherOf, MasterSecret12, transcriptHashes } from '../../keys/index.js';
import { type Opener, opener12 } from '../../record/index.js';
import { type CipherSuite, Version } from '../../registry/index.js';
import type { Side } from '../../trace/index.js';
import type { Opened, Source } from './decrypt13.js';
import type { CurrentHandshake } from './handshake-facts.js';
import type { KeyLog } from './key-log.js';
import { rc4Opener } from './rc4.js';
import { keysOfSsl3, masterOfSsl3, ssl3Opener } from './ssl3.js';

const PREMASTER = 48;
const LOOK_AHEAD = 64;

export interface Master {
  readonly secret: Uint8Array;
  readonly source: Source;
  readonly label: string;
}

/** Master secrets of sessions that began in the capture, by session id and by ticket. The oldest go first. */
export class Sessions {
  private readonly known = new Map<string, Master>();

  constructor(private readonly limit: number) {}

  remember(kind: 'id' | 'ticket', name: Uint8Array, master: Master): void {
    if (name.length === 0) return;
    this.known.set(`${kind} ${toLatin1(name)}`, master);
    if (this.known.size > this.limit) this.known.delete(this.known.keys().next().value!);
  }

  find(kind: 'id' | 'ticket', name: Uint8Array | null | undefined): Master | undefined {
    const found = name && this.known.get(`${kind} ${toLatin1(name)}`);
    return found ? { ...found, source: 'session' } : undefined;
  }
}

export class Masters {
  constructor(
    private readonly provider: Provider,
    private readonly keyLog: KeyLog,
    private readonly rsaKeys: readonly PrivateKey[],
    readonly sessions: Sessions,
  ) {}

  /** What needs no private key. */
  find(hs: CurrentHandshake): Master | undefined {
    const { keyLog, sessions } = this;
    const logged = keyLog.find('CLIENT_RANDOM', hs.clientRandom);
    if (logged) return { ...logged, label: 'CLIENT_RANDOM' };
    const id = hs.serverHello?.legacySessionIdEcho;
    const bySession = id && id.length > 0 ? keyLog.find('SESSION', toHex(id)) : undefined;
    if (bySession) return { ...bySession, label: 'RSA Session-ID' };
    const premaster =
      keyLog.find('PMS_CLIENT_RANDOM', hs.clientRandom) ??
      (hs.encryptedPremaster && keyLog.find('RSA', toHex(hs.encryptedPremaster.subarray(0, 8))));
    if (premaster) {
      const secret = this.masterOf(hs, premaster.secret);
      if (secret) return { secret, source: premaster.source, label: 'premaster secret' };
    }
    if (hs.serverHelloDone) return undefined;
    return sessions.find('ticket', hs.ticket) ?? sessions.find('id', id);
  }

  /** Whether the private keys that were given could help. */
  canDecrypt(hs: CurrentHandshake): boolean {
    return this.rsaKeys.length > 0 && hs.encryptedPremaster !== null && hs.suite?.kx === 'RSA';
  }

  /** With whichever key gives a premaster secret. Undefined where none does. */
  async decrypt(hs: CurrentHandshake): Promise<Master | undefined> {
    for (const key of this.rsaKeys) {
      const premaster = await decryptPremaster(key, hs.encryptedPremaster!);
      const secret = premaster && this.masterOf(hs, premaster);
      if (secret) return { secret, source: 'rsa_key', label: 'RSA key' };
    }
    return undefined;
  }

  /** RFC 5246 §8.1, RFC 7627 §4. */
  private masterOf(hs: CurrentHandshake, premaster: Uint8Array): Uint8Array | undefined {
    const { version, suite, clientHello, serverHello } = hs;
    if (version === null || !suite || !clientHello || !serverHello) return undefined;
    const { random: clientRandom } = clientHello;
    const { random: serverRandom } = serverHello;
    if (version < Version.TLSv1) return masterOfSsl3(this.provider, premaster, clientRandom, serverRandom);
    const session = hs.extendedMasterSecret ? this.sessionHash(version, suite, hs.transcript) : null;
    return MasterSecret12.from(this.provider, version, suite, premaster, clientRandom, serverRandom, session)
      .secret;
  }

  private sessionHash(version: number, suite: CipherSuite, messages: readonly Uint8Array[]): Uint8Array {
    const digests = transcriptHashes(version, suite).map((hash) => this.provider.digest(hash, ...messages));
    const joined = new Uint8Array(digests.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const digest of digests) {
      joined.set(digest, at);
      at += digest.length;
    }
    return joined;
  }
}

/** RFC 8017 §7.2.2, without the secrecy: whoever has a capture and the key sees everything anyway. */
async function decryptPremaster(key: PrivateKey, encrypted: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    const block = await key.decryptRaw?.(encrypted);
    if (block?.[0] !== 0 || block[1] !== 2) return undefined;
    const start = block.length - PREMASTER;
    return start >= 11 && block.indexOf(0, 2) === start - 1 ? block.slice(start) : undefined;
  } catch {
    // Whatever keeps this key from it, another one may do.
    return undefined;
  }
}

/** One direction under one set of keys. */
export class Decryption12 {
  private uncertain = false;

  private constructor(
    private readonly opener: Pick<Opener, 'open'>,
    private readonly master: Master,
  ) {}

  /** Both directions; null where the cipher is not one that can be opened here. */
  static pair(
    provider: Provider,
    hs: CurrentHandshake,
    master: Master,
  ): Readonly<Record<Side, Decryption12>> | null {
    const { version, suite, clientHello, serverHello } = hs;
    if (version === null || !suite || !clientHello || !serverHello || master.secret.length !== 48)
      return null;
    const randoms = [clientHello.random, serverHello.random] as const;
    try {
      const openers = openersOf(provider, version, suite, hs.encryptThenMac, master.secret, randoms);
      return (
        openers && {
          client: new Decryption12(openers.client, master),
          server: new Decryption12(openers.server, master),
        }
      );
    } catch (error) {
      if (error instanceof CryptoError) return null;
      throw error;
    }
  }

  readonly hopeful = true;

  open(record: Uint8Array): Opened {
    const { master, uncertain } = this;
    // A record that fails is counted all the same: trying it again is trying it under the next number.
    for (let ahead = 0; ahead <= (uncertain ? LOOK_AHEAD : 0); ahead++) {
      const inner = open(this.opener, record);
      if (!inner) continue;
      this.uncertain = false;
      return { ok: true, inner, label: master.label, source: master.source };
    }
    this.uncertain = false;
    return { ok: false, why: 'failed' };
  }

  lostBytes(): void {
    this.uncertain = true;
  }
}

type SimpleOpener = Pick<Opener, 'open'>;

function openersOf(
  provider: Provider,
  version: number,
  suite: CipherSuite,
  encryptThenMac: boolean,
  secret: Uint8Array,
  [clientRandom, serverRandom]: readonly [Uint8Array, Uint8Array],
): Readonly<Record<Side, SimpleOpener>> | null {
  const cipher = cipherOf(suite, encryptThenMac);
  if (version < Version.TLSv1) {
    const keys = keysOfSsl3(provider, suite, secret, clientRandom, serverRandom);
    return keys && { client: ssl3Opener(provider, keys.client), server: ssl3Opener(provider, keys.server) };
  }
  const master = new MasterSecret12(provider, version, suite, secret, clientRandom, serverRandom);
  if (suite.enc === 'RC4-128') return rc4Opener(provider, suite, master, clientRandom, serverRandom);
  if (!cipher) return null;
  const { client, server } = master.keys(cipher);
  return { client: opener12(provider, client), server: opener12(provider, server) };
}

function open(opener: SimpleOpener, record: Uint8Array): ReturnType<Opener['open']> {
  try {
    return opener.open(record);
  } catch (error) {
    if (error instanceof TlsError) return undefined;
    throw error;
  }
}

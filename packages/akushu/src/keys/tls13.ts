/**
 * The key schedule of TLS 1.3 (RFC 9846 §7.1). Each stage is a type of its own, made from the one before, used once
 * and wiped: a secret of a later stage cannot be had without having gone through the earlier ones.
 */
import { EMPTY, wipe } from '../bytes/index.js';
import type { HmacKey, Provider } from '../crypto/provider.js';
import { HASH_LENGTH } from '../crypto/schemes.js';
import type { AeadName, CipherSuite, HashName } from '../registry/index.js';
import { expandLabel, extract } from './hkdf.js';

/** What of a cipher suite the key schedule needs. */
export interface SuiteKeys {
  readonly hash: HashName;
  readonly aead: AeadName;
}

/** Of a suite that the provider has, so that its AEAD is known. */
export function suiteKeys(suite: CipherSuite): SuiteKeys {
  return { hash: suite.hash, aead: suite.aead! };
}

export const AEAD_KEY_LENGTH: Readonly<Record<AeadName, number>> = {
  'aes-128-gcm': 16,
  'aes-256-gcm': 32,
  'chacha20-poly1305': 32,
  'aes-128-ccm': 16,
  'aes-256-ccm': 32,
  'aes-128-ccm-8': 16,
  'aes-256-ccm-8': 32,
  'aria-128-gcm': 16,
  'aria-256-gcm': 32,
};

/** Labels of SSLKEYLOGFILE (RFC 9850), which also name what a secret is for. */
export type SecretLabel =
  | 'CLIENT_EARLY_TRAFFIC_SECRET'
  | 'EARLY_EXPORTER_SECRET'
  | 'CLIENT_HANDSHAKE_TRAFFIC_SECRET'
  | 'SERVER_HANDSHAKE_TRAFFIC_SECRET'
  | 'CLIENT_TRAFFIC_SECRET_0'
  | 'SERVER_TRAFFIC_SECRET_0'
  | 'EXPORTER_SECRET';

/** What a record is protected with, for the trace: a secret of TLS 1.3, or a write key of older versions (RFC 5246 §6.3). */
export type KeyLabel = SecretLabel | 'client_write_key' | 'server_write_key';

/** A traffic secret (§7.1) and what comes of it: key and IV (§7.3), the Finished key (§4.5.4), its successor (§7.2). */
export class TrafficSecret {
  private readonly prepared: HmacKey;

  constructor(
    private readonly provider: Provider,
    readonly suite: SuiteKeys,
    readonly secret: Uint8Array,
    /** How many updates it is away from the first: N of `application_traffic_secret_N`. */
    readonly generation = 0,
  ) {
    this.prepared = provider.hmacKey(suite.hash, secret);
  }

  key(): Uint8Array {
    return expandLabel(this.prepared, 'key', EMPTY, AEAD_KEY_LENGTH[this.suite.aead]);
  }

  iv(): Uint8Array {
    return expandLabel(this.prepared, 'iv', EMPTY, 12);
  }

  /** `verify_data` of the Finished message over this transcript hash (§4.5.4). */
  verifyData(transcriptHash: Uint8Array): Uint8Array {
    const finishedKey = expandLabel(this.prepared, 'finished', EMPTY, this.prepared.length);
    return this.provider.hmacKey(this.suite.hash, finishedKey).sign(transcriptHash);
  }

  next(): TrafficSecret {
    const secret = expandLabel(this.prepared, 'traffic upd', EMPTY, this.prepared.length);
    return new TrafficSecret(this.provider, this.suite, secret, this.generation + 1);
  }

  wipe(): void {
    wipe(this.secret);
  }
}

const emptyDigests = new Map<HashName, Uint8Array>();

/** The hash of nothing, which most labels go with: the same whoever computes it. */
function emptyDigest(provider: Provider, hash: HashName): Uint8Array {
  const known = emptyDigests.get(hash);
  if (known) return known;
  const digest = provider.digest(hash);
  emptyDigests.set(hash, digest);
  return digest;
}

/** What a stage is used for: deriving secrets, and then the next stage, once. */
class Stage {
  private spent = false;
  private readonly prepared: HmacKey;

  constructor(
    protected readonly provider: Provider,
    protected readonly hash: HashName,
    private readonly secret: Uint8Array,
  ) {
    this.prepared = provider.hmacKey(hash, secret);
  }

  /** Derive-Secret with the hash of the messages already made. */
  protected derive(label: string, transcriptHash: Uint8Array): Uint8Array {
    if (this.spent) throw new Error('a stage of the key schedule was used after its successor was made');
    return expandLabel(this.prepared, label, transcriptHash, this.prepared.length);
  }

  /** The next stage's secret: HKDF-Extract of `keyMaterial` salted with Derive-Secret(., "derived", ""). */
  protected spend(keyMaterial: Uint8Array): Uint8Array {
    const salt = this.derive('derived', emptyDigest(this.provider, this.hash));
    this.spent = true;
    const next = extract(this.provider, this.hash, salt, keyMaterial);
    wipe(salt, this.secret);
    return next;
  }

  /** There is no next stage. */
  protected end(): void {
    this.spent = true;
    wipe(this.secret);
  }

  protected zeros(): Uint8Array {
    return new Uint8Array(this.prepared.length);
  }
}

/** The Early Secret: from a PSK, or from zeros without one. */
export class EarlySecret extends Stage {
  static from(provider: Provider, hash: HashName, psk?: Uint8Array): EarlySecret {
    const zeros = new Uint8Array(hashLength(hash));
    return new EarlySecret(provider, hash, extract(provider, hash, zeros, psk ?? zeros));
  }

  /** The MAC that proves possession of the PSK (§4.3.11.2) over the hash of the truncated ClientHello. */
  binder(kind: 'ext binder' | 'res binder' | 'imp binder', transcriptHash: Uint8Array): Uint8Array {
    const key = this.derive(kind, emptyDigest(this.provider, this.hash));
    return new TrafficSecret(this.provider, { hash: this.hash, aead: 'aes-128-gcm' }, key).verifyData(
      transcriptHash,
    );
  }

  clientEarlyTraffic(suite: SuiteKeys, transcriptHash: Uint8Array): TrafficSecret {
    return new TrafficSecret(this.provider, suite, this.derive('c e traffic', transcriptHash));
  }

  earlyExporter(transcriptHash: Uint8Array): Uint8Array {
    return this.derive('e exp master', transcriptHash);
  }

  /** `sharedSecret` is undefined for a PSK without (EC)DHE. */
  toHandshake(sharedSecret: Uint8Array | undefined): HandshakeSecret {
    return new HandshakeSecret(this.provider, this.hash, this.spend(sharedSecret ?? this.zeros()));
  }
}

export class HandshakeSecret extends Stage {
  clientTraffic(suite: SuiteKeys, transcriptHash: Uint8Array): TrafficSecret {
    return new TrafficSecret(this.provider, suite, this.derive('c hs traffic', transcriptHash));
  }

  serverTraffic(suite: SuiteKeys, transcriptHash: Uint8Array): TrafficSecret {
    return new TrafficSecret(this.provider, suite, this.derive('s hs traffic', transcriptHash));
  }

  toMaster(): MasterSecret {
    return new MasterSecret(this.provider, this.hash, this.spend(this.zeros()));
  }
}

/** The last stage; RFC 9846 calls it Main Secret. */
export class MasterSecret extends Stage {
  clientTraffic(suite: SuiteKeys, transcriptHash: Uint8Array): TrafficSecret {
    return new TrafficSecret(this.provider, suite, this.derive('c ap traffic', transcriptHash));
  }

  serverTraffic(suite: SuiteKeys, transcriptHash: Uint8Array): TrafficSecret {
    return new TrafficSecret(this.provider, suite, this.derive('s ap traffic', transcriptHash));
  }

  exporter(transcriptHash: Uint8Array): Exporter {
    return new Exporter(this.provider, this.hash, this.derive('exp master', transcriptHash));
  }

  /** Ends the schedule: what tickets' PSKs are made from. */
  resumption(transcriptHash: Uint8Array): ResumptionSecret {
    const secret = new ResumptionSecret(this.provider, this.hash, this.derive('res master', transcriptHash));
    this.end();
    return secret;
  }
}

/** The Exporter Secret, and keying material for other protocols from it (§7.5, RFC 5705). */
export class Exporter {
  constructor(
    private readonly provider: Provider,
    private readonly hash: HashName,
    readonly secret: Uint8Array,
  ) {}

  /** Without a context as with an empty one (§7.5). */
  export(label: string, context: Uint8Array | null, length: number): Uint8Array {
    const { provider, hash } = this;
    const base = provider.hmacKey(hash, this.secret);
    const derived = expandLabel(base, label, emptyDigest(provider, hash), base.length);
    return expandLabel(
      provider.hmacKey(hash, derived),
      'exporter',
      provider.digest(hash, context ?? EMPTY),
      length,
    );
  }

  wipe(): void {
    wipe(this.secret);
  }
}

/** The Resumption Secret; each ticket's nonce gives another PSK (§4.7.1). */
export class ResumptionSecret {
  constructor(
    private readonly provider: Provider,
    readonly hash: HashName,
    private readonly secret: Uint8Array,
  ) {}

  psk(ticketNonce: Uint8Array): Uint8Array {
    const key = this.provider.hmacKey(this.hash, this.secret);
    return expandLabel(key, 'resumption', ticketNonce, key.length);
  }

  wipe(): void {
    wipe(this.secret);
  }
}

const HASHES: readonly HashName[] = ['sha256', 'sha384', 'sha512'];

/** Bytes of a digest. Throws RangeError for a hash that no suite of TLS 1.3 could have. */
export function hashLength(hash: HashName): number {
  if (!HASHES.includes(hash)) throw new RangeError(`"hash" expected one of TLS 1.3, got ${hash}`);
  return HASH_LENGTH[hash];
}

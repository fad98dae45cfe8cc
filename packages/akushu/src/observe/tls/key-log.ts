/**
 * Secrets from key logs: SSLKEYLOGFILE (RFC 9850), with the lines that NSS and Wireshark know for older versions.
 * Lines that are none are passed over and counted.
 */
import { fromHex } from '../../bytes/index.js';

export type SecretSource = 'key_log' | 'decryption_secrets_block';

interface Entry {
  readonly hex: string;
  readonly source: SecretSource;
}

export interface FoundSecret {
  readonly secret: Uint8Array;
  readonly source: SecretSource;
}

/** Label, client random, secret. The random of `RSA` is the first eight bytes of the encrypted premaster secret. */
const LINE = /^([A-Z][A-Z0-9_]*) ([0-9a-fA-F]{16,64}) ([0-9a-fA-F]{32,256})$/;
const SESSION_LINE = /^RSA Session-ID:([0-9a-fA-F]{0,64}) Master-Key:([0-9a-fA-F]{96})$/;

const SERVER_HANDSHAKE = 'SERVER_HANDSHAKE_TRAFFIC_SECRET';
const MAX_STRANGERS = 256;

export class KeyLog {
  private readonly secrets = new Map<string, Entry>();
  /** Client randoms of TLS 1.3 that nobody has asked for yet. */
  private readonly unmatched = new Set<string>();
  /** How many more secrets are tried on connections that they may not belong to. */
  private trials = 20_000;
  badLines = 0;
  /** Lines that were left out since there were too many. */
  omitted = 0;

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.secrets.size;
  }

  add(text: string, source: SecretSource): void {
    for (const raw of text.split(/[\r\n]+/)) {
      const line = raw.trim();
      if (line === '' || line.startsWith('#')) continue;
      const match = LINE.exec(line);
      const session = match ? null : SESSION_LINE.exec(line);
      if (match && match[3]!.length % 2 === 0)
        this.put(`${match[1]} ${match[2]!.toLowerCase()}`, match[3]!, source);
      else if (session) this.put(`SESSION ${session[1]!.toLowerCase()}`, session[2]!, source);
      else this.badLines++;
    }
  }

  /** `id`: hexadecimal digits in lower case. */
  find(label: string, id: string): FoundSecret | undefined {
    if (label === SERVER_HANDSHAKE) this.unmatched.delete(id);
    return this.peek(label, id);
  }

  /** The same, without the one who asks being the one whose it is. */
  peek(label: string, id: string): FoundSecret | undefined {
    const found = this.secrets.get(`${label} ${id}`);
    return found && { secret: fromHex(found.hex), source: found.source };
  }

  /** Randoms of connections of TLS 1.3 that were not met so far, the oldest first: a few, and fewer in the end. */
  *strangers(): Generator<string> {
    let left = MAX_STRANGERS;
    for (const random of this.unmatched) {
      if (left-- <= 0 || this.trials-- <= 0) return;
      yield random;
    }
  }

  private put(key: string, hex: string, source: SecretSource): void {
    if (this.secrets.size >= this.limit && !this.secrets.has(key)) this.omitted++;
    else {
      this.secrets.set(key, { hex, source });
      const [label, id] = key.split(' ');
      if (label === SERVER_HANDSHAKE) this.unmatched.add(id!);
    }
  }
}

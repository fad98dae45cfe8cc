/**
 * Imported pre-shared keys (RFC 9258): out of one external key, of whatever length and origin, one for each hash that
 * TLS 1.3 may use, bound to a context. The external key itself never goes into a key schedule.
 */
import { fromUtf8 } from '../bytes/index.js';
import { encode, opaque, struct, uint16 } from '../codec/index.js';
import type { Provider } from '../crypto/provider.js';
import { expandLabel, extract, hashLength } from '../keys/index.js';
import type { HashName } from '../registry/index.js';
import type { ExternalPsk } from './session.js';

export interface PskToImport {
  readonly identity: Uint8Array;
  readonly key: Uint8Array;
  /** The hash that the key was provisioned for. Default SHA-256 (§5). */
  readonly hash?: HashName;
  /** Whatever both sides know of each other, such as their roles in a group (§4.1). */
  readonly context?: Uint8Array;
}

const importedIdentity = struct('ImportedIdentity', 'RFC 9258 §5.1', {
  externalIdentity: opaque(1, 0xffff),
  context: opaque(0, 0xffff),
  targetProtocol: uint16,
  targetKdf: uint16,
});

/** IANA's TLS KDF Identifiers (§10). */
const KDF: Partial<Record<HashName, number>> = { sha256: 1, sha384: 2 };
const TLS13 = 0x0304;

/**
 * The keys to configure as `externalPsks`, on both sides the same. Throws RangeError for an empty key or identity, one
 * of more than 65,535 bytes less what comes with it, and a hash without a KDF in TLS 1.3.
 */
export function importPsk(
  provider: Provider,
  psk: PskToImport,
  targets: readonly HashName[] = ['sha256', 'sha384'],
): ExternalPsk[] {
  const { identity, key, hash = 'sha256', context = new Uint8Array(0) } = psk;
  if (key.length === 0) throw new RangeError('"key" expected at least one byte');
  if (identity.length === 0 || identity.length + context.length > 0xffff - 8)
    throw new RangeError('"identity" and "context" expected 1 to 65,527 bytes together');
  // §5.2: epskx is HKDF-Extract(0, epsk), with the hash of the external key.
  const extracted = extract(provider, hash, new Uint8Array(hashLength(hash)), key);
  const epskx = provider.hmacKey(hash, extracted);
  return targets.map((target) => {
    const targetKdf = KDF[target];
    if (targetKdf === undefined) throw new RangeError(`"targets" expected sha256 or sha384, got ${target}`);
    const imported = encode(importedIdentity, {
      externalIdentity: identity,
      context,
      targetProtocol: TLS13,
      targetKdf,
    });
    const ipskx = expandLabel(epskx, 'derived psk', provider.digest(hash, imported), hashLength(target));
    return { identity: imported, key: ipskx, hash: target, imported: true };
  });
}

/** An external key as it is, for SHA-256 unless it was provisioned for another hash (RFC 9846 §4.3.11). */
export function plainPsk(identity: string, key: Uint8Array, hash: HashName = 'sha256'): ExternalPsk {
  if (identity === '' || key.length === 0)
    throw new RangeError('"identity" and "key" expected not to be empty');
  return { identity: fromUtf8(identity), key, hash };
}

/**
 * The entries of a CRL (RFC 5280 §5.1.2.6, §5.3): checked one after another without building anything, then found by
 * serial number through a table of offsets. Twelve bytes of memory an entry; the list itself stays as it came.
 */
import { Reader } from '../../bytes/index.js';
import { extensions, generalNames, time } from '../asn1.js';
import {
  asX509Error,
  type Der,
  decodeDer,
  generalizedTime,
  integer,
  readHeader,
  x509Error,
} from '../der/index.js';
import { type DistinguishedName, distinguishedName } from '../distinguished-name.js';
import { ENTRY_REASONS, enumerated, type RevocationReason } from './asn1.js';
import { REVOCATION_OID } from './oids.js';

export interface CrlEntry {
  /** Two's complement, as encoded. */
  readonly serial: Uint8Array;
  /** Milliseconds since 1970. */
  readonly revocationDate: number;
  /** Null where the entry has none, which means `unspecified`. */
  readonly reason: RevocationReason | null;
  /** Since when it is, or may be, compromised. Milliseconds since 1970. */
  readonly invalidityDate: number | null;
  /** Who issued the certificate, where it is not the CRL's issuer: the last one named up to this entry (§5.3.3). */
  readonly certificateIssuer: DistinguishedName | null;
}

interface EntryExtensions {
  reason: RevocationReason | null;
  invalidityDate: number | null;
  certificateIssuer: DistinguishedName | null;
  unknownCritical: string | null;
}

/** reasonCode, not critical: what nearly every entry has and nothing else. */
const REASON_ONLY = [0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01] as const;

export class CrlEntries {
  /** An object identifier of the first critical extension in any entry that is not understood here (§5.3). */
  readonly unknownCritical: string | null = null;
  readonly count: number;
  private readonly offsets: Uint32Array;
  /** From a hash to the last entry with it, plus one; `next` leads on to earlier ones. */
  private readonly heads: Uint32Array;
  private readonly next: Uint32Array;
  /** From which entry on another issuer is meant (§5.3.3). */
  private readonly issuers: { readonly from: number; readonly issuer: DistinguishedName }[] = [];

  /** `start` to `end` are the entries without the header of their SEQUENCE. Throws X509Error. */
  constructor(
    private readonly der: Uint8Array,
    start: number,
    end: number,
  ) {
    const reader = new Reader(der, start, end);
    let offsets = new Uint32Array(64);
    let count = 0;
    try {
      while (reader.remaining > 0) {
        if (count === offsets.length) offsets = grown(offsets);
        offsets[count] = reader.pos;
        const extras = this.checkEntry(reader);
        if (extras?.certificateIssuer) this.issuers.push({ from: count, issuer: extras.certificateIssuer });
        if (extras?.unknownCritical) this.unknownCritical ??= extras.unknownCritical;
        count++;
      }
    } catch (error) {
      throw asX509Error(error).within(`revokedCertificates.${count}`);
    }
    this.count = count;
    this.offsets = offsets.slice(0, count);
    this.next = new Uint32Array(count);
    this.heads = new Uint32Array(2 ** Math.max(4, 32 - Math.clz32(count)));
    for (let i = 0; i < count; i++) {
      const slot = this.slot(this.serialAt(i));
      this.next[i] = this.heads[slot]!;
      this.heads[slot] = i + 1;
    }
  }

  /** All entries with this serial number; of an indirect CRL there may be one for each issuer. */
  find(serial: Uint8Array): CrlEntry[] {
    const found: CrlEntry[] = [];
    for (let at = this.heads[this.slot(serial)]!; at > 0; at = this.next[at - 1]!) {
      const other = this.serialAt(at - 1);
      if (other.length === serial.length && other.every((byte, i) => byte === serial[i])) {
        found.push(this.read(at - 1));
      }
    }
    return found.reverse();
  }

  *[Symbol.iterator](): IterableIterator<CrlEntry> {
    for (let i = 0; i < this.count; i++) yield this.read(i);
  }

  /** Checks the entry that comes next and moves past it; its extensions, where it has others than a reason. */
  private checkEntry(reader: Reader): EntryExtensions | null {
    const body = enter(reader, 0x30);
    integer.decode(body);
    time.decode(body);
    if (body.remaining === 0 || isReasonOnly(body)) return null;
    return readExtensions(body.rest());
  }

  private read(index: number): CrlEntry {
    const body = enter(new Reader(this.der, this.offsets[index]!), 0x30);
    const serial = integer.decode(body);
    const revocationDate = time.decode(body).value;
    const extras = body.remaining > 0 ? readExtensions(body.rest()) : null;
    return {
      serial,
      revocationDate,
      reason: extras?.reason ?? null,
      invalidityDate: extras?.invalidityDate ?? null,
      certificateIssuer: this.issuerAt(index),
    };
  }

  private serialAt(index: number): Uint8Array {
    const reader = new Reader(this.der, this.offsets[index]!);
    readHeader(reader);
    return reader.view(readHeader(reader).length);
  }

  private issuerAt(index: number): DistinguishedName | null {
    let [low, high] = [0, this.issuers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.issuers[middle]!.from <= index) low = middle + 1;
      else high = middle;
    }
    return this.issuers[low - 1]?.issuer ?? null;
  }

  /** FNV-1a. Colliding serial numbers cost their issuer's users a longer search, never more than the list is long. */
  private slot(serial: Uint8Array): number {
    let hash = 0x811c9dc5;
    for (const byte of serial) hash = Math.imul(hash ^ byte, 0x01000193);
    return (hash ^ (hash >>> 15)) & (this.heads.length - 1);
  }
}

function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}

function enter(reader: Reader, expected: number): Reader {
  const start = reader.pos;
  const { tag, length } = readHeader(reader);
  if (tag !== expected) throw x509Error('wrong_tag', start, { expected, found: tag });
  return reader.sub(length);
}

function isReasonOnly(body: Reader): boolean {
  if (body.remaining !== REASON_ONLY.length + 1) return false;
  for (let i = 0; i < REASON_ONLY.length; i++) if (body.bytes[body.pos + i] !== REASON_ONLY[i]) return false;
  return body.bytes[body.end - 1]! < 0x80;
}

function readExtensions(bytes: Uint8Array): EntryExtensions {
  const found: EntryExtensions = {
    reason: null,
    invalidityDate: null,
    certificateIssuer: null,
    unknownCritical: null,
  };
  const seen = new Set<string>();
  for (const { extnID, critical, extnValue } of decodeDer(extensions, bytes)) {
    if (seen.has(extnID)) throw x509Error('duplicate_extension', 0, { oid: extnID });
    seen.add(extnID);
    const read = <T>(der: Der<T>): T => decodeDer(der, extnValue);
    switch (extnID) {
      case REVOCATION_OID.reasonCode:
        found.reason = reasonOf(read(enumerated));
        break;
      case REVOCATION_OID.invalidityDate:
        found.invalidityDate = read(generalizedTime);
        break;
      case REVOCATION_OID.certificateIssuer:
        found.certificateIssuer = issuerIn(read(generalNames));
        break;
      default:
        if (critical) found.unknownCritical ??= extnID;
    }
  }
  return found;
}

/** A number without a meaning does not make the certificate any less revoked. */
export function reasonOf(number: number): RevocationReason {
  const reason = ENTRY_REASONS[number];
  return reason === undefined || reason === '(unused)' ? 'unspecified' : reason;
}

/** §5.3.3: the names of the issuer, of which a directory name has to be one. */
function issuerIn(names: ReturnType<typeof generalNames.decode>): DistinguishedName {
  for (const name of names) if (name.kind === 'directoryName') return distinguishedName(name.value);
  throw x509Error('missing_field', 0).within('certificateIssuer');
}

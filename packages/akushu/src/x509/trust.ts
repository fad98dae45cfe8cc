/**
 * Trust anchors: the roots that a path has to end in. Indexed by subject when the set is made; each certificate is
 * parsed when it is first needed, since a system has more than a hundred of them.
 */
import { equal, toLatin1 } from '../bytes/index.js';
import { type Certificate, parseCertificate } from './certificate.js';
import { asX509Error, X509Error } from './der/index.js';
import { skimSubject } from './skim.js';

interface Entry {
  readonly der: Uint8Array;
  /** Undefined until it is asked for, null where it cannot be read. */
  certificate?: Certificate | null;
}

export class TrustAnchors {
  /** How many were given, and could be indexed. */
  readonly size: number;
  private readonly bySubject = new Map<string, Entry[]>();
  private unreadableCount = 0;

  constructor(ders: readonly Uint8Array[]) {
    let size = 0;
    for (const der of ders) {
      const subject = subjectOf(der);
      if (subject === null) {
        this.unreadableCount++;
        continue;
      }
      const entries = this.bySubject.get(subject) ?? [];
      if (entries.some((entry) => equal(entry.der, der))) continue;
      entries.push({ der });
      this.bySubject.set(subject, entries);
      size++;
    }
    this.size = size;
  }

  /** How many of those given could not be read. Grows when one turns out to be malformed on its first use. */
  get unreadable(): number {
    return this.unreadableCount;
  }

  /** The anchors with exactly this subject (its DER). */
  find(subject: Uint8Array): Certificate[] {
    const found: Certificate[] = [];
    for (const entry of this.bySubject.get(toLatin1(subject)) ?? []) {
      const certificate = this.parse(entry);
      if (certificate) found.push(certificate);
    }
    return found;
  }

  /** Whether exactly this certificate is an anchor. */
  has(certificate: Certificate): boolean {
    const entries = this.bySubject.get(toLatin1(certificate.subject.raw)) ?? [];
    return entries.some((entry) => equal(entry.der, certificate.der));
  }

  /** All that can be read. Parses everything. */
  all(): Certificate[] {
    return [...this.bySubject.values()].flat().flatMap((entry) => this.parse(entry) ?? []);
  }

  private parse(entry: Entry): Certificate | null {
    if (entry.certificate === undefined) {
      try {
        entry.certificate = parseCertificate(entry.der);
      } catch (error) {
        if (!(error instanceof X509Error)) throw error;
        entry.certificate = null;
        this.unreadableCount++;
      }
    }
    return entry.certificate;
  }
}

/** Builds the set once; it may then serve any number of verifications. Malformed certificates are counted and skipped. */
export function trustAnchors(ders: readonly Uint8Array[]): TrustAnchors {
  return new TrustAnchors(ders);
}

/** The subject's DER as a map key, read without decoding the rest; null where the bytes are no certificate. */
function subjectOf(der: Uint8Array): string | null {
  try {
    return toLatin1(skimSubject(der));
  } catch (error) {
    asX509Error(error);
    return null;
  }
}

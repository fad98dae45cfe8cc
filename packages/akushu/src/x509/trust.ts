/**
 * Trust anchors: the roots that a path has to end in. Indexed by subject when the set is made; each certificate is
 * parsed when it is first needed, since a system has more than a hundred of them.
 */
import { equal, toLatin1 } from '../bytes/index.js';
import { type Certificate, parseCertificate } from './certificate.js';
import { asX509Error, X509Error } from './der/index.js';
import type { DistinguishedName } from './distinguished-name.js';
import { sameName } from './names.js';
import { skimSubject } from './skim.js';

/** A root with a condition that its store lays on it. */
export interface AnchorInput {
  readonly der: Uint8Array;
  /**
   * Leaves issued after this time (notBefore, milliseconds since 1970) are not trusted: how browsers take leave of an
   * authority without breaking the sites that have a certificate of it.
   */
  readonly distrustAfter?: number | undefined;
}

interface Entry extends AnchorInput {
  /** Undefined until it is asked for, null where it cannot be read. */
  certificate?: Certificate | null;
}

export class TrustAnchors {
  /** How many were given, and could be indexed. */
  readonly size: number;
  private readonly bySubject = new Map<string, Entry[]>();
  private unreadableCount = 0;

  constructor(anchors: readonly (Uint8Array | AnchorInput)[]) {
    let size = 0;
    for (const anchor of anchors) {
      const given = anchor instanceof Uint8Array ? { der: anchor } : anchor;
      const { der } = given;
      const subject = subjectOf(der);
      if (subject === null) {
        this.unreadableCount++;
        continue;
      }
      const entries = this.bySubject.get(subject) ?? [];
      if (entries.some((entry) => equal(entry.der, der))) continue;
      entries.push({ ...given });
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

  /** The anchors with this subject, also where it is written in another way (RFC 5280 §7.1). */
  named(subject: DistinguishedName): Certificate[] {
    const exact = this.find(subject.raw);
    return exact.length > 0 ? exact : this.all().filter((anchor) => sameName(anchor.subject, subject));
  }

  /** Whether exactly this certificate is an anchor. */
  has(certificate: Certificate): boolean {
    return this.entryOf(certificate) !== undefined;
  }

  /** From when on leaves under this anchor are not trusted; null where there is no such time. */
  distrustAfter(certificate: Certificate): number | null {
    return this.entryOf(certificate)?.distrustAfter ?? null;
  }

  private entryOf(certificate: Certificate): Entry | undefined {
    const entries = this.bySubject.get(toLatin1(certificate.subject.raw)) ?? [];
    return entries.find((entry) => equal(entry.der, certificate.der));
  }

  /** What the set was made from, without what could not be indexed and repeats. Parses nothing. */
  inputs(): AnchorInput[] {
    return [...this.bySubject.values()].flat();
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
export function trustAnchors(anchors: readonly (Uint8Array | AnchorInput)[]): TrustAnchors {
  return new TrustAnchors(anchors);
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

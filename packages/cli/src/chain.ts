/** The peer's certificates for showing: from the handshake's end, or from its messages where it did not get there. */
import { nodeProvider } from 'akushu/crypto/node';
import { type Certificate, fingerprint, parseCertificate, presentedNames, X509Error } from 'akushu/x509';
import { certificatesIn } from './certificate-message.js';
import type { Story } from './story.js';

const DAY = 86_400_000;

export interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly selfIssued: boolean;
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Whole days until `notAfter`; negative where it has passed. */
  readonly daysLeft: number;
  readonly serial: string;
  /** SHA-256 of the DER, hexadecimal. */
  readonly fingerprint: string;
  readonly key: { readonly kind: string; readonly bits: number | null; readonly curve: string | null };
  readonly signatureAlgorithm: string;
  readonly isCa: boolean;
}

/** Leaf first as sent; null for what cannot be read. */
export function chainOf(story: Story, now: number): (ShownCertificate | null)[] {
  const peer = story.role === 'client' ? 'server' : 'client';
  const sent = story.messages.findLast(
    ({ type, from }) => from === peer && /^(Compressed)?Certificate$/.test(type),
  );
  const ders = story.summary?.peerCertificates ?? (sent ? certificatesIn(sent) : []);
  return ders.map((der) => {
    try {
      return show(parseCertificate(der), now);
    } catch (error) {
      if (error instanceof X509Error) return null;
      throw error;
    }
  });
}

function show(certificate: Certificate, now: number): ShownCertificate {
  const { notBefore, notAfter, publicKeyAlgorithm, signatureAlgorithm } = certificate;
  const { kind, bits, curve } = publicKeyAlgorithm;
  return {
    subject: certificate.subject.text,
    issuer: certificate.issuer.text,
    selfIssued: certificate.selfIssued,
    names: presentedNames(certificate),
    notBefore,
    notAfter,
    daysLeft: Math.floor((notAfter - now) / DAY),
    serial: certificate.serialHex,
    fingerprint: fingerprint(certificate, nodeProvider),
    key: { kind, bits, curve },
    signatureAlgorithm: signatureAlgorithm
      ? [signatureAlgorithm.kind, 'hash' in signatureAlgorithm ? signatureAlgorithm.hash : '']
          .filter(Boolean)
          .join('-')
      : certificate.signatureAlgorithmOid,
    isCa: certificate.basicConstraints?.ca ?? false,
  };
}

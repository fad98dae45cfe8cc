/**
 * PKCS#7 bundles: SignedData (RFC 5652 §5.1) for the certificates and CRLs that it carries, as `.p7b` and `.p7c` files
 * and the answers of some AIA addresses do. Signatures in it are counted, not checked. BER is accepted around them.
 */
import type { AnnotatedNode } from '../../codec/codec.js';
import { annotateDer, decodeDer, X509Error } from '../der/index.js';
import { contentInfo, signedData } from './asn1.js';
import { definite, readAsBer } from './ber.js';
import { FORMAT_OID, formatOidName } from './oids.js';
import { decodePart } from './part.js';

export interface Pkcs7Bundle {
  readonly certificates: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
  /** Attribute certificates and other things that are neither. */
  readonly others: number;
  /** Zero in a bundle that is nothing but one. */
  readonly signers: number;
  /** Whether the file is BER: what is in `certificates` is as it was, the frame is not DER. */
  readonly ber: boolean;
}

const MAX_PKCS7_BYTES = 16 * 1024 * 1024;
const SEQUENCE = 0x30;

/** Throws X509Error; `wrong_kind` for CMS of another content type. */
export function parsePkcs7(bytes: Uint8Array): Pkcs7Bundle {
  if (bytes.length > MAX_PKCS7_BYTES) throw new X509Error('too_large', { facts: { size: bytes.length } });
  return readAsBer(bytes, (der) => read(der, der !== bytes));
}

function read(der: Uint8Array, ber: boolean): Pkcs7Bundle {
  const { contentType, content } = decodeDer(contentInfo, der);
  if (contentType !== FORMAT_OID.signedData || content === undefined) {
    throw new X509Error('wrong_kind', {
      field: 'contentType',
      facts: { wanted: 'signedData', found: formatOidName(contentType) ?? contentType },
    });
  }
  const { certificates, crls, signerInfos } = decodePart(signedData, content, 'content', der);
  const all = [...(certificates ?? []), ...(crls ?? [])];
  // Both sets are CHOICEs in which everything but certificates and CRLs is tagged (RFC 5652 §10.2).
  const plain = (list: readonly Uint8Array[] | undefined) =>
    (list ?? []).filter((one) => one[0] === SEQUENCE);
  return {
    certificates: plain(certificates),
    crls: plain(crls),
    others: all.filter((one) => one[0] !== SEQUENCE).length,
    signers: signerInfos.length,
    ber,
  };
}

/** For BER, offsets are those of the definite form. */
export function annotatePkcs7(bytes: Uint8Array): AnnotatedNode {
  let der = bytes;
  try {
    der = definite(bytes) ?? bytes;
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
  }
  return annotateDer(contentInfo, der, 'contentInfo');
}

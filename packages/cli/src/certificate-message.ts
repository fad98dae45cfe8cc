/** The certificates in a message of the trace: as they are, or unpacked (RFC 8879), by way of the annotated tree. */
import { type AnnotatedNode, annotateMessage, type MessageEvent, unpackCertificate } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';

/** All nodes of a tree with this name, in order. */
export function nodesCalled(name: string, tree: AnnotatedNode): AnnotatedNode[] {
  return [
    ...(tree.name === name ? [tree] : []),
    ...tree.children.flatMap((child) => nodesCalled(name, child)),
  ];
}

/** DER, in the order sent; none where the message cannot be read. */
export function certificatesIn(event: Pick<MessageEvent, 'type' | 'bytes' | 'annotate'>): Uint8Array[] {
  if (event.type === 'CompressedCertificate') {
    const message = unpackCertificate(event.bytes, nodeProvider);
    return message === null ? [] : dersIn(annotateMessage(message), message);
  }
  return dersIn(event.annotate(), event.bytes);
}

/** Before TLS 1.3 certificates stand in the list as they are, afterwards each in an entry of its own. */
function dersIn(tree: AnnotatedNode, message: Uint8Array): Uint8Array[] {
  const entries = nodesCalled('cert_data', tree);
  const nodes = entries.length > 0 ? entries : bareCertificates(tree);
  // opaque<1..2^24-1>: three bytes of length, then the DER.
  return nodes.map(({ start, end }) => message.subarray(start + 3, end));
}

const bareCertificates = (tree: AnnotatedNode): readonly AnnotatedNode[] =>
  nodesCalled('certificate_list', tree).flatMap(({ children }) =>
    children.filter((node) => node.children.length === 0),
  );

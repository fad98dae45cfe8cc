/** The certificates in a message of the trace: as they are, or unpacked (RFC 8879), by way of the annotated tree. */
import { type AnnotatedNode, annotateMessage, type MessageEvent } from 'akushu';
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
    const message = unpacked(event.bytes);
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

const ALGORITHMS: Readonly<Record<number, 'zlib' | 'brotli'>> = { 1: 'zlib', 2: 'brotli' };
/** What the engine takes (its Limits), so that nothing is unpacked here that it refused. */
const MAX_UNPACKED = 65_536;

/** The Certificate message that was compressed; null where it cannot be unpacked. */
function unpacked(bytes: Uint8Array): Uint8Array | null {
  const tree = annotateMessage(bytes);
  const fieldOf = (name: string): Uint8Array => {
    const node = nodesCalled(name, tree)[0];
    return node ? bytes.subarray(node.start, node.end) : new Uint8Array(0);
  };
  const algorithm = ALGORITHMS[numberOf(fieldOf('algorithm'))];
  const length = numberOf(fieldOf('uncompressed_length'));
  if (!algorithm || !nodeProvider.decompress || length > MAX_UNPACKED) return null;
  try {
    const body = nodeProvider.decompress(
      algorithm,
      fieldOf('compressed_certificate_message').subarray(3),
      length,
    );
    return Uint8Array.of(11, ...lengthBytes(body.length), ...body);
  } catch {
    // The engine has refused it already, and says so.
    return null;
  }
}

const numberOf = (bytes: Uint8Array): number => bytes.reduce((value, byte) => value * 256 + byte, 0);

const lengthBytes = (length: number): number[] => [length >> 16, (length >> 8) & 0xff, length & 0xff];

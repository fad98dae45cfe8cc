/** A ClientHello with about every extension that the engine knows, and what trees of it must look like. */
import type { AnnotatedNode } from '../../src/codec/index.js';
import type { ClientHello } from '../../src/messages/index.js';
import { Group, Scheme, Suite, Version } from '../../src/registry/index.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

export const richClientHello: ClientHello = {
  legacyVersion: Version['TLSv1.2'],
  random: filled(32, 0xaa),
  legacySessionId: filled(32, 0xbb),
  cipherSuites: [0x1a1a, Suite.TLS_AES_128_GCM_SHA256, Suite.TLS_AES_256_GCM_SHA384],
  legacyCompressionMethods: [0],
  extensions: {
    serverName: [{ tag: 0, kind: 'host_name', value: text('example.com') }],
    supportedVersions: [0x2a2a, Version['TLSv1.3']],
    supportedGroups: [0x3a3a, Group.X25519MLKEM768, Group.x25519],
    keyShare: [
      { group: 0x3a3a, keyExchange: Uint8Array.of(0) },
      { group: Group.x25519, keyExchange: filled(32, 7) },
    ],
    signatureAlgorithms: [Scheme.ed25519, Scheme.ecdsa_secp256r1_sha256],
    signatureAlgorithmsCert: [Scheme.rsa_pkcs1_sha256],
    alpn: [text('h2'), text('http/1.1')],
    statusRequest: {
      tag: 1,
      kind: 'ocsp',
      value: { responderIds: [filled(3, 1)], requestExtensions: filled(2, 2) },
    },
    signedCertificateTimestamp: true,
    compressCertificate: [1, 2],
    recordSizeLimit: 16_385,
    certificateAuthorities: [filled(9, 9)],
    postHandshakeAuth: true,
    serverCertificateType: [2, 0],
    clientCertificateType: [2, 0],
    pskKeyExchangeModes: [1, 0],
    cookie: filled(5, 5),
    earlyData: true,
    maxFragmentLength: 2,
    ecPointFormats: [0],
    sessionTicket: new Uint8Array(0),
    encryptThenMac: true,
    extendedMasterSecret: true,
    renegotiationInfo: new Uint8Array(0),
    padding: filled(4, 0),
    unknown: [
      { type: 0x4a4a, data: new Uint8Array(0) },
      { type: 0x1234, data: filled(3, 3) },
    ],
    preSharedKey: {
      identities: [{ identity: text('ticket'), obfuscatedTicketAge: 123_456 }],
      binders: [filled(32, 4)],
    },
  },
};

/** What is wrong with the ranges of a tree; undefined where they nest, follow one another and fill `end`. */
export function rangeFault(node: AnnotatedNode, path = node.name): string | undefined {
  if (node.start > node.end) return `${path}: ${node.start} > ${node.end}`;
  let at = node.start;
  for (const [index, child] of node.children.entries()) {
    const where = `${path}/${child.name}`;
    // Only what stands in front of the first child, a length or a type, belongs to the parent alone.
    if (index > 0 ? child.start !== at : child.start < at)
      return `${where} starts at ${child.start}, not ${at}`;
    if (child.end > node.end) return `${where} ends behind its parent`;
    const fault = rangeFault(child, where);
    if (fault) return fault;
    at = child.end;
  }
  if (node.children.length > 0 && at !== node.end) return `${path}: children end at ${at}, not ${node.end}`;
  return undefined;
}

/** The tree and all below it. */
export function* nodes(node: AnnotatedNode): Generator<AnnotatedNode> {
  yield node;
  for (const child of node.children) yield* nodes(child);
}

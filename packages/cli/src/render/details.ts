/** What stands in a message, in a few words for the timeline: names, counts, choices. Read from the annotated tree. */
import type { AnnotatedNode, MessageEvent } from 'akushu';
import { printable } from 'akushu/diagnose';
import { parseCertificate, X509Error } from 'akushu/x509';
import { certificatesIn, nodesCalled } from '../certificate-message.js';
import type { Words } from '../words/index.js';

const MAX_NAMES = 3;

export function detailsOf(event: MessageEvent, words: Words): string[] {
  return partsOf(event, words).filter((part) => part !== '');
}

function partsOf(event: MessageEvent, words: Words): string[] {
  const tree = event.annotate();
  switch (event.type) {
    case 'ClientHello':
      return helloDetails(tree, words);
    case 'ServerHello':
      return [versionIn(tree), ...values('cipher_suite', tree), ...values('group', tree)];
    case 'HelloRetryRequest':
      return [...values('cipher_suite', tree), ...childValues(nodesCalled('key_share', tree))];
    case 'EncryptedExtensions':
      return alpnDetails(tree, words);
    case 'Certificate':
      return certificateDetails(event, words);
    case 'CompressedCertificate':
      return [...certificateDetails(event, words), ...unpackedSize(tree, words)];
    case 'ServerKeyExchange':
      return keyExchangeDetails(tree, words);
    case 'CertificateVerify':
      return values('algorithm', tree);
    case 'NewSessionTicket':
      return [...nodesCalled('ticket_lifetime', tree), ...nodesCalled('ticket_lifetime_hint', tree)].map(
        ({ value }) => words.details.lifetime(Number(value)),
      );
    default:
      return [];
  }
}

function helloDetails(tree: AnnotatedNode, words: Words): string[] {
  const { asksFor, suites, groups, shares } = words.details;
  const names = nodesCalled('host_name', tree).map(({ value }) => asksFor(printable(value, 64)));
  const count = (name: string) => nodesCalled(name, tree)[0]?.children.flatMap(leaves).length ?? 0;
  const sent = nodesCalled('key_share', tree).flatMap((share) => values('group', share));
  const versions = nodesCalled('supported_versions', tree).flatMap(leaves).map(nameOnly);
  return [
    ...names,
    ...alpnDetails(tree, words),
    versions.length > 0 ? versions.filter((name) => !/GREASE/.test(name)).join(', ') : versionIn(tree),
    suites(count('cipher_suites')),
    ...(count('supported_groups') > 0 ? [groups(count('supported_groups'))] : []),
    ...(sent.length > 0 ? [shares(sent.join(', '))] : []),
  ];
}

/** The one that counts: the extension where there is one (RFC 9846 §4.3.1), the hello's own field otherwise. */
const versionIn = (tree: AnnotatedNode): string =>
  [...values('supported_versions', tree), ...values('legacy_version', tree)][0] ?? '';

/** Of the server's share: curve or size of the prime, and how it is signed. */
function keyExchangeDetails(tree: AnnotatedNode, words: Words): string[] {
  // opaque<1..2^16-1>: two bytes of length, then the number.
  const primes = nodesCalled('p', tree).map(({ start, end }) =>
    words.details.primeBits((end - start - 2) * 8),
  );
  return [...values('named_curve', tree), ...primes, ...values('algorithm', tree)];
}

function alpnDetails(tree: AnnotatedNode, words: Words): string[] {
  const names = nodesCalled('application_layer_protocol_negotiation', tree)
    .flatMap(leaves)
    .map(({ value }) => printable(value, 64));
  return names.length > 0 ? [words.details.offersAlpn(names.slice(0, MAX_NAMES).join(', '))] : [];
}

function certificateDetails(event: MessageEvent, words: Words): string[] {
  const ders = certificatesIn(event);
  if (ders.length === 0) return [words.details.noCertificate];
  const subjects = ders.slice(0, MAX_NAMES).map((der) => subjectOf(der, words));
  return ders.length > MAX_NAMES ? [...subjects, words.more(ders.length - MAX_NAMES)] : subjects;
}

function unpackedSize(tree: AnnotatedNode, words: Words): string[] {
  const sizes = nodesCalled('uncompressed_length', tree).map(({ value }) => Number(value));
  const algorithms = values('algorithm', tree);
  return sizes.map((size) =>
    words.details.unpacked(words.bytes(size.toLocaleString('en-US')), algorithms.join()),
  );
}

function subjectOf(der: Uint8Array, words: Words): string {
  try {
    const { subject } = parseCertificate(der);
    const common = subject.attributes.find(({ name }) => name === 'CN');
    return printable(common?.value ? `CN=${common.value}` : subject.text, 64);
  } catch (error) {
    if (error instanceof X509Error) return words.unreadable;
    throw error;
  }
}

const leaves = (node: AnnotatedNode): AnnotatedNode[] =>
  node.children.length === 0 ? [node] : node.children.flatMap(leaves);

const childValues = (nodes: readonly AnnotatedNode[]): string[] => nodes.flatMap(leaves).map(nameOnly);

const values = (name: string, tree: AnnotatedNode): string[] => nodesCalled(name, tree).map(nameOnly);

/** Without the code point behind the name. */
function nameOnly({ value }: AnnotatedNode): string {
  return printable(value.replace(/ \(0x[0-9a-f]+\)$/, ''), 64);
}

import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/index.js';
import type { AnnotatedNode } from '../codec/codec.js';
import { annotateCertificate, type Certificate, parseCertificate } from './certificate.js';
import type { GeneralName } from './extensions.js';
import { certificatesFromPem } from './pem.js';

const BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

function altNameText(name: GeneralName): string {
  if (name.kind === 'dns') return `DNS:${name.value}`;
  if (name.kind === 'email') return `email:${name.value}`;
  if (name.kind === 'uri') return `URI:${name.value}`;
  if (name.kind === 'ip') return `IP Address:${[...name.value].join('.')}`;
  return name.kind;
}

function expectSameAsNode(certificate: Certificate, reference: X509Certificate): void {
  expect(certificate.serialHex.toUpperCase()).toBe(reference.serialNumber.padStart(2, '0'));
  expect(certificate.notBefore).toBe(Date.parse(reference.validFrom));
  expect(certificate.notAfter).toBe(Date.parse(reference.validTo));
  expect(certificate.basicConstraints?.ca ?? false).toBe(reference.ca);
  expect(toHex(certificate.spki)).toBe(
    reference.publicKey.export({ type: 'spki', format: 'der' }).toString('hex'),
  );
  const names = certificate.subjectAltName?.map(altNameText).join(', ');
  if (!names?.includes('directory')) expect(names).toBe(reference.subjectAltName);
  const commonName = /^CN=(.*)$/m.exec(reference.subject ?? '')?.[1];
  // Node escapes as RFC 2253 does.
  if (commonName && /^[\x20-\x7e]*$/.test(commonName) && !commonName.includes('\\')) {
    expect(certificate.subject.attributes.find((a) => a.name === 'CN')?.value).toBe(commonName);
  }
  const { asymmetricKeyType, asymmetricKeyDetails } = reference.publicKey;
  expect(certificate.publicKeyAlgorithm.kind).toBe(asymmetricKeyType);
  if (asymmetricKeyType === 'rsa') {
    expect(certificate.publicKeyAlgorithm.bits).toBe(asymmetricKeyDetails?.modulusLength);
  }
}

function expectProperTree(node: AnnotatedNode): void {
  expect(node.error).toBeUndefined();
  let at = node.start;
  for (const child of node.children) {
    expect(child.start).toBeGreaterThanOrEqual(at);
    expect(child.end).toBeLessThanOrEqual(node.end);
    at = child.end;
    expectProperTree(child);
  }
}

describe('certificates of trust stores', () => {
  test('those that Node brings are read as node:crypto reads them', () => {
    expect(rootCertificates.length).toBeGreaterThan(100);
    for (const pem of rootCertificates) {
      const reference = new X509Certificate(pem);
      expectSameAsNode(parseCertificate(certificatesFromPem(pem)[0]!), reference);
    }
  });

  test.skipIf(!existsSync(BUNDLE))('those of the system are read as node:crypto reads them', () => {
    const ders = certificatesFromPem(readFileSync(BUNDLE));
    expect(ders.length).toBeGreaterThan(50);
    for (const der of ders) expectSameAsNode(parseCertificate(der), new X509Certificate(der));
  });

  test('their annotated trees have no errors, and children lie inside of their parents in order', () => {
    for (const pem of rootCertificates) {
      const der = certificatesFromPem(pem)[0]!;
      const tree = annotateCertificate(der);
      expect([tree.start, tree.end]).toEqual([0, der.length]);
      expectProperTree(tree);
    }
  });
});

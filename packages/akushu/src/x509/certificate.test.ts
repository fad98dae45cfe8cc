import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/index.js';
import type { AnnotatedNode } from '../codec/codec.js';
import { nodeProvider } from '../crypto/node.js';
import { certificate as certificateSyntax, signedCertificate, tbsCertificate } from './asn1.js';
import { annotateCertificate, type Certificate, fingerprint, parseCertificate } from './certificate.js';
import { brokenRule } from './conformance.js';
import { decodeDer, encodeDer, type InferDer, X509Error } from './der/index.js';
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
  const sha256 = reference.fingerprint256.replaceAll(':', '').toLowerCase();
  expect(fingerprint(certificate, nodeProvider)).toBe(sha256);
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

describe('fields that do not fit together', () => {
  const original = certificatesFromPem(rootCertificates[0]!)[0]!;
  const outer = decodeDer(certificateSyntax, original);

  /** The same certificate with other fields; its signature does not matter here. */
  function altered(change: Partial<InferDer<typeof tbsCertificate>>, outerAlgorithm?: string): Uint8Array {
    return encodeDer(signedCertificate, {
      tbsCertificate: encodeDer(tbsCertificate, { ...outer.tbsCertificate.value, ...change }),
      signatureAlgorithm: outerAlgorithm ? fromHex(outerAlgorithm) : outer.signatureAlgorithm.raw,
      signatureValue: outer.signatureValue,
    });
  }

  function ruleOf(der: Uint8Array): string {
    try {
      parseCertificate(der);
      return 'accepted';
    } catch (error) {
      if (error instanceof X509Error) return error.rule;
      throw error;
    }
  }

  test('a certificate that is taken apart and put together is the same', () => {
    expect(altered({})).toEqual(original);
  });

  test('extensions are for version 3, unique identifiers for 2 and 3, and there is no version 4', () => {
    const uniqueId = { unused: 0, bytes: fromHex('01') };
    expect(ruleOf(altered({ version: 0 }))).toBe('extensions_not_allowed');
    expect(ruleOf(altered({ version: 1 }))).toBe('extensions_not_allowed');
    expect(ruleOf(altered({ version: 3 }))).toBe('bad_version');
    expect(ruleOf(altered({ version: 0, extensions: undefined }))).toBe('accepted');
    expect(ruleOf(altered({ version: 1, extensions: undefined, issuerUniqueID: uniqueId }))).toBe('accepted');
    expect(ruleOf(altered({ version: 0, extensions: undefined, issuerUniqueID: uniqueId }))).toBe(
      'unique_id_not_allowed',
    );
    expect(ruleOf(altered({ version: 0, extensions: undefined, subjectUniqueID: uniqueId }))).toBe(
      'unique_id_not_allowed',
    );
  });

  test('the signature algorithm is the same inside and outside, parameters included', () => {
    expect(ruleOf(altered({}, '300a06082a8648ce3d040302'))).toBe('signature_algorithm_mismatch');
    expect(ruleOf(altered({}, '300b06092a864886f70d01010b'))).toBe('signature_algorithm_mismatch');
  });

  test('an extension stands once, and one that is known is well-formed', () => {
    const extensions = outer.tbsCertificate.value.extensions!;
    expect(ruleOf(altered({ extensions: [...extensions, extensions[0]!] }))).toBe('duplicate_extension');
    const broken = { extnID: '2.5.29.37', critical: false, extnValue: fromHex('30030601') };
    expect(ruleOf(altered({ extensions: [broken] }))).toBe('truncated');
    const unknown = { extnID: '1.2.3', critical: false, extnValue: fromHex('ff') };
    expect(ruleOf(altered({ extensions: [unknown] }))).toBe('accepted');
  });

  test('a written FALSE in basicConstraints, as real leaves have it, is read, and refused by the strict profiles only', () => {
    const written = { extnID: '2.5.29.19', critical: true, extnValue: fromHex('3003010100') };
    const others = outer.tbsCertificate.value.extensions!.filter(({ extnID }) => extnID !== '2.5.29.19');
    const certificate = parseCertificate(altered({ extensions: [...others, written] }));
    expect(certificate.basicConstraints).toMatchObject({ ca: false, pathLength: null });
    expect(
      (['default', 'rfc5280', 'webpki'] as const).map(
        (profile) => brokenRule(certificate, 'leaf', profile)?.name,
      ),
    ).toEqual([undefined, 'encoded_default', 'encoded_default']);
  });

  test('an error says where it is, in bytes and in words', () => {
    const broken = { extnID: '2.5.29.19', critical: true, extnValue: fromHex('3003010101') };
    const der = altered({ extensions: [broken] });
    let caught: unknown;
    try {
      parseCertificate(der);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({
      rule: 'boolean_not_canonical',
      field: 'tbsCertificate.extensions.basicConstraints.cA',
      offset: toHex(der).indexOf('3003010101') / 2 + 4,
    });
    expect(JSON.stringify(annotateCertificate(der))).toContain('"error":"bad_certificate"');
  });
});

/** Every extension of RFC 5280, encoded here or written by OpenSSL, as typed fields. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, fromUtf8, toHex } from '../bytes/index.js';
import type { AnnotatedNode } from '../codec/codec.js';
import { annotateCertificate, type Certificate, parseCertificate } from './certificate.js';
import { X509Error } from './der/index.js';
import { crlUrls, type Extension, type KnownExtensions, parseExtensions } from './extensions.js';
import { OID } from './oids.js';
import { decodePem } from './pem.js';

/** An element with a length below 128. */
const tlv = (tag: number, ...parts: Uint8Array[]): Uint8Array => {
  const content = concat(new Uint8Array(0), ...parts);
  return concat(Uint8Array.of(tag, content.length), content);
};
const ascii = (tag: number, text: string): Uint8Array => tlv(tag, fromUtf8(text));

function read(oid: string, value: Uint8Array): KnownExtensions {
  const extension: Extension = { oid, critical: false, value };
  return parseExtensions([extension], () => 0);
}

function ruleOf(oid: string, value: Uint8Array): string {
  try {
    read(oid, value);
    return 'accepted';
  } catch (error) {
    if (error instanceof X509Error) return error.rule;
    throw error;
  }
}

describe('extensions one by one', () => {
  test('distribution points: full and relative names, reasons, and who issues the CRL', () => {
    const cn = tlv(0x30, fromHex('0603550403'), ascii(0x0c, 'crl 7'));
    const directory = tlv(
      0xa4,
      tlv(0x30, tlv(0x31, tlv(0x30, fromHex('0603550403'), ascii(0x0c, 'Issuer')))),
    );
    const points = tlv(
      0x30,
      tlv(
        0x30,
        tlv(0xa0, tlv(0xa0, ascii(0x86, 'http://a/1.crl'), ascii(0x86, 'ldap://b'))),
        fromHex('81020560'),
      ),
      tlv(0x30, tlv(0xa0, tlv(0xa1, cn)), tlv(0xa2, directory)),
    );
    for (const [oid, field] of [
      [OID.crlDistributionPoints, 'crlDistributionPoints'],
      [OID.freshestCrl, 'freshestCrl'],
    ] as const) {
      const [first, second] = read(oid, points)[field]!;
      expect(first).toEqual({
        fullName: [
          { kind: 'uri', value: 'http://a/1.crl' },
          { kind: 'uri', value: 'ldap://b' },
        ],
        relativeName: null,
        reasons: ['keyCompromise', 'cACompromise'],
        crlIssuer: null,
      });
      expect(second).toMatchObject({
        fullName: null,
        reasons: null,
        relativeName: { attributes: [{ name: 'CN', value: 'crl 7' }], raw: tlv(0x31, cn) },
        crlIssuer: [{ kind: 'directory', value: { text: 'CN=Issuer' } }],
      });
    }
    expect(crlUrls(read(OID.crlDistributionPoints, points))).toEqual(['http://a/1.crl', 'ldap://b']);
  });

  test('policies with their qualifiers, known and unknown', () => {
    const cps = tlv(0x30, fromHex('06082b06010505070201'), ascii(0x16, 'https://cps'));
    const notice = tlv(0x30, fromHex('06082b06010505070202'), tlv(0x30, ascii(0x1a, 'read this')));
    const other = tlv(0x30, fromHex('06032a0304'), fromHex('020107'));
    const policies = tlv(
      0x30,
      tlv(0x30, fromHex('0604551d2000'), tlv(0x30, cps, notice, other)),
      tlv(0x30, fromHex('06032a0304')),
    );
    expect(read(OID.certificatePolicies, policies).certificatePolicies).toEqual([
      {
        oid: '2.5.29.32.0',
        qualifiers: [
          { oid: OID.cps, cps: 'https://cps', notice: null },
          { oid: OID.userNotice, cps: null, notice: 'read this' },
          { oid: '1.2.3.4', cps: null, notice: null },
        ],
      },
      { oid: '1.2.3.4', qualifiers: [] },
    ]);
    expect(ruleOf(OID.certificatePolicies, fromHex('3000'))).toBe('too_few_elements');
  });

  test('mappings, constraints and inhibitAnyPolicy', () => {
    const mappings = fromHex('300c300a 06032a0304 06032a0305');
    expect(read(OID.policyMappings, mappings).policyMappings).toEqual([
      { issuerPolicy: '1.2.3.4', subjectPolicy: '1.2.3.5' },
    ]);
    expect(read(OID.policyConstraints, fromHex('3006 800100 810103')).policyConstraints).toEqual({
      requireExplicitPolicy: 0,
      inhibitPolicyMapping: 3,
    });
    expect(read(OID.inhibitAnyPolicy, fromHex('020105')).inhibitAnyPolicy).toBe(5);
    expect(ruleOf(OID.inhibitAnyPolicy, fromHex('0201ff'))).toBe('integer_out_of_range');
  });

  test('names of all forms; those without a use are kept as bytes', () => {
    const names = tlv(
      0x30,
      tlv(0xa0, fromHex('06032a0304'), tlv(0xa0, ascii(0x0c, 'x'))),
      ascii(0x81, 'a@b'),
      tlv(0xa3, fromHex('3000')),
      tlv(0xa5, tlv(0xa1, ascii(0x0c, 'party'))),
      fromHex('8704c0000201'),
      fromHex('88032a0305'),
    );
    expect(read(OID.issuerAltName, names).issuerAltName).toEqual([
      { kind: 'other', form: 'otherName', oid: '1.2.3.4', raw: fromHex('a00a06032a0304a0030c0178') },
      { kind: 'email', value: 'a@b' },
      { kind: 'other', form: 'x400Address', oid: null, raw: fromHex('a3023000') },
      { kind: 'other', form: 'ediPartyName', oid: null, raw: tlv(0xa5, tlv(0xa1, ascii(0x0c, 'party'))) },
      { kind: 'ip', value: fromHex('c0000201') },
      { kind: 'other', form: 'registeredID', oid: '1.2.3.5', raw: fromHex('88032a0305') },
    ]);
  });

  test('access to information about issuer and subject', () => {
    const access = tlv(
      0x30,
      tlv(0x30, fromHex('06082b06010505073001'), ascii(0x86, 'http://ocsp')),
      tlv(0x30, fromHex('06082b06010505073002'), ascii(0x86, 'http://ca')),
      tlv(0x30, fromHex('06082b06010505073005'), ascii(0x82, 'repo')),
    );
    const { authorityInfoAccess } = read(OID.authorityInfoAccess, access);
    expect(authorityInfoAccess).toMatchObject({ ocsp: ['http://ocsp'], caIssuers: ['http://ca'] });
    expect(authorityInfoAccess!.all).toHaveLength(3);
    expect(read(OID.subjectInfoAccess, access).subjectInfoAccess![2]).toEqual({
      method: '1.3.6.1.5.5.7.48.5',
      location: { kind: 'dns', value: 'repo' },
    });
  });

  test('the rest: directory attributes, period of the private key, poison, must-staple, Netscape', () => {
    const attributes = tlv(
      0x30,
      tlv(0x30, fromHex('06032a0304'), tlv(0x31, fromHex('020101'), fromHex('020102'))),
    );
    expect(read(OID.subjectDirectoryAttributes, attributes).subjectDirectoryAttributes).toEqual([
      { oid: '1.2.3.4', values: [fromHex('020101'), fromHex('020102')] },
    ]);
    const period = tlv(0x30, ascii(0x80, '20240102030405Z'));
    expect(read(OID.privateKeyUsagePeriod, period).privateKeyUsagePeriod).toEqual({
      notBefore: Date.UTC(2024, 0, 2, 3, 4, 5),
      notAfter: null,
    });
    expect(read(OID.precertificatePoison, fromHex('0500')).isPrecertificate).toBe(true);
    expect(read(OID.precertificatePoison, fromHex('0500')).mustStaple).toBe(false);
    expect(ruleOf(OID.precertificatePoison, fromHex('0400'))).toBe('wrong_tag');
    expect(read(OID.tlsFeature, fromHex('3006 020111 020105'))).toMatchObject({
      tlsFeature: [17, 5],
      mustStaple: true,
    });
    expect(read(OID.netscapeCertType, fromHex('030206c0')).netscapeCertType).toEqual(fromHex('030206c0'));
    expect(read('1.2.3', fromHex('ff')).isPrecertificate).toBe(false);
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

const CONFIG = `
[req]
distinguished_name = dn
[dn]
[all]
basicConstraints = critical, CA:TRUE, pathlen:3
keyUsage = critical, keyCertSign, cRLSign
extendedKeyUsage = serverAuth, 1.2.4294967296.7, 2.25.329800735698586629295641978511506172918
subjectAltName = DNS:a.example, IP:192.0.2.1, IP:2001:db8::1, email:a@example, URI:https://x/, RID:1.2.3.4, otherName:1.2.3.4;UTF8:other, dirName:dir
issuerAltName = DNS:issuer.example
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
nameConstraints = permitted;DNS:example, permitted;IP:10.0.0.0/255.0.0.0, excluded;email:bad.example, excluded;URI:.evil, permitted;dirName:dir
crlDistributionPoints = point
freshestCRL = URI:http://crl/delta
authorityInfoAccess = OCSP;URI:http://ocsp/, caIssuers;URI:http://ca/
subjectInfoAccess = caRepository;URI:http://repo/
certificatePolicies = 1.2.3.4, 2.23.140.1.2.1, @policy
policyMappings = 1.2.3.4:1.2.3.5
policyConstraints = requireExplicitPolicy:3, inhibitPolicyMapping:0
inhibitAnyPolicy = 2
tlsfeature = status_request, status_request_v2
nsCertType = server
1.3.6.1.4.1.11129.2.4.3 = critical, ASN1:NULL
2.5.29.16 = DER:3022800F32303234303130313030303030305A810F32303235303130313030303030305A
1.3.6.1.4.1.11129.2.4.2 = DER:{SCTS}
[dir]
O = Directory
[point]
fullname = URI:http://crl/full
CRLissuer = dirName:dir
reasons = keyCompromise, CACompromise
[policy]
policyIdentifier = 1.2.3.6
CPS.1 = http://cps/
userNotice.1 = @notice
[notice]
explicitText = UTF8:Hinweis
organization = Org
noticeNumbers = 1, 2
`;

const log = 'ab'.repeat(32);
const sct = `00${log}0000018cc251f400000004030004deadbeef`;
const list = `${(sct.length / 2 + 2).toString(16).padStart(4, '0')}${(sct.length / 2).toString(16).padStart(4, '0')}${sct}`;

function made(): { certificate: Certificate; der: Uint8Array } {
  const folder = mkdtempSync(join(tmpdir(), 'akushu-extensions-'));
  try {
    const octets = `04${(list.length / 2).toString(16).padStart(2, '0')}${list}`;
    writeFileSync(join(folder, 'c'), CONFIG.replace('{SCTS}', octets));
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'k'];
    const args = [
      'req',
      '-x509',
      ...key,
      '-config',
      'c',
      '-extensions',
      'all',
      '-subj',
      '/CN=all',
      '-out',
      'o',
    ];
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder });
    if (status !== 0) throw new Error(String(stderr));
    const { der } = decodePem(readFileSync(join(folder, 'o')))[0]!;
    return { certificate: parseCertificate(der), der };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe.skipIf(!hasOpenssl)('a certificate of OpenSSL with all of them (skipped where it is absent)', () => {
  test('every field is there', () => {
    const { certificate } = made();
    expect(certificate).toMatchObject({
      basicConstraints: { ca: true, pathLength: 3 },
      keyUsage: ['keyCertSign', 'cRLSign'],
      // The arcs of a UUID (2.25) and those beyond 32 bits stay exact.
      extKeyUsage: [OID.serverAuth, '1.2.4294967296.7', '2.25.329800735698586629295641978511506172918'],
      issuerAltName: [{ kind: 'dns', value: 'issuer.example' }],
      freshestCrl: [{ fullName: [{ kind: 'uri', value: 'http://crl/delta' }] }],
      crlDistributionPoints: [
        {
          reasons: ['keyCompromise', 'cACompromise'],
          crlIssuer: [{ kind: 'directory', value: { text: 'O=Directory' } }],
        },
      ],
      authorityInfoAccess: { ocsp: ['http://ocsp/'], caIssuers: ['http://ca/'] },
      subjectInfoAccess: [{ location: { kind: 'uri', value: 'http://repo/' } }],
      certificatePolicies: [
        { oid: '1.2.3.4', qualifiers: [] },
        { oid: '2.23.140.1.2.1', qualifiers: [] },
        { oid: '1.2.3.6', qualifiers: [{ cps: 'http://cps/' }, { notice: 'Hinweis' }] },
      ],
      policyMappings: [{ issuerPolicy: '1.2.3.4', subjectPolicy: '1.2.3.5' }],
      policyConstraints: { requireExplicitPolicy: 3, inhibitPolicyMapping: 0 },
      inhibitAnyPolicy: 2,
      tlsFeature: [5, 17],
      mustStaple: true,
      isPrecertificate: true,
      netscapeCertType: fromHex('03020640'),
      privateKeyUsagePeriod: { notBefore: Date.UTC(2024, 0, 1), notAfter: Date.UTC(2025, 0, 1) },
    });
    expect(
      certificate.subjectAltName!.map((name) => (name.kind === 'other' ? name.form : name.kind)),
    ).toEqual([...['dns', 'ip', 'ip', 'email', 'uri', 'registeredID', 'otherName', 'directory']]);
    expect(certificate.nameConstraints!.permitted.map(({ base }) => base.kind)).toEqual([
      'dns',
      'ip',
      'directory',
    ]);
    expect(certificate.nameConstraints!.excluded.map(({ base }) => base.kind)).toEqual(['email', 'uri']);
    expect(toHex(certificate.sctList!)).toBe(list);
  });

  test('the annotated tree opens every one, down to the timestamps', () => {
    const { der } = made();
    const tree = annotateCertificate(der);
    const found: AnnotatedNode[] = [];
    const walk = (node: AnnotatedNode): void => {
      expect(node.error, `${node.name} ${node.type}`).toBeUndefined();
      found.push(node);
      node.children.forEach(walk);
    };
    walk(tree);
    const byName = (name: string) => found.find((node) => node.name === name);
    expect(byName('log_id')).toMatchObject({ value: log });
    expect(byName('timestamp')?.value).toBe(new Date(0x18cc251f400).toISOString());
    expect(byName('cPSuri')?.value ?? byName('qualifier')?.value).toBe('http://cps/');
    for (const extension of found.filter(({ type }) => type === 'Extension')) {
      expect(extension.children.at(-1)!.children, extension.children[0]!.value).toHaveLength(1);
    }
  });
});

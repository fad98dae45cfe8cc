/** What OpenSSL and Go say about what is issued here, and what is read of OpenSSL's. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  DAY,
  type Entity,
  hasOpenssl,
  hasTool,
  makeCertificate,
  makeRoot,
  newKey,
  openssl,
  scratch,
} from '../../../test/support/pki.js';
import { nodeProvider as provider } from '../../crypto/node.js';
import type { PrivateKey } from '../../crypto/provider.js';
import { parseCertificate } from '../certificate.js';
import { parseCertificateRequest, requestIsSigned } from '../formats/index.js';
import { type CertificateRequestOptions, createCertificate } from '../issue.js';
import { certificatesFromPem, decodePem, encodePem } from '../pem.js';
import { checkCrls } from '../revocation/check-crl.js';
import { checkOcsp } from '../revocation/check-ocsp.js';
import { parseCrl } from '../revocation/crl.js';
import { createOcspRequest, parseOcspRequest } from '../revocation/ocsp.js';
import { type CrlOptions, createCrl } from './crl.js';
import { createCertificateSigningRequest } from './csr.js';
import { generateKey } from './keys.js';
import { createOcspResponse } from './ocsp.js';

/** OpenSSL judges OCSP responses by the clock. */
const NOW = Math.floor(Date.now() / 1000) * 1000;
const period = { notBefore: NOW - DAY, notAfter: NOW + 30 * DAY };

const files = scratch();
afterAll(() => files.remove());
let written = 0;
const pem = (label: string, ...ders: readonly Uint8Array[]): string =>
  files.file(`${++written}.pem`, ders.map((der) => encodePem(label, der)).join(''));
const cert = (...entities: readonly Entity[]): string =>
  pem('CERTIFICATE', ...entities.map(({ certificate }) => certificate.der));

const hasGo = hasTool('go', 'version');

const GO = `package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"time"
)

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func read(name string) []byte {
	text, err := os.ReadFile(name)
	must(err)
	block, _ := pem.Decode(text)
	return block.Bytes
}

func certificate(name string) *x509.Certificate {
	found, err := x509.ParseCertificate(read(name))
	must(err)
	return found
}

func main() {
	switch os.Args[1] {
	case "verify":
		roots, others := x509.NewCertPool(), x509.NewCertPool()
		roots.AddCert(certificate(os.Args[2]))
		others.AddCert(certificate(os.Args[3]))
		options := x509.VerifyOptions{Roots: roots, Intermediates: others, DNSName: os.Args[5], CurrentTime: time.Now()}
		_, err := certificate(os.Args[4]).Verify(options)
		must(err)
	case "csr":
		request, err := x509.ParseCertificateRequest(read(os.Args[2]))
		must(err)
		must(request.CheckSignature())
		fmt.Println(request.DNSNames)
	case "crl":
		list, err := x509.ParseRevocationList(read(os.Args[2]))
		must(err)
		must(list.CheckSignatureFrom(certificate(os.Args[3])))
		for _, entry := range list.RevokedCertificateEntries {
			fmt.Println(entry.SerialNumber.Text(16), entry.ReasonCode)
		}
		fmt.Println("number", list.Number)
	}
	fmt.Println("OK")
}
`;

let program = '';
beforeAll(() => {
  if (!hasGo) return;
  files.file('main.go', GO);
  files.file('go.mod', 'module check\n\ngo 1.20\n');
  mkdirSync(`${files.path}/cache`);
  const env = { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' };
  execFileSync('go', ['build', '-o', `${files.path}/check`, '.'], { cwd: files.path, env, stdio: 'pipe' });
  program = `${files.path}/check`;
}, 180_000);

/** What Go prints; where it fails, the reason it gives. */
function go(...args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8' });
  } catch (error) {
    return String((error as { stdout?: string }).stdout);
  }
}

const nodeKey = (pair: ReturnType<typeof generateKeyPairSync>): Promise<PrivateKey> => {
  const key = (pair as unknown as { privateKey: { export(o: object): Buffer } }).privateKey;
  return Promise.resolve(
    provider.importPrivateKey(new Uint8Array(key.export({ type: 'pkcs8', format: 'der' }))),
  );
};

/** Go has no Ed448. */
const kinds: readonly [string, () => Promise<PrivateKey>, boolean, string?][] = [
  ['P-256', () => newKey('secp256r1'), true],
  ['P-384', () => newKey('secp384r1'), true],
  ['P-521', () => nodeKey(generateKeyPairSync('ec', { namedCurve: 'P-521' }) as never), true],
  ['Ed25519', () => newKey('ed25519'), true],
  ['Ed448', () => nodeKey(generateKeyPairSync('ed448') as never), false],
  ['RSA', () => newKey('rsa-2048'), true],
  ['RSA with PSS', () => newKey('rsa-2048'), true, 'rsa_pss_rsae_sha256'],
];

const POLICY = '1.3.6.1.4.1.99999.1';

/** Everything that RFC 5280 §4.2 knows, where it belongs. */
const ofAuthority: Partial<CertificateRequestOptions> = {
  isCa: true,
  pathLength: 0,
  permittedNames: [
    'example.com',
    '192.0.2.0/24',
    '2001:db8::/32',
    { email: 'example.com' },
    { directory: { C: 'JP' } },
  ],
  excludedNames: ['secret.example.org', { uri: '.example.net' }],
  policies: [{ oid: POLICY, cps: ['https://example.com/cps'], notice: 'Relied upon at one’s own risk' }],
  policyMappings: [{ issuer: POLICY, subject: `${POLICY}.2` }],
  policyConstraints: { requireExplicitPolicy: 0, inhibitPolicyMapping: 1 },
  inhibitAnyPolicy: 0,
  crlDistributionPoints: ['http://crl.example.com/root.crl'],
  caIssuersUrls: ['http://ca.example.com/root.cer'],
  subjectInfoAccess: [{ method: '1.3.6.1.5.5.7.48.5', location: { uri: 'http://ca.example.com/issued' } }],
};

const ofLeaf: Partial<CertificateRequestOptions> = {
  subject: { C: 'JP', O: 'Example', CN: 'www.example.com' },
  altNames: [
    'www.example.com',
    '*.example.com',
    '192.0.2.7',
    '2001:db8::7',
    'hostmaster@example.com',
    { directory: { C: 'JP', CN: 'Also known as' } },
    { registeredId: '1.2.3.4' },
    { other: { oid: '1.3.6.1.4.1.311.20.2.3', value: Uint8Array.of(0x0c, 1, 0x61) } },
  ],
  issuerAltNames: [{ uri: 'https://ca.example.com/' }],
  extKeyUsage: ['serverAuth', 'clientAuth', 'emailProtection', '1.3.6.1.4.1.99999.7'],
  policies: [`${POLICY}.2`],
  crlDistributionPoints: [
    'http://crl.example.com/a.crl',
    { names: ['http://crl.example.com/b.crl'], reasons: ['keyCompromise', 'cACompromise'] },
    { crlIssuer: [{ directory: { CN: 'CRL Issuer' } }] },
  ],
  freshestCrl: ['http://crl.example.com/delta.crl'],
  ocspUrls: ['http://ocsp.example.com'],
  caIssuersUrls: ['http://ca.example.com/ca.cer'],
  mustStaple: true,
  subjectDirectoryAttributes: [{ oid: '1.3.6.1.5.5.7.9.4', values: [Uint8Array.of(0x13, 2, 0x4a, 0x50)] }],
};

describe.each(kinds)('%s', (_, makeKey, goKnows, scheme) => {
  let root: Entity;
  let ca: Entity;
  let leaf: Entity;
  beforeAll(async () => {
    const common = { ...period, scheme };
    root = await makeRoot({ C: 'JP', CN: 'Root' }, { ...common, key: await makeKey() });
    const subject = { C: 'JP', CN: 'Issuing CA' };
    ca = await makeCertificate(root, subject, { ...common, key: await makeKey(), ...ofAuthority });
    leaf = await makeCertificate(ca, '', { ...common, key: await makeKey(), ...ofLeaf });
  });

  const crl = (options: Partial<CrlOptions> = {}): Promise<Uint8Array> =>
    createCrl({
      provider,
      scheme,
      issuer: ca,
      number: 17,
      thisUpdate: NOW - DAY,
      nextUpdate: NOW + DAY,
      entries: [
        {
          serial: Uint8Array.of(0x7f, 1),
          revokedAt: NOW - DAY,
          reason: 'keyCompromise',
          invalidityDate: NOW - 2 * DAY,
        },
        { serial: Uint8Array.of(0x7f, 2), revokedAt: NOW - DAY },
      ],
      ...options,
    });

  test.skipIf(!hasOpenssl)('openssl verify -x509_strict accepts a chain with every extension', () => {
    const judge = (policy: string): string => {
      const args = [
        'verify',
        '-x509_strict',
        '-policy',
        policy,
        '-CAfile',
        cert(root),
        '-untrusted',
        cert(ca),
      ];
      return openssl(...args, '-verify_hostname', 'a.example.com', cert(leaf));
    };
    expect(judge(POLICY)).toMatch(/: OK/);
    expect(() => judge('1.2.3.4')).toThrow();
    const text = openssl('x509', '-noout', '-text', '-in', cert(leaf));
    for (const found of [
      'status_request',
      'Freshest CRL',
      'Key Compromise, CA Compromise',
      'OCSP - URI',
      'Registered ID:1.2.3.4',
    ]) {
      expect(text).toContain(found);
    }
  });

  test.skipIf(!hasGo || !goKnows)('Go accepts all that it understands', async () => {
    const common = { ...period, scheme, key: ca.key };
    // Go has no constraints on directory names, and takes them as critical and unknown.
    const permittedNames = ofAuthority.permittedNames?.slice(0, 4);
    const authority = await makeCertificate(root, 'CA', { ...common, ...ofAuthority, permittedNames });
    const end = await makeCertificate(authority, '', { ...common, ...ofLeaf });
    expect(go('verify', cert(root), cert(authority), cert(end), 'a.example.com')).toBe('OK\n');
    expect(go('verify', cert(root), cert(authority), cert(end), 'a.example.net')).toMatch(
      /not a.example.net/,
    );
  });

  test('requests verify by OpenSSL, Go and here', async () => {
    const { altNames } = ofLeaf;
    const csr = await createCertificateSigningRequest({
      provider,
      scheme,
      key: leaf.key,
      subject: { CN: 'www.example.com', O: 'Example' },
      altNames,
      mustStaple: true,
      challengePassword: 'secret',
    });
    const request = parseCertificateRequest(csr);
    expect(requestIsSigned(request, provider)).toBe(true);
    expect(request).toMatchObject({ subject: { text: 'CN=www.example.com, O=Example' }, mustStaple: true });
    const file = pem('CERTIFICATE REQUEST', csr);
    if (hasOpenssl) {
      expect(openssl('req', '-verify', '-noout', '-text', '-in', file)).toMatch(
        /verify OK[\s\S]*DNS:www.example.com/,
      );
    }
    if (hasGo && goKnows) expect(go('csr', file)).toMatch(/\[www.example.com \*.example.com\]\nOK/);
  });

  test('lists verify by OpenSSL and Go', async () => {
    const file = pem('X509 CRL', await crl());
    if (hasOpenssl) {
      const text = openssl('crl', '-noout', '-text', '-CAfile', cert(ca), '-in', file);
      expect(text).toMatch(/verify OK/);
      expect(text).toMatch(
        /Serial Number: 7F01[\s\S]*Key Compromise[\s\S]*Invalidity Date[\s\S]*Serial Number: 7F02/,
      );
    }
    if (hasGo && goKnows) expect(go('crl', file, cert(ca))).toBe('7f01 1\n7f02 0\nnumber 17\nOK\n');
  });

  test.skipIf(!hasOpenssl)('openssl ocsp believes answers of the authority and of a responder', async () => {
    const responder = await makeCertificate(
      ca,
      { C: 'JP', CN: 'OCSP' },
      {
        ...period,
        scheme,
        key: await makeKey(),
        extKeyUsage: ['OCSPSigning'],
        ocspNoCheck: true,
        policies: [`${POLICY}.2`],
      },
    );
    const other = await makeCertificate(
      ca,
      { C: 'JP', CN: 'x' },
      { ...period, scheme, altNames: ['x.example.com'] },
    );
    for (const signer of [ca, responder]) {
      const response = await createOcspResponse({
        provider,
        scheme,
        authority: ca.certificate,
        responder: signer,
        producedAt: NOW - 60_000,
        answers: [
          { certificate: leaf.certificate, status: 'good', thisUpdate: NOW - 60_000, nextUpdate: NOW + DAY },
          {
            certificate: other.certificate,
            status: 'revoked',
            revokedAt: NOW - DAY,
            reason: 'superseded',
            thisUpdate: NOW - 60_000,
          },
        ],
      });
      const answered = openssl(
        'ocsp',
        '-respin',
        files.file(`${++written}.der`, response),
        '-issuer',
        cert(ca),
        '-cert',
        cert(leaf),
        '-cert',
        cert(other),
        '-CAfile',
        cert(root),
        '-verify_other',
        cert(ca),
        '-no_nonce',
      );
      expect(answered).toMatch(/Response verify OK[\s\S]*: good[\s\S]*: revoked[\s\S]*Reason: superseded/);
    }
  });
});

describe.skipIf(!hasOpenssl)('openssl checks a path with lists made here', () => {
  let root: Entity;
  let ca: Entity;
  let leaf: Entity;
  beforeAll(async () => {
    root = await makeRoot('Root', period);
    ca = await makeCertificate(root, 'CA', { ...period, isCa: true });
    leaf = await makeCertificate(ca, 'a.example', {
      ...period,
      crlDistributionPoints: ['http://a'],
      freshestCrl: ['http://d'],
    });
  });
  const list = async (issuer: Entity, more: Partial<CrlOptions> = {}): Promise<Uint8Array> =>
    createCrl({
      provider,
      issuer,
      number: 1,
      thisUpdate: NOW - DAY,
      nextUpdate: NOW + DAY,
      entries: [],
      ...more,
    });
  const judge = (lists: readonly Uint8Array[], ...args: readonly string[]): string => {
    const all = [
      'verify',
      '-x509_strict',
      '-crl_check',
      ...args,
      '-CAfile',
      cert(root),
      '-untrusted',
      cert(ca),
    ];
    try {
      return openssl(...all, ...lists.flatMap((der) => ['-CRLfile', pem('X509 CRL', der)]), cert(leaf));
    } catch (error) {
      return String((error as { stdout?: string }).stdout);
    }
  };
  const hit = () => [{ serial: leaf.certificate.serial, revokedAt: NOW - DAY }];
  const here = (lists: readonly Uint8Array[]): string =>
    checkCrls({
      certificate: leaf.certificate,
      issuers: [ca.certificate, root.certificate],
      crls: lists.map((der) => parseCrl(der)),
      otherIssuers: [],
      time: NOW,
      clockSkew: 0,
      allowSha1: false,
      provider,
    }).status;

  test('complete lists, with and without a place of their own', async () => {
    for (const scope of [undefined, { names: [{ uri: 'http://a' }], onlyUserCerts: true }]) {
      const lists = [[await list(ca, { scope })], [await list(ca, { scope, entries: hit() })]] as const;
      expect(judge(lists[0])).toMatch(/: OK/);
      expect(judge(lists[1])).toMatch(/certificate revoked/);
      expect(lists.map(here)).toEqual(['good', 'revoked']);
    }
    const elsewhere = [await list(ca, { scope: { names: [{ uri: 'http://b' }] } })];
    expect(judge(elsewhere)).toMatch(/different CRL scope|unable to get certificate CRL/);
    expect(here(elsewhere)).toBe('unknown');
  });

  test('deltas', async () => {
    const base = await list(ca, { freshestCrl: ['http://d'] });
    const delta = await list(ca, { number: 2, baseNumber: 1, entries: hit() });
    expect(judge([base], '-extended_crl', '-use_deltas')).toMatch(/: OK/);
    expect(judge([base, delta], '-extended_crl', '-use_deltas')).toMatch(/certificate revoked/);
    expect([here([base]), here([base, delta])]).toEqual(['good', 'revoked']);
  });
});

describe.skipIf(!hasOpenssl)('what OpenSSL makes is read and believed', () => {
  let ca: Entity;
  let leaf: Entity;
  let caKey: string;
  beforeAll(async () => {
    const made = await generateKey(provider, 'secp256r1');
    caKey = files.file('ca.key', made.pem);
    ca = await makeRoot('CA', { ...period, key: made.key });
    leaf = await makeCertificate(ca, 'a.example', { ...period, serial: Uint8Array.of(0x10, 0x01) });
    // OpenSSL's data base of what was issued.
    files.file('index.txt', `R\t301231235959Z\t260101000000Z,keyCompromise\t1001\tunknown\t/CN=a.example\n`);
    files.file('number', '0A\n');
    files.file(
      'ca.cnf',
      `[ca]\ndefault_ca=d\n[d]\ndatabase=${files.path}/index.txt\ncrlnumber=${files.path}/number\ndefault_md=sha256\ndefault_crl_days=2\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n`,
    );
  });

  test('a list', () => {
    const out = `${files.path}/made.crl`;
    openssl(
      'ca',
      '-config',
      `${files.path}/ca.cnf`,
      '-gencrl',
      '-keyfile',
      caKey,
      '-cert',
      cert(ca),
      '-out',
      out,
    );
    const crl = parseCrl(decodePem(readFileSync(out, 'utf8'))[0]!.der);
    expect(crl.number).toBe(10n);
    const check = {
      issuers: [ca.certificate],
      crls: [crl],
      otherIssuers: [],
      time: Date.now(),
      clockSkew: DAY,
      allowSha1: false,
      provider,
    };
    expect(checkCrls({ ...check, certificate: leaf.certificate })).toMatchObject({
      status: 'revoked',
      reason: 'keyCompromise',
      facts: { revokedAt: Date.UTC(2026, 0, 1) },
    });
    expect(checkCrls({ ...check, certificate: ca.certificate }).status).toBe('good');
  });

  test.each(['sha1', 'sha256'] as const)('an answer to a request made here with %s', (hash) => {
    const { der, nonce } = createOcspRequest({
      certificate: leaf.certificate,
      issuer: ca.certificate,
      provider,
      hash,
      nonce: true,
    });
    const [requestFile, out] = [files.file(`${hash}.req`, der), `${files.path}/${hash}.resp`];
    expect(openssl('ocsp', '-reqin', requestFile, '-req_text', '-noverify')).toMatch(
      /Serial Number: 1001[\s\S]*Nonce/,
    );
    const data = ['-index', `${files.path}/index.txt`, '-CA', cert(ca), '-rsigner', cert(ca), '-rkey', caKey];
    openssl('ocsp', ...data, '-ndays', '2', '-reqin', requestFile, '-respout', out);
    const finding = checkOcsp({
      certificate: leaf.certificate,
      issuer: ca.certificate,
      response: new Uint8Array(readFileSync(out)),
      time: Date.now(),
      clockSkew: DAY,
      maxAge: DAY,
      nonce: nonce!,
      allowSha1: false,
      provider,
    });
    expect(finding).toMatchObject({ status: 'revoked', reason: 'keyCompromise' });
  });

  test('a request', () => {
    const out = `${files.path}/made.req`;
    openssl('ocsp', '-issuer', cert(ca), '-cert', cert(leaf), '-reqout', out);
    const request = parseOcspRequest(new Uint8Array(readFileSync(out)));
    expect(request).toMatchObject({
      isSigned: false,
      certIds: [{ hash: 'sha1', serial: leaf.certificate.serial }],
    });
    expect(request.nonce?.length).toBeGreaterThan(0);
  });
});

test('a key that is elsewhere signs asynchronously, and can be told to stop', async () => {
  const near = await newKey();
  const far: PrivateKey = {
    ...near,
    spki: near.spki,
    schemes: near.schemes,
    sign: async (scheme, message, options) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      options?.signal?.throwIfAborted();
      return near.sign(scheme, message);
    },
  };
  const options = { provider, subject: 'x', key: far, ...period };
  expect(parseCertificate(await createCertificate(options)).subject.text).toBe('CN=x');
  await expect(createCertificate({ ...options, signal: AbortSignal.abort() })).rejects.toThrow();
});

test('what a key signed wrongly never gets out', async () => {
  const [key, other] = [await newKey(), await newKey()];
  const liar: PrivateKey = {
    ...key,
    spki: key.spki,
    schemes: key.schemes,
    sign: (scheme, bytes) => other.sign(scheme, bytes),
  };
  const ca = await makeRoot('CA', period);
  const issuer = { certificate: ca.certificate, key: liar };
  await expect(createCertificate({ provider, subject: 'x', key: liar, ...period })).rejects.toThrow(
    /bad_key/,
  );
  await expect(createCertificateSigningRequest({ provider, subject: 'x', key: liar })).rejects.toThrow(
    /bad_key/,
  );
  const times = { thisUpdate: NOW, nextUpdate: NOW + DAY };
  await expect(createCrl({ provider, issuer, number: 1, entries: [], ...times })).rejects.toThrow(/bad_key/);
  const answers = [{ certificate: ca.certificate, status: 'good' as const, thisUpdate: NOW }];
  await expect(
    createOcspResponse({ provider, authority: ca.certificate, responder: issuer, answers, producedAt: NOW }),
  ).rejects.toThrow(/bad_key/);
});

test('new keys come as PKCS#8 and PEM of the same key', async () => {
  for (const kind of ['secp256r1', 'secp384r1', 'ed25519', 'ml-dsa-44'] as const) {
    const { key, pkcs8, pem: text } = await generateKey(provider, kind);
    expect(decodePem(text)[0]!.der).toEqual(pkcs8);
    expect((await provider.importPrivateKey(pkcs8)).spki).toEqual(key.spki);
  }
  expect(certificatesFromPem(encodePem('CERTIFICATE', (await makeRoot()).certificate.der))).toHaveLength(1);
});

/** Key stores and encrypted keys as OpenSSL and Java write them, made when the test runs. */
import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromUtf8 } from '../../bytes/index.js';
import { nodeProvider } from '../../crypto/node.js';
import { portableProvider } from '../../crypto/portable.js';
import type { Provider } from '../../crypto/provider.js';
import { parseCertificate } from '../certificate.js';
import { X509Error } from '../der/index.js';
import { decodePem } from '../pem.js';
import { privateKeyFromPem } from '../private-key.js';
import { annotateItem } from './annotate.js';
import { expectCertificates, expectPrivateKeys, matchKeys, openFile } from './contents.js';
import { annotateCertificateRequest, parseCertificateRequest, requestIsSigned } from './csr.js';
import { decryptJksKey, parseJks } from './jks.js';
import { annotatePkcs7, parsePkcs7 } from './pkcs7.js';
import { decryptPrivateKey } from './pkcs8.js';
import { annotatePkcs12, parsePkcs12 } from './pkcs12.js';
import { identifyFile } from './sniff.js';

const provider = nodeProvider;
const PASSWORD = 'pässwörd ☃';
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const hasKeytool = spawnSync('keytool', ['-help']).status === 0;

let folder = '';
const at = (name: string): string => join(folder, name);
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(at(name)));

function run(program: string, ...args: string[]): void {
  const { status, stderr, stdout } = spawnSync(program, args, { cwd: folder });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}${stdout}`);
}
const openssl = (...args: string[]): void => run('openssl', ...args);

function ruleOf(read: () => unknown): string {
  try {
    read();
    return 'accepted';
  } catch (error) {
    if (error instanceof X509Error) return error.rule;
    throw error;
  }
}

/** The portable provider has no 3DES: what is asked of it then has to end with a word for that. */
function expectBoth(uses3des: boolean, check: (provider: Provider) => void): void {
  check(nodeProvider);
  if (!uses3des) check(portableProvider);
  else expect(ruleOf(() => check(portableProvider))).toBe('unsupported_algorithm');
}

const derOf = (name: string): Uint8Array => decodePem(bytesOf(name))[0]!.der;
const jwk = (pkcs8: Uint8Array) =>
  createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }).export({ format: 'jwk' });
const jwkOfPem = (name: string) => createPrivateKey(readFileSync(at(name))).export({ format: 'jwk' });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'akushu-stores-'));
  writeFileSync(at('password'), `${PASSWORD}\n`);
  if (!hasOpenssl) return;
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=CA');
  const names = [
    '-addext',
    'subjectAltName=DNS:leaf.example,IP:192.0.2.1',
    '-addext',
    'keyUsage=digitalSignature',
  ];
  openssl('req', ...newKey, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=leaf.example', ...names);
  const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30'];
  openssl('x509', '-req', '-in', 'leaf.csr', ...signer, '-out', 'leaf.pem');
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Options of OpenSSL for what it has put away. */
const LEGACY = ['-provider', 'legacy', '-provider', 'default'];

describe.skipIf(!hasOpenssl)('encrypted keys of OpenSSL (skipped where it is absent)', () => {
  const forms: readonly (readonly [string, readonly string[]])[] = [
    ['AES-256-CBC, HMAC-SHA256', ['-v2', 'aes256']],
    ['AES-128-CBC, HMAC-SHA1', ['-v2', 'aes128', '-v2prf', 'hmacWithSHA1']],
    ['AES-256-CBC, HMAC-SHA384', ['-v2', 'aes256', '-v2prf', 'hmacWithSHA384']],
    ['AES-256-CBC, HMAC-SHA512', ['-v2', 'aes256', '-v2prf', 'hmacWithSHA512', '-iter', '3']],
    ['3DES, HMAC-SHA1', ['-v2', 'des3', '-v2prf', 'hmacWithSHA1']],
    ["PKCS#12's 3DES", ['-v1', 'PBE-SHA1-3DES', ...LEGACY]],
    ["PKCS#12's 3DES with two keys", ['-v1', 'PBE-SHA1-2DES', ...LEGACY]],
    ["PKCS#12's RC2 with 128 bits", ['-v1', 'PBE-SHA1-RC2-128', ...LEGACY]],
    ["PKCS#12's RC2 with 40 bits", ['-v1', 'PBE-SHA1-RC2-40', ...LEGACY]],
    ['scrypt', ['-scrypt', '-scrypt_N', '1024']],
  ];

  test.each(forms)('%s is decrypted by both providers, and not with another password', (name, options) => {
    openssl(
      'pkcs8',
      '-topk8',
      '-in',
      'leaf.key',
      '-out',
      'k.der',
      '-outform',
      'DER',
      '-passout',
      'file:password',
      ...options,
    );
    const der = bytesOf('k.der');
    expectBoth(/DES/.test(name), (each) => {
      expect(jwk(decryptPrivateKey(der, { provider: each, password: PASSWORD }))).toEqual(
        jwkOfPem('leaf.key'),
      );
    });
    const asBytes = decryptPrivateKey(der, { provider, password: fromUtf8(PASSWORD) });
    expect(jwk(asBytes)).toEqual(jwkOfPem('leaf.key'));
    for (const password of ['', 'x', `${PASSWORD}x`, PASSWORD.slice(1)]) {
      expect(ruleOf(() => decryptPrivateKey(der, { provider, password }))).toBe('wrong_password');
    }
    expect(ruleOf(() => decryptPrivateKey(der, { provider }))).toBe('password_needed');
    const tree = annotateItem(identifyFile(der).items[0]!);
    expect(tree).toMatchObject({ name: 'encryptedPrivateKeyInfo', start: 0, end: der.length });
    expect(tree!.error).toBeUndefined();
  });

  test('old ciphers are named', () => {
    for (const [name, said] of [
      ['PBE-MD5-DES', 'pbeWithMD5AndDES-CBC'],
      ['PBE-SHA1-RC4-128', 'pbeWithSHAAnd128BitRC4'],
    ] as const) {
      openssl(
        'pkcs8',
        '-topk8',
        '-in',
        'leaf.key',
        '-out',
        'k.der',
        '-outform',
        'DER',
        '-passout',
        'pass:x',
        '-v1',
        name,
        ...LEGACY,
      );
      let caught: unknown;
      try {
        decryptPrivateKey(bytesOf('k.der'), { provider, password: 'x' });
      } catch (error) {
        caught = error;
      }
      expect(caught).toMatchObject({ rule: 'unsupported_algorithm', facts: { algorithm: said } });
    }
  });

  test('a count of iterations beyond the limit is refused before anything is computed', () => {
    openssl(
      'pkcs8',
      '-topk8',
      '-in',
      'leaf.key',
      '-out',
      'k.der',
      '-outform',
      'DER',
      '-passout',
      'pass:x',
      '-iter',
      '5000',
    );
    const der = bytesOf('k.der');
    expect(ruleOf(() => decryptPrivateKey(der, { provider, password: 'x', maxIterations: 4000 }))).toBe(
      'too_much_work',
    );
    const huge = der.slice();
    const place = Buffer.from(der).indexOf(Buffer.from('02021388', 'hex'));
    expect(place).toBeGreaterThan(0);
    huge.set([0x02, 0x02, 0x7f, 0xff], place);
    expect(ruleOf(() => decryptPrivateKey(huge, { provider, password: 'x', maxIterations: 30_000 }))).toBe(
      'too_much_work',
    );
  });
});

describe.skipIf(!hasOpenssl)('PKCS#12 of OpenSSL (skipped where it is absent)', () => {
  const pack = (...options: string[]): Uint8Array => {
    openssl(
      'pkcs12',
      '-export',
      '-inkey',
      'leaf.key',
      '-in',
      'leaf.pem',
      '-certfile',
      'ca.pem',
      '-name',
      'my leaf',
      '-out',
      'x.p12',
      ...options,
    );
    return bytesOf('x.p12');
  };

  function expectContents(store: ReturnType<typeof parsePkcs12>): void {
    expect(store.keys).toHaveLength(1);
    expect(jwk(store.keys[0]!.pkcs8)).toEqual(jwkOfPem('leaf.key'));
    expect(store.keys[0]!.friendlyName).toBe('my leaf');
    expect(store.certificates.map(({ der }) => der)).toEqual([derOf('leaf.pem'), derOf('ca.pem')]);
    expect(store.keys[0]!.certificate).toBe(0);
    expect(store.certificates.map(({ friendlyName }) => friendlyName)).toEqual(['my leaf', null]);
  }

  test.each([
    ['as it writes them now', []],
    [
      'with 3DES',
      [
        '-certpbe',
        'PBE-SHA1-3DES',
        '-keypbe',
        'PBE-SHA1-3DES',
        '-macalg',
        'sha1',
        '-provider',
        'legacy',
        '-provider',
        'default',
      ],
    ],
    ['with certificates in the clear', ['-certpbe', 'NONE']],
    ['with the key in the clear', ['-keypbe', 'NONE']],
    ['with a MAC of SHA-512', ['-macalg', 'sha512']],
  ] as const)('%s: key, certificates and names; a wrong password is told', (name, options) => {
    const bytes = pack('-passout', 'file:password', ...options);
    expectBoth(name.includes('3DES'), (each) => {
      expectContents(parsePkcs12(bytes, { provider: each, password: PASSWORD }));
    });
    expect(ruleOf(() => parsePkcs12(bytes, { provider, password: 'other' }))).toBe('wrong_password');
    expect(ruleOf(() => parsePkcs12(bytes, { provider }))).toBe('password_needed');
    expect(annotatePkcs12(bytes).error).toBeUndefined();
  });

  test('an empty password, and no MAC', () => {
    expectContents(parsePkcs12(pack('-passout', 'pass:'), { provider, password: '' }));
    const store = parsePkcs12(pack('-passout', 'pass:x', '-nomac'), { provider, password: 'x' });
    expectContents(store);
    expect(store.mac).toBeNull();
  });

  test('of the old kind, with certificates under RC2 and the key under 3DES', () => {
    const bytes = pack('-passout', 'file:password', '-legacy');
    expectBoth(true, (each) => expectContents(parsePkcs12(bytes, { provider: each, password: PASSWORD })));
    expect(ruleOf(() => parsePkcs12(bytes, { provider, password: 'other' }))).toBe('wrong_password');
  });

  test('any change of a byte that the MAC covers is noticed', () => {
    const bytes = pack('-passout', 'pass:x', '-iter', '1', '-maciter', '-macalg', 'sha1');
    expectContents(parsePkcs12(bytes, { provider, password: 'x', maxIterations: 10_000 }));
    for (let i = 0; i < bytes.length; i += 7) {
      const changed = bytes.slice();
      changed[i]! ^= 0x21;
      try {
        expectContents(parsePkcs12(changed, { provider, password: 'x', maxIterations: 10_000 }));
      } catch (error) {
        expect(error).toBeInstanceOf(X509Error);
      }
    }
  });
});

describe.skipIf(!hasOpenssl)('bundles and requests of OpenSSL (skipped where it is absent)', () => {
  test('PKCS#7: certificates in their order', () => {
    openssl(
      'crl2pkcs7',
      '-nocrl',
      '-certfile',
      'leaf.pem',
      '-certfile',
      'ca.pem',
      '-outform',
      'DER',
      '-out',
      'b.p7b',
    );
    const bundle = parsePkcs7(bytesOf('b.p7b'));
    expect(bundle.certificates).toEqual([derOf('leaf.pem'), derOf('ca.pem')]);
    expect(bundle).toMatchObject({ crls: [], others: 0, signers: 0, ber: false });
    expect(annotatePkcs7(bytesOf('b.p7b')).error).toBeUndefined();
  });

  test('PKCS#7 in BER with indefinite lengths is read as well, and said to be BER', () => {
    writeFileSync(at('text'), 'hello');
    const signing = [
      '-sign',
      '-binary',
      '-nodetach',
      '-signer',
      'leaf.pem',
      '-inkey',
      'leaf.key',
      '-certfile',
      'ca.pem',
    ];
    openssl('cms', ...signing, '-in', 'text', '-outform', 'DER', '-stream', '-out', 's.p7m');
    const bundle = parsePkcs7(bytesOf('s.p7m'));
    expect(bundle).toMatchObject({ ber: true, signers: 1 });
    expect(bundle.certificates.map((der) => new X509Certificate(der).subject).sort()).toEqual([
      'CN=CA',
      'CN=leaf.example',
    ]);
    expect(annotatePkcs7(bytesOf('s.p7m')).error).toBeUndefined();
  });

  test('a request: subject, key, what it asks for, and that it is signed', () => {
    const der = derOf('leaf.csr');
    const request = parseCertificateRequest(der);
    expect(request.subject.text).toBe('CN=leaf.example');
    expect(request.subjectAltName).toMatchObject([{ kind: 'dns', value: 'leaf.example' }, { kind: 'ip' }]);
    expect(request.keyUsage).toEqual(['digitalSignature']);
    expect(request.publicKeyAlgorithm).toMatchObject({ kind: 'ec', curve: 'secp256r1' });
    expect(requestIsSigned(request, provider)).toBe(true);
    expect(annotateCertificateRequest(der).error).toBeUndefined();
    const forged = der.slice();
    forged[der.indexOf(0x6c)]! ^= 1;
    expect(requestIsSigned(parseCertificateRequest(forged), provider)).toBe(false);
  });
});

describe.skipIf(!hasOpenssl || !hasKeytool)("Java's key stores (skipped without keytool or OpenSSL)", () => {
  const keytool = (...args: string[]): void => run('keytool', ...args, '-noprompt');

  beforeAll(() => {
    openssl(
      'pkcs12',
      '-export',
      '-inkey',
      'leaf.key',
      '-in',
      'leaf.pem',
      '-certfile',
      'ca.pem',
      '-name',
      'leaf',
      '-passout',
      'pass:secret1',
      '-out',
      'in.p12',
    );
    for (const type of ['JKS', 'JCEKS', 'PKCS12']) {
      const store = ['-storepass', 'secret1'];
      const from = ['-srckeystore', 'in.p12', '-srcstoretype', 'PKCS12', '-srcstorepass', 'secret1'];
      keytool(
        '-importkeystore',
        ...from,
        '-destkeystore',
        `${type}.ks`,
        '-deststoretype',
        type,
        '-deststorepass',
        'secret1',
      );
      keytool(
        '-importcert',
        '-alias',
        'root',
        '-file',
        'ca.pem',
        '-keystore',
        `${type}.ks`,
        '-storetype',
        type,
        ...store,
      );
    }
  }, 120_000);

  test.each(['jks', 'jceks'] as const)(
    '%s: trusted certificates, chains, and keys under their password',
    (format) => {
      const bytes = bytesOf(`${format.toUpperCase()}.ks`);
      expectBoth(format === 'jceks', (each) => {
        const store = parseJks(bytes, { provider: each, password: 'secret1' });
        expect(store).toMatchObject({ format, unread: 0, verified: true });
        expect(store.trusted.map(({ alias, certificate }) => [alias, certificate])).toEqual([
          ['root', derOf('ca.pem')],
        ]);
        expect(store.keys.map(({ alias }) => alias)).toEqual(['leaf']);
        expect(store.keys[0]!.chain[0]).toEqual(derOf('leaf.pem'));
        expect(jwk(decryptJksKey(store.keys[0]!, { provider: each, password: 'secret1' }))).toEqual(
          jwkOfPem('leaf.key'),
        );
        expect(ruleOf(() => decryptJksKey(store.keys[0]!, { provider: each, password: 'secret2' }))).toBe(
          'wrong_password',
        );
      });
      expect(parseJks(bytes).verified).toBeNull();
      expect(ruleOf(() => parseJks(bytes, { provider, password: 'secret2' }))).toBe('wrong_password');
    },
  );

  test('PKCS#12 as Java writes it, with its mark of trust', () => {
    const store = parsePkcs12(bytesOf('PKCS12.ks'), { provider, password: 'secret1' });
    expect(jwk(store.keys[0]!.pkcs8)).toEqual(jwkOfPem('leaf.key'));
    expect(store.certificates[store.keys[0]!.certificate!]!.der).toEqual(derOf('leaf.pem'));
    expect(
      store.certificates.filter(({ trusted }) => trusted).map(({ friendlyName }) => friendlyName),
    ).toEqual(['root']);
  });

  test('a JCEKS with a secret key says what was not read', () => {
    keytool(
      '-genseckey',
      '-alias',
      'aes',
      '-keyalg',
      'AES',
      '-keysize',
      '128',
      '-keystore',
      'sec.ks',
      '-storetype',
      'JCEKS',
      '-storepass',
      'secret1',
    );
    expect(parseJks(bytesOf('sec.ks'), { provider, password: 'secret1' })).toMatchObject({
      unread: 1,
      verified: true,
    });
  });
});

describe.skipIf(!hasOpenssl)('whatever is in a file (skipped where OpenSSL is absent)', () => {
  const options = { provider, password: 'x' };
  const text = (...names: string[]): string => names.map((name) => readFileSync(at(name), 'utf8')).join('\n');

  test('a chain with its key in one PEM file; which key goes with which certificate', async () => {
    const contents = openFile(text('ca.pem', 'leaf.pem', 'leaf.key', 'ca.key'), options);
    expect(contents.failures).toEqual([]);
    expect(contents.certificates.map(({ der }) => der)).toEqual([derOf('ca.pem'), derOf('leaf.pem')]);
    const certificates = contents.certificates.map(({ der }) => parseCertificate(der));
    expect(await matchKeys(contents.privateKeys, certificates, provider)).toEqual([1, 0]);
    expect(await matchKeys(contents.privateKeys, certificates.slice(0, 1), provider)).toEqual([null, 0]);
  });

  test('PKCS#12 and PKCS#7 give the same as PEM, in whatever they are wrapped', () => {
    openssl(
      'pkcs12',
      '-export',
      '-inkey',
      'leaf.key',
      '-in',
      'leaf.pem',
      '-certfile',
      'ca.pem',
      '-passout',
      'pass:x',
      '-out',
      'w.p12',
    );
    openssl('crl2pkcs7', '-nocrl', '-certfile', 'leaf.pem', '-certfile', 'ca.pem', '-out', 'w.p7b');
    const wanted = [derOf('leaf.pem'), derOf('ca.pem')];
    for (const input of [bytesOf('w.p12'), bytesOf('w.p7b'), text('w.p7b'), text('leaf.pem', 'ca.pem')]) {
      expect(expectCertificates(openFile(input, options)).map(({ der }) => der)).toEqual(wanted);
    }
    expect(jwk(expectPrivateKeys(openFile(bytesOf('w.p12'), options))[0]!.pkcs8)).toEqual(
      jwkOfPem('leaf.key'),
    );
    expect(ruleOf(() => expectCertificates(openFile(bytesOf('w.p12'), { provider })))).toBe(
      'password_needed',
    );
    expect(ruleOf(() => expectCertificates(openFile(bytesOf('w.p12'), { provider, password: 'y' })))).toBe(
      'wrong_password',
    );
  });

  test('"this is a private key, not a certificate", and the other way about', () => {
    const caught = (read: () => unknown): unknown => {
      try {
        return read();
      } catch (error) {
        return error;
      }
    };
    expect(caught(() => expectCertificates(openFile(text('leaf.key'), options)))).toMatchObject({
      rule: 'wrong_kind',
      facts: { wanted: 'certificate', found: ['private-key'] },
    });
    expect(caught(() => expectPrivateKeys(openFile(text('leaf.pem'), options)))).toMatchObject({
      rule: 'wrong_kind',
      facts: { wanted: 'private-key', found: ['certificate'] },
    });
    expect(caught(() => expectCertificates(openFile('<html>', options)))).toMatchObject({
      facts: { found: ['html'] },
    });
    expect(ruleOf(() => expectCertificates(openFile(text('leaf.pem').replace('MII', 'M*I'), options)))).toBe(
      'bad_base64',
    );
  });

  test('many keys in one file share one bound of work', () => {
    const args = ['-topk8', '-in', 'leaf.key', '-passout', 'pass:x', '-iter', '1000', '-out', 'many.pem'];
    openssl('pkcs8', ...args);
    const many = text('many.pem').repeat(5);
    expect(openFile(many, options).privateKeys).toHaveLength(5);
    const { privateKeys, failures } = openFile(many, { ...options, maxIterations: 2_500 });
    expect(privateKeys).toHaveLength(2);
    expect(failures.map(({ error }) => error.rule)).toEqual([
      'too_much_work',
      'too_much_work',
      'too_much_work',
    ]);
  });

  test.each(['-aes128', '-aes256', '-des3'])('the old encrypted PEM format with %s', (cipher) => {
    openssl('ec', '-in', 'leaf.key', cipher, '-passout', 'file:password', '-out', 'old.pem');
    const pem = text('old.pem');
    expect(pem).toContain('DEK-Info');
    const password = PASSWORD;
    expect(jwk(privateKeyFromPem(pem, { provider, password }))).toEqual(jwkOfPem('leaf.key'));
    expect(jwk(openFile(pem, { provider, password }).privateKeys[0]!.pkcs8)).toEqual(jwkOfPem('leaf.key'));
    expect(ruleOf(() => privateKeyFromPem(pem, { provider, password: 'x' }))).toBe('wrong_password');
    expect(ruleOf(() => privateKeyFromPem(pem))).toBe('encrypted_key');
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makePki, type Pki } from '../../test/support/sockets.js';
import { encodePem, parseCertificate } from '../x509/index.js';
import {
  certificatesFrom,
  credentialFrom,
  FileError,
  loadCredential,
  privateKeyFrom,
  readCertificates,
  readPrivateKey,
} from './files.js';
import { localhostCredential } from './localhost.js';
import { anchorsFor, loadSystemTrust, systemTrust, trustPlaces } from './trust.js';

let pki: Pki;
const folder = mkdtempSync(join(tmpdir(), 'akushu-files-'));

beforeAll(async () => {
  pki = await makePki();
});

afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function errorOf(act: () => unknown): FileError {
  try {
    act();
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** SignedData without signers (RFC 5652 §5.1), as bundles are. */
function bundleOf(ders: readonly Uint8Array[]): Uint8Array {
  const tlv = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
    const content = Buffer.concat(parts);
    return Buffer.concat([Buffer.of(tag, 0x82, content.length >> 8, content.length & 0xff), content]);
  };
  const oid = (digits: string) => Buffer.from(digits, 'hex');
  const data = Buffer.concat([Buffer.of(0x30, 11), oid('06092a864886f70d010701')]);
  const signed = [Buffer.of(2, 1, 1), Buffer.of(0x31, 0), data, tlv(0xa0, ...ders), Buffer.of(0x31, 0)];
  return tlv(0x30, oid('06092a864886f70d010702'), tlv(0xa0, tlv(0x30, ...signed)));
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('certificate and key files', () => {
  test('a chain and its key make a credential that answers to the names of the leaf', () => {
    const credential = loadCredential({
      certFile: file('c.pem', pki.server.cert),
      keyFile: file('k.pem', pki.server.keyPem),
    });
    expect(credential.chain).toHaveLength(2);
    expect(credential.serverNames).toEqual(['localhost', '127.0.0.1', '::1']);
    expect(credential.key.schemes).toContain('ecdsa_secp256r1_sha256');
  });

  test('both may be in one file, in either order', () => {
    const path = file('both.pem', pki.server.keyPem + pki.server.cert);
    expect(loadCredential({ certFile: path }).chain).toHaveLength(2);
  });

  test('DER is read as well as PEM', () => {
    const der = pki.server.chain[0]!;
    expect(readCertificates(file('c.der', der))).toEqual([Buffer.from(der)]);
    const pkcs8 = rsa.privateKey.export({ format: 'der', type: 'pkcs8' });
    expect(readPrivateKey(file('k.der', pkcs8)).schemes).toContain('rsa_pss_rsae_sha256');
    expect(privateKeyFrom(rsa.privateKey.export({ format: 'pem', type: 'pkcs1' })).schemes).toContain(
      'rsa_pss_rsae_sha256',
    );
  });

  test('a PKCS#7 bundle is read, in whatever it is written', () => {
    const bundle = bundleOf(pki.server.chain);
    expect(readCertificates(file('b.p7c', bundle))).toEqual(pki.server.chain.map(Buffer.from));
    expect(certificatesFrom(encodePem('PKCS7', bundle))).toHaveLength(2);
  });

  test('a file that is not there is file_missing, a folder file_unreadable', () => {
    const path = join(folder, 'nowhere.pem');
    expect(errorOf(() => readCertificates(path))).toMatchObject({ code: 'file_missing', path, found: null });
    mkdirSync(join(folder, 'sub'), { recursive: true });
    expect(errorOf(() => readPrivateKey(join(folder, 'sub')))).toMatchObject({
      code: 'file_unreadable',
      found: 'directory',
    });
  });

  test.each<[string, () => string | Uint8Array, string]>([
    ['a private key', () => pki.server.keyPem, 'private_key'],
    ['a request', () => encodePem('CERTIFICATE REQUEST', Uint8Array.of(0x30, 0)), 'certificate_request'],
    ['a public key', () => rsa.publicKey.export({ format: 'pem', type: 'spki' }), 'public_key'],
    ['parameters', () => encodePem('DH PARAMETERS', Uint8Array.of(0x30, 0)), 'other_pem'],
    ['a cut certificate', () => pki.server.cert.slice(0, 200), 'broken_pem'],
    ['a certificate with wrong bytes', () => encodePem('CERTIFICATE', Uint8Array.of(0x30, 0)), 'broken_pem'],
    ['nothing', () => '', 'empty'],
    ['prose', () => 'hello', 'unknown'],
    ['HTML', () => '<!DOCTYPE html><html></html>', 'html'],
    ['a CRL', () => encodePem('X509 CRL', Uint8Array.of(0x30, 0)), 'crl'],
    ['an SSH key', () => 'ssh-ed25519 AAAAC3 someone', 'ssh_key'],
    ['a certificate in DER that is cut off', () => pki.server.chain[0]!.subarray(0, 200), 'damaged'],
    ['17 MB', () => new Uint8Array(17 * 1024 * 1024), 'too_large'],
    ['a key in DER', () => rsa.privateKey.export({ format: 'der', type: 'pkcs8' }), 'private_key'],
  ])('%s in place of a certificate is told', (_, content, found) => {
    expect(errorOf(() => certificatesFrom(content(), 'x'))).toMatchObject({
      code: found === 'too_large' ? 'file_unreadable' : 'not_a_certificate',
      path: 'x',
      found,
    });
  });

  test.each<[string, () => string | Uint8Array, string, string]>([
    ['a certificate', () => pki.server.cert, 'not_a_key', 'certificate'],
    ['a certificate in DER', () => pki.server.chain[0]!, 'not_a_key', 'certificate'],
    [
      'an encrypted key',
      () => rsa.privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }),
      'encrypted_key',
      'private_key',
    ],
    [
      'a key for DSA',
      () => encodePem('DSA PRIVATE KEY', Uint8Array.of(0x30, 0)),
      'unsupported_key',
      'private_key',
    ],
    ['a public key', () => rsa.publicKey.export({ format: 'pem', type: 'spki' }), 'not_a_key', 'public_key'],
    ['nothing', () => '', 'not_a_key', 'empty'],
  ])('%s in place of a key is told', (_, content, code, found) => {
    expect(errorOf(() => privateKeyFrom(content()))).toMatchObject({ code, path: null, found });
  });

  test('a key of another certificate is key_does_not_match', () => {
    expect(errorOf(() => credentialFrom(pki.server.cert, pki.client.keyPem)).code).toBe('key_does_not_match');
    const keyFile = file('other.pem', pki.client.keyPem);
    const certFile = file('leaf.pem', pki.server.cert);
    expect(errorOf(() => loadCredential({ certFile, keyFile }))).toMatchObject({
      code: 'key_does_not_match',
      path: keyFile,
    });
  });
});

describe('the certificate for localhost', () => {
  test('is for localhost and both loopback addresses, for 30 days, and its key matches', async () => {
    const credential = await localhostCredential();
    const leaf = parseCertificate(credential.chain[0]!);
    expect(leaf.notAfter - Date.now()).toBeGreaterThan(29 * 86_400_000);
    expect(leaf.notAfter - Date.now()).toBeLessThanOrEqual(30 * 86_400_000);
    const read = credentialFrom(credential.certificatePem, credential.privateKeyPem);
    expect(read.serverNames).toEqual(['localhost', '127.0.0.1', '::1']);
  });

  test('has a key of its own every time', async () => {
    const [a, b] = await Promise.all([localhostCredential(), localhostCredential()]);
    expect(a.privateKeyPem).not.toBe(b.privateKeyPem);
  });
});

describe('the roots of the system', () => {
  test('are there, and are read once', () => {
    expect(systemTrust().anchors.size).toBeGreaterThan(50);
    expect(systemTrust()).toBe(systemTrust());
    expect(anchorsFor(undefined)).toBe(systemTrust().anchors);
  });

  test('are those that Node brings where the system has no bundle', () => {
    const { anchors, sources } = loadSystemTrust({}, [join(folder, 'none.crt')]);
    expect(sources).toEqual(['node']);
    expect(anchors.size).toBeGreaterThan(50);
  });

  test('are the first bundle that holds any', () => {
    const empty = file('empty.crt', '');
    const bundle = file('bundle.crt', pki.ca.cert + pki.other.cert);
    expect(loadSystemTrust({}, [empty, bundle])).toMatchObject({ sources: [bundle], anchors: { size: 2 } });
  });

  test('are those of a directory, or of a store that is no file', () => {
    const directory = join(folder, 'hashed');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, '5a3f0ff8.0'), pki.other.cert);
    const none = { system: () => [] };
    expect(loadSystemTrust({}, [directory], none)).toMatchObject({
      sources: [directory],
      anchors: { size: 1 },
    });
    const system = { system: () => [pki.ca.cert, 'nothing', pki.other.cert] };
    expect(loadSystemTrust({}, [directory], system)).toMatchObject({
      sources: ['system'],
      anchors: { size: 2 },
    });
    const env = { SSL_CERT_FILE: join(directory, '5a3f0ff8.0') };
    expect(loadSystemTrust(env, [], system).sources).toEqual([env.SSL_CERT_FILE]);
  });

  test('are looked for where each platform has them', () => {
    const linux = trustPlaces('linux');
    expect(linux.indexOf('/etc/ssl/certs/ca-certificates.crt')).toBe(0);
    expect(linux).toContain('/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem');
    expect(linux).toContain('/etc/ssl/cert.pem');
    expect(trustPlaces('darwin')).toContain('/etc/ssl/cert.pem');
    expect(trustPlaces('win32', 'D:\\Programs')[0]).toBe('D:\\Programs\\Common Files\\SSL\\cert.pem');
  });

  test('are replaced by SSL_CERT_FILE and SSL_CERT_DIR, even by none', () => {
    const certs = join(folder, 'certs');
    mkdirSync(certs, { recursive: true });
    writeFileSync(join(certs, 'other.pem'), pki.other.cert);
    writeFileSync(join(certs, 'README'), 'no certificate');
    const one = file('one.pem', pki.ca.cert);
    expect(loadSystemTrust({ SSL_CERT_FILE: one }).anchors.size).toBe(1);
    expect(loadSystemTrust({ SSL_CERT_FILE: one, SSL_CERT_DIR: certs }).anchors.size).toBe(2);
    expect(loadSystemTrust({ SSL_CERT_FILE: join(folder, 'none') }).anchors.size).toBe(0);
    expect(loadSystemTrust({ SSL_CERT_DIR: `${join(folder, 'none')}:${certs}` }).anchors.size).toBe(1);
  });

  test('are joined by NODE_EXTRA_CA_CERTS', () => {
    const bundle = file('base.crt', pki.ca.cert);
    const extra = file('extra.pem', pki.other.cert);
    expect(loadSystemTrust({ NODE_EXTRA_CA_CERTS: extra }, [bundle])).toMatchObject({
      sources: [bundle, extra],
      anchors: { size: 2 },
    });
  });

  test('are replaced by the option ca: one text, several, DER', () => {
    expect(anchorsFor(pki.ca.cert).size).toBe(1);
    expect(anchorsFor([pki.ca.cert, pki.other.chain[0]!]).size).toBe(2);
    expect(errorOf(() => anchorsFor('')).code).toBe('not_a_certificate');
  });
});

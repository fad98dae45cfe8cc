/** The certificates of a run: authorities and leaves of every kind, made with our own issuer, as PEM files in one directory. */
import { generateKeyPairSync, getDiffieHellman, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PrivateKey } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import { type CertificateRequestOptions, createCertificate, encodePem } from 'akushu/x509';

/** Kinds of leaves that servers present. */
export const CREDENTIALS = ['p256', 'p384', 'p521', 'ed25519', 'ed448', 'rsa', 'rsa-pss'] as const;
export type CredentialName = (typeof CREDENTIALS)[number];

const DAY = 86_400_000;

/** File names of a PKI; all of them PEM. */
export interface Pki {
  readonly dir: string;
}

export function certFile(pki: Pki, name: string): string {
  return join(pki.dir, `${name}.pem`);
}

export function keyFile(pki: Pki, name: string): string {
  return join(pki.dir, `${name}.key`);
}

/** A finite-field group for servers that pick one themselves: 2,048 bits, of RFC 3526, which nobody names. */
export function dhFile(pki: Pki): string {
  return join(pki.dir, 'dh.pem');
}

function newKey(kind: CredentialName): Uint8Array {
  switch (kind) {
    case 'p256':
      return pkcs8(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    case 'p384':
      return pkcs8(generateKeyPairSync('ec', { namedCurve: 'P-384' }));
    case 'p521':
      return pkcs8(generateKeyPairSync('ec', { namedCurve: 'P-521' }));
    case 'ed25519':
      return pkcs8(generateKeyPairSync('ed25519'));
    case 'ed448':
      return pkcs8(generateKeyPairSync('ed448'));
    case 'rsa':
      return pkcs8(generateKeyPairSync('rsa', { modulusLength: 2048 }));
    case 'rsa-pss':
      // Without parameters (RFC 4055 §1.2): good for every hash, as most of them are.
      return pkcs8(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }));
  }
}

function pkcs8({ privateKey }: { privateKey: KeyObject }): Uint8Array {
  return new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }));
}

/** PKCS #3: a sequence of the prime and the generator 2. */
function dhParameters(): Uint8Array {
  const prime = getDiffieHellman('modp14').getPrime();
  const size = prime.length + 1;
  const head = [0x30, 0x82, (size + 7) >> 8, (size + 7) & 0xff, 0x02, 0x82, size >> 8, size & 0xff, 0];
  return Buffer.concat([Buffer.from(head), prime, Buffer.from([0x02, 0x01, 0x02])]);
}

interface Authority {
  readonly certificate: Uint8Array;
  readonly key: PrivateKey;
}

/** Writes ca, other-ca, one leaf of each kind, client, and leaves that are expired, for another name, of another CA. */
export async function makePki(dir: string): Promise<Pki> {
  const pki = { dir };
  writeFileSync(dhFile(pki), encodePem('DH PARAMETERS', dhParameters()));
  const ca = await authority(pki, 'ca', 'Interop Test CA');
  const otherCa = await authority(pki, 'other-ca', 'Another CA');
  for (const kind of CREDENTIALS) await leaf(pki, kind, kind, ca);
  await leaf(pki, 'client', 'p256', ca, { altNames: ['client@example.com'], extKeyUsage: ['clientAuth'] });
  await leaf(pki, 'client-rsa', 'rsa', ca, { altNames: ['client@example.com'], extKeyUsage: ['clientAuth'] });
  await leaf(pki, 'other-client', 'p256', otherCa, { extKeyUsage: ['clientAuth'] });
  const now = Date.now();
  await leaf(pki, 'expired', 'p256', ca, { notBefore: now - 60 * DAY, notAfter: now - 30 * DAY });
  await leaf(pki, 'wrong-host', 'p256', ca, { altNames: ['elsewhere.example'] });
  await leaf(pki, 'untrusted', 'p256', otherCa);
  return pki;
}

async function authority(pki: Pki, name: string, subject: string): Promise<Authority> {
  const der = newKey('p256');
  const key = await nodeProvider.importPrivateKey(der);
  const now = Date.now();
  const certificate = await createCertificate({
    provider: nodeProvider,
    subject: { CN: subject, O: 'akushu' },
    key,
    isCa: true,
    notBefore: now - DAY,
    notAfter: now + 30 * DAY,
  });
  save(pki, name, certificate, der);
  return { certificate, key };
}

async function leaf(
  pki: Pki,
  name: string,
  kind: CredentialName,
  issuer: Authority,
  more: Partial<CertificateRequestOptions> = {},
): Promise<void> {
  const der = newKey(kind);
  const key = await nodeProvider.importPrivateKey(der);
  const now = Date.now();
  const certificate = await createCertificate({
    provider: nodeProvider,
    subject: name,
    publicKey: key.spki,
    issuer,
    altNames: ['localhost', '127.0.0.1'],
    notBefore: now - DAY,
    notAfter: now + 30 * DAY,
    ...more,
  });
  save(pki, name, certificate, der);
}

function save(pki: Pki, name: string, certificate: Uint8Array, key: Uint8Array): void {
  writeFileSync(certFile(pki, name), encodePem('CERTIFICATE', certificate));
  writeFileSync(keyFile(pki, name), encodePem('PRIVATE KEY', key));
}

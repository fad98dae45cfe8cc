/** Certificates with one fault each, beside those of `../support/pki.ts`: files in a directory of their own. */
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PrivateKey } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import {
  type CertificateRequestOptions,
  certificatesFromPem,
  createCertificate,
  createCrl,
  createOcspResponse,
  encodePem,
  parseCertificate,
  privateKeyFromPem,
} from 'akushu/x509';
import { inject } from 'vitest';
import { certFile, keyFile } from '../support/pki.js';

const DAY = 86_400_000;
const { dir, pkiDir } = inject('prepared');
const home = join(dir, 'verdicts');

export const file = (name: string): string => join(home, name);
export const cert = (name: string): string => file(`${name}.pem`);
export const key = (name: string): string => file(`${name}.key`);

interface Signer {
  readonly certificate: Uint8Array;
  readonly key: PrivateKey;
}

const save = (path: string, label: string, der: Uint8Array): void =>
  writeFileSync(path, encodePem(label, der));

function newKey(bits: number | null): Uint8Array {
  const { privateKey } =
    bits === null
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: bits });
  return new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }));
}

const read = (path: string): string => readFileSync(path, 'utf8');

async function issue(
  name: string,
  issuer: Signer | null,
  more: Partial<CertificateRequestOptions> & { readonly rsa?: number } = {},
): Promise<Signer> {
  const { rsa = null, ...options } = more;
  const pkcs8 = newKey(rsa);
  const own = await nodeProvider.importPrivateKey(pkcs8);
  const now = Date.now();
  const certificate = await createCertificate({
    provider: nodeProvider,
    subject: name,
    ...(issuer ? { publicKey: own.spki, issuer } : { key: own }),
    ...(!options.isCa && { altNames: ['localhost', '127.0.0.1'] }),
    notBefore: now - DAY,
    notAfter: now + 30 * DAY,
    ...options,
  });
  save(cert(name), 'CERTIFICATE', certificate);
  save(key(name), 'PRIVATE KEY', pkcs8);
  return { certificate, key: own };
}

/** All of them, and copies of the common ones. */
export async function makeFaultyPki(): Promise<void> {
  mkdirSync(home);
  const common = [
    'ca',
    'p256',
    'rsa',
    'client',
    'client-rsa',
    'other-client',
    'expired',
    'wrong-host',
    'untrusted',
  ];
  for (const name of common) {
    copyFileSync(certFile({ dir: pkiDir }, name), cert(name));
    copyFileSync(keyFile({ dir: pkiDir }, name), key(name));
  }
  const ca: Signer = {
    certificate: certificatesFromPem(read(cert('ca')))[0]!,
    key: await nodeProvider.importPrivateKey(privateKeyFromPem(read(key('ca')))),
  };
  const now = Date.now();
  await issue('not-yet', ca, { notBefore: now + 10 * DAY });
  await issue('self-signed', null);
  await issue('weak', ca, { rsa: 1024 });
  await issue('wrong-usage', ca, { extKeyUsage: ['clientAuth'] });
  await issue('must-staple', ca, { mustStaple: true });
  await issue('expired-client', ca, {
    extKeyUsage: ['clientAuth'],
    notBefore: now - 9 * DAY,
    notAfter: now - DAY,
  });
  const middle = await issue('Interop Issuing CA', ca, { isCa: true });
  await issue('issued', middle);
  writeFileSync(cert('issued-chain'), [cert('issued'), cert('Interop Issuing CA')].map(read).join(''));
  copyFileSync(key('issued'), key('issued-chain'));
  const rsaCa = await issue('Interop RSA CA', null, { isCa: true, rsa: 2048 });
  await issue('sha1', rsaCa, { rsa: 2048, scheme: 'rsa_pkcs1_sha1' });
  await makeRevoked(ca, now);
}

/** A leaf, the list that it is on, and the response of its authority. */
async function makeRevoked(ca: Signer, now: number): Promise<void> {
  const { certificate } = await issue('revoked', ca);
  const parsed = parseCertificate(certificate);
  const times = { thisUpdate: now - DAY / 2, nextUpdate: now + 7 * DAY };
  const revokedAt = now - DAY / 2;
  const crl = await createCrl({
    provider: nodeProvider,
    issuer: ca,
    number: 1,
    ...times,
    entries: [{ serial: parsed.serial, revokedAt, reason: 'keyCompromise' }],
  });
  save(file('crl.pem'), 'X509 CRL', crl);
  const response = await createOcspResponse({
    provider: nodeProvider,
    authority: ca.certificate,
    responder: ca,
    // GnuTLS finds it by its name alone.
    nameBy: 'name',
    producedAt: now - DAY / 2,
    answers: [{ certificate: parsed, status: 'revoked', revokedAt, ...times }],
  });
  writeFileSync(file('revoked.ocsp'), response);
}

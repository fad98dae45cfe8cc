/** A small authority for tests of revocation and issuing, and what other tools say of what it makes. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeProvider as provider } from '../../src/crypto/node.js';
import type { PrivateKey } from '../../src/crypto/provider.js';
import { type Certificate, parseCertificate } from '../../src/x509/certificate.js';
import { type CertificateRequestOptions, createCertificate } from '../../src/x509/issue.js';

export const DAY = 86_400_000;
/** When the tests take place. */
export const TIME = Date.UTC(2030, 0, 1);

/** A certificate with its key. */
export interface Entity {
  readonly certificate: Certificate;
  readonly key: PrivateKey;
}

export async function newKey(
  kind: Parameters<typeof provider.generatePrivateKey>[0] = 'secp256r1',
): Promise<PrivateKey> {
  return provider.importPrivateKey(await provider.generatePrivateKey(kind));
}

/** A self-signed authority. */
export async function makeRoot(
  subject: CertificateRequestOptions['subject'] = 'Root',
  options: Partial<CertificateRequestOptions> = {},
): Promise<Entity> {
  const key = options.key ?? (await newKey());
  const period = { notBefore: TIME - 3650 * DAY, notAfter: TIME + 3650 * DAY };
  const der = await createCertificate({ provider, subject, isCa: true, ...period, ...options, key });
  return { certificate: parseCertificate(der), key };
}

/** Whatever `issuer` certifies. */
export async function makeCertificate(
  issuer: Entity,
  subject: CertificateRequestOptions['subject'],
  options: Partial<CertificateRequestOptions> = {},
): Promise<Entity> {
  const key = options.key ?? (await newKey());
  const period = { notBefore: TIME - 20 * DAY, notAfter: TIME + 20 * DAY };
  const names = typeof subject === 'string' && !options.isCa ? { altNames: [subject] } : {};
  const der = await createCertificate({
    provider,
    subject,
    publicKey: key.spki,
    issuer,
    ...period,
    ...names,
    ...options,
  });
  return { certificate: parseCertificate(der), key };
}

export const hasTool = (name: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(name, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

export const hasOpenssl = hasTool('openssl', 'version');

/** A directory for one test file; `remove` it afterwards. */
export function scratch(): {
  readonly file: (name: string, content: Uint8Array | string) => string;
  readonly path: string;
  remove(): void;
} {
  const path = mkdtempSync(join(tmpdir(), 'akushu-pki-'));
  return {
    path,
    file(name, content) {
      const at = join(path, name);
      writeFileSync(at, content);
      return at;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** What openssl prints, on both streams. Throws where it fails. */
export function openssl(...args: readonly string[]): string {
  return execFileSync('sh', ['-c', 'exec openssl "$@" 2>&1', 'sh', ...args], { encoding: 'utf8' });
}

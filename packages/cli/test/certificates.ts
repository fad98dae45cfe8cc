/** A small authority of our own, and the two commands run in this process. */
import { writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { nodeProvider } from 'akushu/crypto/node';
import {
  type CertificateRequestOptions,
  type CrlEntryInput,
  createCertificate,
  createCrl,
  createOcspResponse,
  encodePem,
  type GeneratedKey,
  generateKey,
  parseCertificate,
} from 'akushu/x509';
import { main } from '../src/main.js';
import type { Scratch } from './spawn.js';

export interface Shown {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function run(args: readonly string[], stdin: string | Uint8Array = ''): Promise<Shown> {
  const input = new PassThrough();
  input.end(stdin);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await main(args, { stdin: input, stdout, stderr, env: {} });
  const textOf = (stream: PassThrough): string => (stream.read() as Buffer | null)?.toString() ?? '';
  return { code, stdout: textOf(stdout), stderr: textOf(stderr) };
}

export const flat = (text: string): string => text.replace(/\s+/g, ' ');

const DAY = 86_400_000;

export interface Issued {
  readonly der: Uint8Array;
  readonly pem: string;
  readonly key: GeneratedKey;
}

type Wishes = Partial<CertificateRequestOptions> & { readonly by?: Issued | undefined };

/** Valid for 90 days from an hour ago. */
export async function issue({ by, ...options }: Wishes): Promise<Issued> {
  const key = await generateKey(nodeProvider);
  const der = await createCertificate({
    provider: nodeProvider,
    subject: 'example.com',
    notBefore: Date.now() - DAY / 24,
    notAfter: Date.now() + 90 * DAY,
    key: key.key,
    ...(by && { issuer: { certificate: by.der, key: by.key.key }, publicKey: key.key.spki }),
    ...options,
  });
  return { der, pem: encodePem('CERTIFICATE', der), key };
}

export interface Pki {
  readonly root: Issued;
  readonly intermediate: Issued;
  readonly leaf: Issued;
}

export async function makePki(): Promise<Pki> {
  const root = await issue({ subject: { CN: 'Our Root', O: 'Ours' }, isCa: true });
  const intermediate = await issue({
    subject: 'Our Intermediate',
    isCa: true,
    pathLength: 0,
    permittedNames: ['example.com'],
    by: root,
  });
  const leaf = await issue({
    subject: 'www.example.com',
    altNames: ['www.example.com', 'example.com'],
    policies: ['2.23.140.1.2.2'],
    ocspUrls: ['http://ocsp.example/'],
    caIssuersUrls: ['http://ca.example/intermediate.der'],
    crlDistributionPoints: ['http://ca.example/list.crl'],
    mustStaple: true,
    by: intermediate,
  });
  return { root, intermediate, leaf };
}

/** Writes everything of it below `directory`; gives a path for a name. */
export function writePki({ root, intermediate, leaf }: Pki, directory: Scratch): void {
  const write = (name: string, content: string | Uint8Array): void =>
    writeFileSync(directory.at(name), content);
  write('root.pem', root.pem);
  write('intermediate.pem', intermediate.pem);
  write('leaf.pem', leaf.pem);
  write('leaf.der', leaf.der);
  write('leaf.key', leaf.key.pem);
  write('mixed.pem', root.pem + leaf.pem + intermediate.pem);
}

export const crlOf = (by: Issued, entries: readonly CrlEntryInput[]): Promise<Uint8Array> =>
  createCrl({
    provider: nodeProvider,
    issuer: { certificate: by.der, key: by.key.key },
    number: 7,
    thisUpdate: Date.now() - DAY / 24,
    nextUpdate: Date.now() + DAY,
    entries,
  });

export const staplesFor = (leaf: Issued, by: Issued, status: 'good' | 'revoked'): Promise<Uint8Array> =>
  createOcspResponse({
    provider: nodeProvider,
    authority: by.der,
    responder: { certificate: by.der, key: by.key.key },
    producedAt: Date.now(),
    answers: [
      {
        certificate: parseCertificate(leaf.der),
        status,
        thisUpdate: Date.now() - DAY / 24,
        nextUpdate: Date.now() + DAY,
        ...(status === 'revoked' && { revokedAt: Date.now() - DAY / 24 }),
      },
    ],
  });

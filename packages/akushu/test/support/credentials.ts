/** Self-signed credentials of every kind that the engine can present, each made once in a run. */
import { generateKeyPairSync } from 'node:crypto';
import { nodeProvider as provider } from '../../src/crypto/node.js';
import type { PrivateKey } from '../../src/crypto/provider.js';
import type { Credential, PeerVerdict } from '../../src/handshake/index.js';
import { createCertificate } from '../../src/x509/index.js';

export const KINDS = ['P-256', 'P-384', 'Ed25519', 'RSA', 'RSA-PSS', 'ML-DSA-44'] as const;
export type CredentialKind = (typeof KINDS)[number];

const GENERATED = {
  'P-256': 'secp256r1',
  'P-384': 'secp384r1',
  Ed25519: 'ed25519',
  RSA: 'rsa-2048',
  'ML-DSA-44': 'ml-dsa-44',
} as const;

async function newKey(kind: CredentialKind): Promise<PrivateKey> {
  if (kind !== 'RSA-PSS')
    return provider.importPrivateKey(await provider.generatePrivateKey(GENERATED[kind]));
  const { privateKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
  return provider.importPrivateKey(new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' })));
}

async function make(kind: CredentialKind, name: string): Promise<Credential> {
  const key = await newKey(kind);
  const certificate = await createCertificate({
    provider,
    subject: name,
    key,
    altNames: [name],
    notBefore: Date.UTC(2020, 0, 1),
    notAfter: Date.UTC(2060, 0, 1),
  });
  return { chain: [certificate], key };
}

const made = new Map<string, Promise<Credential>>();

/** The same credential for the same kind and name. */
export function credential(kind: CredentialKind = 'P-256', name = 'localhost'): Promise<Credential> {
  const id = `${kind} ${name}`;
  const known = made.get(id) ?? make(kind, name);
  made.set(id, known);
  return known;
}

/** A verifier for tests that are not about chains. */
export const trustAll = (): PeerVerdict => ({ trusted: true });

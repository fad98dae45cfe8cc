/** New key pairs, in the forms in which they are used and kept (RFC 5958). */
import type { PrivateKey, Provider } from '../../crypto/provider.js';
import { encodePem } from '../pem.js';

export type KeyKind = Parameters<Provider['generatePrivateKey']>[0];

export interface GeneratedKey {
  /** For signing. */
  readonly key: PrivateKey;
  /** DER, not encrypted. */
  readonly pkcs8: Uint8Array;
  readonly pem: string;
}

/** Makes a key pair. */
export async function generateKey(provider: Provider, kind: KeyKind = 'secp256r1'): Promise<GeneratedKey> {
  const pkcs8 = await provider.generatePrivateKey(kind);
  return { key: await provider.importPrivateKey(pkcs8), pkcs8, pem: encodePem('PRIVATE KEY', pkcs8) };
}

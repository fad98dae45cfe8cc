/** A self-signed certificate for trying things out on this machine. Made in memory; nobody trusts it unasked. */
import { nodeProvider } from '../crypto/node.js';
import type { Credential } from '../handshake/index.js';
import { createCertificate, encodePem } from '../x509/index.js';

const DAY = 86_400_000;
const NAMES: readonly string[] = ['localhost', '127.0.0.1', '::1'];

export interface LocalhostCredential extends Credential {
  /** To give to clients as `ca`. */
  readonly certificatePem: string;
  /** PKCS#8. */
  readonly privateKeyPem: string;
}

/**
 * A fresh key, P-256 by default, and a certificate for `localhost`, 127.0.0.1 and ::1, valid for 30 days.
 *
 * @example
 * const credential = await localhostCredential();
 * createServer({ credentials: [credential] }).listen(8443);
 */
export async function localhostCredential(
  names: readonly string[] = NAMES,
  now = Date.now(),
  kind: 'rsa-2048' | 'secp256r1' | 'ed25519' = 'secp256r1',
): Promise<LocalhostCredential> {
  const pkcs8 = await nodeProvider.generatePrivateKey(kind);
  const key = await nodeProvider.importPrivateKey(pkcs8);
  const certificate = await createCertificate({
    provider: nodeProvider,
    subject: names[0] ?? 'localhost',
    key,
    altNames: names,
    // An hour back, for clocks that do not agree.
    notBefore: now - 3_600_000,
    notAfter: now + 30 * DAY,
  });
  return {
    chain: [certificate],
    key,
    serverNames: names,
    certificatePem: encodePem('CERTIFICATE', certificate),
    privateKeyPem: encodePem('PRIVATE KEY', pkcs8),
  };
}

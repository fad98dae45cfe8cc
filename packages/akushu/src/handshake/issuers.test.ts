import { beforeAll, describe, expect, test } from 'vitest';
import { nodeProvider as provider } from '../crypto/node.js';
import { createCertificate, parseCertificate } from '../x509/index.js';
import type { Credential } from './config.js';
import { byIssuer } from './issuers.js';

const notBefore = Date.UTC(2026, 0, 1);
const notAfter = Date.UTC(2030, 0, 1);
const newKey = async () => provider.importPrivateKey(await provider.generatePrivateKey('secp256r1'));

async function leafUnder(authority: string): Promise<{ credential: Credential; name: Uint8Array }> {
  const [caKey, key] = [await newKey(), await newKey()];
  const ca = await createCertificate({
    provider,
    subject: authority,
    isCa: true,
    key: caKey,
    notBefore,
    notAfter,
  });
  const leaf = await createCertificate({
    provider,
    subject: 'client',
    issuer: { certificate: ca, key: caKey },
    publicKey: key.spki,
    notBefore,
    notAfter,
  });
  return { credential: { chain: [leaf], key }, name: parseCertificate(ca).subject.raw };
}

describe('credentials and the authorities that the peer names', () => {
  let one: Awaited<ReturnType<typeof leafUnder>>;
  let two: typeof one;

  beforeAll(async () => {
    one = await leafUnder('One');
    two = await leafUnder('Two');
  });

  test('those that were issued under a named authority come first, the others stay behind them', () => {
    expect(byIssuer([one.credential, two.credential], [two.name])).toEqual([two.credential, one.credential]);
    expect(byIssuer([one.credential, two.credential], [one.name, two.name])).toEqual([
      one.credential,
      two.credential,
    ]);
  });

  test('without a list the order stays', () => {
    expect(byIssuer([one.credential, two.credential], [])).toEqual([one.credential, two.credential]);
  });

  test('one that must match is left out where it does not, and where nothing is named', () => {
    const strict = { ...one.credential, mustMatchIssuer: true };
    expect(byIssuer([strict, two.credential], [two.name])).toEqual([two.credential]);
    expect(byIssuer([strict], [])).toEqual([]);
    expect(byIssuer([strict], [one.name])).toEqual([strict]);
  });
});

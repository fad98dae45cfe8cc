import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeProvider } from '../crypto/node.js';
import { messageBytes, unpackCertificate } from './index.js';

const certificate = messageBytes('Certificate', {
  certificateRequestContext: new Uint8Array(0),
  certificateList: [{ certData: new Uint8Array(900).fill(7), extensions: {} }],
});
const body = certificate.subarray(4);

function packed(change: { algorithm?: number; uncompressedLength?: number } = {}): Uint8Array {
  return messageBytes('CompressedCertificate', {
    algorithm: 1,
    uncompressedLength: body.length,
    compressedCertificateMessage: nodeProvider.compress!('zlib', body),
    ...change,
  });
}

describe('a compressed certificate', () => {
  test('is the message that was compressed, header included', () => {
    expect(unpackCertificate(packed(), nodeProvider)).toEqual(certificate);
  });

  test.each([
    ['an algorithm that nobody has', packed({ algorithm: 99 }), undefined],
    ['more than it announced', packed({ uncompressedLength: body.length - 1 }), undefined],
    ['more than is taken', packed(), body.length - 1],
    ['an announcement of more than is taken', packed({ uncompressedLength: 0xffffff }), undefined],
  ])('is nothing with %s', (_, message, limit) => {
    expect(unpackCertificate(message, nodeProvider, limit)).toBeNull();
  });

  test('is nothing where the provider cannot decompress', () => {
    const { decompress: _, ...without } = nodeProvider;
    expect(unpackCertificate(packed(), without)).toBeNull();
  });

  test('never throws, wherever it is cut or changed', () => {
    const message = packed();
    fc.assert(
      fc.property(fc.nat(message.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const damaged = cut ? message.slice(0, at) : message.slice();
        if (!cut) damaged[at] = byte;
        const found = unpackCertificate(damaged, nodeProvider);
        expect(found === null || found.length <= 4 + 65_536).toBe(true);
      }),
    );
  });
});

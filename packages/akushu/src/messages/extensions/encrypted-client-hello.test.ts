import { expect, test } from 'vitest';
import { concat, fromHex } from '../../bytes/index.js';
import { annotate, decode } from '../../codec/index.js';
import { extensions } from './index.js';

/** A block with encrypted_client_hello and an extension behind it. */
const block = (body: Uint8Array): Uint8Array => {
  const after = fromHex('00170000');
  const size = 4 + body.length + after.length;
  return concat(
    Uint8Array.of(size >> 8, size & 0xff),
    fromHex('fe0d'),
    Uint8Array.of(0, body.length),
    body,
    after,
  );
};
const codec = extensions('CH');
const OUTER = fromHex('00000100010700041122334400023344');

test('encrypted_client_hello is read in both of its forms', () => {
  expect(decode(codec, block(OUTER)).encryptedClientHello).toMatchObject({
    outer: { kdfId: 1, aeadId: 1, configId: 7, enc: fromHex('11223344'), payload: fromHex('3344') },
    inner: false,
  });
  expect(decode(codec, block(Uint8Array.of(1))).encryptedClientHello).toMatchObject({
    outer: null,
    inner: true,
  });
});

test('encrypted_client_hello is shown with its parts', () => {
  const tree = JSON.stringify(annotate(codec, block(OUTER), 'extensions'));
  expect(tree).toContain('HKDF-SHA256 (0x0001)');
  expect(tree).toContain('AES-128-GCM (0x0001)');
});

test('what encrypted_client_hello holds in another form is kept, and ends nothing', () => {
  for (const body of ['', '02', '0100', '00', `${'00'.repeat(9)}`, '000001000107000411']) {
    const bytes = block(fromHex(body));
    const value = decode(codec, bytes);
    expect(value.encryptedClientHello).toEqual({ outer: null, inner: false, bytes: fromHex(body) });
    expect(value.extendedMasterSecret).toBe(true);
    const tree = annotate(codec, bytes, 'extensions');
    expect(tree.error).toBeUndefined();
    expect(tree.children).toHaveLength(2);
  }
});

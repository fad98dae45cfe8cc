/** RC2 against the test vectors of RFC 2268 §5. */
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../bytes/index.js';
import { rc2 } from './rc2.js';

test.each([
  ['0000000000000000', 63, '0000000000000000', 'ebb773f993278eff'],
  ['ffffffffffffffff', 64, 'ffffffffffffffff', '278b27e42e2f0d49'],
  ['3000000000000000', 64, '1000000000000001', '30649edf9be7d2c2'],
  ['88', 64, '0000000000000000', '61a8a244adacccf0'],
  ['88bca90e90875a', 64, '0000000000000000', '6ccf4308974c267f'],
  // By OpenSSL.
  ['88bca90e90875a7f0f9c384627bafab2', 128, '0000000000000000', 'ea6e6cd98dd166f5'],
])('RC2 with key %s and %i bits gives back what was encrypted', (key, bits, plain, encrypted) => {
  const zero = new Uint8Array(8);
  expect(toHex(rc2(fromHex(key), bits).decrypt(zero, fromHex(encrypted)))).toBe(plain);
});

test('in CBC mode each block is combined with the encrypted one before it', () => {
  const cipher = rc2(fromHex('88'), 64);
  const block = '61a8a244adacccf0';
  expect(toHex(cipher.decrypt(fromHex('0102030405060708'), fromHex(block + block)))).toBe(
    `0102030405060708${block}`,
  );
});

/** Importing external pre-shared keys (RFC 9258 §4–5): one imported key per hash that TLS 1.3 uses. */
import { createHash, createHmac } from 'node:crypto';

const VERSION_13 = 0x0304;
const KDFS = [
  { hash: 'sha256', code: 1, length: 32 },
  { hash: 'sha384', code: 2, length: 48 },
];

function withLength16(bytes) {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** HKDF-Expand-Label (RFC 9846 §7.1). */
function expandLabel(hash, secret, label, context, length) {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([
    Buffer.from([length >> 8, length & 0xff, name.length]),
    name,
    Buffer.from([context.length]),
    context,
  ]);
  let previous = Buffer.alloc(0);
  let out = Buffer.alloc(0);
  for (let block = 1; out.length < length; block++) {
    previous = createHmac(hash, secret)
      .update(previous)
      .update(info)
      .update(Buffer.from([block]))
      .digest();
    out = Buffer.concat([out, previous]);
  }
  return out.subarray(0, length);
}

/** The PSKs, as the engine takes them, for a credential of the runner. */
export function importPsk(credential) {
  const own = credential['psk-importer-sha384'] ? 'sha384' : 'sha256';
  const zeros = Buffer.alloc(own === 'sha384' ? 48 : 32);
  const extracted = createHmac(own, zeros).update(credential['psk-importer-key']).digest();
  const external = withLength16(credential['psk-importer-identity']);
  const context = withLength16(credential['psk-importer-context'] ?? new Uint8Array(0));
  return KDFS.map(({ hash, code, length }) => {
    const identity = Buffer.concat([
      external,
      context,
      Buffer.from([VERSION_13 >> 8, VERSION_13 & 0xff, code >> 8, code & 0xff]),
    ]);
    const key = expandLabel(own, extracted, 'derived psk', createHash(own).update(identity).digest(), length);
    return { identity: new Uint8Array(identity), key: new Uint8Array(key), hash, imported: true };
  });
}

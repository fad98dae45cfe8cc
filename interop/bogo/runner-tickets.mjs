/**
 * Tickets that the runner can open and change: it knows the key (-ticket-key) and where version and suite stand in
 * BoringSSL's form of a session. What else we know goes behind them, in a ticket of ours.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const NAME_LENGTH = 16;
const MAC_LENGTH = 32;
const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;

function der(tag, ...parts) {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

/** The bodies of elements that stand one behind the other. Of the runner's making, hence without checks. */
function bodies(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const more = bytes[at + 1] < 0x80 ? 0 : bytes[at + 1] & 0x7f;
    const start = at + 2 + more;
    at = start + (more === 0 ? bytes[at + 1] : bytes.readUIntBE(at + 2, more));
    found.push(bytes.subarray(start, at));
  }
  return found;
}

function uint16(value) {
  return Buffer.from([value >> 8, value & 0xff]);
}

/** Keeps tickets as `keeper` does, wrapped for the runner. `key`: a name, a key for HMAC and one for AES, 16 bytes each. */
export function runnerTickets(keeper, key) {
  const name = key.subarray(0, NAME_LENGTH);
  const macOf = (bytes) => createHmac('sha256', key.subarray(16, 32)).update(bytes).digest();
  const aes = key.subarray(32, 48);

  function seal(state) {
    const iv = randomBytes(16);
    const cipher = createCipheriv('aes-128-cbc', aes, iv);
    const session = der(
      SEQUENCE,
      der(INTEGER, Buffer.from([1])),
      der(INTEGER, uint16(state.version)),
      der(OCTET_STRING, uint16(state.cipherSuite)),
      der(OCTET_STRING, keeper.seal(state)),
    );
    const sealed = Buffer.concat([name, iv, cipher.update(session), cipher.final()]);
    return new Uint8Array(Buffer.concat([sealed, macOf(sealed)]));
  }

  function open(ticket) {
    const sealed = Buffer.from(ticket.subarray(0, -MAC_LENGTH));
    if (!macOf(sealed).equals(ticket.subarray(-MAC_LENGTH))) return null;
    const iv = sealed.subarray(NAME_LENGTH, NAME_LENGTH + 16);
    const decipher = createDecipheriv('aes-128-cbc', aes, iv);
    const session = Buffer.concat([decipher.update(sealed.subarray(NAME_LENGTH + 16)), decipher.final()]);
    const [, version, suite, rest] = bodies(bodies(session)[0]);
    const state = keeper.open(new Uint8Array(rest));
    return state && { ...state, version: version.readUInt16BE(), cipherSuite: suite.readUInt16BE() };
  }

  return { seal, open };
}

/** English: what is weak about a connection that came about, and what to change. */
import type { Texts } from '../texts.js';

const SUITES = 'Prefer suites with ECDHE and AES-GCM or ChaCha20-Poly1305 on the server, or enable TLS 1.3.';

export const weakPoints: Texts['weakPoints'] = {
  old_version: [
    'TLS 1.1 and 1.0 are deprecated (RFC 8996): the handshake rests on MD5 and SHA-1, and the records on CBC.',
    'Enable TLS 1.3 and 1.2 on both sides, and switch the old versions off.',
  ],
  no_encryption: ['The cipher suite does not encrypt: everybody on the way reads the data.', SUITES],
  not_authenticated: [
    'The cipher suite authenticates nobody: an attacker in between goes unnoticed.',
    SUITES,
  ],
  no_forward_secrecy: [
    'No forward secrecy: who records the connection and gets the long-term key later reads everything.',
    'Put ECDHE suites first on the server, and switch the others off.',
  ],
  broken_cipher: ['The cipher is broken or obsolete.', SUITES],
  small_blocks: [
    'The cipher has blocks of 64 bits: much data under one key gives some away (Sweet32).',
    SUITES,
  ],
  mac_then_encrypt: [
    'CBC with the MAC inside the encryption: open to padding oracles wherever an implementation slips (Lucky 13).',
    SUITES,
  ],
  short_tag: ['The authentication tag has 64 bits only: forgeries are easier to guess.', SUITES],
  sha1_signature: [
    'The handshake was signed with SHA-1, for which collisions can be computed.',
    'Enable signature schemes with SHA-256 on both sides; TLS 1.1 and 1.0 have none.',
  ],
  no_extended_master_secret: [
    'No extended master secret (RFC 7627): the keys are not bound to the whole handshake.',
    'Update the TLS software of the side that lacks it. TLS 1.3 has it built in.',
  ],
  no_secure_renegotiation: [
    'The peer does not know secure renegotiation (RFC 5746): data could be put in front of a session.',
    'Update the peer, and switch renegotiation off on it.',
  ],
};

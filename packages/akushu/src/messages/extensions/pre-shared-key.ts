/** pre_shared_key (RFC 9846 §4.3.11) and psk_key_exchange_modes (§4.3.9). The ClientHello's is always its last extension. */
import { enumerated, opaque, struct, uint16, uint32, vector } from '../../codec/index.js';
import { extension } from './context.js';

const identity = struct('PskIdentity', 'RFC 9846 §4.3.11', {
  identity: opaque(1, 0xffff),
  obfuscatedTicketAge: uint32,
});

const offeredPsks = struct('OfferedPsks', 'RFC 9846 §4.3.11', {
  identities: vector(identity, 7, 0xffff),
  binders: vector(opaque(32, 255), 33, 0xffff),
});

export const preSharedKey = extension(41, 'pre_shared_key', 'RFC 9846 §4.3.11', {
  CH: offeredPsks,
  SH: uint16,
});

export const PSK_KE = 0;
export const PSK_DHE_KE = 1;

const MODES = ['psk_ke', 'psk_dhe_ke'];
const modes = vector(
  enumerated('PskKeyExchangeMode', 1, (code) => MODES[code]),
  1,
  255,
);

export const pskKeyExchangeModes = extension(45, 'psk_key_exchange_modes', 'RFC 9846 §4.3.9', { CH: modes });

/**
 * Extensions with a meaning before TLS 1.3 only, in one file since each is a line: encrypt_then_mac (RFC 7366),
 * extended_master_secret (RFC 7627), session_ticket (RFC 5077), renegotiation_info (RFC 5746).
 */
import { empty, opaque, remainder } from '../../codec/index.js';
import { extension } from './context.js';

export const encryptThenMac = extension(22, 'encrypt_then_mac', 'RFC 7366 §2', { CH: empty, SH: empty });
export const extendedMasterSecret = extension(23, 'extended_master_secret', 'RFC 7627 §5.1', {
  CH: empty,
  SH: empty,
});
export const sessionTicket = extension(35, 'session_ticket', 'RFC 5077 §3.2', {
  CH: remainder,
  SH: remainder,
});

const renegotiatedConnection = opaque(0, 0xff);
export const renegotiationInfo = extension(0xff01, 'renegotiation_info', 'RFC 5746 §3.2', {
  CH: renegotiatedConnection,
  SH: renegotiatedConnection,
});

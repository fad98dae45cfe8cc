/**
 * Errors of the system below TLS, as Node and libuv name them, by the codes that texts and verdicts know. Only names: what
 * happened before is for others to look at.
 */
import type { NetworkCode } from './texts.js';

const NETWORK_CODES: Readonly<Record<string, NetworkCode>> = {
  ENOTFOUND: 'dns_failure',
  ENODATA: 'dns_failure',
  EAI_AGAIN: 'dns_failure',
  EAI_FAIL: 'dns_failure',
  EAI_NODATA: 'dns_failure',
  EAI_NONAME: 'dns_failure',
  ECONNREFUSED: 'connection_refused',
  ETIMEDOUT: 'connect_timeout',
  ECONNRESET: 'connection_reset',
  EPIPE: 'connection_reset',
  ECONNABORTED: 'connection_reset',
  EHOSTUNREACH: 'host_unreachable',
  EHOSTDOWN: 'host_unreachable',
  ENETUNREACH: 'network_unreachable',
  ENETDOWN: 'network_unreachable',
  EADDRNOTAVAIL: 'address_unavailable',
  EAFNOSUPPORT: 'network_unreachable',
  EADDRINUSE: 'address_in_use',
  EACCES: 'permission_denied',
  EPERM: 'permission_denied',
};

/** The system's code of an error, `ECONNREFUSED`; of several attempts (RFC 8305) that of the first. Empty where it has none. */
export function systemCode(error: unknown): string {
  // An error may name itself among its own attempts.
  for (let one = error, depth = 0; depth < 8; depth++) {
    if (typeof one !== 'object' || one === null) return '';
    if ('errors' in one && Array.isArray(one.errors) && one.errors.length > 0) one = one.errors[0];
    else return 'code' in one && typeof one.code === 'string' ? one.code : '';
  }
  return '';
}

/** What an error of the system is called here; null for what is none of the network. */
export function networkCodeOf(error: unknown): NetworkCode | null {
  const code = systemCode(error);
  return Object.hasOwn(NETWORK_CODES, code) ? NETWORK_CODES[code]! : null;
}

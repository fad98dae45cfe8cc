/** The registry "TLS Alerts" (RFC 9846 §6 and the RFCs named in the rows). What an alert means is told in diagnose. */
import { Alert } from './constants.js';
import type { AlertInfo } from './types.js';

const tls13 = 'RFC 9846 §6.2';

const rfcs: Readonly<Partial<Record<keyof typeof Alert, string>>> = {
  close_notify: 'RFC 9846 §6.1',
  decryption_failed: 'RFC 5246 §7.2.2',
  decompression_failure: 'RFC 5246 §7.2.2',
  no_certificate: 'RFC 6101 §5.4.2',
  too_many_cids_requested: 'RFC 9147 §10',
  export_restriction: 'RFC 5246 §7.2.2',
  inappropriate_fallback: 'RFC 7507 §3',
  user_canceled: 'RFC 9846 §6.1',
  no_renegotiation: 'RFC 5246 §7.2.2',
  certificate_unobtainable: 'RFC 6066 §9',
  bad_certificate_hash_value: 'RFC 6066 §9',
  no_application_protocol: 'RFC 7301 §3.2',
  ech_required: 'RFC 9849 §11.2',
};

const table: readonly AlertInfo[] = (Object.keys(Alert) as (keyof typeof Alert)[]).map((name) => ({
  code: Alert[name],
  name,
  rfc: rfcs[name] ?? tls13,
}));

export function alerts(): readonly AlertInfo[] {
  return table;
}

export function alertByCode(code: number): AlertInfo | undefined {
  return table.find((row) => row.code === code);
}

/** Finds an alert by IANA's name in any case, or by a name that a draft or another list gave it. */
export function alertByName(name: string): AlertInfo | undefined {
  const lower = name.trim().toLowerCase();
  const folded = formerNames[lower] ?? lower;
  return table.find((row) => row.name === folded);
}

const formerNames: Readonly<Record<string, string>> = {
  encrypted_client_hello_required: 'ech_required',
  user_cancelled: 'user_canceled',
  no_certificate_reserved: 'no_certificate',
  decryption_failed_reserved: 'decryption_failed',
  export_restriction_reserved: 'export_restriction',
};

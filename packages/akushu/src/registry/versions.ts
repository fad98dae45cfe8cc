/** The versions of SSL and TLS, by the codes that stand on the wire. DTLS and the drafts are named but not described. */
import { parseCode } from './names-index.js';
import type { VersionInfo } from './types.js';

const table: readonly VersionInfo[] = [
  { code: 0x0002, name: 'SSLv2', display: 'SSL 2.0', rfc: 'RFC 6176', deprecatedBy: 'RFC 6176' },
  { code: 0x0300, name: 'SSLv3', display: 'SSL 3.0', rfc: 'RFC 6101', deprecatedBy: 'RFC 7568' },
  { code: 0x0301, name: 'TLSv1', display: 'TLS 1.0', rfc: 'RFC 2246', deprecatedBy: 'RFC 8996' },
  { code: 0x0302, name: 'TLSv1.1', display: 'TLS 1.1', rfc: 'RFC 4346', deprecatedBy: 'RFC 8996' },
  { code: 0x0303, name: 'TLSv1.2', display: 'TLS 1.2', rfc: 'RFC 5246', deprecatedBy: null },
  { code: 0x0304, name: 'TLSv1.3', display: 'TLS 1.3', rfc: 'RFC 9846', deprecatedBy: null },
];

/** Codes that are met on the wire without being a version that anybody describes here. */
const others: Readonly<Record<number, string>> = {
  256: 'DTLS 0.9 (OpenSSL)',
  257: 'TLCP 1.1',
  65276: 'DTLS 1.3',
  65277: 'DTLS 1.2',
  65279: 'DTLS 1.0',
};

export function versions(): readonly VersionInfo[] {
  return table;
}

export function versionByCode(code: number): VersionInfo | undefined {
  return table.find((row) => row.code === code);
}

/** Finds a version by `TLSv1.2`, `TLS 1.2`, `tls1.2`, `TLS1_2`, `1.2` or its code in hexadecimal. */
export function findVersion(name: string): VersionInfo | undefined {
  const wanted = plain(name);
  const found = table.find((row) => plain(row.name) === wanted || plain(row.display) === wanted);
  if (found !== undefined) return found;
  const code = parseCode(name.trim());
  return code === undefined ? undefined : versionByCode(code);
}

/** `TLSv1`, `TLS 1.0` and `tls1_0` come out as `tls1`. A bare number is TLS's: SSL's never had a `1.` in front. */
function plain(name: string): string {
  const bare = name
    .trim()
    .toLowerCase()
    .replace(/_/g, '.')
    .replace(/[\s-]/g, '')
    .replace(/v(?=\d)/, '');
  return (/^1(\.\d)?$/.test(bare) ? `tls${bare}` : bare).replace(/\.0$/, '');
}

/** The name of a version that has no row: DTLS, TLCP, a draft of TLS 1.3. */
export function otherVersionName(code: number): string | undefined {
  const known = others[code];
  if (known !== undefined) return known;
  if (code >> 8 === 0x7f) return `TLS 1.3 draft ${code & 0xff}`;
  return code >> 8 === 0x7e ? `TLS 1.3 experiment ${code & 0xff}` : undefined;
}

/**
 * Code points in words, for traces, trees and messages. Always a string: GREASE values say so (RFC 8701), and what no
 * registry knows is `unknown (0x1234)`. Asking for a name never takes a suite apart.
 */
import { alertByCode } from './alerts.js';
import { Scsv } from './constants.js';
import { extensionByCode } from './extensions.js';
import { isGrease, isGreasePskMode } from './grease.js';
import { groupByCode } from './groups.js';
import { schemeByCode } from './schemes.js';
import {
  certificateCompressionAlgorithms,
  certificateStatusTypes,
  certificateTypes,
  clientCertificateTypes,
  compressionMethods,
  contentTypes,
  ecPointFormats,
  handshakeTypes,
  pskKeyExchangeModes,
} from './small.js';
import { suiteNameOf } from './suites.js';
import type { CodePoint } from './types.js';
import { otherVersionName, versionByCode } from './versions.js';

const hex = (code: number, digits: number): string => `0x${code.toString(16).padStart(digits, '0')}`;

function twoByteName(code: number, known: string | undefined): string {
  if (known !== undefined) return known;
  return `${isGrease(code) ? 'GREASE' : 'unknown'} (${hex(code, 4)})`;
}

/** IANA's name of a cipher suite or of a signalling value. */
export function cipherSuiteName(code: number): string {
  return twoByteName(code, suiteNameOf(code) ?? scsvNames.get(code));
}

export function groupName(code: number): string {
  return twoByteName(code, groupByCode(code)?.iana);
}

export function signatureSchemeName(code: number): string {
  return twoByteName(code, schemeByCode(code)?.iana);
}

export function extensionName(code: number): string {
  return twoByteName(code, extensionByCode(code)?.name);
}

/** A version as people write it: `TLS 1.3`. */
export function versionName(code: number): string {
  return twoByteName(code, versionByCode(code)?.display ?? otherVersionName(code));
}

export function alertName(code: number): string {
  return oneByteName(code, alertByCode(code)?.name);
}

export const contentTypeName = (code: number): string => smallName(contentTypes, code);
/** RFC enum's name: `client_hello`. */
export const handshakeTypeName = (code: number): string => smallName(handshakeTypes, code);
/** As the RFCs' prose names the message: `ClientHello`. */
export const handshakeMessageName = (code: number): string =>
  oneByteName(code, handshakeTypes.find((row) => row.code === code)?.message);
export const certificateTypeName = (code: number): string => smallName(certificateTypes, code);
export const certificateStatusTypeName = (code: number): string => smallName(certificateStatusTypes, code);
export const clientCertificateTypeName = (code: number): string => smallName(clientCertificateTypes, code);
export const compressionMethodName = (code: number): string => smallName(compressionMethods, code);
export const ecPointFormatName = (code: number): string => smallName(ecPointFormats, code);

export function certificateCompressionName(code: number): string {
  return twoByteName(code, certificateCompressionAlgorithms.find((row) => row.code === code)?.name);
}

export function pskKeyExchangeModeName(code: number): string {
  return isGreasePskMode(code) ? `GREASE (${hex(code, 2)})` : smallName(pskKeyExchangeModes, code);
}

function smallName(table: readonly CodePoint[], code: number): string {
  return oneByteName(code, table.find((row) => row.code === code)?.name);
}

function oneByteName(code: number, known: string | undefined): string {
  return known ?? `unknown (${hex(code, 2)})`;
}

const scsvNames: ReadonlyMap<number, string> = new Map(
  Object.entries(Scsv).map(([name, code]) => [code, name]),
);

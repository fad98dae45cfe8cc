/**
 * Whether a certificate is for a host (RFC 9525). Only the subjectAltName counts, never the common name. Names are
 * compared as A-labels without regard to ASCII case; a host with U-labels is converted first (RFC 9525 §6.3, UTS 46), by
 * the platform's URL.
 */
import { equal } from '../bytes/index.js';
import type { Certificate } from './certificate.js';
import { escapeControls } from './der/index.js';
import { type DistinguishedName, isWithinName } from './distinguished-name.js';
import { ipToText, parseIp } from './ip.js';

export interface HostMatch {
  readonly ok: boolean;
  /** The names that the certificate presents, safe to print; at most 100. */
  readonly presented: readonly string[];
  /** Set where `host` itself cannot be looked for. */
  readonly problem?: 'non_ascii_host' | 'invalid_host';
}

const MAX_PRESENTED = 100;
const MAX_PRESENTED_LENGTH = 255;

/** `host` is a DNS name (a trailing dot is ignored) or an IP address, with or without brackets. */
export function matchHost(certificate: Certificate, host: string): HostMatch {
  const presented = presentedNames(certificate);
  const names = certificate.subjectAltName ?? [];
  const address = parseIp(host);
  if (address) {
    // RFC 9525 §6.5: addresses match iPAddress only, byte by byte.
    return { ok: names.some((name) => name.kind === 'ip' && equal(name.value, address)), presented };
  }
  const ascii = asciiHost(host);
  if (ascii === null) return { ok: false, presented, problem: 'non_ascii_host' };
  const labels = hostLabels(ascii);
  if (!labels) return { ok: false, presented, problem: 'invalid_host' };
  return { ok: names.some((name) => name.kind === 'dns' && matchesDns(name.value, labels)), presented };
}

/**
 * The host with A-labels in the place of U-labels; as it is where it is ASCII already; null where a label cannot be
 * converted (RFC 5891 §4.2), where the name is too long, or where the characters stand for something else than a name,
 * such as full-width digits for an address.
 */
export function asciiHost(host: string): string | null {
  if (!/[^\x00-\x7f]/.test(host)) return host;
  // Bounded, since mapping is work. And what means something in a URL is no part of a host.
  if (host.length > 253 || /[\s/?#@:\\%[\]]/.test(host)) return null;
  const name = parseHost(`https://${host.normalize('NFC')}/`);
  return name !== null && name !== '' && !parseIp(name) && name.length <= 254 ? name : null;
}

function parseHost(url: string): string | null {
  try {
    return new URL(url).hostname;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return null;
  }
}

/** DNS names and addresses of the subjectAltName as text, safe to print; at most 100. */
export function presentedNames(certificate: Certificate): string[] {
  return (certificate.subjectAltName ?? []).slice(0, MAX_PRESENTED).flatMap((name) => {
    if (name.kind === 'dns') return [escapeControls(name.value.slice(0, MAX_PRESENTED_LENGTH))];
    return name.kind === 'ip' ? [ipToText(name.value)] : [];
  });
}

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** The labels of a host name in lower case, null where it is none. Underscores occur in hosts and are let through. */
function hostLabels(host: string): readonly string[] | null {
  const name = (host.endsWith('.') ? host.slice(0, -1) : host).toLowerCase();
  if (name.length === 0 || name.length > 253) return null;
  const labels = name.split('.');
  if (!labels.every((label) => LABEL.test(label))) return null;
  // What ends in a number is an IPv4 address to URL parsers, and never a name.
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1)!)) return null;
  return labels;
}

/** Whether a presented DNS name, perhaps with a wildcard, is for the host. False where `host` is no DNS name. */
export function matchesDnsName(pattern: string, host: string): boolean {
  const labels = hostLabels(host);
  return labels !== null && matchesDns(pattern, labels);
}

/** RFC 9525 §6.3: `*` is the whole left-most label or nothing, and stands for exactly one label. */
function matchesDns(pattern: string, host: readonly string[]): boolean {
  if (pattern.length > 255) return false;
  const labels = pattern.toLowerCase().split('.');
  if (labels.length !== host.length) return false;
  const wildcard = labels[0] === '*';
  // At least two labels below: `*.com` is for no host.
  if (wildcard && labels.length < 3) return false;
  return labels.every((label, i) => (wildcard && i === 0) || (label !== '' && label === host[i]));
}

/** Whether two directory names are the same (RFC 5280 §7.1): nearly always by their bytes. */
export function sameName(a: DistinguishedName, b: DistinguishedName): boolean {
  return equal(a.raw, b.raw) || (a.parts.length === b.parts.length && isWithinName(a, b));
}

const PREFERRED_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** The preferred name syntax (RFC 5280 §4.2.1.6, RFC 1123 §2.1), with `*` allowed as the left-most label. */
export function isPreferredDnsName(name: string): boolean {
  if (name.length > 253) return false;
  const labels = (name.startsWith('*.') ? name.slice(2) : name).split('.');
  return labels.every((label) => PREFERRED_LABEL.test(label));
}

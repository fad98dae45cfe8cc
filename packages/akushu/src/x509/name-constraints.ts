/**
 * Name constraints (RFC 5280 §4.2.1.10): for DNS names, IP addresses, mailboxes, URIs and directory names. For other
 * forms a constraint that applies is a failure, as the RFC demands of those who cannot process it. A plain loop over
 * names and constraints, with a budget.
 */
import { equal } from '../bytes/index.js';
import type { Certificate } from './certificate.js';
import { isWithinName } from './distinguished-name.js';
import type { GeneralName, NameConstraints, Subtree } from './extensions.js';
import { parseIp } from './ip.js';
import { isPreferredDnsName } from './names.js';
import { OID } from './oids.js';

export type ConstraintProblem =
  | 'not_permitted'
  | 'excluded'
  | 'malformed_constraint'
  | 'malformed_name'
  | 'unsupported_name_form'
  | 'too_many_comparisons';

export interface ConstraintViolation {
  readonly problem: ConstraintProblem;
  readonly form: string;
}

/** Comparisons left for the whole verification. */
export interface ComparisonBudget {
  left: number;
}

export interface ConstraintOptions {
  /**
   * Take `.example.com` for all hosts below example.com in constraints on DNS names too, as OpenSSL, Go and Chrome do.
   * RFC 5280 has that for mailboxes and URIs only.
   */
  readonly leadingDots?: boolean;
}

/** What is wrong with the names of `certificate` under the constraints of a CA above it; null where nothing is. */
export function checkNameConstraints(
  constraints: NameConstraints,
  certificate: Certificate,
  budget: ComparisonBudget,
  { leadingDots = false }: ConstraintOptions = {},
): ConstraintViolation | null {
  budget.left -= constraints.permitted.length + constraints.excluded.length;
  for (const subtree of [...constraints.permitted, ...constraints.excluded]) {
    if (!isWellFormed(subtree, leadingDots))
      return { problem: 'malformed_constraint', form: formOf(subtree.base) };
  }
  for (const name of constrainedNames(certificate)) {
    const violation = checkName(name, constraints, budget);
    if (violation) return violation;
  }
  return null;
}

/** The subject where it is not empty, its e-mail addresses where there is no subjectAltName, and that extension's. */
function constrainedNames(certificate: Certificate): GeneralName[] {
  const names: GeneralName[] = [...(certificate.subjectAltName ?? [])];
  if (certificate.subject.parts.length > 0) names.push({ kind: 'directory', value: certificate.subject });
  if (!certificate.subjectAltName) {
    for (const { oid, value } of certificate.subject.attributes) {
      if (oid === OID.emailAddress && value !== null) names.push({ kind: 'email', value });
    }
  }
  return names;
}

const formOf = (name: GeneralName): string => (name.kind === 'other' ? name.form : name.kind);

function checkName(
  name: GeneralName,
  { permitted, excluded }: NameConstraints,
  budget: ComparisonBudget,
): ConstraintViolation | null {
  const form = formOf(name);
  const sameForm = (subtree: Subtree): boolean => formOf(subtree.base) === form;
  const allowed = permitted.filter(sameForm);
  const forbidden = excluded.filter(sameForm);
  budget.left -= permitted.length + excluded.length;
  if (budget.left < 0) return { problem: 'too_many_comparisons', form };
  if (allowed.length + forbidden.length === 0) return null;
  if (name.kind === 'other') return { problem: 'unsupported_name_form', form };
  // Looked at only where there is a URI, which is next to never: authorities write many things here.
  if (name.kind === 'uri' && ![...allowed, ...forbidden].every(isUriConstraint)) {
    return { problem: 'malformed_constraint', form };
  }
  if (!isReadable(name)) return { problem: 'malformed_name', form };
  if (forbidden.some(({ base }) => mayBeWithin(name, base))) return { problem: 'excluded', form };
  if (allowed.length > 0 && !allowed.some(({ base }) => isWithin(name, base))) {
    return { problem: 'not_permitted', form };
  }
  return null;
}

function isWellFormed({ base, minimum, maximum }: Subtree, leadingDots: boolean): boolean {
  // §4.2.1.10: minimum must be zero and maximum absent.
  if (minimum !== 0 || maximum !== null) return false;
  if (base.kind === 'dns') {
    return base.value === '' || (leadingDots ? isHostOrDomain(base.value) : isHost(base.value));
  }
  if (base.kind === 'ip') return isAddressRange(base.value);
  if (base.kind === 'email') return isMailboxConstraint(base.value);
  return true;
}

/** Address and mask; the mask is a prefix, as in CIDR. */
function isAddressRange(bytes: Uint8Array): boolean {
  if (bytes.length !== 8 && bytes.length !== 32) return false;
  let ended = false;
  for (const byte of bytes.subarray(bytes.length / 2)) {
    const inverted = byte ^ 0xff;
    if ((inverted & (inverted + 1)) !== 0 || (ended && byte !== 0)) return false;
    if (byte !== 0xff) ended = true;
  }
  return true;
}

const isHost = (text: string): boolean => isPreferredDnsName(text) && !text.startsWith('*');

/** A host, or `.domain` for all hosts below it. */
const isHostOrDomain = (text: string): boolean => isHost(text.startsWith('.') ? text.slice(1) : text);

/** A URI's host is constrained, by its name or by the domain above it; the empty constraint is for every host. */
const isUriConstraint = ({ base }: Subtree): boolean =>
  base.kind === 'uri' && (base.value === '' || isHostOrDomain(base.value));

/** A mailbox, a host, or `.domain` for all hosts below it. */
function isMailboxConstraint(text: string): boolean {
  return text.includes('@') ? splitMailbox(text) !== null : isHostOrDomain(text);
}

const MAX_URI = 8192;

/**
 * The host of a URI (RFC 3986 §3.2) in lower case; null where it has none, where it is an address, and where readers
 * could differ on what it is. §4.2.1.10: such a URI is refused where URIs are constrained.
 */
function hostOfUri(uri: string): string | null {
  if (uri.length > MAX_URI || !/^[\x21-\x7e]*$/.test(uri) || uri.includes('\\')) return null;
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(uri)?.[1];
  if (authority === undefined) return null;
  const [host, ...before] = authority.split('@').reverse();
  if (host === undefined || before.length > 1) return null;
  const name = /^([^:]+)(?::\d*)?$/.exec(host)?.[1]?.replace(/\.$/, '');
  // What ends in a number is an IPv4 address to URL parsers.
  if (name === undefined || !isHost(name) || parseIp(name) || /(^|\.)(\d+|0x[0-9a-f]*)$/i.test(name))
    return null;
  return name.toLowerCase();
}

/** RFC 5321 §4.5.3.1: 64 for the local part, 255 for the host. */
const MAX_MAILBOX = 320;

/** Local part, compared as it is, and host, without regard to case. Quoted local parts are not understood. */
function splitMailbox(text: string): { readonly local: string; readonly host: string } | null {
  if (text.length > MAX_MAILBOX) return null;
  const [local, host, ...more] = text.split('@');
  if (!local || !host || more.length > 0 || /["\s\\]/.test(local)) return null;
  return isPreferredDnsName(host) && !host.startsWith('*') ? { local, host: host.toLowerCase() } : null;
}

function isReadable(name: GeneralName): boolean {
  if (name.kind === 'dns') return isPreferredDnsName(name.value) || isServiceName(name.value);
  if (name.kind === 'uri') return hostOfUri(name.value) !== null;
  return name.kind === 'email' ? splitMailbox(name.value) !== null : true;
}

/** Names with underscores: no host names, but there is no doubt about where in the tree they are. */
function isServiceName(name: string): boolean {
  return isPreferredDnsName(name.replace(/_/g, 'x'));
}

/** Whether the whole of `name` lies in the subtree. */
function isWithin(name: GeneralName, base: GeneralName): boolean {
  if (name.kind === 'dns' && base.kind === 'dns') {
    // What a wildcard stands for has one label more: all of it lies below `.example.com` for `*.example.com`.
    const dotted = base.value.startsWith('.');
    const value = name.value.startsWith('*.') ? `${dotted ? 'x.' : ''}${name.value.slice(2)}` : name.value;
    return isSubdomain(value, base.value);
  }
  return overlaps(name, base);
}

/** Whether `name`, or a host that a wildcard stands for, lies in the subtree. */
function mayBeWithin(name: GeneralName, base: GeneralName): boolean {
  if (name.kind === 'dns' && base.kind === 'dns') {
    if (!name.value.startsWith('*.')) return isSubdomain(name.value, base.value);
    const parent = name.value.slice(2);
    // `*.example.com` is for bar.example.com too, whether that is excluded by itself or from above.
    if (base.value.startsWith('.')) return isSubdomain(`x.${parent}`, base.value);
    const below = base.value.slice(base.value.indexOf('.') + 1);
    return isSubdomain(parent, base.value) || (base.value.includes('.') && isSameDomain(below, parent));
  }
  return overlaps(name, base);
}

function overlaps(name: GeneralName, base: GeneralName): boolean {
  if (name.kind === 'ip' && base.kind === 'ip') return isInRange(name.value, base.value);
  if (name.kind === 'email' && base.kind === 'email') return isMailboxWithin(name.value, base.value);
  if (name.kind === 'uri' && base.kind === 'uri') return isHostWithin(hostOfUri(name.value), base.value);
  if (name.kind === 'directory' && base.kind === 'directory') return isWithinName(name.value, base.value);
  return false;
}

const isSameDomain = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The empty constraint is for every name; one with a leading dot for all below the domain, not for itself. */
function isSubdomain(name: string, base: string): boolean {
  if (base.startsWith('.')) return name.toLowerCase().endsWith(base.toLowerCase());
  return base === '' || isSameDomain(name, base) || name.toLowerCase().endsWith(`.${base.toLowerCase()}`);
}

function isInRange(address: Uint8Array, range: Uint8Array): boolean {
  if (range.length !== 2 * address.length) return false;
  const masked = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => byte & range[address.length + i]!);
  return equal(masked(address), masked(range.subarray(0, address.length)));
}

/** §4.2.1.10, for mailboxes and URIs: a host is meant exactly, `.domain` for all below it. */
function isHostWithin(host: string | null, constraint: string): boolean {
  if (host === null) return false;
  if (constraint === '') return true;
  return constraint.startsWith('.')
    ? host.endsWith(constraint.toLowerCase())
    : isSameDomain(constraint, host);
}

function isMailboxWithin(mailbox: string, constraint: string): boolean {
  const name = splitMailbox(mailbox);
  if (!name) return false;
  const exact = splitMailbox(constraint);
  return exact ? exact.local === name.local && exact.host === name.host : isHostWithin(name.host, constraint);
}

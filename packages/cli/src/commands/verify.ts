/** `akushu verify`: the verdict of the library's verifier on a certificate, with every path that was tried. */
import { nodeProvider } from 'akushu/crypto/node';
import { printable } from 'akushu/diagnose';
import { systemTrust } from 'akushu/node';
import {
  type Certificate,
  type ChainFailure,
  type ChainVerdict,
  fingerprint,
  type Profile,
  type Purpose,
  parseCertificate,
  type RevocationCheck,
  type RevocationOptions,
  revocationCheck,
  trustAnchors,
  verifyChain,
  X509Error,
} from 'akushu/x509';
import { EXIT } from '../failure.js';
import { InputError, MAX_INPUT, readInput, readStdin } from '../input.js';
import { jsonText } from '../inspect-json.js';
import type { Language } from '../language.js';
import { complain, type Environs, styleFor, writeLines } from '../output.js';
import { type Passwords, passwords } from '../password.js';
import { isoTime } from '../render/dates.js';
import { type Question, verdictLines } from '../render/verify.js';
import { type Thing, thingsIn } from '../things.js';
import { parseTarget, UsageError } from '../usage.js';
import { type Words, wordsOf } from '../words/index.js';
import { complaintAbout, givenPassword } from './inspect.js';

export interface VerifyArguments {
  /** Paths, or `-`. */
  readonly files: readonly string[];
  readonly language: Language;
  readonly host: string | undefined;
  readonly ca: readonly string[];
  readonly intermediates: readonly string[];
  readonly crl: readonly string[];
  readonly ocsp: readonly string[];
  /** Milliseconds since 1970; undefined for now. */
  readonly at: number | undefined;
  readonly purpose: Purpose;
  readonly profile: Profile;
  /** Intermediates. */
  readonly maxDepth: number | undefined;
  readonly passwordFile: string | undefined;
  readonly json: boolean;
}

/** The verdict goes to stdout. Throws UsageError for files that hold something else. */
export async function runVerify(args: VerifyArguments, environs: Environs): Promise<number> {
  const words = wordsOf(args.language);
  const host = args.host === undefined ? undefined : parseTarget(args.host, words).host;
  const reader = new Files(args, environs, words);
  const given = await reader.chain(args.files);
  const chain = [...given.chain, ...(await reader.certificates(args.intermediates))];
  const { roots, sources } = await anchorsOf(args, reader);
  const revocation = await revocationOf(args, reader);
  const time = args.at ?? Date.now();
  const verdict = verifyChain({
    chain,
    roots,
    time,
    purpose: args.purpose,
    host,
    provider: nodeProvider,
    policy: { profile: args.profile },
    limits: limitsFor(args.maxDepth),
    ...(revocation && { revocation }),
  });
  if (args.json) writeLines(environs.stdout, [jsonText(verdictJson(verdict, time))]);
  else {
    const question: Question = {
      ...args,
      host,
      leaf: subjectOf(chain[0]!),
      time,
      roots: { count: roots.size, sources },
      revocation: revocation !== undefined,
      isAnchor: (certificate) => roots.has(certificate),
    };
    const style = styleFor(environs.stdout, args.language, environs.env);
    writeLines(environs.stdout, verdictLines(verdict, question, style));
  }
  const note = given.moved ? words.verify.leafMoved : words.verify.notFirst;
  if (given.moved || startsWithAuthority(chain)) complain(environs.stderr, [note]);
  return verdict.ok ? EXIT.ok : EXIT.tls;
}

/** `--max-depth` counts what is between leaf and root, as OpenSSL's -verify_depth does. */
const limitsFor = (maxDepth: number | undefined) =>
  maxDepth === undefined ? {} : { maxIntermediates: maxDepth, maxPathLength: maxDepth + 2 };

/** 2026-01-31 is midnight in UTC; a time without a zone is local. */
export function parseTime(text: string, words: Words): number {
  const time = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)
    ? Date.parse(text.replace(' ', 'T'))
    : Number.NaN;
  if (Number.isNaN(time)) throw new UsageError(words.verify.badTime(printable(text)));
  return time;
}

export function parseDepth(text: string, words: Words): number {
  const depth = /^\d{1,3}$/.test(text) ? Number(text) : -1;
  if (depth < 0 || depth > 100) throw new UsageError(words.verify.badDepth(printable(text)));
  return depth;
}

async function anchorsOf({ ca }: VerifyArguments, reader: Files) {
  if (ca.length > 0) return { roots: trustAnchors(await reader.anchors(ca)), sources: ca };
  const { anchors, sources } = systemTrust();
  return { roots: anchors, sources: [...new Set(sources)] };
}

async function revocationOf({ crl, ocsp }: VerifyArguments, reader: Files) {
  if (crl.length + ocsp.length === 0) return undefined;
  const crls = await reader.bytesOf(crl, 'CRL');
  const ocspResponses = await reader.bytesOf(ocsp, 'OCSP');
  const check = leafMustBeKnown(revocationCheck({ crls, ocspResponses }));
  return { mode: 'soft', check } satisfies RevocationOptions;
}

/** Whoever gives a CRL wants to know: one that says nothing of the certificate is no answer. */
function leafMustBeKnown(check: RevocationCheck): RevocationCheck {
  return (query) => {
    const answers = check(query);
    const known = answers.some(({ index }) => index === 0);
    const strict = answers.map((answer) =>
      answer.index === 0 && answer.status === 'unknown' ? { ...answer, fatal: true } : answer,
    );
    if (known) return strict;
    const unanswered = { index: 0, status: 'unknown', reason: 'no_information', fatal: true } as const;
    return [...strict, { ...unanswered, rule: 'no_revocation_information', rfc: 'RFC 5280 §6.3' }];
  };
}

/** The larger lists of public authorities. */
const MAX_CRL_INPUT = 64 * 1024 * 1024;

class Files {
  private readonly secrets: Passwords;

  constructor(
    args: VerifyArguments,
    private readonly environs: Environs,
    private readonly words: Words,
  ) {
    this.secrets = passwords(givenPassword(args, words), environs, (file) =>
      words.inspect.password(printable(file)),
    );
  }

  /** All certificates of the files, in their order; also those that cannot be decoded, for the verdict to say so. */
  async certificates(paths: readonly string[]): Promise<Uint8Array[]> {
    const found: Uint8Array[] = [];
    for (const path of paths) found.push(...(await this.open(path)).ders);
    return found;
  }

  private async open(path: string): Promise<{ things: readonly Thing[]; ders: readonly Uint8Array[] }> {
    const things = await this.things(path, MAX_INPUT);
    const ders = things.flatMap(({ content, bytes }) => {
      const isCertificate =
        content.kind === 'certificate' ||
        (content.kind === 'unreadable' && content.looksLike === 'certificate');
      return isCertificate && bytes !== null ? [bytes] : [];
    });
    if (ders.length === 0) throw new UsageError(this.insteadOfCertificates(path, things));
    return { things, ders };
  }

  /**
   * What is to be verified first. That is the first certificate of all; where it is an authority's, the first of the same
   * file that is none: bundles have no order (RFC 5652 §5.1), and many files have the root on top.
   */
  async chain([first, ...others]: readonly string[]): Promise<{ chain: Uint8Array[]; moved: boolean }> {
    const bundle = first === undefined ? [] : await this.certificates([first]);
    const parsed = bundle.map(read);
    const leaf = isAuthority(parsed[0] ?? null)
      ? parsed.findIndex((one) => one !== null && !isAuthority(one))
      : 0;
    const at = Math.max(leaf, 0);
    const ordered = [...bundle.slice(at, at + 1), ...bundle.slice(0, at), ...bundle.slice(at + 1)];
    return { chain: [...ordered, ...(await this.certificates(others))], moved: at > 0 };
  }

  /** Those that can be read; what else is among them goes to stderr, or is all there is to say. */
  async anchors(paths: readonly string[]): Promise<Uint8Array[]> {
    const found: Uint8Array[] = [];
    for (const path of paths) {
      const { things, ders } = await this.open(path);
      const readable = ders.filter((der) => read(der) !== null);
      const complaints = things.flatMap((thing) => complaintAbout(thing, this.words) ?? []);
      if (readable.length === 0)
        throw new UsageError(complaints[0] ?? this.words.verify.noCertificate(printable(path)));
      complain(this.environs.stderr, complaints);
      found.push(...readable);
    }
    return found;
  }

  /** `key.pem: this is a private key, not a certificate`. */
  private insteadOfCertificates(path: string, things: readonly Thing[]): string {
    const { inspect, verify } = this.words;
    const [first] = things;
    if (first === undefined) return verify.noCertificate(printable(path));
    const complaint = complaintAbout(first, this.words);
    if (complaint !== null) return complaint;
    const { content } = first;
    if (content.kind === 'unreadable' || content.kind === 'store')
      return verify.noCertificate(printable(path));
    return `${printable(path)}: ${inspect.looksLike[content.kind]}`;
  }

  /** CRLs or OCSP responses. */
  async bytesOf(paths: readonly string[], wanted: 'CRL' | 'OCSP'): Promise<Uint8Array[]> {
    const kind = wanted === 'CRL' ? 'crl' : 'ocsp-response';
    const found: Uint8Array[] = [];
    for (const path of paths) {
      const things = await this.things(path, MAX_CRL_INPUT);
      const ders = things.flatMap(({ content, bytes }) =>
        content.kind === kind && bytes !== null ? [bytes] : [],
      );
      // One that is damaged may be the one that revokes.
      const isDamaged = things.some(({ content }) => content.kind === 'unreadable');
      if (ders.length === 0 || isDamaged) throw new UsageError(this.insteadOf(wanted, path, things));
      found.push(...ders);
    }
    return found;
  }

  private insteadOf(wanted: 'CRL' | 'OCSP', path: string, things: readonly Thing[]): string {
    const { inspect, verify } = this.words;
    const first = things.find(({ content }) => content.kind === 'unreadable') ?? things[0];
    const refusal = verify.badRevocation(printable(path), wanted);
    if (first === undefined) return refusal;
    const { content } = first;
    if (content.kind === 'unreadable')
      return this.words.sentences([refusal, complaintAbout(first, this.words) ?? '']);
    return verify.itIs(refusal, inspect.kinds[content.kind === 'store' ? content.store : content.kind]);
  }

  private async things(path: string, limit: number): Promise<Thing[]> {
    try {
      const bytes = path === '-' ? await readStdin(this.environs) : readInput(path, limit);
      return await thingsIn(bytes, path, this.secrets);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new UsageError(this.words.inspect.input[error.problem](printable(path)));
    }
  }
}

function subjectOf(der: Uint8Array): string | null {
  return read(der)?.subject.text ?? null;
}

function read(der: Uint8Array): Certificate | null {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error instanceof X509Error) return null;
    throw error;
  }
}

const isAuthority = (certificate: Certificate | null): boolean => certificate?.basicConstraints?.ca === true;

function startsWithAuthority(chain: readonly Uint8Array[]): boolean {
  const [first, ...others] = chain.map(read);
  return isAuthority(first ?? null) && others.some((other) => other !== null && !isAuthority(other));
}

/** `certificate` counts from the leaf, which is 0. */
function verdictJson(verdict: ChainVerdict, time: number): Record<string, unknown> {
  return {
    valid: verdict.ok,
    time: isoTime(time),
    paths: verdict.paths.map(({ certificates, complete, failures }) => ({
      valid: failures.length === 0,
      complete,
      certificates: certificates.map((certificate) => ({
        subject: certificate.subject.text,
        fingerprint: fingerprint(certificate, nodeProvider),
      })),
      failures: failures.map(failureJson),
    })),
    failures: verdict.ok ? [] : verdict.failures.map(failureJson),
    repairs: verdict.ok
      ? []
      : verdict.repairs.map((repair) =>
          repair.kind === 'trust_root' ? { kind: repair.kind, subject: repair.subject } : { ...repair },
        ),
    policies: verdict.ok ? verdict.policies : [],
  };
}

function failureJson({ rule, index, rfc, code, subject, facts }: ChainFailure): Record<string, unknown> {
  const { field, offset } = facts;
  const place = typeof offset === 'number' ? { field, offset } : {};
  return { rule, certificate: index, rfc, code, subject, ...place };
}

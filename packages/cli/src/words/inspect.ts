/** What `akushu inspect` says, as a type; `inspect-en.ts` and `inspect-ja.ts` have it in words. */
import type { FileKind, KeyUsageName, X509Rule } from 'akushu/x509';
import type { Grade, Role, Validation } from '../certificate-facts.js';
import type { InputProblem } from '../input.js';

export type PurposeKind =
  | 'serverAuth'
  | 'clientAuth'
  | 'codeSigning'
  | 'emailProtection'
  | 'timeStamping'
  | 'OCSPSigning'
  | 'anyExtendedKeyUsage';

type Encoding = 'pem' | 'der' | 'base64' | 'binary' | 'text';

type RowName =
  | 'is'
  | 'found'
  | 'validation'
  | 'subject'
  | 'issuer'
  | 'begins'
  | 'ends'
  | 'names'
  | 'key'
  | 'signature'
  | 'fingerprint'
  | 'serial'
  | 'authority'
  | 'keyUsage'
  | 'purposes'
  | 'constraints'
  | 'policies'
  | 'ocsp'
  | 'issuerAt'
  | 'crlAt'
  | 'staple'
  | 'timestamps'
  | 'keyId'
  | 'issuerKeyId'
  | 'unknown'
  | 'fits'
  | 'updated'
  | 'next'
  | 'entries'
  | 'number'
  | 'status'
  | 'produced'
  | 'alias';

export interface InspectWords {
  readonly rows: Readonly<Record<RowName, string>>;
  readonly roles: Readonly<Record<Role, string>>;
  readonly selfSignedLeaf: string;
  readonly precertificate: string;
  readonly kinds: Readonly<Record<FileKind, string>>;
  readonly encodings: Readonly<Record<Encoding, string>>;
  /** Such as `PKCS#8, PEM, line 3`. */
  readonly foundAs: (form: string | null, encoding: string, line: number | null) => string;
  /** Such as `X.509 v3`. */
  readonly version: (form: string | null, version: number) => string;
  readonly inStore: Readonly<Record<'pkcs7' | 'pkcs12' | 'jks' | 'jceks', string>>;
  readonly fromServer: string;
  readonly validations: Readonly<Record<Validation, string>>;
  readonly grades: Readonly<Record<Grade, string>>;
  readonly bits: (bits: number) => string;
  readonly security: (bits: number) => string;
  readonly fixedGrade: (algorithm: string, grade: string) => string;
  readonly keyUsage: Readonly<Record<KeyUsageName, string>>;
  readonly purposes: Readonly<Record<PurposeKind, string>>;
  readonly purposeMissing: string;
  readonly withMeaning: (name: string, meaning: string) => string;
  readonly authority: (ca: boolean, below: number | null) => string;
  readonly critical: string;
  readonly only: (names: string) => string;
  readonly never: (names: string) => string;
  readonly mustStaple: string;
  readonly timestamps: (count: number) => string;
  readonly unreadableTimestamps: string;
  readonly daysLeft: (days: number) => string;
  readonly expired: (days: number) => string;
  readonly notYet: (days: number) => string;
  readonly lasts: (days: number) => string;
  readonly keyFits: (which: string) => string;
  readonly keyFitsNone: string;
  readonly hasKey: (file: string) => string;
  readonly unsupportedKey: string;
  readonly signedWithOwnKey: { readonly yes: string; readonly no: string };
  readonly revoked: (serial: string, date: string, reason: string | null) => string;
  readonly revokedCount: (count: number) => string;
  readonly delta: (base: string) => string;
  readonly ocspStatus: Readonly<Record<'good' | 'revoked' | 'unknown', string>>;
  readonly ocspRefused: (status: string) => string;
  readonly storeHolds: (entries: number, others: number) => string;
  readonly storeChecked: string;
  readonly closed: string;
  readonly more: (count: number) => string;
  readonly list: (items: readonly string[]) => string;
  readonly chain: {
    readonly title: string;
    readonly inOrder: string;
    readonly outOfOrder: string;
    readonly several: (count: number) => string;
    readonly complete: string;
    /** Of one that signed itself. */
    readonly alone: string;
    readonly rootSuperfluous: string;
    readonly rootAtHome: (issuer: string) => string;
    readonly missing: (issuer: string) => string;
    readonly fetchFrom: (url: string) => string;
    readonly superfluous: (subject: string) => string;
    readonly duplicates: (count: number) => string;
    readonly written: (file: string, count: number, withoutRoot: boolean) => string;
    readonly othersLeftOut: (count: number) => string;
    readonly nothingToWrite: string;
    readonly exists: (file: string) => string;
  };
  readonly bytesTitle: string;
  readonly input: Readonly<Record<InputProblem, (file: string) => string>>;
  readonly looksLike: Readonly<Record<FileKind, string>>;
  readonly serverHint: (host: string) => string;
  readonly cannotOpen: (file: string, what: string, why: string) => string;
  readonly rules: Readonly<Partial<Record<X509Rule, string>>>;
  /** Such as `boolean_not_canonical in tbsCertificate.extensions, at byte 12`; `place` is from one of the two below. */
  readonly ruleAt: (rule: string, field: string, place: string) => string;
  readonly atByte: (offset: number) => string;
  readonly atLine: (line: number, column: number) => string;
  readonly broken: (rule: string) => string;
  /** `details` in brackets behind it. */
  readonly because: (why: string, details: string) => string;
  readonly rounds: (count: number, limit: number) => string;
  readonly stdinTwice: string;
  readonly password: (file: string) => string;
  readonly passwordFile: (file: string) => string;
  readonly forceNeedsChain: string;
  readonly help: Readonly<
    Record<'inspect' | 'files' | 'chain' | 'force' | 'bytes' | 'passwordFile' | 'json' | 'more', string>
  >;
}

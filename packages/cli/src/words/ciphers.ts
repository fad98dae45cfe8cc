/** What `akushu ciphers` says, as a type; `ciphers-en.ts` and `ciphers-ja.ts` have it in words. */
import type {
  CipherListKind,
  DropReason,
  RefusalReason,
  SecurityLevelObjection,
  UnknownReason,
  Weakness,
} from 'akushu';

/** What a part of a suite is, by kind; `other` for what only a field of its own uses. */
export type ExchangeKind =
  | 'any'
  | 'RSA'
  | 'DHE'
  | 'ECDHE'
  | 'DH'
  | 'ECDH'
  | 'PSK'
  | 'DHE_PSK'
  | 'ECDHE_PSK'
  | 'RSA_PSK'
  | 'SRP'
  | 'NULL'
  | 'other';
export type AuthenticationKind = 'any' | 'RSA' | 'ECDSA' | 'DSS' | 'anon' | 'PSK' | 'SRP' | 'NULL' | 'other';
export type EncryptionKind =
  | 'GCM'
  | 'CCM'
  | 'CCM-8'
  | 'CHACHA20'
  | 'CBC'
  | '3DES'
  | 'DES'
  | 'RC4'
  | 'RC2'
  | 'NULL'
  | 'other';
export type IntegrityKind = 'AEAD' | 'MD5' | 'SHA1' | 'SHA2' | 'NULL' | 'other';

/** A part of a suite: its name in the list, and what there is to say of it. */
interface Part<Kind extends string> {
  readonly title: string;
  readonly meaning: Readonly<Record<Kind, string>>;
}

export interface CipherWords {
  readonly exchange: Part<ExchangeKind>;
  readonly authentication: Part<AuthenticationKind>;
  readonly encryption: Part<EncryptionKind>;
  readonly integrity: Part<IntegrityKind>;
  readonly keyDerivation: string;
  readonly bits: (count: number) => string;
  readonly versions: string;
  readonly noVersion: string;
  readonly forwardSecrecy: string;
  readonly forwardSecret: { readonly yes: string; readonly no: string };
  readonly forwardSecretMeaning: { readonly yes: string; readonly no: string };
  readonly weaknesses: string;
  readonly why: Readonly<Record<Weakness, string>>;
  readonly recommended: string;
  readonly recommendation: Readonly<Record<'Y' | 'N' | 'D', string>>;
  readonly unregistered: string;
  readonly byDefault: string;
  readonly offered: { readonly yes: string; readonly no: string };
  readonly code: string;
  readonly noName: string;
  readonly sections: {
    readonly suites: string;
    readonly parts: string;
    readonly names: string;
    readonly madeOf: string;
    readonly absent: string;
    readonly alsoSays: string;
  };
  readonly defaults: (count: number) => string;
  readonly readAs: Readonly<Record<CipherListKind, (text: string, count: number) => string>>;
  readonly refusedAtLevel: (level: number, why: string) => string;
  readonly objections: Readonly<Record<SecurityLevelObjection, string>>;
  readonly dropped: Readonly<Record<DropReason, string>>;
  readonly idle: string;
  readonly groups: string;
  readonly signatures: string;
  readonly flags: string;
  readonly more: (count: number) => string;
  /** `at` counts characters from 1. */
  readonly unknown: Readonly<Record<UnknownReason, (word: string, at: number) => string>>;
  readonly refused: Readonly<Record<RefusalReason, (word: string, at: number) => string>>;
  readonly noSuchSuite: (name: string, nearest: string) => string;
  readonly nameStandsAlone: string;
  readonly oneLanguage: string;
  readonly help: Readonly<
    Record<'ciphers' | 'string' | 'name' | 'json' | 'openssl' | 'gnutls' | 'iana' | 'more', string>
  >;
}

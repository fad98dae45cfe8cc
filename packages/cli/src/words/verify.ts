/** What `akushu verify` says, as a type; `verify-en.ts` and `verify-ja.ts` have it in words. */
export interface VerifyWords {
  readonly verdict: string;
  readonly valid: string;
  readonly invalid: string;
  readonly rows: Readonly<
    Record<
      'leaf' | 'host' | 'purpose' | 'time' | 'profile' | 'roots' | 'revocation' | 'rule' | 'why' | 'where',
      string
    >
  >;
  readonly purposes: Readonly<Record<'server' | 'client', string>>;
  readonly profiles: Readonly<Record<'default' | 'rfc5280' | 'webpki', string>>;
  readonly anyHost: string;
  readonly roots: (count: number, sources: string) => string;
  readonly revocationNotAsked: string;
  readonly revocationGood: string;
  readonly acceptedPath: string;
  readonly failedPath: (number: number, of: number) => string;
  readonly leafFailures: string;
  readonly unusable: (count: number) => string;
  readonly failsHere: string;
  readonly anchor: string;
  readonly noIssuer: string;
  readonly repairs: string;
  readonly addIssuer: (issuer: string, below: string) => string;
  readonly giveIssuer: string;
  readonly fetchIssuer: (url: string) => string;
  readonly trustRoot: (subject: string) => string;
  readonly dateOf: (kind: 'renew' | 'clock') => string;
  readonly noCertificate: (file: string) => string;
  readonly notFirst: string;
  readonly leafMoved: string;
  /** In place of what is said of a server, by rule. */
  readonly reasons: Readonly<Partial<Record<string, string>>>;
  readonly advice: Readonly<Partial<Record<string, string>>>;
  /** For what is badly formed, though it can be read. */
  readonly reissue: string;
  readonly unreadable: string;
  readonly replaceIssuer: (issuer: string, below: string) => string;
  readonly badTime: (text: string) => string;
  readonly badDepth: (text: string) => string;
  readonly itIs: (refusal: string, kind: string) => string;
  readonly badRevocation: (file: string, wanted: 'CRL' | 'OCSP') => string;
  readonly help: Readonly<
    Record<
      | 'verify'
      | 'files'
      | 'host'
      | 'ca'
      | 'intermediates'
      | 'crl'
      | 'ocsp'
      | 'at'
      | 'purpose'
      | 'profile'
      | 'maxDepth'
      | 'passwordFile'
      | 'json'
      | 'more',
      string
    >
  >;
}

/** What the command itself says, as a type; `en.ts` and `ja.ts` have it in words. What TLS means is in `akushu/diagnose`. */
import type { FileContent, FileErrorCode } from 'akushu/node';
import type { CipherWords } from './ciphers.js';
import type { DoctorWords } from './doctor.js';
import type { ExplainWords } from './explain.js';
import type { InspectWords } from './inspect.js';
import type { SessionWords } from './sessions.js';
import type { VerifyWords } from './verify.js';
import type { WhatIfWords } from './whatif.js';

export interface Words {
  readonly sections: {
    readonly negotiated: string;
    readonly certificates: string;
    readonly clientCertificates: string;
    readonly secrets: string;
    /** Before TLS 1.3. */
    readonly keys: string;
    readonly weakPoints: string;
    readonly failed: string;
    readonly tryNext: string;
  };
  readonly client: string;
  readonly server: string;
  readonly bytes: (count: string) => string;
  /** Explains the arrows. */
  readonly legend: string;
  readonly withAead: (protects: string, aead: string) => string;
  readonly resolved: (host: string, address: string) => string;
  readonly connected: (address: string) => string;
  readonly established: (ms: string) => string;
  readonly starttlsReady: (protocol: string) => string;
  readonly alert: (name: string) => string;
  readonly closed: string;
  readonly version: string;
  readonly cipherSuite: string;
  readonly group: string;
  readonly signature: string;
  readonly alpn: string;
  readonly resumption: string;
  readonly none: string;
  readonly resumed: string;
  readonly fullHandshake: string;
  readonly subject: string;
  readonly issuer: string;
  readonly validity: string;
  readonly key: string;
  readonly names: string;
  readonly signedWith: string;
  readonly fingerprint: string;
  readonly verdict: string;
  readonly daysLeft: (days: number) => string;
  readonly expiredFor: (days: number) => string;
  readonly notYet: (days: number) => string;
  readonly selfSigned: string;
  readonly verified: string;
  /** A client is not judged by a name. */
  readonly verifiedClient: string;
  readonly notVerified: (why: string) => string;
  readonly notChecked: string;
  readonly unreadable: string;
  readonly more: (count: number) => string;
  readonly secretHeld: string;
  readonly details: {
    readonly asksFor: (name: string) => string;
    readonly suites: (count: number) => string;
    readonly groups: (count: number) => string;
    readonly shares: (names: string) => string;
    readonly offersAlpn: (names: string) => string;
    readonly noCertificate: string;
    readonly unpacked: (size: string, algorithm: string) => string;
    readonly lifetime: (seconds: number) => string;
    readonly primeBits: (bits: number) => string;
  };
  readonly talk: string;
  readonly talkEnds: string;
  readonly truncated: string;
  readonly tryThis: string;
  readonly files: Readonly<Record<FileErrorCode, (file: string) => string>>;
  readonly fileHelp: Readonly<Record<FileErrorCode, string>>;
  readonly contents: Readonly<Record<FileContent, string>>;
  readonly cannotWrite: (file: string, reason: string) => string;
  /** Sentences one after the other. */
  readonly sentences: (parts: readonly string[]) => string;
  readonly usage: {
    /** By Commander's codes, of the option or argument. */
    readonly syntax: Readonly<Record<string, (name: string) => string>>;
    readonly didYouMean: (names: string) => string;
    readonly unknownName: (option: string, name: string, nearest: string) => string;
    readonly unusableName: (option: string, name: string, nearest: string) => string;
    readonly needsPsk: (name: string) => string;
    readonly badHost: (text: string) => string;
    readonly badPort: (text: string) => string;
    readonly badNumber: (option: string, text: string) => string;
    readonly badChoice: (option: string, text: string, choices: string) => string;
    readonly badAlpn: (text: string) => string;
    readonly certAndKey: string;
    readonly badVersion: (option: string, text: string) => string;
    readonly versionsTwice: string;
    readonly minAboveMax: string;
    readonly noSuiteLeft: string;
    readonly suitesForNoVersion: (versions: string) => string;
    readonly clientAuthNeedsCa: string;
    readonly seeHelp: (command: string) => string;
  };
  /** For stderr, before anything begins. */
  readonly notes: {
    readonly deprecated: (versions: string) => string;
    readonly notSpoken: (count: number, suites: string) => string;
    readonly belowLevel: (level: number, suites: string) => string;
    readonly suitesOnly: string;
    readonly versionWithoutSuite: (versions: string) => string;
    readonly orderIsTheServers: string;
    readonly idleSuites: (suites: string) => string;
  };
  readonly serve: {
    readonly listening: (address: string) => string;
    readonly madeCertificate: string;
    readonly fingerprint: (digest: string) => string;
    readonly saved: (file: string, port: number) => string;
    readonly howToTrust: string;
    readonly httpAt: (url: string) => string;
    readonly connection: (number: number, address: string) => string;
    readonly stop: string;
  };
  readonly demo: {
    readonly title: string;
    readonly intro: string;
    readonly next: readonly (readonly [command: string, what: string])[];
    readonly data: (text: string) => string;
  };
  readonly cipherList: CipherWords;
  readonly doctor: DoctorWords;
  readonly whatif: WhatIfWords;
  readonly explain: ExplainWords;
  readonly inspect: InspectWords;
  readonly verify: VerifyWords;
  readonly sessions: SessionWords;
  readonly page: {
    readonly title: string;
    readonly intro: string;
    readonly time: string;
    readonly from: string;
    readonly message: string;
    readonly size: string;
    readonly protection: string;
    readonly clear: string;
  };
  readonly help: Readonly<Record<HelpTopic, string>>;
  /** What stands above the parts of the help, by Commander's English. */
  readonly helpTitles: Readonly<Record<string, string>>;
}

type HelpTopic =
  | 'program'
  | 'connect'
  | 'serve'
  | 'demo'
  | 'host'
  | 'servername'
  | 'starttls'
  | 'alpn'
  | 'ca'
  | 'cert'
  | 'key'
  | 'tls13'
  | 'tls12'
  | 'tls11'
  | 'tls10'
  | 'min'
  | 'max'
  | 'cipherOrder'
  | 'clientCipherOrder'
  | 'groups'
  | 'ciphers'
  | 'sigalgs'
  | 'keylog'
  | 'pcap'
  | 'json'
  | 'lang'
  | 'insecure'
  | 'once'
  | 'timeout'
  | 'port'
  | 'listenHost'
  | 'serveCert'
  | 'serveKey'
  | 'http'
  | 'serveCa'
  | 'clientAuth'
  | 'serveJson'
  | 'serveOnce'
  | 'saveCert'
  | 'help'
  | 'showVersion'
  | 'connectMore'
  | 'serveMore';

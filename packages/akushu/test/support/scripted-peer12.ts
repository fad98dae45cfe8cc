/**
 * A peer of TLS 1.2, 1.1 or 1.0 that does what a test tells it, built from the engine's lower rooms. It runs an honest
 * handshake as a list of steps; a test may change, omit, repeat or precede each of them, and fragment what goes out.
 * It verifies nothing: it only looks at what the engine under test answers.
 */
import { concat } from '../../src/bytes/index.js';
import { nodeProvider as provider } from '../../src/crypto/node.js';
import type { Credential } from '../../src/handshake/index.js';
import { signing10 } from '../../src/handshake/signatures.js';
import { Transcript } from '../../src/handshake/transcript.js';
import { cipherOf, MasterSecret12, transcriptHashes } from '../../src/keys/index.js';
import { type KeyExchange12, messageBytes, usesPsk } from '../../src/messages/index.js';
import {
  HEADER_LENGTH,
  MAX_CIPHERTEXT_12,
  MessageJoiner,
  type Opener,
  opener12,
  RecordReader,
  type Sealer,
  sealer12,
} from '../../src/record/index.js';
import {
  alertName,
  type CipherSuite,
  ContentType,
  cipherSuiteByCode,
  Scheme,
  Suite,
  schemeByCode,
  Version,
} from '../../src/registry/index.js';
import { parseCertificate } from '../../src/x509/index.js';
import type { Edit, SeenAlert } from './scripted-peer.js';

export const none: Uint8Array = new Uint8Array(0);
export const PSK = { identity: Uint8Array.of(0x69), key: Uint8Array.of(1, 2, 3, 4), hash: 'sha256' } as const;

type Side = 'client' | 'server';
type Hook<P> = Readonly<Record<string, (peer: P) => void>>;

export interface Script12<P = ScriptedPeer12> {
  /** By step. The transcript of the peer has what was really sent. */
  readonly edit?: Readonly<Record<string, Edit>>;
  readonly before?: Hook<P>;
  readonly after?: Hook<P>;
  /** Steps in another order than the honest one. */
  readonly order?: (steps: readonly string[]) => readonly string[];
  /** Largest fragment of a handshake message. */
  readonly fragment?: number;
  readonly credential?: Credential | null;
  /** Default TLS 1.2. */
  readonly version?: number;
  /** Default ECDHE with AES-128-GCM, for a credential with ECDSA. */
  readonly suite?: number;
  readonly scheme?: number;
  readonly group?: number;
  /** Extensions of its hello besides the honest ones, or in their place. */
  readonly extensions?: Record<string, unknown>;
  /** What is signed, in place of the honest content. */
  readonly signed?: (content: Uint8Array) => Uint8Array;
}

const DEFAULT_SUITE = Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;

function defaultScheme(credential: Credential): number {
  const byName: Readonly<Record<string, number>> = Scheme;
  const name = credential.key.schemes.find((scheme) => byName[scheme] && !scheme.includes('sha1'));
  return byName[name ?? ''] ?? Scheme.ecdsa_secp256r1_sha256;
}

export abstract class ScriptedPeer12 {
  abstract readonly role: Side;
  /** Everything that the engine under test sent. */
  readonly alerts: SeenAlert[] = [];
  readonly messages: { readonly type: number; readonly bytes: Uint8Array }[] = [];
  readonly data: Uint8Array[] = [];
  changeCipherSpecs = 0;
  /** Records that came after the engine's first alert. */
  afterAlert = 0;
  /** Records that could not be opened. */
  unreadable = 0;
  clientRandom: Uint8Array = none;
  serverRandom: Uint8Array = none;
  verifyData: Record<Side, Uint8Array> = { client: none, server: none };
  protected suite!: CipherSuite;
  protected version!: number;
  protected extendedMasterSecret = false;
  protected encryptThenMac = false;
  protected transcript = new Transcript(provider);
  private master: MasterSecret12 | undefined;
  private readonly reader = new RecordReader();
  private readonly joiner = new MessageJoiner(() => 0xffffff);
  private sealer: Sealer | undefined;
  private opener: Opener | undefined;
  private out: Uint8Array[] = [];

  constructor(readonly script: Script12<never>) {
    this.reader.maxFragment = MAX_CIPHERTEXT_12;
    this.use(script.suite ?? DEFAULT_SUITE, script.version ?? Version['TLSv1.2']);
  }

  protected use(suite: number, version: number): void {
    this.suite = cipherSuiteByCode(suite)!;
    this.version = version;
  }

  get kx(): KeyExchange12 {
    return this.suite.kx as KeyExchange12;
  }

  // ---- Sending ----

  /** A record under the keys of now. */
  record(type: number, data: Uint8Array): void {
    if (this.sealer) this.sealer.seal(type, data, 0, this.out);
    else this.plain(type, data);
  }

  plain(type: number, data: Uint8Array, version = this.version): void {
    this.out.push(
      Uint8Array.of(type, version >> 8, version & 0xff, data.length >> 8, data.length & 0xff),
      data,
    );
  }

  /** Bytes as they are. */
  bytes(...bytes: readonly Uint8Array[]): void {
    this.out.push(...bytes);
  }

  /** Handshake messages, in one record or in as many as the script's fragment size makes. */
  handshake(...messages: readonly Uint8Array[]): void {
    const all = concat(...messages, none);
    const size = this.script.fragment ?? 16_384;
    for (let at = 0; at < all.length; at += size)
      this.record(ContentType.handshake, all.subarray(at, at + size));
  }

  alert(level: number, description: number): void {
    this.record(ContentType.alert, Uint8Array.of(level, description));
  }

  changeCipherSpec(value: Uint8Array = Uint8Array.of(1)): void {
    this.record(ContentType.change_cipher_spec, value);
  }

  applicationData(text: string): void {
    this.record(ContentType.application_data, new TextEncoder().encode(text));
  }

  take(): Uint8Array {
    const bytes = concat(...this.out, none);
    this.out = [];
    return bytes;
  }

  // ---- Receiving ----

  receive(bytes: Uint8Array): void {
    this.reader.push(bytes);
    for (let record = this.reader.next(); record; record = this.reader.next()) {
      if (this.alerts.length > 0) this.afterAlert++;
      const content = this.opener
        ? this.opener.open(record.bytes)
        : { type: record.type, fragment: record.bytes.slice(HEADER_LENGTH) };
      if (content) this.content(content.type, content.fragment);
      else this.unreadable++;
    }
    this.reader.detach();
  }

  private content(type: number, fragment: Uint8Array): void {
    if (type === ContentType.alert) {
      const description = alertName(fragment[1]!);
      this.alerts.push({ level: fragment[0]!, description, protected: this.opener !== undefined });
    } else if (type === ContentType.application_data) this.data.push(fragment);
    else if (type === ContentType.change_cipher_spec) {
      this.changeCipherSpecs++;
      this.opener = opener12(provider, this.keys(this.role === 'client' ? 'server' : 'client'));
    } else if (type === ContentType.handshake) {
      this.joiner.push(fragment);
      for (let message = this.joiner.next(); message; message = this.joiner.next()) {
        this.messages.push({ type: message[0]!, bytes: message });
        this.message(message);
      }
    }
  }

  protected abstract message(message: Uint8Array): void;

  // ---- Keys ----

  /** A fresh transcript, with what came before its hash was known. */
  protected begin(...messages: readonly Uint8Array[]): void {
    this.transcript = new Transcript(provider);
    for (const message of messages) this.transcript.add(message);
    this.master = undefined;
  }

  protected startTranscript(): void {
    this.transcript.keep();
    this.transcript.start(...transcriptHashes(this.version, this.suite));
  }

  protected derive(premaster: Uint8Array): void {
    const { suite, version, clientRandom, serverRandom } = this;
    const hash = this.extendedMasterSecret ? this.transcript.digest() : null;
    this.master = MasterSecret12.from(
      provider,
      version,
      suite,
      premaster.slice(),
      clientRandom,
      serverRandom,
      hash,
    );
  }

  protected resumeWith(secret: Uint8Array): void {
    const { suite, version, clientRandom, serverRandom } = this;
    this.master = new MasterSecret12(provider, version, suite, secret, clientRandom, serverRandom);
  }

  /** Before there is a master secret, one of zeros: what CVE-2014-0224 made of it. */
  protected get secret(): MasterSecret12 {
    if (!this.master) this.resumeWith(new Uint8Array(48));
    return this.master!;
  }

  get masterSecret(): Uint8Array {
    return this.secret.secret;
  }

  private keys(side: Side) {
    return this.secret.keys(cipherOf(this.suite, this.encryptThenMac)!)[side];
  }

  /** What goes out from now on is protected. */
  writeProtected(): void {
    this.sealer = sealer12(provider, this.keys(this.role), provider.random);
  }

  // ---- Steps ----

  protected runSteps(steps: Readonly<Record<string, () => void>>): void {
    const names = Object.keys(steps);
    for (const name of this.script.order?.(names) ?? names) {
      this.script.before?.[name]?.(this as never);
      steps[name]?.();
      this.script.after?.[name]?.(this as never);
    }
  }

  /** Sends the message of a step as the script wants it, and adds to the transcript what went out. */
  protected say(step: string, message: Uint8Array): void {
    const edited = this.script.edit?.[step]?.(message);
    const list =
      edited === undefined
        ? [message]
        : edited === null
          ? []
          : edited instanceof Uint8Array
            ? [edited]
            : edited;
    for (const one of list) this.transcript.add(one);
    this.handshake(...list);
  }

  protected sayCertificate(credential: Credential | null): void {
    this.say('Certificate', messageBytes('Certificate12', { certificateList: credential?.chain ?? [] }));
  }

  /** A signature with the scheme in front of it where the version has it there. */
  protected sign(credential: Credential, content: Uint8Array): { algorithm?: number; signature: Uint8Array } {
    const data = this.script.signed?.(content) ?? content;
    if (this.version < Version['TLSv1.2']) {
      const { name } = signing10(provider.importPublicKey(parseCertificate(credential.chain[0]!).spki))!;
      return { signature: credential.key.sign(name, data) as Uint8Array };
    }
    const algorithm = this.script.scheme ?? defaultScheme(credential);
    const wanted = schemeByCode(algorithm)?.iana ?? '';
    const able = credential.key.schemes.includes(wanted) ? wanted : credential.key.schemes[0]!;
    return { algorithm, signature: credential.key.sign(able, data) as Uint8Array };
  }

  protected finishSteps(): Readonly<Record<string, () => void>> {
    return {
      ChangeCipherSpec: () => this.changeCipherSpec(),
      Keys: () => this.writeProtected(),
      Finished: () => {
        const verifyData = this.secret.verifyData(this.role, this.transcript.digest());
        this.verifyData[this.role] = verifyData;
        this.say('Finished', messageBytes('Finished', { verifyData }));
      },
    };
  }

  /** RFC 4279 §2. */
  protected withPsk(secret: Uint8Array): Uint8Array {
    if (!usesPsk(this.kx)) return secret;
    const { key } = PSK;
    const other = secret.length > 0 ? secret : new Uint8Array(key.length);
    return concat(
      Uint8Array.of(other.length >> 8, other.length & 0xff),
      other,
      Uint8Array.of(0, key.length),
      key,
    );
  }
}

export const stripZeros = (bytes: Uint8Array): Uint8Array =>
  bytes.subarray(bytes.findIndex((byte) => byte !== 0));

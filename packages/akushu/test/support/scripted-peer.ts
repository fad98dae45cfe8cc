/**
 * A TLS 1.3 peer that does what a test tells it, built from the engine's lower rooms. It runs an honest handshake as a
 * list of steps; a test may change, omit, repeat or precede each of them, and fragment what goes out.
 * It verifies nothing: it only looks at what the engine under test answers.
 */
import { concat } from '../../src/bytes/index.js';
import { nodeProvider as provider } from '../../src/crypto/node.js';
import type { KeyShare } from '../../src/crypto/provider.js';
import type { Credential } from '../../src/handshake/index.js';
import { signedContent } from '../../src/handshake/signatures.js';
import { Transcript } from '../../src/handshake/transcript.js';
import {
  EarlySecret,
  type HandshakeSecret,
  type MasterSecret,
  type TrafficSecret,
} from '../../src/keys/index.js';
import {
  type ClientHello,
  decodeBody,
  type Extensions,
  isHelloRetryRequest,
  type MessageBody,
  type MessageName,
  messageBytes,
  type ServerHello,
} from '../../src/messages/index.js';
import {
  HEADER_LENGTH,
  MAX_CIPHERTEXT_13,
  MessageJoiner,
  Opener13,
  RecordReader,
  Sealer13,
} from '../../src/record/index.js';
import {
  alertName,
  ContentType,
  cipherSuiteByCode,
  Group,
  groupName,
  HandshakeType,
  Scheme,
  Suite,
  schemeByCode,
  Version,
} from '../../src/registry/index.js';

export interface SeenAlert {
  readonly level: number;
  readonly description: string;
  readonly protected: boolean;
}

/** What a step would send, changed: nothing for `null`, or other messages in its place. */
export type Edit = (message: Uint8Array) => Uint8Array | readonly Uint8Array[] | null;

export interface Script {
  /** By step. The transcript of the peer has what was really sent. */
  readonly edit?: Readonly<Record<string, Edit>>;
  readonly before?: Readonly<Record<string, (peer: ScriptedPeer) => void>>;
  readonly after?: Readonly<Record<string, (peer: ScriptedPeer) => void>>;
  /** Steps in another order than the honest one. */
  readonly order?: (steps: readonly string[]) => readonly string[];
  /** Largest fragment of a handshake message. */
  readonly fragment?: number;
  readonly credential?: Credential | null;
  readonly scheme?: number;
  readonly suite?: number;
  readonly group?: number;
}

/** Decodes a message, changes its body and encodes it again. */
export const alter =
  <N extends MessageName>(name: N, change: (body: MessageBody<N>) => MessageBody<N>): Edit =>
  (message) =>
    messageBytes(name, change(decodeBody(name, message)));

/** Adds an extension to a message that has a block of them at `extensions`, or changes the block. */
export const extend =
  <
    N extends
      | 'ClientHello'
      | 'EncryptedExtensions'
      | 'CertificateRequest'
      | 'NewSessionTicket'
      | 'ServerHello',
  >(
    name: N,
    change: Record<string, unknown>,
  ): Edit =>
  (message) => {
    const body = decodeBody(name, message) as { extensions?: Record<string, unknown> };
    return messageBytes(name, {
      ...body,
      extensions: { ...body.extensions, ...change },
    } as unknown as MessageBody<N>);
  };

export const raw = (type: number, data: Uint8Array = new Uint8Array(0)) => ({ unknown: [{ type, data }] });

/** A handshake message of any type and body. */
export function rawMessage(type: number, body: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(type, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff), body);
}

const signatureSchemeOf = (credential: Credential): number => {
  const byName: Record<string, number> = Scheme;
  const fits = credential.key.schemes.find((name) => schemeByCode(byName[name] ?? 0)?.tls13);
  return byName[fits ?? ''] ?? Scheme.ecdsa_secp256r1_sha256;
};

export abstract class ScriptedPeer {
  abstract readonly role: 'client' | 'server';
  /** Everything that the engine under test sent. */
  readonly alerts: SeenAlert[] = [];
  readonly messages: { readonly type: number; readonly bytes: Uint8Array }[] = [];
  readonly data: Uint8Array[] = [];
  /** Records that came after the engine's first alert. */
  afterAlert = 0;
  /** Records that could not be opened. */
  unreadable = 0;
  protected transcript = new Transcript(provider);
  protected master: MasterSecret | undefined;
  protected hs: { secret: HandshakeSecret; client: TrafficSecret; server: TrafficSecret } | undefined;
  protected app: { client: TrafficSecret; server: TrafficSecret } | undefined;
  private readonly reader = new RecordReader();
  private readonly joiner = new MessageJoiner(() => 0xffffff);
  private sealer: Sealer13 | undefined;
  private opener: Opener13 | undefined;
  private out: Uint8Array[] = [];

  constructor(readonly script: Script) {
    this.reader.maxFragment = MAX_CIPHERTEXT_13;
  }

  // ---- Sending ----

  /** A record under the keys of now. */
  record(type: number, data: Uint8Array, padding = 0): void {
    if (this.sealer) this.sealer.seal(type, data, padding, this.out);
    else this.plain(type, data);
  }

  plain(type: number, data: Uint8Array, version = 0x0303): void {
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
    const all = concat(...messages, new Uint8Array(0));
    const size = this.script.fragment ?? 16_384;
    for (let at = 0; at < all.length; at += size)
      this.record(ContentType.handshake, all.subarray(at, at + size));
  }

  alert(level: number, description: number): void {
    this.record(ContentType.alert, Uint8Array.of(level, description));
  }

  changeCipherSpec(value = Uint8Array.of(1)): void {
    this.plain(ContentType.change_cipher_spec, value);
  }

  applicationData(text: string): void {
    this.record(ContentType.application_data, new TextEncoder().encode(text));
  }

  take(): Uint8Array {
    const bytes = concat(...this.out, new Uint8Array(0));
    this.out = [];
    return bytes;
  }

  writeWith(secret: TrafficSecret): void {
    this.sealer = new Sealer13(provider, secret);
  }

  /** Sends a KeyUpdate and goes on under the next key. */
  updateKey(request = 0): void {
    this.handshake(messageBytes('KeyUpdate', { requestUpdate: request }));
    this.nextWriteKey();
  }

  nextWriteKey(): void {
    this.app![this.role] = this.app![this.role].next();
    this.writeWith(this.app![this.role]);
  }

  readWith(secret: TrafficSecret): void {
    this.opener = new Opener13(provider, secret);
  }

  // ---- Receiving ----

  receive(bytes: Uint8Array): void {
    this.reader.push(bytes);
    for (let record = this.reader.next(); record; record = this.reader.next()) {
      if (this.alerts.length > 0) this.afterAlert++;
      const content = this.open(record.type, record.bytes);
      if (!content) {
        this.unreadable++;
        continue;
      }
      this.content(content.type, content.fragment, record.type === ContentType.application_data);
    }
    this.reader.detach();
  }

  private open(type: number, bytes: Uint8Array): { type: number; fragment: Uint8Array } | undefined {
    if (type !== ContentType.application_data) return { type, fragment: bytes.slice(HEADER_LENGTH) };
    return this.opener?.open(bytes);
  }

  private content(type: number, fragment: Uint8Array, isProtected: boolean): void {
    if (type === ContentType.alert) {
      this.alerts.push({ level: fragment[0]!, description: alertName(fragment[1]!), protected: isProtected });
    } else if (type === ContentType.application_data) this.data.push(fragment);
    else if (type === ContentType.handshake) {
      this.joiner.push(fragment);
      for (let message = this.joiner.next(); message; message = this.joiner.next()) {
        this.messages.push({ type: message[0]!, bytes: message });
        this.message(message);
      }
    }
  }

  protected abstract message(message: Uint8Array): void;

  /** The engine's KeyUpdate: read with its next key. */
  protected peerUpdatedKey(): void {
    const peer = this.role === 'client' ? 'server' : 'client';
    this.app![peer] = this.app![peer].next();
    this.readWith(this.app![peer]);
  }

  // ---- Steps ----

  protected runSteps(steps: Readonly<Record<string, () => void>>): void {
    const names = Object.keys(steps);
    for (const name of this.script.order?.(names) ?? names) {
      this.script.before?.[name]?.(this);
      steps[name]?.();
      this.script.after?.[name]?.(this);
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

  protected certificate(credential: Credential | null, context: Uint8Array): Uint8Array {
    return messageBytes('Certificate', {
      certificateRequestContext: context,
      certificateList: (credential?.chain ?? []).map((certData) => ({ certData, extensions: {} })),
    });
  }

  protected certificateVerify(credential: Credential): Uint8Array {
    const scheme = this.script.scheme ?? signatureSchemeOf(credential);
    const content = signedContent(this.role, this.transcript.digest());
    const name = schemeByCode(scheme)!.iana;
    const able = credential.key.schemes.includes(name) ? name : credential.key.schemes[0]!;
    const signature = credential.key.sign(able, content) as Uint8Array;
    return messageBytes('CertificateVerify', { algorithm: scheme, signature });
  }

  protected finished(secret: TrafficSecret): Uint8Array {
    return messageBytes('Finished', { verifyData: secret.verifyData(this.transcript.digest()) });
  }
}

const keysOf = (suite: number) => {
  const { hash, aead } = cipherSuiteByCode(suite)!;
  return { hash, aead: aead! };
};

export interface ServerScript extends Script {
  /** Ask for a client certificate. */
  readonly request?: boolean;
  /** Send this HelloRetryRequest first. */
  readonly retry?: { readonly group?: number; readonly cookie?: Uint8Array; readonly suite?: number };
}

/** A server for an engine that is a client. */
export class ScriptedServer extends ScriptedPeer {
  override readonly role = 'server';
  readonly hellos: ClientHello[] = [];
  private done = false;

  constructor(override readonly script: ServerScript) {
    super(script);
  }

  protected override message(message: Uint8Array): void {
    const type = message[0]!;
    if (type === HandshakeType.client_hello) this.clientHello(message);
    else if (type === HandshakeType.finished && this.master && !this.done) {
      this.done = true;
      this.readWith(this.app!.client);
      this.transcript.add(message);
    } else if (type === HandshakeType.key_update) this.peerUpdatedKey();
    else this.transcript.add(message);
  }

  private clientHello(bytes: Uint8Array): void {
    const hello = decodeBody('ClientHello', bytes);
    this.hellos.push(hello);
    this.transcript.add(bytes);
    const { retry } = this.script;
    if (retry && this.hellos.length === 1) this.retry(hello, retry);
    else this.flight(hello);
  }

  private retry(hello: ClientHello, wish: NonNullable<ServerScript['retry']>): void {
    const suite = wish.suite ?? this.script.suite ?? Suite.TLS_AES_128_GCM_SHA256;
    this.transcript.retry(keysOf(suite).hash);
    const message = this.retryMessage(hello, wish);
    this.runSteps({ HelloRetryRequest: () => this.say('HelloRetryRequest', message) });
  }

  retryMessage(hello: ClientHello, wish: NonNullable<ServerScript['retry']>): Uint8Array {
    return messageBytes('ServerHello', {
      legacyVersion: Version['TLSv1.2'],
      random: RETRY,
      legacySessionIdEcho: hello.legacySessionId,
      cipherSuite: wish.suite ?? this.script.suite ?? Suite.TLS_AES_128_GCM_SHA256,
      legacyCompressionMethod: 0,
      extensions: {
        retry: {
          supportedVersions: Version['TLSv1.3'],
          ...(wish.group !== undefined && { keyShare: wish.group }),
          ...(wish.cookie && { cookie: wish.cookie }),
        },
      },
    });
  }

  private flight(hello: ClientHello): void {
    const suite = this.script.suite ?? Suite.TLS_AES_128_GCM_SHA256;
    const group = this.script.group ?? Group.x25519;
    const share = hello.extensions!.keyShare!.find((entry) => entry.group === group)!;
    const { ciphertext, secret } = provider.keyAgreement(groupName(group)).encapsulate(share.keyExchange);
    const { credential } = this.script;
    this.runSteps({
      ServerHello: () => {
        this.transcript.start(keysOf(suite).hash);
        const body: ServerHello = {
          legacyVersion: Version['TLSv1.2'],
          random: provider.random(32),
          legacySessionIdEcho: hello.legacySessionId,
          cipherSuite: suite,
          legacyCompressionMethod: 0,
          extensions: { supportedVersions: Version['TLSv1.3'], keyShare: { group, keyExchange: ciphertext } },
        };
        this.say('ServerHello', messageBytes('ServerHello', body));
      },
      HandshakeKeys: () => this.handshakeKeys(suite, secret),
      EncryptedExtensions: () =>
        this.say('EncryptedExtensions', messageBytes('EncryptedExtensions', { extensions: {} })),
      ...(this.script.request && {
        CertificateRequest: () => this.say('CertificateRequest', certificateRequest()),
      }),
      Certificate: () => this.say('Certificate', this.certificate(credential ?? null, new Uint8Array(0))),
      CertificateVerify: () => this.say('CertificateVerify', this.certificateVerify(credential!)),
      Finished: () => this.say('Finished', this.finished(this.hs!.server)),
      ApplicationKeys: () => this.applicationKeys(suite),
    });
  }

  private handshakeKeys(suite: number, shared: Uint8Array): void {
    const keys = keysOf(suite);
    const secret = EarlySecret.from(provider, keys.hash).toHandshake(shared);
    const hash = this.transcript.digest();
    this.hs = { secret, client: secret.clientTraffic(keys, hash), server: secret.serverTraffic(keys, hash) };
    this.writeWith(this.hs.server);
    this.readWith(this.hs.client);
  }

  private applicationKeys(suite: number): void {
    const keys = keysOf(suite);
    const hash = this.transcript.digest();
    this.master = this.hs!.secret.toMaster();
    this.app = {
      client: this.master.clientTraffic(keys, hash),
      server: this.master.serverTraffic(keys, hash),
    };
    this.writeWith(this.app.server);
  }
}

const RETRY = Uint8Array.from(
  'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'.match(/../g)!,
  (pair) => Number.parseInt(pair, 16),
);

export const certificateRequest = (context: Uint8Array = new Uint8Array(0)): Uint8Array =>
  messageBytes('CertificateRequest', {
    certificateRequestContext: context,
    extensions: { signatureAlgorithms: [Scheme.ecdsa_secp256r1_sha256, Scheme.ed25519] },
  });

export interface ClientScript extends Script {
  /** Extensions of the hello besides the honest ones, or in their place. */
  readonly extensions?: Extensions<'CH'>;
  readonly hello?: Partial<ClientHello>;
  /** Groups with shares; by default x25519. */
  readonly shares?: readonly number[];
  readonly groups?: readonly number[];
  /** Extensions that only the second hello has. */
  readonly secondExtensions?: Extensions<'CH'>;
}

/** A client for an engine that is a server. */
export class ScriptedClient extends ScriptedPeer {
  override readonly role = 'client';
  serverHello: ServerHello | undefined;
  private readonly shares = new Map<number, KeyShare>();
  private suite = 0;
  private requested: Uint8Array | undefined;
  private hello: ClientHello | undefined;
  private done = false;

  constructor(override readonly script: ClientScript) {
    super(script);
  }

  start(): void {
    for (const group of this.script.shares ?? [Group.x25519]) this.addShare(group);
    const groups = this.script.groups ?? [Group.x25519, Group.secp256r1];
    this.hello = {
      legacyVersion: Version['TLSv1.2'],
      random: provider.random(32),
      legacySessionId: provider.random(32),
      cipherSuites: [this.script.suite ?? Suite.TLS_AES_128_GCM_SHA256],
      legacyCompressionMethods: [0],
      extensions: {
        supportedVersions: [Version['TLSv1.3']],
        supportedGroups: groups,
        signatureAlgorithms: [Scheme.ecdsa_secp256r1_sha256, Scheme.ed25519, Scheme.rsa_pss_rsae_sha256],
        keyShare: this.keyShares(),
        ...this.script.extensions,
      },
      ...this.script.hello,
    };
    const message = messageBytes('ClientHello', this.hello);
    this.runSteps({ ClientHello: () => this.say('ClientHello', message) });
  }

  private addShare(group: number): void {
    this.shares.set(group, provider.keyAgreement(groupName(group)).generate());
  }

  private keyShares() {
    return [...this.shares].map(([group, share]) => ({ group, keyExchange: share.publicKey }));
  }

  protected override message(message: Uint8Array): void {
    const type = message[0]!;
    if (type === HandshakeType.server_hello) this.receiveServerHello(message);
    else if (type === HandshakeType.key_update && this.done) this.peerUpdatedKey();
    else if (this.done) return;
    else {
      if (type === HandshakeType.certificate_request)
        this.requested = decodeBody('CertificateRequest', message).certificateRequestContext;
      this.transcript.add(message);
      if (type === HandshakeType.finished) this.flight();
    }
  }

  private receiveServerHello(message: Uint8Array): void {
    const body = decodeBody('ServerHello', message);
    this.suite = body.cipherSuite;
    const keys = keysOf(this.suite);
    if (isHelloRetryRequest(body)) {
      this.transcript.retry(keys.hash);
      this.transcript.add(message);
      this.secondHello(body.extensions!.retry!);
      return;
    }
    this.serverHello = body;
    this.transcript.start(keys.hash);
    this.transcript.add(message);
    const share = (body.extensions as Extensions<'SH'>).keyShare!;
    const secret = EarlySecret.from(provider, keys.hash).toHandshake(
      this.shares.get(share.group)!.decapsulate(share.keyExchange),
    );
    const hash = this.transcript.digest();
    this.hs = { secret, client: secret.clientTraffic(keys, hash), server: secret.serverTraffic(keys, hash) };
    this.writeWith(this.hs.client);
    this.readWith(this.hs.server);
  }

  private secondHello(retry: Extensions<'HRR'>): void {
    if (retry.keyShare !== undefined) {
      this.shares.clear();
      this.addShare(retry.keyShare);
    }
    const second: ClientHello = {
      ...this.hello!,
      extensions: {
        ...this.hello!.extensions,
        keyShare: this.keyShares(),
        ...(retry.cookie && { cookie: retry.cookie }),
        ...this.script.secondExtensions,
      },
    };
    this.runSteps({
      SecondClientHello: () => this.say('SecondClientHello', messageBytes('ClientHello', second)),
    });
  }

  /** After the server's Finished: our own flight, and the application's keys. */
  private flight(): void {
    const keys = keysOf(this.suite);
    const hash = this.transcript.digest();
    this.master = this.hs!.secret.toMaster();
    this.app = {
      client: this.master.clientTraffic(keys, hash),
      server: this.master.serverTraffic(keys, hash),
    };
    this.readWith(this.app.server);
    this.done = true;
    const { credential = null } = this.script;
    const context = this.requested;
    this.runSteps({
      ...(context && {
        Certificate: () => this.say('Certificate', this.certificate(credential, context)),
        ...(credential && {
          CertificateVerify: () => this.say('CertificateVerify', this.certificateVerify(credential)),
        }),
      }),
      Finished: () => this.say('Finished', this.finished(this.hs!.client)),
      ApplicationKeys: () => this.writeWith(this.app!.client),
    });
  }
}

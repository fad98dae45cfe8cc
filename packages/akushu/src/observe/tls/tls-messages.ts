/**
 * What handshake messages change for the reading of a connection: which keys protect what comes next, what is known of
 * the handshake. The messages are logged as they are, whatever becomes of them.
 */

import type { Provider } from '../../crypto/provider.js';
import type { TlsError } from '../../errors.js';
import {
  type Certificate,
  type ClientHello,
  type MessageBody,
  type ServerHello,
  type ServerKeyExchange,
  unpackedCertificate,
} from '../../messages/index.js';
import { type CipherSuite, HandshakeType, Version } from '../../registry/index.js';
import type { Side } from '../../trace/index.js';
import type { ConnectionProblemCode } from '../observation.js';
import { type DecodeContext, decodeHandshake } from './decode.js';
import { Decryption12, type Masters } from './decrypt12.js';
import { Decryption13 } from './decrypt13.js';
import type { Direction } from './direction.js';
import { DRAFT_RETRY_TYPE, draftForm, isVersion13 } from './drafts.js';
import type { HandshakeFacts } from './handshake-facts.js';
import type { KeyLog } from './key-log.js';

export interface MessageHost {
  readonly provider: Provider;
  readonly keyLog: KeyLog;
  readonly masters: Masters;
  readonly decompressedBytes: number;
  problem(
    code: ConnectionProblemCode,
    from: Side,
    time: number,
    offset: number,
    facts: Readonly<Record<string, unknown>>,
  ): void;
  /** Nothing more is read of the connection until this is done. */
  wait(work: Promise<void>): void;
}

/** Where in the sender's stream, and when. */
export interface Place {
  readonly time: number;
  readonly start: number;
}

/** RFC 5246 §8.1. */
const MASTER_LENGTH = 48;

export class MessageEffects {
  constructor(
    private readonly host: MessageHost,
    readonly facts: HandshakeFacts,
    private readonly sides: Readonly<Record<Side, Direction>>,
  ) {}

  contextFor(side: Side): DecodeContext {
    const { version, suite, rawPublicKey } = this.facts.current;
    return { version, suite, rawPublicKey: rawPublicKey[side] };
  }

  /** `value` is what the message decodes to; null where it could not be read. */
  apply(side: Side, message: Uint8Array, value: unknown, place: Place): void {
    const type = message[0]!;
    if (type === HandshakeType.client_hello && value && side === 'client')
      this.clientHello(value as ClientHello, message);
    this.remember(type, message);
    if (type === HandshakeType.server_hello || (type === DRAFT_RETRY_TYPE && draftForm(message))) {
      if (value && side === 'server') this.serverHello(value as ServerHello, place);
    } else if (isVersion13(this.facts.current.version)) this.apply13(side, type, value);
    else this.apply12(side, type, value);
  }

  /** RFC 7627 §3: all up to ClientKeyExchange, without HelloRequest. */
  private remember(type: number, message: Uint8Array): void {
    const { current } = this.facts;
    if (!current.transcriptOpen || type === HandshakeType.hello_request) return;
    current.transcript.push(message);
    if (type === HandshakeType.client_key_exchange) current.transcriptOpen = false;
  }

  clientHello(hello: ClientHello, message: Uint8Array | null): void {
    const { facts, host } = this;
    facts.onClientHello(hello, message);
    const { client } = this.sides;
    if (!hello.extensions?.earlyData || client.protection !== 'nothing' || host.keyLog.size === 0) return;
    const version = hello.extensions.supportedVersions?.find(isVersion13) ?? Version['TLSv1.3'];
    const decryption = new Decryption13(
      host.provider,
      host.keyLog,
      'client',
      facts.current.clientRandom,
      version,
    );
    decryption.expectEarlyData(hello.cipherSuites);
    client.decryption = decryption;
  }

  private serverHello(hello: ServerHello, place: Place): void {
    const { facts, sides, host } = this;
    const retry = hello.extensions?.retry !== undefined;
    facts.onServerHello(hello, retry);
    const { version, suite, clientRandom } = facts.current;
    if (!isVersion13(version) || retry) return;
    for (const side of ['client', 'server'] as const) {
      sides[side].protection = 'application_data';
      if (!suite?.aead) sides[side].noteUnsupported();
    }
    if (host.keyLog.size === 0) return;
    if (!suite?.aead) {
      this.say('unsupported_cipher', 'server', place, { cipherSuite: hello.cipherSuite });
      return;
    }
    this.beginKeys(clientRandom, version!, suite);
    for (const side of ['client', 'server'] as const) {
      const { decryption } = sides[side];
      const labels = decryption instanceof Decryption13 ? decryption.unfit : [];
      for (const label of labels) this.say('unfit_secret', side, place, { label });
    }
    // RFC 9849 §7.2: after encrypted_client_hello the random of the hello inside names the secrets.
    if (facts.negotiated.echOffered && !sides.server.decryption?.hopeful)
      sides.server.search = (record) => this.findInnerRandom(record, version!, suite);
  }

  private say(
    code: ConnectionProblemCode,
    from: Side,
    { time, start }: Place,
    facts: Readonly<Record<string, unknown>>,
  ): void {
    this.host.problem(code, from, time, start, facts);
  }

  private beginKeys(clientRandom: string, version: number, suite: CipherSuite): void {
    const { host, sides } = this;
    for (const side of ['client', 'server'] as const) {
      const { decryption } = sides[side];
      const stages =
        decryption instanceof Decryption13
          ? decryption
          : new Decryption13(host.provider, host.keyLog, side, clientRandom, version);
      stages.begin(suite);
      sides[side].decryption = stages;
    }
  }

  /** Of the connections in the key log that were not met, the one whose keys open the server's first record. */
  private findInnerRandom(record: Uint8Array, version: number, suite: CipherSuite): void {
    const { host, sides } = this;
    sides.server.search = null;
    for (const random of host.keyLog.strangers()) {
      const trial = new Decryption13(host.provider, host.keyLog, 'server', random, version);
      if (!trial.fits(suite, record)) continue;
      sides.client.decryption = null;
      sides.server.decryption = null;
      this.beginKeys(random, version, suite);
      return;
    }
  }

  private apply13(side: Side, type: number, value: unknown): void {
    const { facts } = this;
    const direction = this.sides[side];
    const decryption = direction.decryption instanceof Decryption13 ? direction.decryption : null;
    switch (type) {
      case HandshakeType.encrypted_extensions:
        if (value) facts.onEncryptedExtensions(value as MessageBody<'EncryptedExtensions'>);
        break;
      case HandshakeType.certificate_request:
        facts.negotiated.clientCertificateRequested = true;
        break;
      case HandshakeType.certificate:
        if (value) facts.onCertificate13(side, value as Certificate);
        break;
      case HandshakeType.compressed_certificate:
        if (value) this.compressedCertificate(side, value as MessageBody<'CompressedCertificate'>);
        break;
      case HandshakeType.certificate_verify:
        if (value && side === 'server')
          facts.negotiated.signatureScheme ??= (value as MessageBody<'CertificateVerify'>).algorithm;
        break;
      case HandshakeType.end_of_early_data:
        decryption?.advance();
        break;
      case HandshakeType.finished:
        direction.finished = true;
        decryption?.advance();
        break;
      case HandshakeType.key_update:
        decryption?.update();
        facts.negotiated.keyUpdates = {
          ...facts.negotiated.keyUpdates,
          [side]: facts.negotiated.keyUpdates[side] + 1,
        };
        break;
    }
  }

  /** RFC 8879 §4. What does not decompress stays what it is. */
  private compressedCertificate(side: Side, body: MessageBody<'CompressedCertificate'>): void {
    const { provider, decompressedBytes } = this.host;
    const plain = unpackedCertificate(body, provider, decompressedBytes);
    const value = plain && decodeHandshake(plain, this.contextFor(side)).value;
    if (value) this.facts.onCertificate13(side, value as Certificate);
  }

  private apply12(side: Side, type: number, value: unknown): void {
    const { facts } = this;
    const { current } = facts;
    switch (type) {
      case HandshakeType.certificate:
        if (value) facts.onCertificate12(side, chainOf(value));
        break;
      case HandshakeType.certificate_status:
        if (value) facts.ocspStaple ??= (value as MessageBody<'CertificateStatus'>).response;
        break;
      case HandshakeType.server_key_exchange:
        if (value) facts.onServerKeyExchange(keyExchangeOf(value));
        break;
      case HandshakeType.certificate_request:
        facts.negotiated.clientCertificateRequested = true;
        break;
      case HandshakeType.server_hello_done:
        current.serverHelloDone = true;
        facts.negotiated.clientCertificateRequested ??= false;
        break;
      case HandshakeType.client_key_exchange:
        this.clientKeyExchange(value);
        break;
      case HandshakeType.new_session_ticket:
        if (value) this.ticket((value as MessageBody<'NewSessionTicket12'>).ticket);
        break;
      case HandshakeType.finished:
        this.sides[side].finished = true;
        break;
    }
  }

  private clientKeyExchange(value: unknown): void {
    const { host } = this;
    const { current } = this.facts;
    // SSL 3.0 has the encrypted premaster secret and nothing else.
    const encrypted =
      value instanceof Uint8Array
        ? value
        : ((value as { encryptedPremaster?: Uint8Array } | null)?.encryptedPremaster ?? null);
    current.encryptedPremaster = encrypted;
    if (host.masters.find(current) || !host.masters.canDecrypt(current)) return;
    host.wait(
      host.masters.decrypt(current).then((master) => {
        current.master = master ?? null;
      }),
    );
  }

  private ticket(ticket: Uint8Array): void {
    const { current } = this.facts;
    current.master ??= this.host.masters.find(current) ?? null;
    if (current.master) this.host.masters.sessions.remember('ticket', ticket, current.master);
  }

  /** Before TLS 1.3, or before it is known: all that follows is protected, by the keys that were negotiated last. */
  changeCipher(side: Side, place: Place): void {
    const { facts, host, sides } = this;
    const { current } = facts;
    const direction = sides[side];
    direction.changedCipher = true;
    // RFC 9846 appendix E.4: one in front of early data comes before any version is known.
    if (isVersion13(current.version)) return;
    if (!current.serverHello) {
      // Or the server's hello was not captured: what comes next tells.
      direction.midStream = true;
      return;
    }
    direction.protection = 'everything';
    direction.broken = false;
    direction.forgetMessage();
    if (side === 'server') facts.onServerFinishing();
    direction.decryption = null;
    current.master ??= host.masters.find(current) ?? null;
    if (!current.master) return;
    const id = current.serverHello?.legacySessionIdEcho;
    if (id && !facts.echoesSession) host.masters.sessions.remember('id', id, current.master);
    // What is compressed could be opened, but not read.
    if (current.compression !== 0) {
      direction.noteUnsupported();
      this.say('unsupported_compression', side, place, { method: current.compression });
      return;
    }
    if (current.master.secret.length !== MASTER_LENGTH) {
      this.say('unfit_secret', side, place, { label: current.master.label });
      return;
    }
    current.pair ??= Decryption12.pair(host.provider, current, current.master);
    if (current.pair) direction.decryption = current.pair[side];
    else {
      direction.noteUnsupported();
      this.say('unsupported_cipher', side, place, { cipherSuite: current.serverHello?.cipherSuite ?? null });
    }
  }
}

function chainOf(value: unknown): readonly Uint8Array[] {
  const { certificateList, subjectPublicKeyInfo } = value as Partial<
    MessageBody<'Certificate12'> & MessageBody<'RawPublicKey12'>
  >;
  return certificateList ?? (subjectPublicKeyInfo ? [subjectPublicKeyInfo] : []);
}

/** Without a signature the parameters stand alone. */
function keyExchangeOf(value: unknown): ServerKeyExchange {
  const bare = value as Partial<ServerKeyExchange>;
  return bare.params || bare.signed || bare.pskIdentityHint ? bare : { params: value as never };
}

/** What a broken message says of itself. */
export function factsOfError(error: TlsError): Readonly<Record<string, unknown>> {
  return { error: error.code, ...error.facts };
}

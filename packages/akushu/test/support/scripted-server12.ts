/** The scripted peer of TLS 1.2, 1.1 or 1.0 as a server, for an engine that is a client. */
import { concat } from '../../src/bytes/index.js';
import { type Codec, decode, encode } from '../../src/codec/index.js';
import { ffdheGroup } from '../../src/crypto/ffdhe.js';
import { nodeProvider as provider } from '../../src/crypto/node.js';
import type { KeyShare } from '../../src/crypto/provider.js';
import {
  type ClientHello,
  decodeBody,
  type Extensions,
  keyExchangeForms,
  messageBytes,
  type ServerHello,
  type ServerKeyExchange,
  serverDhParams,
  serverEcdhParams,
  usesDhe,
  usesEcdhe,
  usesPsk,
} from '../../src/messages/index.js';
import { Group, groupName, HandshakeType, Scheme, Version } from '../../src/registry/index.js';
import type { Session } from '../../src/session/index.js';

import { none, type Script12, ScriptedPeer12, stripZeros } from './scripted-peer12.js';

export interface ServerScript12 extends Script12<ScriptedServer12> {
  /** Ask for a client certificate. */
  readonly request?: boolean;
  /** Send a CertificateStatus. */
  readonly status?: boolean;
  /** Promise a ticket, and send it. */
  readonly ticket?: boolean;
  readonly hint?: Uint8Array;
  readonly hello?: Partial<ServerHello>;
  /** Go on with this session: the abbreviated handshake. */
  readonly resume?: Session;
  /** In place of the honest parameters of ECDHE or DHE. */
  readonly params?: NonNullable<ServerKeyExchange['params']>;
}

/** A server for an engine that is a client. */
export class ScriptedServer12 extends ScriptedPeer12 {
  override readonly role = 'server';
  readonly hellos: ClientHello[] = [];
  private share: KeyShare | undefined;
  private secondFlight = false;

  constructor(override readonly script: ServerScript12) {
    super(script as Script12<never>);
  }

  protected override message(message: Uint8Array): void {
    const type = message[0]!;
    if (type === HandshakeType.client_hello) {
      this.clientHello(message);
      return;
    }
    this.transcript.add(message);
    if (type === HandshakeType.client_key_exchange) this.clientKeyExchange(message);
    if (type !== HandshakeType.finished) return;
    this.verifyData.client = decodeBody('Finished', message).verifyData;
    if (this.secondFlight) this.runSteps({ ...this.ticketStep(), ...this.finishSteps() });
  }

  private clientHello(bytes: Uint8Array): void {
    const hello = decodeBody('ClientHello', bytes);
    this.hellos.push(hello);
    this.begin(bytes);
    this.clientRandom = hello.random;
    this.secondFlight = !this.script.resume;
    const { resume } = this.script;
    if (resume) {
      this.runSteps({
        ServerHello: () => this.serverHello(hello),
        ...this.ticketStep(),
        ...this.finishSteps(),
      });
      return;
    }
    const { credential, request, status } = this.script;
    this.runSteps({
      ServerHello: () => this.serverHello(hello),
      ...(this.suite.auth !== 'PSK' && { Certificate: () => this.sayCertificate(credential ?? null) }),
      ...(status && {
        CertificateStatus: () =>
          this.say(
            'CertificateStatus',
            messageBytes('CertificateStatus', { statusType: 1, response: Uint8Array.of(0x30) }),
          ),
      }),
      ...((/DHE/.test(this.kx) || this.script.hint) && { ServerKeyExchange: () => this.serverKeyExchange() }),
      ...(request && { CertificateRequest: () => this.say('CertificateRequest', this.certificateRequest()) }),
      ServerHelloDone: () => this.say('ServerHelloDone', messageBytes('ServerHelloDone', {})),
    });
  }

  private serverHello(hello: ClientHello): void {
    this.startTranscript();
    const { status, ticket, resume } = this.script;
    const extensions = {
      extendedMasterSecret: hello.extensions?.extendedMasterSecret,
      renegotiationInfo:
        hello.extensions?.renegotiationInfo && concat(this.verifyData.client, this.verifyData.server),
      ...(status && { statusRequest: true }),
      ...(ticket && { sessionTicket: none }),
      ...this.script.extensions,
    } as Extensions<'SH'>;
    const kept = Object.entries(extensions).filter(([, value]) => value !== undefined);
    const body: ServerHello = {
      legacyVersion: this.version,
      random: provider.random(32),
      legacySessionIdEcho: resume ? hello.legacySessionId : none,
      cipherSuite: this.suite.code,
      legacyCompressionMethod: 0,
      extensions: kept.length > 0 ? Object.fromEntries(kept) : undefined,
      ...this.script.hello,
    };
    this.serverRandom = body.random;
    this.extendedMasterSecret = 'extendedMasterSecret' in (body.extensions ?? {});
    this.encryptThenMac = 'encryptThenMac' in (body.extensions ?? {});
    this.say('ServerHello', messageBytes('ServerHello', body));
    if (resume) this.resumeWith(resume.psk.slice());
  }

  private makeParams(): NonNullable<ServerKeyExchange['params']> | undefined {
    if (usesEcdhe(this.kx)) {
      const namedCurve = this.script.group ?? Group.x25519;
      this.share = provider.keyAgreement(groupName(namedCurve)).generate();
      return { curveType: 3, namedCurve, public: this.share.publicKey };
    }
    if (!usesDhe(this.kx)) return undefined;
    const { prime } = ffdheGroup('ffdhe2048');
    this.share = provider.finiteField(prime, Uint8Array.of(2)).generate();
    return { p: prime, g: Uint8Array.of(2), ys: this.share.publicKey };
  }

  private serverKeyExchange(): void {
    const honest = this.makeParams();
    const params = this.script.params ?? honest;
    const form = keyExchangeForms(this.kx, this.version).server;
    const hint = usesPsk(this.kx) ? { pskIdentityHint: this.script.hint ?? none } : {};
    const { credential } = this.script;
    const signs = this.kx === 'ECDHE' || this.kx === 'DHE';
    const encoded =
      params && encode((usesEcdhe(this.kx) ? serverEcdhParams : serverDhParams) as Codec<unknown>, params);
    const content = concat(this.clientRandom, this.serverRandom, encoded ?? none);
    const body = {
      ...hint,
      ...(params && { params }),
      ...(signs && { signed: this.sign(credential!, content) }),
    };
    this.say('ServerKeyExchange', messageBytes('ServerKeyExchange', encode(form, body)));
  }

  private certificateRequest(): Uint8Array {
    const common = { certificateTypes: [1, 64], certificateAuthorities: [] };
    if (this.version < Version['TLSv1.2']) return messageBytes('CertificateRequest10', common);
    const supportedSignatureAlgorithms = [Scheme.ecdsa_secp256r1_sha256, Scheme.rsa_pss_rsae_sha256];
    return messageBytes('CertificateRequest12', { ...common, supportedSignatureAlgorithms });
  }

  private clientKeyExchange(message: Uint8Array): void {
    const body = decode(keyExchangeForms(this.kx, this.version).client, message, 4);
    if (body.encryptedPremaster) {
      const block = this.script.credential!.key.decryptRaw!(body.encryptedPremaster) as Uint8Array;
      this.derive(this.withPsk(block.slice(-48)));
    } else if (this.share) {
      const secret = this.share.decapsulate(body.ecdhPublic ?? body.dhPublic!);
      this.derive(this.withPsk(usesDhe(this.kx) ? stripZeros(secret) : secret));
    } else this.derive(this.withPsk(none));
  }

  private ticketStep(): Readonly<Record<string, () => void>> {
    if (!this.script.ticket) return {};
    const body = { ticketLifetimeHint: 100, ticket: Uint8Array.of(1, 2, 3) };
    return { NewSessionTicket: () => this.say('NewSessionTicket', messageBytes('NewSessionTicket12', body)) };
  }
}

import { decode, encode } from '../../src/codec/index.js';
import { nodeProvider as provider } from '../../src/crypto/node.js';
import { makePremaster } from '../../src/handshake/before13/rsa.js';
import type { Credential } from '../../src/handshake/index.js';
import {
  type ClientHello,
  type ClientKeyExchange,
  decodeBody,
  type Extensions,
  keyExchangeForms,
  messageBytes,
  type ServerHello,
  type ServerKeyExchange,
  usesDhe,
  usesEcdhe,
  usesPsk,
  usesRsa,
} from '../../src/messages/index.js';
import { Group, groupName, HandshakeType, Scheme } from '../../src/registry/index.js';
import type { Session } from '../../src/session/index.js';
import { parseCertificate } from '../../src/x509/index.js';

import { none, PSK, type Script12, ScriptedPeer12, stripZeros } from './scripted-peer12.js';

export interface ClientScript12 extends Script12<ScriptedClient12> {
  readonly hello?: Partial<ClientHello>;
  /** In place of the honest ClientKeyExchange. */
  readonly exchange?: (honest: ClientKeyExchange, client: ScriptedClient12) => ClientKeyExchange;
  /** RSA: the block that is encrypted, in place of a well padded one. */
  readonly block?: (honest: Uint8Array) => Uint8Array;
  readonly session?: Session;
}

/** A client for an engine that is a server. */
export class ScriptedClient12 extends ScriptedPeer12 {
  override readonly role = 'client';
  serverHello: ServerHello | undefined;
  private hello: Uint8Array = none;
  private certificate: Uint8Array | undefined;
  private params: ServerKeyExchange['params'];
  private requested = false;
  private resumed = false;

  constructor(override readonly script: ClientScript12) {
    super(script as Script12<never>);
  }

  /** Sends the hello; again, upon an established connection, it renegotiates. */
  start(): void {
    const { session } = this.script;
    const body: ClientHello = {
      legacyVersion: this.version,
      random: provider.random(32),
      legacySessionId: session ? new Uint8Array(32).fill(5) : none,
      cipherSuites: [this.suite.code],
      legacyCompressionMethods: [0],
      extensions: {
        supportedGroups: [Group.x25519, Group.secp256r1, Group.ffdhe2048],
        signatureAlgorithms: [
          Scheme.ecdsa_secp256r1_sha256,
          Scheme.ed25519,
          Scheme.rsa_pss_rsae_sha256,
          Scheme.rsa_pkcs1_sha256,
        ],
        ecPointFormats: [0],
        extendedMasterSecret: true,
        renegotiationInfo: this.verifyData.client,
        ...(session && { sessionTicket: session.ticket }),
        ...this.script.extensions,
      },
      ...this.script.hello,
    };
    const { extensions } = body;
    const kept = Object.entries(extensions ?? {}).filter(([, value]) => value !== undefined);
    const hello = { ...body, extensions: extensions && Object.fromEntries(kept) };
    this.clientRandom = hello.random;
    this.begin();
    this.hello = messageBytes('ClientHello', hello);
    this.requested = false;
    this.runSteps({ ClientHello: () => this.say('ClientHello', this.hello) });
  }

  protected override message(message: Uint8Array): void {
    const type = message[0]!;
    if (type === HandshakeType.hello_request) return;
    if (type === HandshakeType.server_hello) this.takeServerHello(message);
    if (type === HandshakeType.certificate)
      this.certificate = decodeBody('Certificate12', message).certificateList[0];
    if (type === HandshakeType.certificate_request) this.requested = true;
    if (type === HandshakeType.server_key_exchange)
      this.params = decode(keyExchangeForms(this.kx, this.version).server, message, 4).params;
    if (type !== HandshakeType.server_hello) this.transcript.add(message);
    if (type === HandshakeType.server_hello_done) this.flight();
    if (type !== HandshakeType.finished) return;
    this.verifyData.server = decodeBody('Finished', message).verifyData;
    if (this.resumed) this.runSteps(this.finishSteps());
  }

  private takeServerHello(message: Uint8Array): void {
    const hello = decodeBody('ServerHello', message);
    this.serverHello = hello;
    this.serverRandom = hello.random;
    this.use(hello.cipherSuite, hello.legacyVersion);
    this.startTranscript();
    this.transcript.add(message);
    const extensions = (hello.extensions ?? {}) as Extensions<'SH'>;
    this.extendedMasterSecret = extensions.extendedMasterSecret === true;
    this.encryptThenMac = extensions.encryptThenMac === true;
    const { session } = this.script;
    this.resumed = session !== undefined && hello.legacySessionIdEcho.length > 0;
    if (this.resumed) this.resumeWith(session!.psk.slice());
  }

  /** After ServerHelloDone. */
  private flight(): void {
    const { credential = null } = this.script;
    this.runSteps({
      ...(this.requested && { Certificate: () => this.sayCertificate(credential) }),
      ClientKeyExchange: () => this.clientKeyExchange(),
      ...(this.requested && credential && { CertificateVerify: () => this.certificateVerify(credential) }),
      ...this.finishSteps(),
    });
  }

  private clientKeyExchange(): void {
    const made = this.exchange();
    const body = this.script.exchange?.(made.body, this) ?? made.body;
    const form = keyExchangeForms(this.kx, this.version).client;
    this.say('ClientKeyExchange', messageBytes('ClientKeyExchange', encode(form, body)));
    this.derive(this.withPsk(made.secret));
  }

  private exchange(): { body: ClientKeyExchange; secret: Uint8Array } {
    const psk = usesPsk(this.kx) ? { pskIdentity: PSK.identity } : {};
    if (usesRsa(this.kx)) {
      const { encrypted, secret } = this.encrypt();
      return { body: { ...psk, encryptedPremaster: encrypted }, secret };
    }
    const params = this.params as Readonly<Record<string, unknown>> | undefined;
    if (usesEcdhe(this.kx)) {
      const agreement = provider.keyAgreement(groupName(params!.namedCurve as number));
      const { ciphertext, secret } = agreement.encapsulate(params!.public as Uint8Array);
      return { body: { ...psk, ecdhPublic: ciphertext }, secret };
    }
    if (usesDhe(this.kx)) {
      const field = provider.finiteField(params!.p as Uint8Array, params!.g as Uint8Array);
      const { ciphertext, secret } = field.encapsulate(params!.ys as Uint8Array);
      return { body: { ...psk, dhPublic: ciphertext }, secret: stripZeros(secret) };
    }
    return { body: psk, secret: none };
  }

  private encrypt(): { encrypted: Uint8Array; secret: Uint8Array } {
    const key = provider.importPublicKey(parseCertificate(this.certificate!).spki);
    const offered = decodeBody('ClientHello', this.hello).legacyVersion;
    const { premaster, encrypted } = makePremaster(provider.random, key, offered);
    const { block } = this.script;
    if (!block) return { encrypted, secret: premaster };
    const padded = new Uint8Array(key.bits / 8).fill(0x5a);
    padded.set([0, 2]);
    padded[padded.length - 49] = 0;
    padded.set(premaster, padded.length - 48);
    return { encrypted: key.encryptRaw!(block(padded)), secret: premaster };
  }

  private certificateVerify(credential: Credential): void {
    const { algorithm, signature } = this.sign(credential, this.transcript.messages());
    this.say(
      'CertificateVerify',
      algorithm === undefined
        ? messageBytes('CertificateVerify10', { signature })
        : messageBytes('CertificateVerify12', { algorithm, signature }),
    );
  }
}

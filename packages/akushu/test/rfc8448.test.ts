/**
 * The seven handshakes of RFC 8448, both sides, byte for byte: with the recorded randomness, signatures and tickets
 * put in, every record that comes out is the recorded one, in whatever pieces the input comes.
 */
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '../src/bytes/index.js';
import { Connection } from '../src/connection/index.js';
import { nodeProvider } from '../src/crypto/node.js';
import { portableProvider } from '../src/crypto/portable.js';
import type { PrivateKey, Provider, RandomSource } from '../src/crypto/provider.js';
import type { TlsError } from '../src/errors.js';
import type { ClientConfig, Credential, ServerConfig } from '../src/handshake/index.js';
import { TrafficSecret } from '../src/keys/index.js';
import { type ClientHello, decodeBody, type Extensions } from '../src/messages/index.js';
import { Sealer13 } from '../src/record/index.js';
import { Group, Suite, Version } from '../src/registry/index.js';
import type { Session, TicketState } from '../src/session/index.js';
import { parseCertificate } from '../src/x509/index.js';
import { ABSENT, hasShared, shared } from './support/shared.js';
import { readVec, type VecSection } from './support/vec.js';

const FILE = 'vectors/rfc8448/transcripts.vec';
const present = hasShared(FILE);
const sections = present ? readVec(shared(FILE)) : new Map<string, VecSection>();

const SUITES = [
  Suite.TLS_AES_128_GCM_SHA256,
  Suite.TLS_CHACHA20_POLY1305_SHA256,
  Suite.TLS_AES_256_GCM_SHA384,
];
const GROUPS = [Group.x25519, Group.secp256r1, Group.secp384r1];

/** Gives the recorded bytes in order, and nothing more. */
function pool(hex: string): RandomSource & { left(): number } {
  const bytes = fromHex(hex);
  let at = 0;
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new Error('the recorded randomness is used up');
    at += length;
    return bytes.slice(at - length, at);
  };
  return Object.assign(take, { left: () => bytes.length - at });
}

const recordedKey = (spki: Uint8Array, scheme: string, signature: string): PrivateKey => ({
  schemes: [scheme],
  spki,
  sign: () => fromHex(signature),
});

interface Side {
  readonly connection: Connection;
  /** Hex of all that was sent since the last call. */
  sent(): string;
  readonly received: string[];
  readonly errors: TlsError[];
}

function run(role: 'client', config: ClientConfig): Side;
function run(role: 'server', config: ServerConfig): Side;
function run(role: 'client' | 'server', config: ClientConfig | ServerConfig): Side {
  let out: Uint8Array[] = [];
  const received: string[] = [];
  const errors: TlsError[] = [];
  const handlers = {
    output: (pieces: readonly Uint8Array[]) => void out.push(...pieces),
    data: (bytes: Uint8Array) => void received.push(toHex(bytes)),
    error: (error: TlsError) => void errors.push(error),
  };
  const connection =
    role === 'client'
      ? new Connection('client', config as ClientConfig, handlers)
      : new Connection('server', config as ServerConfig, handlers);
  connection.start();
  const sent = (): string => {
    const hex = toHex(concat(...out, new Uint8Array(0)));
    out = [];
    return hex;
  };
  return { connection, sent, received, errors };
}

const hex = (section: VecSection, ...keys: string[]): string =>
  keys.map((key) => toHex(fromHex(section[key]!))).join('');

function feed(side: Side, bytesHex: string, step: number): void {
  const bytes = fromHex(bytesHex);
  for (let at = 0; at < bytes.length; at += step) side.connection.receive(bytes.slice(at, at + step));
}

/** What the recorded client put into its hello that means nothing to our engine, or in another order. */
function shapedAs(recorded: readonly ClientHello[]): (hello: ClientHello) => ClientHello {
  let turn = 0;
  return (hello) => {
    const model = recorded[turn++]!.extensions!;
    const decoration: Partial<Extensions<'CH'>> = {
      ...(model.order && { order: model.order }),
      ...(model.supportedGroups && { supportedGroups: model.supportedGroups }),
      ...(model.renegotiationInfo && { renegotiationInfo: model.renegotiationInfo }),
      ...(model.sessionTicket && { sessionTicket: model.sessionTicket }),
      ...(model.padding && { padding: model.padding }),
    };
    const { clientCertificateType: c, serverCertificateType: s, ...rest } = hello.extensions!;
    // The recorded client offers raw public keys and nothing else.
    const types = model.clientCertificateType
      ? { clientCertificateType: [2], serverCertificateType: [2] }
      : {};
    expect([c === undefined, s === undefined]).toEqual([
      !model.clientCertificateType,
      !model.serverCertificateType,
    ]);
    return { ...hello, extensions: { ...rest, ...types, ...decoration } };
  };
}

const recordedHello = (section: VecSection, key: string): ClientHello =>
  decodeBody('ClientHello', fromHex(section[key]!).subarray(5));

interface Story {
  readonly name: string;
  readonly client?: Partial<ClientConfig>;
  readonly server?: Partial<ServerConfig>;
}

const serverChain = (section: VecSection): Uint8Array =>
  decodeBody('Certificate', fromHex(section.Message_Server_Certificate!)).certificateList[0]!.certData;

function baseClient(provider: Provider, section: VecSection, random: RandomSource): ClientConfig {
  const hellos = ['Record_ClientHello_1', 'Record_ClientHello_2']
    .filter((key) => section[key])
    .map((key) => recordedHello(section, key));
  return {
    provider,
    random,
    now: () => Number(section.CurrentTimestamp),
    versions: [Version['TLSv1.3']],
    cipherSuites: SUITES,
    groups: GROUPS,
    keyShares: [Group.x25519],
    signatureSchemes: hellos[0]!.extensions!.signatureAlgorithms!,
    recordSizeLimit: 0x4001,
    serverName: 'server',
    middleboxCompatibility: hellos[0]!.legacySessionId.length > 0,
    shapeHello: shapedAs(hellos),
    verifyPeer: () => ({ trusted: true }),
  };
}

function baseServer(provider: Provider, section: VecSection, random: RandomSource): ServerConfig {
  const extensions = decodeBody(
    'EncryptedExtensions',
    fromHex(section.Message_EncryptedExtensions!),
  ).extensions;
  const hello = decodeBody('ServerHello', fromHex(section.Message_ServerHello!));
  const order = hello.extensions && 'order' in hello.extensions ? hello.extensions.order : undefined;
  return {
    provider,
    random,
    now: () => Number(section.CurrentTimestamp),
    versions: [Version['TLSv1.3']],
    cipherSuites: SUITES,
    groups: GROUPS,
    recordSizeLimit: 0x4001,
    announceGroups: extensions.supportedGroups!,
    shapeHello: (own) => ({ ...own, extensions: { ...own.extensions, order } }) as typeof own,
    verifyPeer: () => ({ trusted: true }),
  };
}

const schemeName = (section: VecSection): string => {
  const code = decodeBody('CertificateVerify', fromHex(section.Message_Server_CertificateVerify!)).algorithm;
  return code === 0x0804 ? 'rsa_pss_rsae_sha256' : 'ecdsa_secp256r1_sha256';
};

function serverCredential(section: VecSection): Credential {
  const data = serverChain(section);
  const raw = section.Message_EncryptedExtensions!.toLowerCase().includes('0014000102');
  const spki = raw ? data : parseCertificate(data).spki;
  return {
    chain: raw ? [] : [data],
    key: recordedKey(spki, schemeName(section), section.Server_MessageSignature!),
  };
}

/** The client's credential, which the recording has under encryption only: our server opens it. */
function clientCredential(section: VecSection): Credential | undefined {
  if (!section.Client_MessageSignature) return undefined;
  let seen: { chain: readonly Uint8Array[]; raw: Uint8Array | null } | undefined;
  const server = run('server', {
    ...serverConfig(nodeProvider, section, pool(section.Server_RNG_Pool!)),
    verifyPeer: (peer) => {
      seen = { chain: peer.chain, raw: peer.rawPublicKey };
      return { trusted: true };
    },
  });
  feed(server, hex(section, 'Record_ClientHello_1') + hex(section, 'Record_ClientFinished'), 1 << 20);
  const { chain, raw } = seen!;
  const spki = raw ?? parseCertificate(chain[0]!).spki;
  return {
    chain,
    key: recordedKey(
      spki,
      raw ? 'ecdsa_secp256r1_sha256' : 'rsa_pss_rsae_sha256',
      section.Client_MessageSignature,
    ),
  };
}

function serverConfig(provider: Provider, section: VecSection, random: RandomSource): ServerConfig {
  const raw = section.Message_EncryptedExtensions!.toLowerCase().includes('0014000102');
  const request = section.Message_CertificateRequest;
  return {
    ...baseServer(provider, section, random),
    ...(section.Message_Server_Certificate && { credentials: [serverCredential(section)] }),
    ...(raw && { certificateTypes: { own: ['raw_public_key'] as const, peer: ['raw_public_key'] as const } }),
    ...(request && {
      clientAuth: 'require' as const,
      signatureSchemes: decodeBody('CertificateRequest', fromHex(request)).extensions.signatureAlgorithms!,
    }),
    // The recorded server wants P-256, for which no share came.
    ...(section.HelloRetryRequest_Cookie && {
      groups: [Group.secp256r1],
      makeCookie: () => fromHex(section.HelloRetryRequest_Cookie!),
    }),
    ...(section.PskIdentity && { externalPsks: [externalPsk(section)] }),
  };
}

function clientConfig(provider: Provider, section: VecSection, random: RandomSource): ClientConfig {
  const credential = clientCredential(section);
  const raw = section.Message_EncryptedExtensions!.toLowerCase().includes('0014000102');
  return {
    ...baseClient(provider, section, random),
    ...(credential && { credentials: [credential] }),
    ...(raw && { certificateTypes: { own: ['raw_public_key'] as const, peer: ['raw_public_key'] as const } }),
    ...(section.PskIdentity && { externalPsks: [externalPsk(section)] }),
  };
}

const externalPsk = (section: VecSection) => ({
  identity: new TextEncoder().encode(section.PskIdentity!),
  key: fromHex(section.PskSecret!),
  hash: 'sha256' as const,
});

/** EncryptedExtensions of the resumed handshake as RFC 8448 §4 has it. */
const RFC_8448_EXTENSIONS =
  '080000280026000a00140012001d00170018001901000101010201030104001c0002400100000000002a0000';

const STORIES: readonly Story[] = [
  { name: 'Simple_1RTT_Handshake' },
  { name: 'HelloRetryRequest_Handshake' },
  { name: 'Client_Authentication_Handshake' },
  { name: 'Middlebox_Compatibility_Mode' },
  { name: 'Externally_Provided_PSK_with_Ephemeral_Key' },
  { name: 'RawPublicKey_With_Client_Authentication' },
];

function finishClient(side: Side, section: VecSection, step: number): void {
  expect(side.errors).toEqual([]);
  expect(side.sent()).toBe(hex(section, 'Record_ClientFinished'));
  if (section.Record_NewSessionTicket) feed(side, hex(section, 'Record_NewSessionTicket'), step);
  if (section.Client_AppData) {
    side.connection.write(fromHex(section.Client_AppData));
    expect(side.sent()).toBe(hex(section, 'Record_Client_AppData'));
    feed(side, hex(section, 'Record_Server_AppData'), step);
    expect(side.received.join('')).toBe(section.Server_AppData!.toLowerCase());
  }
  side.connection.close();
  expect(side.sent()).toBe(hex(section, 'Record_Client_CloseNotify'));
  feed(side, hex(section, 'Record_Server_CloseNotify'), step);
  expect(side.connection.error).toBeNull();
  expect(side.connection.isDead).toBe(true);
}

function finishServer(side: Side, section: VecSection, step: number): void {
  feed(side, hex(section, 'Record_ClientFinished'), step);
  expect(side.errors).toEqual([]);
  expect(side.sent()).toBe(section.Record_NewSessionTicket ? hex(section, 'Record_NewSessionTicket') : '');
  if (section.Client_AppData) {
    feed(side, hex(section, 'Record_Client_AppData'), step);
    expect(side.received.join('')).toBe(section.Client_AppData.toLowerCase());
    side.connection.write(fromHex(section.Server_AppData!));
    expect(side.sent()).toBe(hex(section, 'Record_Server_AppData'));
  }
  feed(side, hex(section, 'Record_Client_CloseNotify'), step);
  side.connection.close();
  expect(side.sent()).toBe(hex(section, 'Record_Server_CloseNotify'));
  expect(side.connection.error).toBeNull();
}

/** The ticket of the first handshake as the recorded server made it. */
function ticketKeeper(section: VecSection, states: TicketState[]) {
  return {
    seal: (state: TicketState) => {
      states.push(state);
      return fromHex(section.SessionTicket!);
    },
    open: (ticket: Uint8Array) =>
      toHex(ticket) === section.SessionTicket!.toLowerCase() ? (states[0] ?? null) : null,
  };
}

const earlyDataServer = {
  maxEarlyData: 1024,
  acceptEarlyData: () => true,
  ticketCount: 1,
  ticketLifetime: 30,
} as const;

describe.skipIf(!present)(`RFC 8448 transcripts${present ? '' : ` (${ABSENT})`}`, () => {
  for (const provider of [nodeProvider, portableProvider]) {
    for (const step of [1 << 20, 1]) {
      const how = `${provider.name} provider, ${step === 1 ? 'a byte at a time' : 'all at once'}`;
      for (const { name } of STORIES) {
        test(`the client reproduces ${name} (${how})`, () => {
          const section = sections.get(name)!;
          const random = pool(section.Client_RNG_Pool!);
          const client = run('client', clientConfig(provider, section, random));
          expect(client.sent()).toBe(hex(section, 'Record_ClientHello_1'));
          if (section.Record_HelloRetryRequest) {
            feed(client, hex(section, 'Record_HelloRetryRequest'), step);
            expect(client.sent()).toBe(hex(section, 'Record_ClientHello_2'));
          }
          feed(client, hex(section, 'Record_ServerHello', 'Record_ServerHandshakeMessages'), step);
          expect(random.left()).toBe(0);
          finishClient(client, section, step);
        });

        test(`the server reproduces ${name} (${how})`, () => {
          const section = sections.get(name)!;
          const random = pool(section.Server_RNG_Pool!);
          const tickets = section.Record_NewSessionTicket
            ? { tickets: ticketKeeper(section, []), ...earlyDataServer }
            : {};
          const server = run('server', { ...serverConfig(provider, section, random), ...tickets });
          feed(server, hex(section, 'Record_ClientHello_1'), step);
          if (section.Record_HelloRetryRequest) {
            expect(server.sent()).toBe(hex(section, 'Record_HelloRetryRequest'));
            feed(server, hex(section, 'Record_ClientHello_2'), step);
          }
          expect(server.errors).toEqual([]);
          expect(server.sent()).toBe(hex(section, 'Record_ServerHello', 'Record_ServerHandshakeMessages'));
          finishServer(server, section, step);
          expect(random.left()).toBe(0);
        });
      }

      test(`client and server reproduce Resumed_0RTT_Handshake from the first handshake's ticket (${how})`, () => {
        const first = sections.get('Simple_1RTT_Handshake')!;
        const second = sections.get('Resumed_0RTT_Handshake')!;
        const sessions: Session[] = [];
        const states: TicketState[] = [];

        const before = run('client', {
          ...clientConfig(provider, first, pool(first.Client_RNG_Pool!)),
          onSession: (session) => sessions.push(session),
        });
        feed(
          before,
          hex(first, 'Record_ServerHello', 'Record_ServerHandshakeMessages', 'Record_NewSessionTicket'),
          step,
        );
        const issuing = run('server', {
          ...serverConfig(provider, first, pool(first.Server_RNG_Pool!)),
          ...earlyDataServer,
          tickets: ticketKeeper(first, states),
        });
        feed(issuing, hex(first, 'Record_ClientHello_1', 'Record_ClientFinished'), step);

        const logged: string[] = [];
        const server = run('server', {
          ...baseServer(provider, second, pool(second.Server_RNG_Pool!)),
          ...earlyDataServer,
          tickets: ticketKeeper(second, states),
          ticketCount: 0,
          keyLog: (line) => logged.push(line),
        });
        feed(server, hex(second, 'Record_ClientHello_1', 'Record_Client_EarlyAppData'), step);
        expect(server.errors).toEqual([]);
        expect(server.sent()).toBe(hex(second, 'Record_ServerHello', 'Record_ServerHandshakeMessages'));
        expect(server.received.join('')).toBe(second.Client_EarlyAppData);

        // The file's server flight differs from RFC 8448 §4 by the server_name in EncryptedExtensions that RFC 6066
        // §3 forbids when resuming; Finished and all that follows are the RFC's. So the client gets the RFC's flight.
        const secret = logged
          .find((line) => line.startsWith('SERVER_HANDSHAKE_TRAFFIC_SECRET'))!
          .split(' ')[2]!;
        const traffic = new TrafficSecret(provider, { hash: 'sha256', aead: 'aes-128-gcm' }, fromHex(secret));
        const sealed: Uint8Array[] = [];
        const messages = concat(fromHex(RFC_8448_EXTENSIONS), fromHex(second.Message_Server_Finished!));
        new Sealer13(provider, traffic).seal(22, messages, 0, sealed);
        const random = pool(second.Client_RNG_Pool!);
        const client = run('client', {
          ...baseClient(provider, second, random),
          session: sessions[0]!,
          replayableEarlyData: fromHex(second.Client_EarlyAppData!),
        });
        expect(client.sent()).toBe(hex(second, 'Record_ClientHello_1', 'Record_Client_EarlyAppData'));
        feed(client, hex(second, 'Record_ServerHello') + toHex(concat(...sealed)), step);
        expect(client.connection.summary).toMatchObject({ resumed: true, earlyDataAccepted: true });
        finishClient(client, second, step);
      });
    }
  }
});

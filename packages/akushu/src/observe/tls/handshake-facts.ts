/**
 * What the handshake messages of a connection say, gathered as they come: hellos, what was negotiated, chains. Of a
 * renegotiation only what is needed to read on; the facts stay those of the first handshake.
 */
import { equal, toHex, toLatin1 } from '../../bytes/index.js';
import type {
  Certificate,
  ClientHello,
  Extensions,
  MessageBody,
  ServerHello,
  ServerKeyExchange,
} from '../../messages/index.js';
import { type CipherSuite, cipherSuiteByCode, ExtensionType, Scsv } from '../../registry/index.js';
import type { Side } from '../../trace/index.js';
import type { EarlyDataState, NegotiatedFacts } from '../observation.js';
import type { Decryption12, Master } from './decrypt12.js';
import { draftKeyShare, isVersion13, usesOldKeyShare } from './drafts.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const RAW_PUBLIC_KEY = 2;

/** What has to be known to read on; begins anew with each renegotiation. */
export class CurrentHandshake {
  clientHello: ClientHello | null = null;
  serverHello: ServerHello | null = null;
  /** Identifies the connection in key logs. */
  clientRandom = '';
  version: number | null = null;
  suite: CipherSuite | null = null;
  /** All messages up to ClientKeyExchange, for the extended master secret. */
  transcript: Uint8Array[] = [];
  transcriptOpen = true;
  encryptedPremaster: Uint8Array | null = null;
  ticket: Uint8Array | null = null;
  extendedMasterSecret = false;
  encryptThenMac = false;
  compression = 0;
  master: Master | null = null;
  /** The keys of both directions, once they are made. */
  pair: Readonly<Record<Side, Decryption12>> | null = null;
  serverHelloDone = false;
  resumed: boolean | null = null;
  /** Type of certificate of each side (RFC 7250). */
  rawPublicKey: Record<Side, boolean> = { client: false, server: false };
}

/** The extensions of a ServerHello that is no HelloRetryRequest. */
function answersOf({ extensions }: ServerHello): Extensions<'SH'> | undefined {
  return extensions && extensions.retry === undefined ? (extensions as Extensions<'SH'>) : undefined;
}

export class HandshakeFacts {
  current = new CurrentHandshake();
  clientHello: ClientHello | null = null;
  clientHelloBytes: Uint8Array | null = null;
  secondClientHello: ClientHello | null = null;
  serverHello: ServerHello | null = null;
  helloRetryRequest: ServerHello | null = null;
  chains: Record<Side, Uint8Array[] | null> = { client: null, server: null };
  ocspStaple: Uint8Array | null = null;
  readonly negotiated: Writable<NegotiatedFacts> = {
    version: null,
    cipherSuite: null,
    group: null,
    signatureScheme: null,
    serverName: null,
    alpnOffered: [],
    alpn: null,
    resumed: null,
    helloRetryRequest: false,
    earlyData: 'not_offered',
    echOffered: false,
    echRetryConfigs: null,
    extendedMasterSecret: null,
    encryptThenMac: null,
    secureRenegotiation: null,
    compression: null,
    fallbackScsv: false,
    clientCertificateRequested: null,
    renegotiations: 0,
    keyUpdates: { client: 0, server: 0 },
  };

  private get first(): boolean {
    return this.negotiated.renegotiations === 0;
  }

  /** Whether it begins a new handshake, rather than answering a HelloRetryRequest. */
  onClientHello(hello: ClientHello, bytes: Uint8Array | null): void {
    const afterRetry = this.helloRetryRequest !== null && this.serverHello === null;
    if (afterRetry) this.secondClientHello ??= hello;
    else if (this.clientHello || this.serverHello) this.negotiated.renegotiations++;
    if (!afterRetry) this.current = new CurrentHandshake();
    const { current } = this;
    current.clientHello = hello;
    current.clientRandom = toHex(hello.random);
    const ticket = hello.extensions?.sessionTicket;
    current.ticket = ticket && ticket.length > 0 ? ticket : null;
    if (this.clientHello || !this.first) return;
    this.clientHello = hello;
    this.clientHelloBytes = bytes;
    this.offered(hello);
  }

  private offered({ extensions, cipherSuites }: ClientHello): void {
    const { negotiated } = this;
    negotiated.fallbackScsv = cipherSuites.includes(Scsv.TLS_FALLBACK_SCSV);
    if (!extensions) return;
    const name = extensions.serverName?.[0]?.value;
    negotiated.serverName = name ? toLatin1(name) : null;
    negotiated.alpnOffered = (extensions.alpn ?? []).map(toLatin1);
    if (extensions.earlyData) negotiated.earlyData = 'offered';
    negotiated.echOffered = extensions.order?.includes(ExtensionType.encrypted_client_hello) ?? false;
  }

  onServerHello(hello: ServerHello, retry: boolean): void {
    const { current, negotiated } = this;
    const extensions = answersOf(hello);
    const version = (hello.extensions?.retry ?? extensions)?.supportedVersions ?? hello.legacyVersion;
    if (retry) {
      this.helloRetryRequest ??= hello;
      negotiated.helloRetryRequest = true;
      if (negotiated.earlyData === 'offered') negotiated.earlyData = 'rejected';
      current.version = version;
      return;
    }
    current.serverHello = hello;
    current.version = version;
    current.suite = cipherSuiteByCode(hello.cipherSuite) ?? null;
    current.extendedMasterSecret = extensions?.extendedMasterSecret === true;
    current.encryptThenMac = extensions?.encryptThenMac === true;
    current.compression = hello.legacyCompressionMethod;
    current.rawPublicKey.server = extensions?.serverCertificateType === RAW_PUBLIC_KEY;
    current.rawPublicKey.client = extensions?.clientCertificateType === RAW_PUBLIC_KEY;
    if (!this.first) return;
    this.serverHello = hello;
    negotiated.version = version;
    negotiated.cipherSuite = hello.cipherSuite;
    if (isVersion13(version)) this.agreed13(extensions, version);
    else this.agreed12(hello);
  }

  private agreed13(extensions: Extensions<'SH'> | undefined, version: number): void {
    const { negotiated } = this;
    const shares = usesOldKeyShare(version) ? draftKeyShare('SH', extensions?.unknown) : extensions;
    negotiated.group = shares?.keyShare?.group ?? null;
    negotiated.resumed = extensions?.preSharedKey !== undefined;
    if (negotiated.resumed) negotiated.clientCertificateRequested = false;
    else if (negotiated.earlyData === 'offered') negotiated.earlyData = 'rejected';
  }

  private agreed12(hello: ServerHello): void {
    const { negotiated } = this;
    const extensions = answersOf(hello);
    negotiated.extendedMasterSecret = extensions?.extendedMasterSecret === true;
    negotiated.encryptThenMac = extensions?.encryptThenMac === true;
    negotiated.secureRenegotiation = extensions?.renegotiationInfo !== undefined;
    negotiated.compression = hello.legacyCompressionMethod;
    negotiated.alpn = extensions?.alpn?.[0] ? toLatin1(extensions.alpn[0]) : null;
    if (negotiated.earlyData === 'offered') negotiated.earlyData = 'rejected';
  }

  /** RFC 9846 §4.4.1. */
  onEncryptedExtensions({ extensions }: MessageBody<'EncryptedExtensions'>): void {
    const { negotiated, current } = this;
    negotiated.alpn = extensions.alpn?.[0] ? toLatin1(extensions.alpn[0]) : null;
    if (negotiated.earlyData !== 'not_offered')
      negotiated.earlyData = extensions.earlyData ? 'accepted' : 'rejected';
    if (negotiated.echOffered)
      negotiated.echRetryConfigs = extensions.order?.includes(ExtensionType.encrypted_client_hello) ?? false;
    current.rawPublicKey.server = extensions.serverCertificateType === RAW_PUBLIC_KEY;
    current.rawPublicKey.client = extensions.clientCertificateType === RAW_PUBLIC_KEY;
    negotiated.clientCertificateRequested ??= false;
  }

  onCertificate13(side: Side, { certificateList }: Certificate): void {
    this.chains[side] ??= certificateList.map(({ certData }) => certData);
    const staple = certificateList[0]?.extensions.statusRequest?.response;
    if (side === 'server' && staple) this.ocspStaple ??= staple;
  }

  onCertificate12(side: Side, chain: readonly Uint8Array[]): void {
    this.chains[side] ??= [...chain];
  }

  onServerKeyExchange({ params, signed }: ServerKeyExchange): void {
    if (!this.first) return;
    if (params && 'namedCurve' in params) this.negotiated.group = params.namedCurve;
    if (signed?.algorithm !== undefined) this.negotiated.signatureScheme = signed.algorithm;
  }

  /** Before TLS 1.3: the server goes to its Finished, without or with a key exchange before. */
  onServerFinishing(): void {
    const { current, negotiated } = this;
    if (!current.serverHello) return;
    current.resumed = !current.serverHelloDone;
    if (!this.first) return;
    negotiated.resumed = current.resumed;
    if (negotiated.clientCertificateRequested === null) negotiated.clientCertificateRequested = false;
  }

  setEarlyData(state: EarlyDataState): void {
    this.negotiated.earlyData = state;
  }

  /** Before TLS 1.3: the server took up the session that the client named. */
  get echoesSession(): boolean {
    const { clientHello, serverHello } = this.current;
    return (
      !!clientHello &&
      !!serverHello &&
      serverHello.legacySessionIdEcho.length > 0 &&
      equal(clientHello.legacySessionId, serverHello.legacySessionIdEcho)
    );
  }
}

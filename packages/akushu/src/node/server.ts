/** A TLS server over `net.Server`, shaped like `tls.Server`. */
import { type DropArgument, Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HandshakeSummary } from '../connection/index.js';
import { nodeProvider } from '../crypto/node.js';
import type { Provider } from '../crypto/provider.js';
import type { TlsError } from '../errors.js';
import type { ServerConfig } from '../handshake/index.js';
import {
  MemoryStore,
  ReplayGuard,
  RotatingTickets,
  type SessionIds,
  StoredSessions,
  type TicketKeeper,
} from '../session/index.js';
import type { TraceSink } from '../trace/index.js';
import { CERTIFICATE_COMPRESSION, type CommonOptions, commonValues, DEFAULT_TIMEOUT } from './options.js';
import { TlsSocket } from './socket.js';
import type { Trust } from './socket-facts.js';
import type { Endpoint, TransportObserver } from './transport.js';
import { anchorsFor } from './trust.js';
import { asTlsError, type ChainJudge, chainJudge, judgePresentation } from './verifier.js';

/** Which connection something is about. */
export interface ConnectionInfo {
  /** Counts the server's connections from 1. */
  readonly number: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

export interface ServerOptions extends CommonOptions {
  /** Ask clients for a certificate. Default false. */
  readonly requestCert?: boolean | undefined;
  /** With `requestCert`: refuse clients without one that is trusted. Default true. */
  readonly rejectUnauthorized?: boolean | undefined;
  /** Whether our order of suites and groups counts, and not the client's. Default true. */
  readonly honorCipherOrder?: boolean | undefined;
  /** Milliseconds from the TCP connection to the end of the handshake; 0 for no deadline. Default 10,000. */
  readonly handshakeTimeout?: number | undefined;
  /** Gives each connection's trace its sink; undefined: none. */
  readonly trace?: ((connection: ConnectionInfo) => TraceSink | undefined) | undefined;
  readonly onTransport?: ((connection: ConnectionInfo) => TransportObserver | undefined) | undefined;
  /**
   * false: no resumption, neither by tickets nor by session ids. Default: self-encrypted tickets under random keys of
   * this process that take turns.
   */
  readonly tickets?: TicketKeeper | false | undefined;
  /**
   * Allow 0-RTT data (RFC 9846 §2.3): whatever comes so may have been sent by somebody else before, or be sent again.
   * Who does not listen for 'earlyConnection' gets it with the rest, when the handshake has shown that it is no replay.
   * `guard` remembers what was seen; by default in this process. Default false.
   */
  readonly earlyData?: boolean | { readonly maxBytes?: number; readonly guard?: ReplayGuard } | undefined;
  /** Everything else that the engine can be told. */
  readonly tls?: Partial<ServerConfig> | undefined;
}

/** What listeners of a `TlsServer` are given. */
export interface TlsServerEvents {
  connection: [socket: Socket];
  listening: [];
  close: [];
  error: [error: Error];
  drop: [data?: DropArgument];
  secureConnection: [socket: TlsSocket];
  /**
   * Early data was accepted: it comes as 'earlyData' of the socket, to which may be written. 'secureConnection' follows,
   * or 'tlsClientError'.
   */
  earlyConnection: [socket: TlsSocket];
  /** A connection failed before 'secureConnection'. */
  tlsClientError: [error: TlsError | NodeJS.ErrnoException, socket: TlsSocket];
}

export class TlsServer extends Server {
  private readonly config: ServerConfig;
  private readonly judge: ChainJudge;
  private count = 0;

  constructor(
    private readonly options: ServerOptions = {},
    onConnection?: (socket: TlsSocket) => void,
  ) {
    super({ allowHalfOpen: true, noDelay: true });
    this.judge = judgeFor(options);
    this.config = serverConfig(options, this.judge);
    super.on('connection', (socket: Socket) => this.accept(socket));
    if (onConnection) this.on('secureConnection', onConnection);
  }

  override on<E extends keyof TlsServerEvents>(
    event: E,
    listener: (...args: TlsServerEvents[E]) => void,
  ): this;
  override on(event: string | symbol, listener: (...args: never[]) => void): this;
  override on(event: string | symbol, listener: (...args: never[]) => void): this {
    return super.on(event as 'error', listener as (error: Error) => void);
  }

  override once<E extends keyof TlsServerEvents>(
    event: E,
    listener: (...args: TlsServerEvents[E]) => void,
  ): this;
  override once(event: string | symbol, listener: (...args: never[]) => void): this;
  override once(event: string | symbol, listener: (...args: never[]) => void): this {
    return super.once(event as 'error', listener as (error: Error) => void);
  }

  /** Serves TLS over a stream that is connected already, of whatever kind. */
  accept(transport: Duplex): TlsSocket {
    const { options } = this;
    const info = connectionInfo(++this.count, transport);
    const socket = new TlsSocket(
      {
        transport,
        allowHalfOpen: options.allowHalfOpen,
        timeout: options.handshakeTimeout ?? DEFAULT_TIMEOUT,
        ...this.onlookers(info),
        keyLog: options.keyLog ?? options.tls?.keyLog,
        judge: (summary) => this.trustOf(summary),
      },
      { role: 'server', config: this.config },
    );
    socket.once('earlyAccepted', () => this.emit('earlyConnection', socket));
    let secure = false;
    socket.once('secureConnect', () => {
      secure = true;
      this.emit('secureConnection', socket);
    });
    // Stays for good: a client that breaks off must not end the process of a server that did not listen.
    socket.on('error', (error) => {
      if (!secure) this.emit('tlsClientError', error, socket);
    });
    return socket;
  }

  private onlookers(info: ConnectionInfo): {
    trace: TraceSink | undefined;
    onTransport: TransportObserver | undefined;
  } {
    const { trace, onTransport, tls } = this.options;
    return {
      trace: trace ? madeBy(trace, info) : tls?.trace,
      onTransport: onTransport && madeBy(onTransport, info),
    };
  }

  private trustOf(summary: HandshakeSummary): Trust {
    if (summary.peerCertificates.length === 0) return { authorized: false, error: null };
    const { rejectUnauthorized, tls } = this.options;
    if ((rejectUnauthorized ?? true) || tls?.verifyPeer) return { authorized: true, error: null };
    const error = asTlsError(this.judge.judge(summary.peerCertificates));
    return { authorized: error === null, error };
  }
}

/**
 * A server that is yet to listen. Throws RangeError, TypeError or FileError for options.
 *
 * @example
 * const server = createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (socket) => socket.end('hello'));
 * server.listen(8443);
 */
export function createServer(
  options: ServerOptions = {},
  onConnection?: (socket: TlsSocket) => void,
): TlsServer {
  return new TlsServer(options, onConnection);
}

/** A maker's mistake is one of the onlooker that it did not make: it ends this connection, not the server. */
function madeBy<T>(
  make: (info: ConnectionInfo) => ((event: T) => void) | undefined,
  info: ConnectionInfo,
): ((event: T) => void) | undefined {
  try {
    return make(info);
  } catch (cause) {
    return () => {
      throw cause;
    };
  }
}

function connectionInfo(number: number, transport: Duplex): ConnectionInfo {
  const { localAddress, localPort, remoteAddress, remotePort } = transport as Partial<Socket>;
  return {
    number,
    local: { address: localAddress ?? '', port: localPort ?? 0 },
    remote: { address: remoteAddress ?? '', port: remotePort ?? 0 },
  };
}

function judgeFor({ ca, tls }: ServerOptions): ChainJudge {
  const given = ca === undefined ? null : anchorsFor(ca);
  return chainJudge({
    provider: tls?.provider ?? nodeProvider,
    anchors: () => given ?? anchorsFor(undefined),
    purpose: 'client',
    now: tls?.now ?? Date.now,
  });
}

function serverConfig(options: ServerOptions, judge: ChainJudge): ServerConfig {
  const { tls } = options;
  const provider = tls?.provider ?? nodeProvider;
  const strict = options.rejectUnauthorized ?? true;
  const verify = judgePresentation(judge);
  const tickets =
    options.tickets === false
      ? undefined
      : (options.tickets ?? tls?.tickets ?? new RotatingTickets(provider));
  const { tickets: _, sessionIds: __, ...rest } = tls ?? {};
  return {
    provider,
    certificateCompression: CERTIFICATE_COMPRESSION,
    now: Date.now,
    ...(options.requestCert && { clientAuth: strict ? 'require' : 'request' }),
    verifyPeer: (peer) => {
      const verdict = verify(peer);
      return verdict.trusted || strict
        ? verdict
        : { trusted: true, facts: { ...verdict.facts, ignored: verdict.code } };
    },
    ...rest,
    ...commonValues(options),
    ...(options.honorCipherOrder !== undefined && {
      preference: options.honorCipherOrder ? 'server' : 'client',
    }),
    ...(tickets && { tickets }),
    ...(tickets && { sessionIds: tls?.sessionIds ?? keptSessions(provider) }),
    ...earlyDataValues(options),
  };
}

/** For clients of TLS 1.2 and older without tickets: sessions in memory, sealed all the same. */
function keptSessions(provider: Provider): SessionIds {
  return new StoredSessions({ provider, store: new MemoryStore(), keeper: new RotatingTickets(provider) });
}

function earlyDataValues({ earlyData, tickets, tls }: ServerOptions): Partial<ServerConfig> {
  if (!earlyData) return {};
  if (tickets === false) throw new TypeError('"earlyData" expected tickets');
  const { maxBytes = DEFAULT_EARLY_DATA, guard } = earlyData === true ? {} : earlyData;
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1 || maxBytes > 0xffff_ffff)
    throw new RangeError(`"earlyData.maxBytes" expected 1 to 4,294,967,295, got ${maxBytes}`);
  // Tickets under a key of this process's own are not older than its memory.
  const ownKeys = tickets === undefined && tls?.tickets === undefined;
  const own = guard ?? new ReplayGuard({ store: new MemoryStore({ marksFromTheStart: ownKeys }) });
  return { maxEarlyData: maxBytes, acceptEarlyData: (offer) => own.accept(offer) };
}

/** Bytes: a request with its head, no uploads. */
const DEFAULT_EARLY_DATA = 16_384;

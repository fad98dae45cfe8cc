/** Opens TLS connections over TCP or any stream: options as in `tls.connect`. */
import { isIP, connect as tcpConnect } from 'node:net';
import type { Duplex } from 'node:stream';
import { domainToASCII } from 'node:url';
import type { HandshakeSummary } from '../connection/index.js';
import { nodeProvider } from '../crypto/node.js';
import type { ClientConfig } from '../handshake/index.js';
import type { ClientSessions, Session } from '../session/index.js';
import type { TraceSink } from '../trace/index.js';
import { CERTIFICATE_COMPRESSION, type CommonOptions, commonValues, DEFAULT_TIMEOUT } from './options.js';
import { TlsSocket } from './socket.js';
import type { Trust } from './socket-facts.js';
import { isStartTlsProtocol, type StartTlsProtocol, startTlsPort } from './starttls/index.js';
import type { TransportObserver } from './transport.js';
import { anchorsFor } from './trust.js';
import { asTlsError, type ChainJudge, chainJudge, judgePresentation } from './verifier.js';

export interface ConnectOptions extends CommonOptions {
  /** Default `localhost`. */
  readonly host?: string | undefined;
  /** With `starttls` by default the protocol's own: 25, 143, 110, 21, 5222, 389, 5432, 3306. */
  readonly port?: number | undefined;
  /** Speak this protocol in the clear first, until the server lets TLS begin. */
  readonly starttls?: StartTlsProtocol | undefined;
  /** Name to ask for and to verify. Default: `host`. An empty string: ask for none, verify `host`. */
  readonly servername?: string | undefined;
  /** Default true. With false, `authorized` and `authorizationError` tell. */
  readonly rejectUnauthorized?: boolean | undefined;
  readonly trace?: TraceSink | undefined;
  /** Milliseconds until the handshake must be done, DNS and TCP included; 0 for no deadline. Default 10,000. */
  readonly timeout?: number | undefined;
  /** A connected stream to run over, in place of a TCP connection. */
  readonly socket?: Duplex | undefined;
  /** Of an earlier connection's 'session' event. Left aside where its certificates would not be accepted now. */
  readonly session?: Session | undefined;
  /** Where sessions are taken from and put to by itself, in place of `session` and 'session'. */
  readonly sessions?: ClientSessions | undefined;
  /**
   * 0-RTT (RFC 9846 §2.3): `replayable` goes out before the server has answered, where a session allows it, and
   * otherwise right after the handshake, before everything else. An attacker can make it arrive several times, and it
   * has no forward secrecy: only what does no harm then.
   */
  readonly earlyData?: { readonly replayable: Uint8Array } | undefined;
  /** Told of DNS, TCP and every byte below TLS. */
  readonly onTransport?: TransportObserver | undefined;
  readonly signal?: AbortSignal | undefined;
  /** 4 or 6: only addresses of this family. */
  readonly family?: 4 | 6 | undefined;
  /** Everything else that the engine can be told. Goes before what the options above say. */
  readonly tls?: Partial<ClientConfig> | undefined;
}

/**
 * Connects and shakes hands. Throws RangeError, TypeError or FileError for options; everything later is an 'error'
 * event: a `TlsError`, or the system's own.
 *
 * @example
 * const socket = connect({ host: 'example.com', port: 443 });
 * socket.on('secureConnect', () => socket.end('GET / HTTP/1.0\r\nHost: example.com\r\n\r\n'));
 * socket.on('error', (error) => console.error(error));
 */
export function connect(options: ConnectOptions, onSecure?: () => void): TlsSocket {
  const host = options.host ?? 'localhost';
  const name = asciiName(options.servername || host);
  if (options.starttls !== undefined && !isStartTlsProtocol(options.starttls))
    throw new RangeError(`"starttls" expected a known protocol, got ${JSON.stringify(options.starttls)}`);
  const judge = judgeFor(options, name);
  const config = clientConfig(options, name, judge);
  const transport = options.socket ?? openTcp(options, host);
  const socket = new TlsSocket(
    {
      transport,
      looksUp: !options.socket && isIP(withoutBrackets(host)) === 0,
      allowHalfOpen: options.allowHalfOpen,
      signal: options.signal,
      timeout: options.timeout ?? DEFAULT_TIMEOUT,
      starttls: options.starttls && { protocol: options.starttls, serverName: name },
      trace: options.trace ?? options.tls?.trace,
      keyLog: options.keyLog ?? options.tls?.keyLog,
      onTransport: options.onTransport,
      judge: (summary) => trustOf(summary, options, judge),
      replayable: options.earlyData?.replayable,
    },
    { role: 'client', config },
  );
  if (onSecure) socket.once('secureConnect', onSecure);
  return socket;
}

function openTcp(options: ConnectOptions, host: string): Duplex {
  const port = options.port ?? (options.starttls && startTlsPort(options.starttls));
  if (port === undefined) throw new TypeError('"port" or "socket" expected');
  return tcpConnect({
    host: withoutBrackets(host),
    port,
    // Reading goes on after our end, and an end of theirs is ours to judge.
    allowHalfOpen: true,
    // Node gives up on an address after 250 ms where there are several: too short for a slow network.
    autoSelectFamilyAttemptTimeout: 2000,
    ...(options.family && { family: options.family }),
  });
}

/** IPv6 addresses stand in brackets in URLs. */
function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** Names are compared as A-labels (RFC 9525 §4.1); what has none is left for the verifier to refuse. */
function asciiName(host: string): string {
  const name = withoutBrackets(host);
  return isIP(name) ? name : domainToASCII(name) || name;
}

function judgeFor(options: ConnectOptions, host: string): ChainJudge {
  const { ca, tls } = options;
  const given = ca === undefined ? null : anchorsFor(ca);
  return chainJudge({
    provider: tls?.provider ?? nodeProvider,
    anchors: () => given ?? anchorsFor(undefined),
    purpose: 'server',
    host,
    now: tls?.now ?? Date.now,
  });
}

function clientConfig(options: ConnectOptions, name: string, judge: ChainJudge): ClientConfig {
  const { tls } = options;
  const asked = options.servername === '' ? '' : name;
  const verify = judgePresentation(judge);
  const strict = options.rejectUnauthorized ?? true;
  return {
    provider: nodeProvider,
    certificateCompression: CERTIFICATE_COMPRESSION,
    now: Date.now,
    requestOcsp: true,
    // RFC 6066 §3: no addresses, and no dot at the end.
    ...(asked !== '' && isIP(asked) === 0 && { serverName: asked.replace(/\.$/, '') }),
    verifyPeer: (peer) => {
      const verdict = verify(peer);
      return verdict.trusted || strict
        ? verdict
        : { trusted: true, facts: { ...verdict.facts, ignored: verdict.code } };
    },
    ...tls,
    ...commonValues(options),
    ...(options.session && { session: options.session }),
    ...storedSessions(options, name),
    ...(options.earlyData && { replayableEarlyData: options.earlyData.replayable }),
  };
}

/** By server and protocols: another application on the same port has other sessions. A store that is away has none. */
function storedSessions(
  { sessions, tls, ALPNProtocols, host, port }: ConnectOptions,
  name: string,
): Partial<ClientConfig> {
  if (!sessions) return {};
  const server = JSON.stringify([name, host ?? null, port ?? null, ALPNProtocols ?? tls?.alpn ?? []]);
  return {
    findSession: () => sessions.take(server).catch(() => null),
    onSession: (session) => {
      sessions.put(server, session).catch(() => {});
      tls?.onSession?.(session);
    },
  };
}

function trustOf(summary: HandshakeSummary, options: ConnectOptions, judge: ChainJudge): Trust {
  const strict = options.rejectUnauthorized ?? true;
  // The engine got here only through the verifier's yes, or a PSK that stands for it.
  if (strict || options.tls?.verifyPeer || summary.peerCertificates.length === 0)
    return { authorized: true, error: null };
  const staple = summary.resumed ? undefined : summary.ocsp;
  const error = asTlsError(judge.judge(summary.peerCertificates, staple));
  return { authorized: error === null, error };
}

/** How the peers of these tests are started: a server tells its port, a client runs to its end, both tell what they printed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect as tcpConnect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TlsError, TraceEvent } from 'akushu';
import { type ConnectOptions, connect, createServer, type ServerOptions } from 'akushu/node';
import type { Driver } from '../support/driver.js';
import { type Cleaner, freePort, PeerProcess, untilListening } from '../support/processes.js';
import { tool } from '../support/tools.js';
import { cert, file, key } from './pki.js';

/** What our own engine met. */
export interface Met {
  readonly error: TlsError;
  readonly events: readonly TraceEvent[];
}

export interface Served {
  readonly port: number;
  said(): string;
  met?(): Met | null;
}

export interface Called {
  readonly said: string;
  readonly met?: Met | null;
}

export interface Drivers {
  readonly go: Driver | null;
  readonly java: Driver | null;
}

/** A side of a pair, by the name that the table has. */
export interface Serving {
  readonly peer: string;
  serve(clean: Cleaner, drivers: Drivers): Promise<Served>;
}

export interface Calling {
  readonly peer: string;
  call(clean: Cleaner, port: number, drivers: Drivers): Promise<Called>;
}

/** One for all: each line says whose it is. */
export const keyLog = (): string => file('keys.log');
export type Version = '1.2' | '1.3';

/** A peer that hangs has nothing more to say. */
const LIFETIME = 6_000;
/** In TLS 1.3 a refusal comes after the client believes that it is done. */
const LINGER = 350;

const over = (peer: PeerProcess): Promise<unknown> => Promise.race([peer.exit, sleep(LINGER)]);

function server(peer: string, start: (clean: Cleaner, drivers: Drivers) => Promise<Served>): Serving {
  return { peer, serve: start };
}

// ---- OpenSSL ----

export const opensslServer = (
  version: Version | null,
  certificate: string,
  args: readonly string[] = [],
): Serving =>
  server('OpenSSL', async (clean) => {
    const port = await freePort();
    const own = certificate === '' ? ['-nocert'] : ['-cert', cert(certificate), '-key', key(certificate)];
    const all = ['s_server', '-accept', `127.0.0.1:${port}`, ...own, '-keylogfile', keyLog(), ...args];
    if (version) all.push(version === '1.3' ? '-tls1_3' : '-tls1_2');
    const peer = new PeerProcess(tool('openssl'), all, clean, { lifetime: 40_000 });
    await untilListening(peer, port);
    return { port, said: () => peer.output };
  });

/** What is typed once the handshake is done, such as `R` for a new one. */
export const opensslClient = (args: readonly string[] = [], typed = ''): Calling => ({
  peer: 'OpenSSL',
  async call(clean, port) {
    const all = ['s_client', '-connect', `127.0.0.1:${port}`, '-keylogfile', keyLog()];
    if (!args.includes('-starttls')) all.push('-servername', 'localhost');
    all.push('-CAfile', cert('ca'), '-verify_return_error', '-verify_hostname', 'localhost', ...args);
    const peer = new PeerProcess(tool('openssl'), all, clean, { lifetime: LIFETIME });
    await over(peer);
    if (typed) {
      peer.write(typed);
      await over(peer);
    }
    peer.write('Q\n');
    await peer.exit;
    return { said: peer.output };
  },
});

// ---- GnuTLS ----

const gnutlsVersions = (version: Version | null): string =>
  version === null ? 'NORMAL' : `NORMAL:-VERS-ALL:+VERS-TLS${version}`;

export const gnutlsServer = (
  version: Version | null,
  certificate: string,
  args: readonly string[] = [],
  priority = '',
): Serving =>
  server('GnuTLS', async (clean) => {
    const port = await freePort();
    const own = ['--x509certfile', cert(certificate), '--x509keyfile', key(certificate)];
    const asks = args.some((one) => one.endsWith('-client-cert'))
      ? ['--http']
      : ['--echo', '--disable-client-cert'];
    const all = [
      '--port',
      String(port),
      '--priority',
      gnutlsVersions(version) + priority,
      ...own,
      ...asks,
      ...args,
    ];
    const env = { SSLKEYLOGFILE: keyLog() };
    const peer = new PeerProcess(tool('gnutls-serv'), all, clean, { env, lifetime: 40_000 });
    await untilListening(peer, port);
    return { port, said: () => peer.output };
  });

export const gnutlsClient = (
  version: Version | null,
  args: readonly string[] = [],
  priority = '',
  name = 'localhost',
): Calling => ({
  peer: 'GnuTLS',
  async call(clean, port) {
    const all = ['127.0.0.1', '--port', String(port), '--priority', gnutlsVersions(version) + priority];
    all.push('--sni-hostname', name, '--verify-hostname', name, '--x509cafile', cert('ca'), ...args);
    const env = { SSLKEYLOGFILE: keyLog() };
    const peer = new PeerProcess(tool('gnutls-cli'), all, clean, { env, lifetime: LIFETIME });
    await over(peer);
    peer.endInput();
    await peer.exit;
    return { said: peer.output };
  },
});

// ---- Go and Java ----

type Fields = Readonly<Record<string, string>>;

/** Whose log it is, and no more: our own events are of no use to a reader of logs. */
const textsOf = (lines: string): string =>
  lines
    .split('\n')
    .flatMap((line) => /\tevent=error\ttext=(.*)$/.exec(line)?.[1] ?? [])
    .join('\n');

function drivenServer(
  peer: string,
  pick: (drivers: Drivers) => Driver,
  version: Version | '',
  certificate: string,
  fields: Fields,
): Serving {
  return server(peer, async (_clean, drivers) => {
    const { port, said } = await pick(drivers).serve(
      { credential: 'p256' },
      // Of Java's keys another one may be given: nobody checks.
      { cert: cert(certificate), key: key(certificate), version, keylog: keyLog(), ...fields },
    );
    return { port, said: () => textsOf(said()) };
  });
}

function drivenClient(
  peer: string,
  pick: (drivers: Drivers) => Driver,
  version: Version | '',
  { size = '16', ...fields }: Fields,
): Calling {
  return {
    peer,
    async call(_clean, port, drivers) {
      const call = await pick(drivers).call(
        { port, ca: 'ca', size: Number(size) },
        { ca: cert('ca'), version, keylog: keyLog(), ...fields },
      );
      const { text } = await call.outcome();
      return { said: textsOf(text) };
    },
  };
}

export const goServer = (version: Version | '', certificate: string, fields: Fields = {}): Serving =>
  drivenServer('Go', ({ go }) => go!, version, certificate, fields);
export const javaServer = (version: Version, certificate: string, fields: Fields = {}): Serving =>
  drivenServer('Java', ({ java }) => java!, version, certificate, fields);
export const goClient = (version: Version | '', fields: Fields = {}): Calling =>
  drivenClient('Go', ({ go }) => go!, version, fields);
export const javaClient = (version: Version, fields: Fields = {}): Calling =>
  drivenClient('Java', ({ java }) => java!, version, fields);

// ---- nginx and curl ----

let sites = 0;

export const nginxServer = (
  version: Version | null,
  certificate: string,
  lines: readonly string[] = [],
  ssl = true,
): Serving =>
  server('nginx', async (clean) => {
    const home = file(`nginx-${++sites}`);
    mkdirSync(home);
    const port = await freePort();
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const configuration = [
      `daemon off; master_process off; pid ${home}/pid; error_log stderr info; events {}`,
      'http { access_log off;',
      ...temporary.map((name) => `${name}_temp_path ${home}/${name};`),
      `server { listen 127.0.0.1:${port}${ssl ? ' ssl' : ''};`,
      `ssl_certificate ${cert(certificate)}; ssl_certificate_key ${key(certificate.replace(/-chain$/, ''))};`,
      `ssl_protocols ${version === null ? 'TLSv1.2 TLSv1.3' : `TLSv${version}`};`,
      ...lines,
      'location / { return 200 "hello\\n"; } } }',
      '',
    ];
    writeFileSync(`${home}/nginx.conf`, configuration.join('\n'));
    const args = ['-p', home, '-c', `${home}/nginx.conf`];
    const peer = new PeerProcess(tool('nginx'), args, clean, { lifetime: 40_000 });
    await untilListening(peer, port);
    return { port, said: () => peer.output };
  });

export const curlClient = (args: readonly string[] = [], scheme = 'https'): Calling => ({
  peer: 'curl',
  async call(clean, port) {
    const all = [
      '-sS',
      '-v',
      '--max-time',
      '3',
      '--cacert',
      cert('ca'),
      '--resolve',
      `localhost:${port}:127.0.0.1`,
    ];
    const peer = new PeerProcess(tool('curl'), [...all, ...args, `${scheme}://localhost:${port}/`], clean, {
      env: { SSLKEYLOGFILE: keyLog() },
      lifetime: LIFETIME,
    });
    const { code } = await peer.exit;
    // Without `-v` this line is all that is seen.
    const last = peer.stderr.split('\n').filter((line) => line.startsWith('curl: '));
    return { said: code === 0 ? '' : last.join('\n') };
  },
});

// ---- Our own ----

/** Lines are appended: other programs have the same file open. */
const appended = (lines: string[]) => (line: string) => void lines.push(line);
export const ownKeys: string[] = [];

export const ownServer = (options: () => ServerOptions): Serving =>
  server('akushu', async (clean) => {
    const events: TraceEvent[] = [];
    let error: TlsError | null = null;
    const note = (what: unknown): void => {
      error ??= what as TlsError;
    };
    const listening = createServer({
      ...options(),
      keyLog: appended(ownKeys),
      trace: () => (event) => events.push(event),
    });
    listening.on('tlsClientError', note);
    listening.on('secureConnection', (socket) => {
      clean(() => void socket.destroy());
      socket.on('error', note);
      socket.pipe(socket);
    });
    listening.listen(0, '127.0.0.1');
    await new Promise<void>((resolve) => listening.once('listening', () => resolve()));
    clean(() => void listening.close());
    const address = listening.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    return { port, said: () => '', met: () => error && { error, events } };
  });

export const ownClient = (options: () => ConnectOptions = () => ({}), said = 'ping\n'): Calling => ({
  peer: 'akushu',
  async call(clean, port) {
    const events: TraceEvent[] = [];
    const raw = tcpConnect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let error: TlsError | null = null;
    const note = (failure: unknown): void => {
      error ??= failure as TlsError;
    };
    // Not before TCP is closed: the capture ends as the client ended it, and not as a test is cleaned up.
    await new Promise<void>((resolve) => {
      const socket = connect({
        host: 'localhost',
        timeout: 2_000,
        ...options(),
        socket: raw,
        keyLog: appended(ownKeys),
        trace: (event) => events.push(event),
      });
      clean(() => void socket.destroy());
      socket.once('secureConnect', () => {
        socket.write(said);
        socket.resume();
        setTimeout(() => socket.end(), LINGER);
      });
      socket.once('error', note);
      raw.once('error', note);
      raw.once('close', () => setImmediate(resolve));
    });
    return { said: '', met: error && { error, events } };
  },
});

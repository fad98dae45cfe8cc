/** `akushu serve`: a TLS server that explains every handshake. Echoes, or shows a page with the visitor's handshake. */
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Credential } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import { printable } from 'akushu/diagnose';
import {
  type CredentialFiles,
  createServer,
  loadCredential,
  localhostCredential,
  readCertificates,
  type TlsServer,
  type TlsSocket,
  type TlsVersionName,
} from 'akushu/node';
import { encodePem, fingerprint, trustAnchors } from 'akushu/x509';
import { EXIT, failureOf, systemCode } from '../failure.js';
import { serveHttp } from '../http/serve.js';
import { storyJson } from '../json.js';
import type { Language } from '../language.js';
import { complain, type Environs, type Style, styleFor, writeLines } from '../output.js';
import { failureLines } from '../render/failure.js';
import { heading, paragraph } from '../render/layout.js';
import { storyLines } from '../render/story.js';
import { addressText } from '../render/timeline.js';
import { pskStage } from '../sessions/facts.js';
import type { ServeSessionArguments } from '../sessions/options.js';
import { type Serving, serving } from '../sessions/serving.js';
import { type KeyLog, openKeyLog } from '../sinks.js';
import { Story } from '../story.js';
import { UsageError } from '../usage.js';
import { wordsOf } from '../words/index.js';

export interface ServeArguments extends ServeSessionArguments {
  readonly port: number;
  readonly host?: string | undefined;
  readonly language: Language;
  /** Paths. */
  readonly ca?: string | undefined;
  readonly saveCert?: string | undefined;
  readonly keylog?: string | undefined;
  readonly credentials: readonly CredentialFiles[];
  readonly versions?: readonly TlsVersionName[] | undefined;
  readonly cipherOrder?: 'server' | 'client' | undefined;
  readonly clientAuth?: 'request' | 'require' | undefined;
  readonly alpn?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly ciphers?: readonly string[] | undefined;
  readonly sigalgs?: readonly string[] | undefined;
  readonly http: boolean;
  readonly json: boolean;
  readonly once: boolean;
}

interface Run {
  readonly args: ServeArguments;
  readonly environs: Environs;
  readonly style: Style;
  readonly tls: TlsServer;
  /** The story that the next accepted connection writes. */
  current: Story;
  count: number;
  exitCode: number;
  readonly open: Set<TlsSocket>;
  readonly stop: () => void;
}

/** Serves until it is told to end. Gives the exit code. Throws UsageError or FileError for what cannot begin. */
export async function runServe(args: ServeArguments, environs: Environs): Promise<number> {
  const words = wordsOf(args.language);
  const credentials = await credentialsFor(args);
  if (args.saveCert !== undefined) saveCertificates(args.saveCert, credentials, args.language);
  const logs = [args.keylog, environs.env.SSLKEYLOGFILE].filter((path) => path !== undefined && path !== '');
  const keyLog = openKeyLog(logs as string[], words);
  const tcp = createTcpServer({ allowHalfOpen: true, noDelay: true });
  const sessions = await serving(args, words, (text) => complain(environs.stderr, [text]));
  const run = prepare(args, environs, credentials, keyLog, sessions, () => tcp.close());
  tcp.on('connection', (socket) => accept(run, socket));
  try {
    const failed = await listening(tcp, args);
    if (failed !== null) {
      const failure = failureOf(failed, { host: args.host ?? '', heardFromPeer: false, established: false });
      writeLines(
        environs.stderr,
        failureLines(failure, styleFor(environs.stderr, args.language, environs.env)),
      );
      return EXIT.network;
    }
    announce(run, tcp, credentials[0] ?? null, sessions.redisAddress);
    return await untilStopped(run, tcp);
  } finally {
    sessions.close();
    keyLog.close();
  }
}

/** One for localhost is made where none was given, unless pre-shared keys stand in its place. */
async function credentialsFor(args: ServeArguments): Promise<readonly Credential[]> {
  if (args.credentials.length > 0) return args.credentials.map((files) => loadCredential(files));
  return args.psks.length > 0 && args.saveCert === undefined ? [] : [await localhostCredential()];
}

function prepare(
  args: ServeArguments,
  environs: Environs,
  credentials: readonly Credential[],
  keyLog: KeyLog,
  sessions: Serving,
  stop: () => void,
): Run {
  const { stdout, env } = environs;
  const tls = createServer({
    ...sessions.options,
    credentials,
    versions: args.versions,
    honorCipherOrder: args.cipherOrder && args.cipherOrder === 'server',
    ...(args.ca !== undefined && { ca: trustAnchors(readCertificates(args.ca)) }),
    ALPNProtocols: args.alpn ?? (args.http ? ['http/1.1'] : undefined),
    requestCert: args.clientAuth !== undefined,
    rejectUnauthorized: args.clientAuth !== 'request',
    groups: args.groups,
    ciphers: args.ciphers,
    sigalgs: args.sigalgs,
    keyLog: keyLog.line,
    allowHalfOpen: true,
    // Called while a connection is being accepted.
    trace: () => run.current.trace,
    onTransport: () => run.current.transport,
  });
  const run: Run = {
    args,
    environs,
    style: styleFor(stdout, args.language, env),
    tls,
    current: new Story('server', 0, null),
    count: 0,
    exitCode: EXIT.ok,
    open: new Set(),
    stop,
  };
  return run;
}

function saveCertificates(path: string, credentials: readonly Credential[], language: Language): void {
  const ders = credentials.flatMap(({ chain }) => chain);
  try {
    writeFileSync(path, ders.map((der) => encodePem('CERTIFICATE', der)).join(''));
  } catch (error) {
    throw new UsageError(wordsOf(language).cannotWrite(printable(path), systemCode(error)));
  }
}

function listening(tcp: Server, { port, host }: ServeArguments): Promise<unknown> {
  return new Promise((resolve) => {
    tcp.once('error', resolve);
    tcp.listen({ port, ...(host !== undefined && { host }) }, () => resolve(null));
  });
}

function announce(run: Run, tcp: Server, credential: Credential | null, redis: string | null): void {
  const { args, environs, style } = run;
  const { words, colors } = style;
  const address = tcp.address() as AddressInfo;
  const out = args.json ? environs.stderr : environs.stdout;
  const lines = [words.serve.listening(addressText(address))];
  if (!args.json) {
    if (args.http) lines.push(words.serve.httpAt(`https://localhost:${address.port}/`));
    if (!credential) lines.push(...paragraph(words.sessions.serve.pskOnly, 0, style));
    if (args.credentials.length === 0 && credential) {
      lines.push(...paragraph(words.serve.madeCertificate, 0, style));
      lines.push(
        ...paragraph(
          words.serve.fingerprint(fingerprint(credential.chain[0]!, nodeProvider)),
          0,
          style,
          colors.dim,
        ),
      );
      const trust =
        args.saveCert === undefined
          ? words.serve.howToTrust
          : words.serve.saved(printable(args.saveCert), address.port);
      lines.push(...paragraph(trust, 0, style));
    }
    lines.push(...sessionNotes(args, redis, style));
    lines.push(colors.dim(words.serve.stop));
  }
  writeLines(out, lines);
}

/** What was asked for of sessions; nothing where nothing was. */
function sessionNotes({ tickets, earlyData }: ServeArguments, redis: string | null, style: Style): string[] {
  const { words } = style;
  const { serve } = words.sessions;
  const notes = [
    ...(redis === null ? [] : [serve.redis(redis)]),
    ...(tickets !== 'on' || earlyData !== null ? [serve.tickets[tickets]] : []),
    ...(earlyData === null ? [] : [serve.earlyData(words.bytes(earlyData.toLocaleString('en-US')))]),
  ];
  return notes.flatMap((note) => paragraph(note, 0, style));
}

/** Until Ctrl-C, or with `--once` the end of the first connection. */
function untilStopped(run: Run, tcp: Server): Promise<number> {
  return new Promise((resolve) => {
    const end = (): void => {
      tcp.close();
      for (const socket of run.open) socket.end();
      setTimeout(() => run.open.forEach((socket) => void socket.destroy()), LINGER_MS).unref();
      process.off('SIGINT', end);
      process.off('SIGTERM', end);
    };
    process.on('SIGINT', end);
    process.on('SIGTERM', end);
    tcp.once('close', () => {
      process.off('SIGINT', end);
      process.off('SIGTERM', end);
      resolve(run.exitCode);
    });
  });
}

const LINGER_MS = 500;

function accept(run: Run, transport: Socket): void {
  const { args } = run;
  const number = ++run.count;
  if (args.once && number > 1) {
    transport.destroy();
    return;
  }
  const remote = { address: transport.remoteAddress ?? '', port: transport.remotePort ?? 0 };
  const local = { address: transport.localAddress ?? '', port: transport.localPort ?? 0 };
  const story = new Story('server', 0, null);
  run.current = story;
  const socket = run.tls.accept(transport);
  story.start = socket.timings.start;
  story.transport({ kind: 'connect', t: story.start, local, remote });
  run.open.add(socket);
  if (args.http) serveHttp(socket, story, args.language);
  socket.once('secureConnect', () => {
    story.summary = socket.handshake;
    report(run, story, number);
    // Early data comes with the rest then: what is sent back was not replayed.
    if (!args.http) echo(socket);
  });
  socket.once('error', (error) => {
    // After the handshake a connection that breaks off is no news: nobody lost anything but an echo.
    if (story.summary) return;
    story.failure = failureOf(error, {
      host: '',
      heardFromPeer: story.heardFromPeer,
      established: false,
      psk: pskStage(story, args.psks.length > 0),
    });
    if (args.once) run.exitCode = EXIT.tls;
    report(run, story, number);
  });
  socket.once('close', () => {
    run.open.delete(socket);
    if (args.once) run.stop();
  });
}

function echo(socket: TlsSocket): void {
  socket.pipe(socket);
}

function report(run: Run, story: Story, number: number): void {
  const { args, environs, style } = run;
  const now = Date.now();
  if (args.json) {
    writeLines(environs.stdout, [
      JSON.stringify({ ...storyJson(story, args.language, now), connection: number }),
    ]);
    return;
  }
  const { remote } = story.connected!;
  const title = style.words.serve.connection(number, addressText(remote));
  writeLines(environs.stdout, [...heading(title, style), ...storyLines(story, style, now)]);
}

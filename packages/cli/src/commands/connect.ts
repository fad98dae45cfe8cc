/** `akushu connect`: one connection, explained as it happens; then talk over it, or end. */
import { TlsError } from 'akushu';
import {
  type ConnectOptions,
  type CredentialFiles,
  connect,
  loadCredential,
  readCertificates,
  type StartTlsProtocol,
  type TlsSocket,
  type TlsVersionName,
} from 'akushu/node';
import { trustAnchors } from 'akushu/x509';
import { EXIT, failureOf } from '../failure.js';
import { storyJson } from '../json.js';
import type { Language } from '../language.js';
import { type Environs, type OutputStream, type Style, styleFor, writeLines } from '../output.js';
import { failureLines } from '../render/failure.js';
import { conclusionLines } from '../render/story.js';
import { legendLines, timelineLines } from '../render/timeline.js';
import { Capture, type KeyLog, openKeyLog } from '../sinks.js';
import { Story } from '../story.js';
import type { Target } from '../usage.js';
import { wordsOf } from '../words/index.js';
import { settle, waitForEnd } from './settle.js';
import { talk } from './talk.js';

export interface ConnectArguments {
  readonly target: Target;
  readonly language: Language;
  readonly servername?: string | undefined;
  /** What is spoken before TLS. */
  readonly starttls?: StartTlsProtocol | undefined;
  readonly alpn?: readonly string[] | undefined;
  /** Paths. */
  readonly ca?: string | undefined;
  readonly keylog?: string | undefined;
  readonly pcap?: string | undefined;
  readonly credentials: readonly CredentialFiles[];
  readonly versions?: readonly TlsVersionName[] | undefined;
  /** IANA names. */
  readonly groups?: readonly string[] | undefined;
  readonly ciphers?: readonly string[] | undefined;
  readonly sigalgs?: readonly string[] | undefined;
  readonly json: boolean;
  readonly insecure: boolean;
  readonly once: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/** What a run needs besides its arguments; closed when it is over. */
interface Run {
  readonly args: ConnectArguments;
  readonly environs: Environs;
  readonly style: Style;
  /** Where the explanation goes. */
  readonly explainTo: OutputStream;
  readonly story: Story;
  readonly keyLog: KeyLog;
  readonly capture: Capture | null;
}

/** Gives the exit code. Throws UsageError or FileError for what cannot begin. */
export async function runConnect(args: ConnectArguments, environs: Environs): Promise<number> {
  const options = connectOptions(args);
  const run = prepare(args, environs);
  const socket = connect({
    ...options,
    trace: run.story.trace,
    keyLog: (line) => {
      run.keyLog.line(line);
      run.capture?.line(line);
    },
    onTransport: (event) => {
      run.story.transport(event);
      run.capture?.observe(event);
    },
  });
  run.story.start = socket.timings.start;
  // Ctrl-C ends a conversation in order; before there is one, it is given up.
  const interrupt = (): void => {
    socket.destroy(run.story.summary ? undefined : new TlsError('canceled'));
  };
  process.once('SIGINT', interrupt);
  try {
    return await converse(run, socket);
  } finally {
    process.off('SIGINT', interrupt);
    socket.destroy();
    run.keyLog.close();
    run.capture?.write();
  }
}

function connectOptions(args: ConnectArguments): ConnectOptions {
  const { target, credentials, ca } = args;
  return {
    host: target.host,
    port: target.port,
    servername: args.servername,
    starttls: args.starttls,
    ALPNProtocols: args.alpn,
    ...(ca !== undefined && { ca: trustAnchors(readCertificates(ca)) }),
    credentials: credentials.map((files) => loadCredential(files)),
    versions: args.versions,
    groups: args.groups,
    ciphers: args.ciphers,
    sigalgs: args.sigalgs,
    rejectUnauthorized: !args.insecure,
    timeout: args.timeout,
    allowHalfOpen: true,
  };
}

function prepare(args: ConnectArguments, environs: Environs): Run {
  const { stdout, stderr, stdin, env } = environs;
  const words = wordsOf(args.language);
  // With data on stdout for somebody else, the explanation stays out of the way.
  const explainTo = args.once || stdin.isTTY ? stdout : stderr;
  const style = styleFor(explainTo, args.language, env);
  const story = new Story('client', 0, args.target);
  if (!args.json) {
    let begun = false;
    story.onEvent = (event, setting) => {
      const arrow = event.kind === 'message' || event.kind === 'starttls';
      if (arrow && !begun) writeLines(explainTo, legendLines(style));
      begun ||= arrow;
      writeLines(explainTo, timelineLines(event, style, setting));
    };
  }
  const logs = [args.keylog, env.SSLKEYLOGFILE].filter((path) => path !== undefined && path !== '');
  const keyLog = openKeyLog(logs as string[], words);
  const capture = args.pcap === undefined ? null : new Capture(args.pcap, words);
  return { args, environs, style, explainTo, story, keyLog, capture };
}

async function converse(run: Run, socket: TlsSocket): Promise<number> {
  const { args, story } = run;
  const failed = await handshakeOver(socket, story);
  if (failed !== null) return conclude(run, failed.error);
  if (!args.once) {
    const code = conclude(run, null);
    return code === EXIT.ok ? talkOver(run, socket) : code;
  }
  const error = await waitForEnd(socket);
  return conclude(run, error);
}

/** Waits for the handshake and for what follows at once: tickets, or the server's refusal of our certificate. */
async function handshakeOver(socket: TlsSocket, story: Story): Promise<{ error: unknown } | null> {
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed')));
    });
  } catch (error) {
    return { error };
  }
  story.summary = socket.handshake;
  const error = await settle(socket, story);
  return error === null ? null : { error };
}

/** Prints everything that is known by now. */
function conclude(run: Run, error: unknown): number {
  const { args, story, style, explainTo } = run;
  if (error !== null) {
    const established = story.summary !== null;
    story.failure = failureOf(error, {
      host: args.target.host,
      heardFromPeer: story.heardFromPeer,
      established,
    });
    debug(run, error);
  }
  story.onEvent = null;
  const now = Date.now();
  if (args.json) writeLines(explainTo, [JSON.stringify(storyJson(story, args.language, now))]);
  else writeLines(explainTo, conclusionLines(story, style, now));
  return story.failure?.exitCode ?? EXIT.ok;
}

async function talkOver(run: Run, socket: TlsSocket): Promise<number> {
  const { environs, style, args, story } = run;
  const tell = styleFor(environs.stderr, args.language, environs.env);
  if (environs.stdin.isTTY) writeLines(environs.stderr, [tell.colors.dim(style.words.talk)]);
  const error = await talk(socket, environs, args.timeout);
  if (error === null) {
    if (environs.stdin.isTTY) writeLines(environs.stderr, [tell.colors.dim(style.words.talkEnds)]);
    return EXIT.ok;
  }
  debug(run, error);
  const failure = failureOf(error, {
    host: args.target.host,
    heardFromPeer: story.heardFromPeer,
    established: true,
  });
  if (!args.json) writeLines(environs.stderr, failureLines(failure, tell));
  return failure.exitCode;
}

function debug({ environs }: Run, error: unknown): void {
  if (environs.env.AKUSHU_DEBUG === '1' && error instanceof Error)
    writeLines(environs.stderr, [error.stack ?? error.message]);
}

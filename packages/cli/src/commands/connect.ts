/**
 * `akushu connect`: one connection, explained as it happens; then talk over it, or end, or compare it with others that
 * resume it.
 */
import { Readable } from 'node:stream';
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
import { reconnectLines } from '../render/reconnect.js';
import { conclusionLines } from '../render/story.js';
import { legendLines, timelineLines } from '../render/timeline.js';
import { readEarlyData, STDIN } from '../sessions/early-data.js';
import { clientFacts, type Given, pskStage } from '../sessions/facts.js';
import { sessionsInFile, sessionsInMemory } from '../sessions/kept.js';
import type { ConnectSessionArguments } from '../sessions/options.js';
import { Capture, type KeyLog, openKeyLog } from '../sinks.js';
import { Story } from '../story.js';
import type { Target } from '../usage.js';
import { wordsOf } from '../words/index.js';
import { type Comparison, comparisonJson, Measure, reconnect, SecretWatch } from './reconnect.js';
import { settle, waitForEnd } from './settle.js';
import { talk } from './talk.js';

export interface ConnectArguments extends ConnectSessionArguments {
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
  readonly given: Given;
  readonly options: ConnectOptions;
  readonly measure: Measure;
}

/** Gives the exit code. Throws UsageError or FileError for what cannot begin. */
export async function runConnect(args: ConnectArguments, environs: Environs): Promise<number> {
  const base = connectOptions(args);
  const given = await givenBy(args, environs);
  const run = prepare(args, environs, base, given);
  const socket = connect({
    ...run.options,
    trace: (event) => {
      run.story.trace(event);
      run.measure.trace(event);
    },
    keyLog: (line) => {
      run.keyLog.line(line);
      run.measure.keyLog(line);
      run.capture?.line(line);
    },
    onTransport: (event) => {
      run.story.transport(event);
      run.capture?.observe(event);
    },
  });
  run.story.start = socket.timings.start;
  let current = socket;
  // Ctrl-C ends a conversation in order; before there is one, it is given up.
  const interrupt = (): void => {
    current.destroy(run.story.summary ? undefined : new TlsError('canceled'));
  };
  process.once('SIGINT', interrupt);
  try {
    return await converse(run, socket, (next) => {
      current = next;
    });
  } finally {
    process.off('SIGINT', interrupt);
    socket.destroy();
    await given.sessions?.settled();
    run.keyLog.close();
    run.capture?.write();
  }
}

/** What the connection gets from files. Throws UsageError or FileError. */
async function givenBy(args: ConnectArguments, environs: Environs): Promise<Given> {
  const words = wordsOf(args.language);
  const earlyData =
    args.earlyData === undefined ? null : await readEarlyData(args.earlyData, environs, words);
  const kept =
    args.session === undefined
      ? args.reconnect === undefined
        ? null
        : sessionsInMemory()
      : await sessionsInFile(args.session, environs, words);
  return { earlyData, sessions: kept, psk: args.psks.length > 0 };
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
    ...(args.psks.length > 0 && { tls: { externalPsks: args.psks } }),
  };
}

function prepare(args: ConnectArguments, environs: Environs, base: ConnectOptions, given: Given): Run {
  const { stdout, stderr, stdin, env } = environs;
  const words = wordsOf(args.language);
  // With data on stdout for somebody else, the explanation stays out of the way.
  const explainTo = endsAtOnce(args) || stdin.isTTY ? stdout : stderr;
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
  const options: ConnectOptions = {
    ...base,
    ...(given.sessions && { sessions: given.sessions }),
    ...(given.earlyData && { earlyData: { replayable: given.earlyData } }),
  };
  const measure = new Measure();
  return { args, environs, style, explainTo, story, keyLog, capture, given, options, measure };
}

const endsAtOnce = (args: ConnectArguments): boolean => args.once || args.reconnect !== undefined;

async function converse(run: Run, socket: TlsSocket, onSocket: (socket: TlsSocket) => void): Promise<number> {
  const { args, story } = run;
  const failed = await handshakeOver(socket, story);
  if (failed !== null) return conclude(run, socket, failed.error);
  if (!endsAtOnce(args)) {
    const code = conclude(run, socket, null);
    return code === EXIT.ok ? talkOver(run, socket) : code;
  }
  const error = await waitForEnd(socket);
  if (error !== null || args.reconnect === undefined) return conclude(run, socket, error);
  if (!args.json) conclude(run, socket, null);
  return compare(run, socket, args.reconnect, onSocket);
}

/** `--reconnect`. */
async function compare(
  run: Run,
  socket: TlsSocket,
  count: number,
  onSocket: (socket: TlsSocket) => void,
): Promise<number> {
  const { args, measure, options, style, keyLog } = run;
  const watch = new SecretWatch();
  // What was found out of the first is told of the first, whatever the others find.
  run.story.facts = factsOf(run, socket);
  const comparison = await reconnect(
    measure.result(socket, watch),
    count,
    { ...options, keyLog: keyLog.line },
    args.target,
    watch,
    onSocket,
  );
  if (args.json) conclude(run, socket, null, comparison);
  else writeLines(run.explainTo, reconnectLines(comparison, style));
  return comparison.failure?.exitCode ?? EXIT.ok;
}

const factsOf = ({ story, given }: Run, socket: TlsSocket) =>
  story.facts ?? clientFacts(story, given, socket.earlyData);

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
function conclude(run: Run, socket: TlsSocket, error: unknown, comparison?: Comparison): number {
  const { args, story, style, explainTo } = run;
  if (error !== null) {
    const established = story.summary !== null;
    story.failure = failureOf(error, {
      host: args.target.host,
      heardFromPeer: story.heardFromPeer,
      established,
      psk: pskStage(story, run.given.psk),
    });
    debug(run, error);
  }
  story.onEvent = null;
  story.facts = factsOf(run, socket);
  const now = Date.now();
  if (args.json) {
    const json = storyJson(story, args.language, now);
    const more = comparison && {
      ok: json.ok === true && comparison.failure === null,
      reconnect: comparisonJson(comparison, args.language),
    };
    writeLines(explainTo, [JSON.stringify({ ...json, ...more })]);
  } else {
    writeLines(explainTo, conclusionLines(story, style, now));
  }
  return story.failure?.exitCode ?? EXIT.ok;
}

async function talkOver(run: Run, socket: TlsSocket): Promise<number> {
  const { environs, style, args, story } = run;
  const tell = styleFor(environs.stderr, args.language, environs.env);
  if (environs.stdin.isTTY) writeLines(environs.stderr, [tell.colors.dim(style.words.talk)]);
  // What was read to its end as early data has nothing left to say.
  const stdin = args.earlyData === STDIN ? Readable.from([]) : environs.stdin;
  const error = await talk(socket, { ...environs, stdin }, args.timeout);
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

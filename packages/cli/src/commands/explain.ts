/** `akushu explain`: why connections failed, from a capture, a log or an error message. */
import { Buffer } from 'node:buffer';
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { nodeProvider } from 'akushu/crypto/node';
import { diagnoseText, printable } from 'akushu/diagnose';
import { readPrivateKey } from 'akushu/node';
import { CaptureError, type ObservedCapture, observe, type Progress } from 'akushu/observe';
import { type ExplainSource, openSource, refusal } from '../explain-source.js';
import {
  type Explained,
  explainConnection,
  explainedJson,
  explainIncident,
  explainLookup,
} from '../explained.js';
import { EXIT, systemCode } from '../failure.js';
import { jsonText } from '../inspect-json.js';
import type { Language } from '../language.js';
import { complain, type Environs, type Style, styleFor, writeLines } from '../output.js';
import { Redaction } from '../redact.js';
import { captureLines, explainedLines } from '../render/explain.js';
import { REPORT_MARK, reportEnd, reportHead, reportPart } from '../render/explain-html.js';
import { paragraph } from '../render/layout.js';
import { UsageError } from '../usage.js';
import { type Words, wordsOf } from '../words/index.js';

export interface ExplainArguments {
  /** A path, `-`, or the text itself. */
  readonly what: string;
  readonly language: Language;
  /** Paths. */
  readonly keylog: readonly string[];
  readonly rsaKeys: readonly string[];
  /** Numbers of connections; empty: all. */
  readonly streams: readonly number[];
  readonly failed: boolean;
  readonly json: boolean;
  readonly html: string | undefined;
  /** `html` may be a file that is no report. */
  readonly force: boolean;
  readonly redact: boolean;
}

/** Where explained connections go, one after the other. */
interface Output {
  readonly add: (one: Explained) => void;
  /** `last`: everything was added. */
  readonly end: (capture: ObservedCapture | null, sawTls: boolean, note: string | null) => void;
}

/** Gives the exit code. Throws UsageError for what cannot be opened. */
export async function runExplain(args: ExplainArguments, environs: Environs): Promise<number> {
  const words = wordsOf(args.language);
  if (args.force && args.html === undefined) throw new UsageError(words.explain.forceNeedsHtml);
  const source = await openSource(args.what, environs, words);
  const options = source.kind === 'capture' ? captureOptions(args, environs, words) : null;
  if (source.kind === 'text') refuseCaptureOptions(args, words);
  const outputs = args.html === undefined ? [] : [htmlOutput(args.html, args, environs, words)];
  outputs.push(args.json ? jsonOutput(environs) : textOutput(args, environs));
  const redaction = args.redact ? new Redaction(args.language) : null;
  let count = 0;
  const add = (one: Explained): void => {
    if (args.failed && one.outcome !== 'failed') return;
    count++;
    const shown = redaction ? redaction.explained(one) : one;
    for (const output of outputs) output.add(shown);
  };
  const end: Output['end'] = (...all) => {
    for (const output of outputs) output.end(...all);
  };
  if (source.kind === 'text') return explainText(source.text, add, end, args, words);
  if (source.kind === 'tls') {
    end(null, true, words.explain.tlsBytes);
    return EXIT.tls;
  }
  const found = await explainCapture(source, options!, add, args, environs, words);
  if ('refused' in found) {
    end(null, true, found.refused);
    return EXIT.tls;
  }
  const { capture, sawTls, seen } = found;
  const missing = args.streams.filter((number) => !seen.has(number));
  const notes = missing.map((number) => words.explain.noSuchStream(number));
  if (notes.length === 0 && args.failed && count === 0) notes.push(words.explain.noneFailed);
  end(capture, sawTls, notes.length > 0 ? notes.join('\n') : null);
  const damaged = capture === null || capture.problems.some(({ code }) => DAMAGE.has(code));
  return damaged || missing.length > 0 || (capture.connections === 0 && capture.lookups === 0)
    ? EXIT.tls
    : EXIT.ok;
}

const DAMAGE: ReadonlySet<string> = new Set(['truncated', 'corrupt', 'gzip_corrupt', 'gzip_truncated']);

function refuseCaptureOptions({ keylog, rsaKeys, streams }: ExplainArguments, { explain }: Words): void {
  if (keylog.length > 0) throw new UsageError(explain.notForText('--keylog'));
  if (rsaKeys.length > 0) throw new UsageError(explain.notForText('--rsa-key'));
  if (streams.length > 0) throw new UsageError(explain.notForText('--stream'));
}

// ---- Text ----

function explainText(
  text: string,
  add: (one: Explained) => void,
  end: Output['end'],
  { language }: ExplainArguments,
  words: Words,
): number {
  const { incidents, truncated } = diagnoseText(text);
  for (const incident of incidents) add(explainIncident(incident, language));
  if (incidents.length === 0) add(UNKNOWN_TEXT);
  const { unknownText, unknownHelp, tooLong } = words.explain;
  const note =
    incidents.length === 0 ? words.sentences([unknownText, unknownHelp]) : truncated ? tooLong : null;
  end(null, true, note);
  return incidents.length > 0 ? EXIT.ok : EXIT.tls;
}

/** Nothing in it is known: no cause is invented. */
const UNKNOWN_TEXT: Explained = {
  kind: 'text',
  stream: null,
  client: null,
  server: null,
  sni: null,
  version: null,
  outcome: 'incomplete',
  verdicts: [],
  missing: [],
  program: null,
  line: null,
  count: 1,
  observed: null,
};

/** A note says it. */
const isUnknown = ({ kind, verdicts }: Explained): boolean => kind === 'text' && verdicts.length === 0;

// ---- Captures ----

interface CaptureOptions {
  readonly keyLog: readonly string[];
  readonly rsaKeys: readonly ReturnType<typeof readPrivateKey>[];
}

function captureOptions(
  { keylog, rsaKeys }: ExplainArguments,
  environs: Environs,
  words: Words,
): CaptureOptions {
  return {
    keyLog: keylog.map((path) => keyLogIn(path, environs, words)),
    rsaKeys: rsaKeys.map((path) => rsaKeyIn(path, words)),
  };
}

/** `CLIENT_RANDOM`, the client's random, a secret; `RSA`, of the oldest kind, with other lengths. */
const SECRET = /^\s*[A-Z][A-Z0-9_]+ [0-9A-Fa-f]{8,} [0-9A-Fa-f]{8,}\s*$/m;

/** A log without a secret is no reason to read nothing: a program may have been started without it. */
function keyLogIn(path: string, { stderr }: Environs, words: Words): string {
  const text = readText(path, words);
  if (!SECRET.test(text)) complain(stderr, [words.explain.noSecrets(printable(path))]);
  return text;
}

function rsaKeyIn(path: string, words: Words): ReturnType<typeof readPrivateKey> {
  const key = readPrivateKey(path);
  if (!key.schemes.some((scheme) => scheme.startsWith('rsa_')))
    throw new UsageError(words.explain.notRsa(printable(path)));
  return key;
}

function readText(path: string, words: Words): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { missing, directory, unreadable } = words.inspect.input;
    const code = systemCode(error);
    const say = code === 'ENOENT' ? missing : code === 'EISDIR' ? directory : unreadable;
    throw new UsageError(say(printable(path)));
  }
}

interface Read {
  readonly capture: ObservedCapture | null;
  readonly sawTls: boolean;
  /** Numbers of connections, of those that were asked for. */
  readonly seen: ReadonlySet<number>;
}

async function explainCapture(
  source: Extract<ExplainSource, { kind: 'capture' }>,
  { keyLog, rsaKeys }: CaptureOptions,
  add: (one: Explained) => void,
  { language, streams, html }: ExplainArguments,
  environs: Environs,
  words: Words,
): Promise<Read | { readonly refused: string }> {
  const progress = progressBar(source.size, environs, words);
  let sawTls = false;
  let capture: ObservedCapture | null = null;
  const seen = new Set<number>();
  // Whoever reads has gone (`| head`), and nobody waits for the rest.
  let gone = false;
  environs.stdout.once('error', () => {
    gone = true;
  });
  try {
    for await (const found of observe(source.bytes, {
      provider: nodeProvider,
      keyLog,
      rsaKeys,
      onProgress: progress.show,
    })) {
      progress.clear();
      if (gone && html === undefined) break;
      if (found.kind === 'capture') capture = found;
      else if (found.kind === 'lookup') {
        if (streams.length === 0) add(explainLookup(found, language));
      } else {
        sawTls ||= found.tls !== null;
        const wanted = streams.includes(found.index);
        if (wanted) seen.add(found.index);
        if (wanted || streams.length === 0) add(explainConnection(found, language));
      }
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    return { refused: refusal(error, words) };
  } finally {
    progress.clear();
  }
  return { capture, sawTls, seen };
}

/** Smaller ones are read before a bar could be seen. */
const BIG = 16 * 1024 * 1024;
const BAR = 24;

/** On stderr, and only on a terminal. */
function progressBar(size: number | null, { stderr }: Environs, { explain }: Words) {
  let shown = false;
  let last = -1;
  const show = ({ bytesRead, connections }: Progress): void => {
    if (stderr.isTTY !== true || (size ?? bytesRead) < BIG) return;
    const megabytes = Math.floor(bytesRead / 1_000_000);
    if (megabytes === last) return;
    last = megabytes;
    const part = size === null ? null : Math.min(1, bytesRead / size);
    const full = Math.round((part ?? 0) * BAR);
    const bar =
      part === null ? '' : `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${Math.floor(part * 100)} %`;
    stderr.write(`\r\u001b[2K${explain.progress(bar, megabytes.toLocaleString('en-US'), connections)}`);
    shown = true;
  };
  const clear = (): void => {
    if (shown) stderr.write('\r\u001b[2K');
    shown = false;
  };
  return { show, clear };
}

// ---- Outputs ----

/** After so many in full, those that worked and those that failed get a line each: nobody reads on for ever. */
const FULL_STORIES = 12;
const FULL_FAILURES = 100;

/** Says of each whether it is shown in full. */
function chooser(all: boolean): (one: Explained) => boolean {
  let fine = 0;
  let failed = 0;
  return ({ kind, outcome }) => {
    if (all || kind === 'text') return true;
    return outcome === 'failed' ? ++failed <= FULL_FAILURES : ++fine + failed <= FULL_STORIES;
  };
}

function textOutput({ language, streams }: ExplainArguments, { stdout, env }: Environs): Output {
  const style = styleFor(stdout, language, env);
  const isFull = chooser(streams.length > 0);
  let shortened = false;
  let held: Explained | null = null;
  let count = 0;
  const print = (one: Explained, allSnippets: boolean): void => {
    if (isUnknown(one)) return;
    count++;
    const full = isFull(one);
    shortened ||= !full;
    writeLines(stdout, explainedLines(one, style, { full, allSnippets }));
  };
  return {
    add: (one) => {
      if (held !== null) print(held, false);
      held = one;
    },
    end: (capture, sawTls, note) => {
      // One alone is shown with everything.
      if (held !== null) print(held, count === 0);
      const single = streams.length > 0 && held !== null;
      if (shortened)
        writeLines(stdout, ['', ...paragraph(style.words.explain.shortened, 2, style, style.colors.dim)]);
      for (const line of note?.split('\n') ?? [])
        writeLines(stdout, ['', ...paragraph(line, 2, style, style.colors.yellow)]);
      if (capture !== null && !single) writeLines(stdout, captureLines(capture, sawTls, style));
      else writeLines(stdout, ['']);
    },
  };
}

/** Written as it is made, so that a large capture needs no more memory than a small one. */
function jsonOutput({ stdout }: Environs): Output {
  let first = true;
  stdout.write('{"connections":[');
  return {
    add: (one) => {
      stdout.write(`${first ? '\n' : ',\n'}${jsonText(explainedJson(one))}`);
      first = false;
    },
    end: (capture, _, note) => {
      stdout.write(`\n],"capture":${jsonText(capture)},"note":${jsonText(note)}}\n`);
    },
  };
}

/** Written as it is made as well. What can stand in its way is found before anything is read. */
function htmlOutput(
  path: string,
  { language, force, streams }: ExplainArguments,
  { stderr, env }: Environs,
  words: Words,
): Output {
  const style: Style = styleFor(stderr, language, { ...env, NO_COLOR: '1' });
  const attempt = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw new UsageError(words.cannotWrite(printable(path), systemCode(error)));
    }
  };
  if (!force && attempt(() => isOfOthers(path))) throw new UsageError(words.explain.exists(printable(path)));
  const fd = attempt(() => openSync(path, 'w'));
  const write = (text: string): void => void attempt(() => writeSync(fd, text));
  write(reportHead(style));
  const isFull = chooser(streams.length > 0);
  return {
    add: (one) => {
      if (isUnknown(one)) return;
      write(reportPart(one, style, isFull(one)));
    },
    end: (capture, sawTls, note) => {
      write(reportEnd(capture, sawTls, note, style));
      closeSync(fd);
      complain(stderr, [words.explain.written(printable(path))]);
    },
  };
}

/** A file that is there, is not empty, and is no report that was made here. */
function isOfOthers(path: string): boolean {
  if (!existsSync(path) || !statSync(path).isFile()) return false;
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(REPORT_MARK.length);
    const count = readSync(fd, head, 0, head.length, 0);
    return count > 0 && head.toString('utf8', 0, count) !== REPORT_MARK;
  } finally {
    closeSync(fd);
  }
}

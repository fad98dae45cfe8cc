/** `akushu explain`: why connections failed, from a capture, a log or an error message. */
import { readFileSync, writeFileSync } from 'node:fs';
import { nodeProvider } from 'akushu/crypto/node';
import { diagnoseText, printable } from 'akushu/diagnose';
import { readPrivateKey } from 'akushu/node';
import { CaptureError, type ObservedCapture, observe, type Progress } from 'akushu/observe';
import { type ExplainSource, openSource } from '../explain-source.js';
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
import { type Environs, type Style, styleFor, writeLines } from '../output.js';
import { Redaction } from '../redact.js';
import { captureLines, explainedLines } from '../render/explain.js';
import { htmlReport } from '../render/explain-html.js';
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
  readonly stream: number | undefined;
  readonly failed: boolean;
  readonly json: boolean;
  readonly html: string | undefined;
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
  const source = await openSource(args.what, environs, words);
  const options = source.kind === 'capture' ? captureOptions(args, words) : null;
  if (source.kind === 'text') refuseCaptureOptions(args, words);
  const outputs = [args.json ? jsonOutput(environs) : textOutput(args, environs)];
  if (args.html !== undefined) outputs.push(htmlOutput(args.html, args.language, environs, words));
  const redaction = args.redact ? new Redaction() : null;
  let count = 0;
  const add = (one: Explained): void => {
    if (args.failed && one.outcome !== 'failed') return;
    count++;
    const shown = redaction ? redaction.explained(one) : one;
    for (const output of outputs) output.add(shown);
  };
  if (source.kind === 'text') return explainText(source.text, add, outputs, args, words);
  const { capture, sawTls } = await explainCapture(source, options!, add, args, environs, words);
  const missing = args.stream !== undefined && count === 0 ? words.explain.noSuchStream(args.stream) : null;
  const note = missing ?? (args.failed && count === 0 ? words.explain.noneFailed : null);
  for (const output of outputs) output.end(capture, sawTls, note);
  const damaged = capture === null || capture.problems.some(({ code }) => DAMAGE.has(code));
  return damaged || missing !== null || (capture.connections === 0 && capture.lookups === 0)
    ? EXIT.tls
    : EXIT.ok;
}

const DAMAGE: ReadonlySet<string> = new Set(['truncated', 'corrupt', 'gzip_corrupt', 'gzip_truncated']);

function refuseCaptureOptions({ keylog, rsaKeys, stream }: ExplainArguments, { explain }: Words): void {
  if (keylog.length > 0) throw new UsageError(explain.notForText('--keylog'));
  if (rsaKeys.length > 0) throw new UsageError(explain.notForText('--rsa-key'));
  if (stream !== undefined) throw new UsageError(explain.notForText('--stream'));
}

// ---- Text ----

function explainText(
  text: string,
  add: (one: Explained) => void,
  outputs: readonly Output[],
  { language }: ExplainArguments,
  words: Words,
): number {
  const { incidents, truncated } = diagnoseText(text);
  for (const incident of incidents) add(explainIncident(incident, language));
  if (incidents.length === 0) add(UNKNOWN_TEXT);
  const { unknownText, unknownHelp, tooLong } = words.explain;
  const note = incidents.length === 0 ? `${unknownText} ${unknownHelp}` : truncated ? tooLong : null;
  for (const output of outputs) output.end(null, true, note);
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
  program: null,
  line: null,
  count: 1,
  observed: null,
};

// ---- Captures ----

interface CaptureOptions {
  readonly keyLog: readonly string[];
  readonly rsaKeys: readonly ReturnType<typeof readPrivateKey>[];
}

function captureOptions({ keylog, rsaKeys }: ExplainArguments, words: Words): CaptureOptions {
  return {
    keyLog: keylog.map((path) => readText(path, words)),
    rsaKeys: rsaKeys.map((path) => readPrivateKey(path)),
  };
}

function readText(path: string, words: Words): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { missing, unreadable } = words.inspect.input;
    const say = systemCode(error) === 'ENOENT' ? missing : unreadable;
    throw new UsageError(say(printable(path)));
  }
}

async function explainCapture(
  source: Extract<ExplainSource, { kind: 'capture' }>,
  { keyLog, rsaKeys }: CaptureOptions,
  add: (one: Explained) => void,
  { language, stream }: ExplainArguments,
  environs: Environs,
  words: Words,
): Promise<{ capture: ObservedCapture | null; sawTls: boolean }> {
  const progress = progressBar(source.size, environs, words);
  let sawTls = false;
  let capture: ObservedCapture | null = null;
  try {
    for await (const seen of observe(source.bytes, {
      provider: nodeProvider,
      keyLog,
      rsaKeys,
      onProgress: progress.show,
    })) {
      progress.clear();
      if (seen.kind === 'capture') capture = seen;
      else if (seen.kind === 'lookup') {
        if (stream === undefined) add(explainLookup(seen, language));
      } else {
        sawTls ||= seen.tls !== null;
        if (stream === undefined || stream === seen.index) add(explainConnection(seen, language));
      }
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    throw new UsageError(words.inspect.input.unreadable(error.code));
  } finally {
    progress.clear();
  }
  return { capture, sawTls };
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

/** After so many in full, those that worked get a line each. */
const FULL_STORIES = 12;

function textOutput({ language, stream }: ExplainArguments, { stdout, env }: Environs): Output {
  const style = styleFor(stdout, language, env);
  let held: Explained | null = null;
  let count = 0;
  const print = (one: Explained, allSnippets: boolean): void => {
    if (one.kind === 'text' && one.verdicts.length === 0) return;
    count++;
    const full = one.outcome === 'failed' || count <= FULL_STORIES || one.kind === 'text';
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
      const single = stream !== undefined && held !== null;
      if (note !== null) writeLines(stdout, ['', ...paragraph(note, 2, style, style.colors.yellow)]);
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

function htmlOutput(path: string, language: Language, { stderr, env }: Environs, words: Words): Output {
  const all: Explained[] = [];
  const style: Style = styleFor(stderr, language, { ...env, NO_COLOR: '1' });
  return {
    add: (one) => all.push(one),
    end: (capture, sawTls, note) => {
      try {
        writeFileSync(path, htmlReport(all, capture, sawTls, note, style));
      } catch (error) {
        throw new UsageError(words.cannotWrite(printable(path), systemCode(error)));
      }
      writeLines(stderr, [`akushu: ${words.explain.written(printable(path))}`]);
    },
  };
}

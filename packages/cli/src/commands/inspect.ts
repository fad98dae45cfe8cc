/** `akushu inspect`: says what files, and what servers send, are; puts chains in order. Judges no trust. */
import { Buffer } from 'node:buffer';
import { existsSync, writeFileSync } from 'node:fs';
import { explainError, printable } from 'akushu/diagnose';
import { annotateItem, type Certificate, encodePem, type FileKind, type X509Error } from 'akushu/x509';
import { type ChainOrder, chainOrder } from '../chain-order.js';
import { EXIT, systemCode } from '../failure.js';
import { InputError, readInput, readStdin } from '../input.js';
import { chainOrderJson, jsonText, thingJson } from '../inspect-json.js';
import type { Language } from '../language.js';
import { complain, type Environs, type Style, styleFor, writeLines } from '../output.js';
import { type Passwords, passwordFromFile, passwords } from '../password.js';
import { byteLines } from '../render/bytes.js';
import { chainOrderLines } from '../render/chain-order.js';
import { certificateTable, type Relations, thingLines } from '../render/inspect.js';
import { heading } from '../render/layout.js';
import { sentBy } from '../server-sent.js';
import { canonicalSpki, type Thing, thingsIn } from '../things.js';
import { parseTarget, type Target, UsageError } from '../usage.js';
import { type Words, wordsOf } from '../words/index.js';

export interface InspectArguments {
  /** Paths, `HOST:PORT`, or `-`. */
  readonly sources: readonly string[];
  readonly language: Language;
  /** Path to write the chain to. */
  readonly chain: string | undefined;
  readonly force: boolean;
  readonly bytes: boolean;
  readonly passwordFile: string | undefined;
  readonly json: boolean;
}

/** What one source gave; `complaint` for what could not be opened at all. */
interface Source {
  readonly things: readonly Thing[];
  readonly complaint: string | null;
  readonly code: number;
}

/** Things go to stdout; what cannot be read goes to stderr, and makes the exit code. */
export async function runInspect(args: InspectArguments, environs: Environs): Promise<number> {
  const words = wordsOf(args.language);
  checkArguments(args, words);
  const secrets = passwords(givenPassword(args, words), environs, (file) =>
    words.inspect.password(printable(file)),
  );
  const sources: Source[] = [];
  for (const source of args.sources) sources.push(await open(source, secrets, args, environs));
  const things = sources.flatMap((source) => source.things);
  const relations = relationsOf(things);
  const order = chainOrder(certificatesOf(things), (certificate) => relations.keyOf(certificate) !== null);
  const style = styleFor(environs.stdout, args.language, environs.env);
  const now = Date.now();
  const codes = sources.map(({ code }) => code);
  if (args.json) {
    const complaints = sources.flatMap(({ complaint }) => complaint ?? []);
    const object = {
      ok: codes.every((code) => code === EXIT.ok) && things.every(isReadable),
      things: things.map((thing) => thingJson(thing, relations, now)),
      ...chainOrderJson(order),
      complaints,
    };
    writeLines(environs.stdout, [jsonText(object)]);
  } else {
    writeLines(environs.stdout, reportLines(things, order, relations, args, style, now));
  }
  const complaints = [
    ...sources.flatMap(({ complaint }) => complaint ?? []),
    ...(args.json ? [] : things.flatMap((thing) => complaintAbout(thing, words) ?? [])),
  ];
  complain(environs.stderr, complaints);
  const written = args.chain === undefined ? EXIT.ok : writeChain(args.chain, order, args, environs);
  const unread = things.some((thing) => !isReadable(thing)) ? [EXIT.tls] : [];
  return Math.max(...codes, ...unread, written);
}

function checkArguments({ sources, chain, force }: InspectArguments, words: Words): void {
  const { stdinTwice, forceNeedsChain, chain: say } = words.inspect;
  if (sources.filter((source) => source === '-').length > 1) throw new UsageError(stdinTwice);
  if (force && chain === undefined) throw new UsageError(forceNeedsChain);
  if (chain !== undefined && !force && existsSync(chain)) throw new UsageError(say.exists(printable(chain)));
}

export function givenPassword(
  { passwordFile }: Pick<InspectArguments, 'passwordFile'>,
  words: Words,
): string | undefined {
  if (passwordFile === undefined) return undefined;
  try {
    return passwordFromFile(passwordFile);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new UsageError(words.inspect.passwordFile(printable(passwordFile)));
  }
}

async function open(
  source: string,
  secrets: Passwords,
  { language }: InspectArguments,
  environs: Environs,
): Promise<Source> {
  const words = wordsOf(language);
  const target = source === '-' || existsSync(source) ? undefined : serverOf(source, words);
  if (target !== undefined) return openServer(target, source, language);
  try {
    const bytes = source === '-' ? await readStdin(environs) : readInput(source);
    return { things: await thingsIn(bytes, source, secrets), complaint: null, code: EXIT.ok };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { input, serverHint } = words.inspect;
    const mayBeHost = error.problem === 'missing' && /^[\w-]+(\.[\w-]+)+$/.test(source);
    const said = [input[error.problem](printable(source)), ...(mayBeHost ? [serverHint(source)] : [])];
    return { things: [], complaint: words.sentences(said), code: EXIT.usage };
  }
}

/** A server is named with its port, or as a URL: anything else is a file that is not there. */
function serverOf(text: string, words: Words): Target | undefined {
  if (!/^([^/\s]+:\d+|https:\/\/.+)$/.test(text)) return undefined;
  try {
    return parseTarget(text, words);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

async function openServer(target: Target, name: string, language: Language): Promise<Source> {
  const { things, failure } = await sentBy(target, name);
  if (failure === null) return { things, complaint: null, code: EXIT.ok };
  const { what, tryThis } = explainError(failure, language);
  return {
    things,
    complaint: `${printable(name)}: ${wordsOf(language).sentences([what, tryThis])}`,
    code: EXIT.network,
  };
}

const isReadable = (
  thing: Thing,
): thing is Thing & { readonly content: Exclude<Thing['content'], { kind: 'unreadable' }> } =>
  thing.content.kind !== 'unreadable';

const certificatesOf = (things: readonly Thing[]): Certificate[] =>
  things.flatMap(({ content }) => (content.kind === 'certificate' ? [content.certificate] : []));

function relationsOf(things: readonly Thing[]): Relations {
  const subjects = new Map<string, Set<string>>();
  const canonical = new Map<Certificate, string>();
  const files = new Map<string, string>();
  for (const { content, place } of things) {
    if (content.kind === 'certificate') {
      const { certificate } = content;
      const id = idOf(canonicalSpki(certificate.spki));
      canonical.set(certificate, id);
      subjects.set(id, (subjects.get(id) ?? new Set()).add(certificate.subject.text));
    }
    if (content.kind === 'private-key' && content.spki !== null) files.set(idOf(content.spki), place.file);
  }
  return {
    keyOf: (certificate) => files.get(canonical.get(certificate) ?? '') ?? null,
    certificatesOf: (spki) => (canonical.size === 0 ? null : [...(subjects.get(idOf(spki)) ?? [])]),
  };
}

const idOf = (spki: Uint8Array): string => Buffer.from(spki).toString('latin1');

/** More certificates than this get a line each. */
const MAX_DETAILED = 12;

function reportLines(
  things: readonly Thing[],
  order: ChainOrder,
  relations: Relations,
  args: InspectArguments,
  style: Style,
  now: number,
): string[] {
  const certificates = certificatesOf(things);
  const brief = certificates.length > MAX_DETAILED && !args.bytes;
  const detailed = brief ? things.filter(({ content }) => content.kind !== 'certificate') : things;
  const lines = [
    ...detailed
      .filter(isReadable)
      .flatMap((thing) => [
        ...thingLines(thing, relations, style, now),
        ...(args.bytes ? annotatedLines(thing, style) : []),
      ]),
    ...(brief ? certificateTable(certificates, style, now) : []),
    ...chainOrderLines(order, style),
  ];
  return lines.length === 0 ? [] : [...lines, ''];
}

/** Private keys stay unshown, and so do stores: what is in them is shown by itself. */
function annotatedLines({ bytes, content, place }: Thing, style: Style): string[] {
  const { kind } = content;
  if (bytes === null || !ANNOTATED.has(kind)) return [];
  const tree = annotateItem({
    kind: kind as FileKind,
    encoding: 'der',
    form: place.form,
    label: null,
    bytes,
    encrypted: kind === 'encrypted-private-key',
    headers: [],
    offset: 0,
    line: null,
    problem: null,
  });
  if (tree === null) return [];
  return [...heading(style.words.inspect.bytesTitle, style), ...byteLines(tree, bytes, style)];
}

const ANNOTATED: ReadonlySet<string> = new Set([
  'certificate',
  'certificate-request',
  'crl',
  'ocsp-request',
  'ocsp-response',
  'public-key',
  'parameters',
] satisfies FileKind[]);

/** `server.pem: HTML, …`; null for what could be read. */
export function complaintAbout({ place, content }: Thing, { inspect }: Words): string | null {
  if (content.kind !== 'unreadable') return null;
  const { looksLike, problem } = content;
  const where = place.line === null ? place.file : `${place.file}:${place.line}`;
  const file = printable(where);
  if (problem === null) return `${file}: ${inspect.looksLike[looksLike]}`;
  return inspect.cannotOpen(file, inspect.kinds[looksLike], whyBroken(problem, inspect));
}

/** Rules that say nothing about a place in the file. */
const PLACELESS: ReadonlySet<string> = new Set(['password_needed', 'wrong_password', 'encrypted_key']);

/** The rule that was broken, in which field, and at which byte; for PEM, in which line. */
function whyBroken({ rule, field, offset, facts }: X509Error, words: Words['inspect']): string {
  const said = words.rules[rule];
  if (said !== undefined && PLACELESS.has(rule)) return said;
  const { line, column, algorithm, iterations, limit } = facts;
  if (said !== undefined && typeof algorithm === 'string') return words.because(said, printable(algorithm));
  if (said !== undefined && typeof iterations === 'number' && typeof limit === 'number')
    return words.because(said, words.rounds(iterations, limit));
  const isText = typeof line === 'number' && typeof column === 'number';
  const place = isText ? words.atLine(line, column) : words.atByte(offset);
  const at = words.ruleAt(rule, printable(field), place);
  return said === undefined ? words.broken(at) : words.because(said, at);
}

function writeChain(
  path: string,
  { chains }: ChainOrder,
  { force, language }: InspectArguments,
  { stderr }: Environs,
): number {
  const words = wordsOf(language);
  const { chain: say } = words.inspect;
  const [first, ...others] = chains;
  const file = printable(path);
  if (!first) {
    complain(stderr, [say.nothingToWrite]);
    return EXIT.tls;
  }
  const { certificates, endsInRoot } = first;
  const sent = endsInRoot ? certificates.slice(0, -1) : certificates;
  const pem = sent.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
  try {
    // Exclusive: what came into being meanwhile is not overwritten either.
    writeFileSync(path, pem, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const code = systemCode(error);
    throw new UsageError(code === 'EEXIST' ? say.exists(file) : words.cannotWrite(file, code));
  }
  writeLines(stderr, [
    say.written(file, sent.length, endsInRoot),
    ...(others.length > 0 ? [say.othersLeftOut(others.length)] : []),
  ]);
  return EXIT.ok;
}

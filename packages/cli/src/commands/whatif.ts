/**
 * `akushu whatif`: a recorded ClientHello against our own server under a policy, or with `--as-client` a recorded
 * server's choices against a client's policy. Connects to nobody.
 */

import { findCipherSuite, findGroup, findScheme, findVersion, type ServerConfig } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import {
  type ErrorExplanation,
  explainError,
  helloOf,
  type Language,
  type PolicyChange,
  printable,
  serverNameIn,
  type WhatIf,
  whatIfHello,
  whatIfServer,
} from 'akushu/diagnose';
import { type CredentialFiles, loadCredential, localhostCredential, type TlsVersionName } from 'akushu/node';
import { CaptureError, type ObservedConnection, observe } from 'akushu/observe';
import { type ExplainSource, openSource, refusal } from '../explain-source.js';
import { explainedVerdict } from '../explained.js';
import { EXIT } from '../failure.js';
import { jsonText } from '../inspect-json.js';
import { type Environs, type Style, styleFor, writeLines } from '../output.js';
import { bytesWritten, helloIn } from '../recorded-hello.js';
import { heading, paragraph, row, widest } from '../render/layout.js';
import { verdictLines } from '../render/verdicts.js';
import { UsageError } from '../usage.js';
import { type Words, wordsOf } from '../words/index.js';

export interface WhatIfArguments {
  /** A capture, or `-`. */
  readonly what: string;
  readonly language: Language;
  readonly stream: number | undefined;
  readonly asClient: boolean;
  readonly json: boolean;
  readonly credentials: readonly CredentialFiles[];
  readonly versions?: readonly TlsVersionName[] | undefined;
  readonly ciphers?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly sigalgs?: readonly string[] | undefined;
  readonly alpn?: readonly string[] | undefined;
}

/** What is judged: of a capture, or a hello alone. */
interface Recorded {
  readonly connection: ObservedConnection | null;
  readonly hello: Uint8Array | null;
}

/** Gives the exit code: 0 where it would work. */
export async function runWhatIf(args: WhatIfArguments, environs: Environs): Promise<number> {
  const words = wordsOf(args.language);
  const source = await openSource(args.what, environs, words);
  const recorded = source.kind === 'capture' ? await fromCapture(source, args, words) : alone(source);
  if (args.asClient && !recorded.connection) throw new UsageError(words.whatif.noServer);
  if (!args.asClient && !recorded.hello) throw new UsageError(noHelloIn(source, words));
  const result = args.asClient
    ? whatIfServer(recorded.connection!, policyOf(args))!
    : await againstHello(recorded.hello!, args);
  const style = styleFor(environs.stdout, args.language, environs.env);
  const stream = recorded.connection?.index ?? null;
  if (args.json) {
    const verdicts = result.verdicts.map((verdict) => explainedVerdict(verdict, args.language));
    writeLines(environs.stdout, [jsonText({ stream, ...result, verdicts })]);
  } else writeLines(environs.stdout, lines(result, stream, style));
  return result.works ? EXIT.ok : EXIT.tls;
}

async function fromCapture(
  source: Extract<ExplainSource, { kind: 'capture' }>,
  { stream, asClient }: WhatIfArguments,
  words: Words,
): Promise<Recorded> {
  let seen = stream === undefined;
  try {
    for await (const one of observe(source.bytes, { provider: nodeProvider })) {
      if (one.kind !== 'connection' || (stream ?? one.index) !== one.index) continue;
      seen = true;
      const usable = asClient ? whatIfServer(one, {}) !== null : helloOf(one) !== null;
      if (usable) return { connection: one, hello: helloOf(one) };
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    throw new UsageError(refusal(error, words));
  }
  if (!seen) throw new UsageError(words.explain.noSuchStream(stream!));
  return { connection: null, hello: null };
}

const alone = (source: Exclude<ExplainSource, { kind: 'capture' }>): Recorded => ({
  connection: null,
  hello: helloIn(source.kind === 'tls' ? source.bytes : bytesWritten(source.text)),
});

const noHelloIn = ({ kind }: ExplainSource, { whatif }: Words): string =>
  kind === 'text' ? whatif.notACapture : whatif.noHello;

const codes = (
  names: readonly string[] | undefined,
  find: (name: string) => { readonly code: number } | undefined,
) => names && { codes: names.flatMap((name) => find(name)?.code ?? []) };

function policyOf({ versions, ciphers, groups, sigalgs, alpn }: WhatIfArguments) {
  const version = codes(versions, findVersion);
  const suite = codes(ciphers, findCipherSuite);
  const group = codes(groups, findGroup);
  const scheme = codes(sigalgs, findScheme);
  return {
    ...(version && { versions: version.codes }),
    ...(suite && { cipherSuites: suite.codes }),
    ...(group && { groups: group.codes }),
    ...(scheme && { signatureSchemes: scheme.codes }),
    ...(alpn && { alpn }),
  };
}

async function againstHello(hello: Uint8Array, args: WhatIfArguments): Promise<WhatIf> {
  const names = [serverNameIn(hello) ?? 'localhost'];
  const given = args.credentials.map((files) => loadCredential(files));
  const made = async (kind: 'secp256r1' | 'rsa-2048') => localhostCredential(names, Date.now(), kind);
  const both = [await made('secp256r1'), await made('rsa-2048')];
  const policy: ServerConfig = {
    provider: nodeProvider,
    ...policyOf(args),
    credentials: given.length > 0 ? given : both,
  };
  // Without a certificate of the user's, the kind of key is no matter of policy.
  return whatIfHello(hello, policy, { spareCredentials: given.length > 0 ? both : [] });
}

// ---- Lines ----

function lines(result: WhatIf, stream: number | null, style: Style): string[] {
  const { words, colors, language } = style;
  const { whatif } = words;
  const { agreed, works, code } = result;
  const rows: readonly (readonly [string, string | null | undefined])[] = [
    [words.version, agreed?.version],
    [words.cipherSuite, agreed?.cipherSuite],
    [words.group, agreed?.group],
    [words.signature, agreed?.signatureScheme],
    [words.alpn, agreed?.alpn],
  ];
  const width = widest(rows.map(([name]) => name));
  const why: ErrorExplanation | null = code === null ? null : explainError({ code }, language);
  return [
    ...heading(whatif.title(stream), style),
    ...paragraph(
      works ? whatif.works : whatif.fails(code ?? ''),
      2,
      style,
      works ? colors.green : colors.red,
    ),
    ...(why ? paragraph(why.what, 2, style) : []),
    ...rows.flatMap(([name, value]) => (value ? row(name, printable(value), width, style) : [])),
    ...(agreed?.retry ? paragraph(whatif.retry, 2, style) : []),
    ...(works ? [] : changeLines(result.change, style)),
    ...verdictLines(
      result.verdicts.map((verdict) => explainedVerdict(verdict, language)),
      style,
      { snippets: 'all' },
    ),
    '',
  ];
}

function changeLines(change: readonly PolicyChange[] | null, style: Style): string[] {
  const { whatif } = style.words;
  if (change === null) return ['', ...paragraph(whatif.noChange, 2, style, style.colors.yellow)];
  return [
    ...heading(whatif.change, style),
    ...change.flatMap(({ add, value }) =>
      paragraph(`+ ${whatif.adds[add]}: ${printable(value)}`, 2, style, style.colors.green),
    ),
  ];
}

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
  type WhatIf,
  whatIfHello,
  whatIfServer,
} from 'akushu/diagnose';
import { type CredentialFiles, loadCredential, localhostCredential, type TlsVersionName } from 'akushu/node';
import { CaptureError, type ObservedConnection, observe } from 'akushu/observe';
import { type ExplainSource, openSource } from '../explain-source.js';
import { explainedVerdict } from '../explained.js';
import { EXIT } from '../failure.js';
import { jsonText } from '../inspect-json.js';
import { type Environs, type Style, styleFor, writeLines } from '../output.js';
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

/** Gives the exit code: 0 where it would work. */
export async function runWhatIf(args: WhatIfArguments, environs: Environs): Promise<number> {
  const words = wordsOf(args.language);
  const source = await openSource(args.what, environs, words);
  if (source.kind === 'text') throw new UsageError(words.whatif.notACapture);
  const usable = (one: ObservedConnection): boolean =>
    args.asClient ? whatIfServer(one, {}) !== null : helloOf(one) !== null;
  const connection = await connectionIn(source, args.stream, usable, words);
  if (connection === null) throw new UsageError(args.asClient ? words.whatif.noServer : words.whatif.noHello);
  const result = args.asClient ? againstServer(connection, args) : await againstHello(connection, args);
  const style = styleFor(environs.stdout, args.language, environs.env);
  if (args.json) {
    const verdicts = result.verdicts.map((verdict) => explainedVerdict(verdict, args.language));
    writeLines(environs.stdout, [jsonText({ stream: connection.index, ...result, verdicts })]);
  } else writeLines(environs.stdout, lines(result, connection, style));
  return result.works ? EXIT.ok : EXIT.tls;
}

async function connectionIn(
  source: Extract<ExplainSource, { kind: 'capture' }>,
  stream: number | undefined,
  usable: (one: ObservedConnection) => boolean,
  words: Words,
): Promise<ObservedConnection | null> {
  try {
    for await (const seen of observe(source.bytes, { provider: nodeProvider }))
      if (seen.kind === 'connection' && (stream ?? seen.index) === seen.index && usable(seen)) return seen;
    return null;
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    throw new UsageError(words.inspect.input.unreadable(error.code));
  }
}

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

const againstServer = (connection: ObservedConnection, args: WhatIfArguments): WhatIf =>
  whatIfServer(connection, policyOf(args))!;

async function againstHello(connection: ObservedConnection, args: WhatIfArguments): Promise<WhatIf> {
  const name = connection.tls?.negotiated.serverName;
  const names = name ? [name] : ['localhost'];
  const given = args.credentials.map((files) => loadCredential(files));
  const made = async (kind: 'secp256r1' | 'rsa-2048') => localhostCredential(names, Date.now(), kind);
  const both = [await made('secp256r1'), await made('rsa-2048')];
  const policy: ServerConfig = {
    provider: nodeProvider,
    ...policyOf(args),
    credentials: given.length > 0 ? given : both,
  };
  // Without a certificate of the user's, the kind of key is no matter of policy.
  return whatIfHello(helloOf(connection)!, policy, { spareCredentials: given.length > 0 ? both : [] });
}

// ---- Lines ----

function lines(result: WhatIf, connection: ObservedConnection, style: Style): string[] {
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
    ...heading(whatif.title(connection.index), style),
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

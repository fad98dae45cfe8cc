/** What the options of several commands have in common. */
import { printable } from 'akushu/diagnose';
import type { CredentialFiles, TlsVersionName } from 'akushu/node';
import { type Command, Option } from 'commander';
import { complain, type Environs, MAX_WIDTH } from '../output.js';
import { deprecationNote, parseSuites, parseVersions } from '../protocol.js';
import { widthOf, wrap } from '../text.js';
import { parseAlpn, parseGroups, parseSchemes, UsageError } from '../usage.js';
import type { Words } from '../words/index.js';

export type Done = (exitCode: number) => void;

export function base(command: Command, words: Words, { stdout, stderr }: Environs): Command {
  return command
    .exitOverride()
    .helpOption('-h, --help', words.help.help)
    .configureHelp({
      displayWidth: widthOf,
      boxWrap: (text, width) => wrap(text, width).join('\n'),
      styleTitle: (title) => words.helpTitles[title] ?? title,
    })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      // `main` says what is wrong, in the language of the user.
      outputError: () => {},
      getOutHelpWidth: () => MAX_WIDTH,
      getErrHelpWidth: () => MAX_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

export function languageOption({ help, usage }: Words): Option {
  return new Option('--lang <en|ja>', help.lang).argParser((value) => {
    if (value === 'en' || value === 'ja') return value;
    throw new UsageError(usage.badChoice('--lang', printable(value), 'en, ja'));
  });
}

export type Values = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

export const text = (values: Values, name: string): string | undefined => {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
};

/** An option that may be given several times. */
export const texts = (values: Values, name: string): readonly string[] => {
  const value = values[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
};

export const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

/** Those that name a version, with what they name. */
const VERSION_OPTIONS: readonly (readonly ['tls13' | 'tls12' | 'tls11' | 'tls10', TlsVersionName])[] = [
  ['tls13', 'TLSv1.3'],
  ['tls12', 'TLSv1.2'],
  ['tls11', 'TLSv1.1'],
  ['tls10', 'TLSv1'],
];

export function withVersions(command: Command, { help }: Words): Command {
  for (const [name] of VERSION_OPTIONS) command.option(`--${name}`, help[name]);
  return command.option('--min <version>', help.min).option('--max <version>', help.max);
}

export function mapped<T>(value: string | undefined, read: (text: string) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}

/** Says on stderr what of them has no effect, or is deprecated. */
export function commonArguments(values: Values, words: Words, environs: Environs) {
  return {
    ...protocolArguments(values, words, environs),
    alpn: mapped(text(values, 'alpn'), (list) => parseAlpn(list, words)),
    ca: text(values, 'ca'),
    credentials: credentialFiles(values, words),
    keylog: text(values, 'keylog'),
    groups: mapped(text(values, 'groups'), (list) => parseGroups(list, words)),
    sigalgs: mapped(text(values, 'sigalgs'), (list) => parseSchemes(list, words)),
  };
}

export function protocolArguments(values: Values, words: Words, { stderr }: Environs) {
  const exact = VERSION_OPTIONS.filter(([name]) => values[name] === true).map(([, version]) => version);
  const versions = parseVersions({ min: text(values, 'min'), max: text(values, 'max'), exact }, words);
  const list = mapped(text(values, 'ciphers'), (ciphers) =>
    parseSuites(ciphers, versions, words, texts(values, 'psk').length > 0),
  );
  const deprecated = deprecationNote(versions, words);
  const notes = [...(deprecated === null ? [] : [deprecated]), ...(list?.notes ?? [])];
  complain(stderr, notes);
  return { versions, ciphers: list?.suites };
}

/** Certificates and keys pair off in their order. */
function credentialFiles(values: Values, words: Words): readonly CredentialFiles[] {
  const certs = texts(values, 'cert');
  const keys = texts(values, 'key');
  if (keys.length > 0 && keys.length !== certs.length) throw new UsageError(words.usage.certAndKey);
  return certs.map((certFile, i) => ({ certFile, keyFile: keys[i] }));
}

export function choice<T extends string>(
  values: Values,
  name: string,
  option: string,
  choices: readonly T[],
  words: Words,
): T | undefined {
  const value = text(values, name);
  const found = choices.find((one) => one === value);
  if (value !== undefined && found === undefined)
    throw new UsageError(words.usage.badChoice(option, printable(value), choices.join(', ')));
  return found;
}

/** The command `akushu`: reads the arguments, runs a command, gives the exit code. No stack traces, ever. */
import { readFileSync } from 'node:fs';
import { printable } from 'akushu/diagnose';
import { type CredentialFiles, FileError, startTlsPort, type TlsVersionName } from 'akushu/node';
import { Command, CommanderError, Option } from 'commander';
import { type CiphersArguments, runCiphers } from './commands/ciphers.js';
import { runConnect } from './commands/connect.js';
import { runDemo } from './commands/demo.js';
import { runDoctor } from './commands/doctor.js';
import { runExplain } from './commands/explain.js';
import { runInspect } from './commands/inspect.js';
import { runServe } from './commands/serve.js';
import { parseDepth, parseTime, runVerify } from './commands/verify.js';
import { runWhatIf } from './commands/whatif.js';
import { EXIT } from './failure.js';
import { type Language, languageOfArguments } from './language.js';
import { type Environs, MAX_WIDTH, writeLines } from './output.js';
import { deprecationNote, parseSuites, parseVersions } from './protocol.js';
import {
  connectSessionArguments,
  serveSessionArguments,
  withConnectSessions,
  withServeSessions,
} from './sessions/options.js';
import { widthOf } from './text.js';
import {
  parseAlpn,
  parseGroups,
  parsePort,
  parseSchemes,
  parseSeconds,
  parseStartTls,
  parseTarget,
  UsageError,
} from './usage.js';
import { type Words, wordsOf } from './words/index.js';

export async function main(
  args: readonly string[],
  environs: Environs = {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
  },
): Promise<number> {
  // A reader that stops reading (`| head`) is no failure of ours.
  for (const stream of [environs.stdout, environs.stderr]) stream.on('error', ignoreBrokenPipe);
  const language = languageOfArguments(args, environs.env);
  const words = wordsOf(language);
  let exitCode: number = EXIT.ok;
  const program = programFor(words, language, environs, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    const command = [
      'connect',
      'serve',
      'ciphers',
      'doctor',
      'explain',
      'inspect',
      'verify',
      'whatif',
    ].includes(args[0] ?? '')
      ? `akushu ${args[0]}`
      : 'akushu';
    return refuse(error, command, words, environs);
  }
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function refuse(error: unknown, command: string, words: Words, { stderr, env }: Environs): number {
  if (env.AKUSHU_DEBUG === '1' && error instanceof Error) writeLines(stderr, [error.stack ?? error.message]);
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof UsageError) {
    writeLines(stderr, [`akushu: ${error.message}`, words.usage.seeHelp(command)]);
    return EXIT.usage;
  }
  if (error instanceof FileError) {
    const file = printable(error.path ?? '');
    const found =
      error.found === null || error.code === 'file_missing' ? '' : ` ${words.contents[error.found]}`;
    writeLines(stderr, [
      `akushu: ${words.files[error.code](file)}${found}`,
      `${words.tryThis}: ${words.fileHelp[error.code]}`,
    ]);
    return EXIT.usage;
  }
  // A fault of ours: said in a line, with the way to the rest.
  writeLines(stderr, [
    `akushu: internal_error: ${printable(error instanceof Error ? error.message : String(error))}`,
    'AKUSHU_DEBUG=1',
  ]);
  return EXIT.tls;
}

type Done = (exitCode: number) => void;

function programFor(words: Words, language: Language, environs: Environs, done: Done): Command {
  const program = base(new Command('akushu'), words, environs)
    .description(words.help.program)
    .version(versionOfPackage(), '-V, --version', words.help.showVersion)
    .helpCommand(false);
  program.addCommand(connectCommand(words, language, environs, done));
  program.addCommand(serveCommand(words, language, environs, done));
  program.addCommand(ciphersCommand(words, language, environs, done));
  program.addCommand(doctorCommand(words, language, environs, done));
  program.addCommand(explainCommand(words, language, environs, done));
  program.addCommand(inspectCommand(words, language, environs, done));
  program.addCommand(verifyCommand(words, language, environs, done));
  program.addCommand(whatIfCommand(words, language, environs, done));
  program.addCommand(
    withVersions(base(new Command('demo'), words, environs).description(words.help.demo), words)
      .option('--ciphers <list>', words.help.ciphers)
      .addOption(languageOption(words))
      .action(async (values: Values) =>
        done(await runDemo({ language, ...protocolArguments(values, words, environs) }, environs)),
      ),
  );
  return program;
}

function base(command: Command, words: Words, { stdout, stderr }: Environs): Command {
  return command
    .exitOverride()
    .helpOption('-h, --help', words.help.help)
    .showHelpAfterError(
      words.usage.seeHelp(command.name() === 'akushu' ? 'akushu' : `akushu ${command.name()}`),
    )
    .configureHelp({ displayWidth: widthOf })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => MAX_WIDTH,
      getErrHelpWidth: () => MAX_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

function languageOption({ help, usage }: Words): Option {
  return new Option('--lang <en|ja>', help.lang).argParser((value) => {
    if (value === 'en' || value === 'ja') return value;
    throw new UsageError(usage.badChoice('--lang', printable(value), 'en, ja'));
  });
}

type Values = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

const text = (values: Values, name: string): string | undefined => {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
};

/** An option that may be given several times. */
const texts = (values: Values, name: string): readonly string[] => {
  const value = values[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
};

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
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

function withVersions(command: Command, { help }: Words): Command {
  for (const [name] of VERSION_OPTIONS) command.option(`--${name}`, help[name]);
  return command.option('--min <version>', help.min).option('--max <version>', help.max);
}

function mapped<T>(value: string | undefined, read: (text: string) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}

function connectCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
  const { help } = words;
  const command = base(new Command('connect'), words, environs)
    .description(help.connect)
    .argument('<host>', help.host)
    .option('--servername <name>', help.servername)
    .option('--starttls <protocol>', help.starttls)
    .option('--alpn <list>', help.alpn)
    .option('--ca <file>', help.ca)
    .option('--cert <file>', help.cert, collect)
    .option('--key <file>', help.key, collect);
  withVersions(command, words)
    .option('--groups <list>', help.groups)
    .option('--ciphers <list>', help.ciphers)
    .option('--sigalgs <list>', help.sigalgs);
  return withConnectSessions(command, words)
    .option('--keylog <file>', help.keylog)
    .option('--pcap <file>', help.pcap)
    .option('--json', help.json)
    .addOption(languageOption(words))
    .option('--insecure', help.insecure)
    .option('--once', help.once)
    .option('--timeout <seconds>', help.timeout)
    .addHelpText('after', `\n${help.connectMore}`)
    .action(async (host: string, values: Values) => {
      const starttls = mapped(text(values, 'starttls'), (name) => parseStartTls(name, words));
      const args = {
        ...commonArguments(values, words, environs),
        target: parseTarget(host, words, starttls && startTlsPort(starttls)),
        starttls,
        language,
        servername: text(values, 'servername'),
        pcap: text(values, 'pcap'),
        json: values.json === true,
        insecure: values.insecure === true,
        once: values.once === true,
        ...connectSessionArguments(values, words),
        timeout: parseSeconds('--timeout', text(values, 'timeout') ?? '10', words),
      };
      done(await runConnect(args, environs));
    });
}

function serveCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
  const { help } = words;
  const command = base(new Command('serve'), words, environs)
    .description(help.serve)
    .option('--port <port>', help.port)
    .option('--host <address>', help.listenHost)
    .option('--cert <file>', help.serveCert, collect)
    .option('--key <file>', help.serveKey, collect)
    .option('--http', help.http)
    .option('--alpn <list>', help.alpn)
    .option('--ca <file>', help.serveCa)
    .option('--client-auth <mode>', help.clientAuth);
  withVersions(command, words)
    .option('--cipher-order <side>', help.cipherOrder)
    .option('--groups <list>', help.groups)
    .option('--ciphers <list>', help.ciphers)
    .option('--sigalgs <list>', help.sigalgs);
  return withServeSessions(command, words)
    .option('--keylog <file>', help.keylog)
    .option('--save-cert <file>', help.saveCert)
    .option('--json', help.serveJson)
    .addOption(languageOption(words))
    .option('--once', help.serveOnce)
    .addHelpText('after', `\n${help.serveMore}`)
    .action(async (values: Values) => {
      const args = {
        ...commonArguments(values, words, environs),
        ...serveSessionArguments(values, words),
        cipherOrder: choice(values, 'cipherOrder', '--cipher-order', ['server', 'client'] as const, words),
        port: parsePort(text(values, 'port') ?? '4433', words, 0),
        host: text(values, 'host'),
        language,
        saveCert: text(values, 'saveCert'),
        clientAuth: clientAuth(values, words),
        http: values.http === true,
        json: values.json === true,
        once: values.once === true,
      };
      done(await runServe(args, environs));
    });
}

function ciphersCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
  const { help } = words.cipherList;
  return base(new Command('ciphers'), words, environs)
    .description(help.ciphers)
    .argument('[string]', help.string)
    .option('--name <name>', help.name)
    .option('--openssl', help.openssl)
    .option('--gnutls', help.gnutls)
    .option('--iana', help.iana)
    .option('--json', help.json)
    .addOption(languageOption(words))
    .addHelpText('after', `\n${help.more}`)
    .action((string: string | undefined, values: Values) => {
      const name = text(values, 'name');
      if (name !== undefined && string !== undefined) throw new UsageError(words.cipherList.nameStandsAlone);
      const kind = cipherListLanguage(values, words);
      const args: CiphersArguments = { language, text: string, name, kind, json: values.json === true };
      done(runCiphers(args, environs));
    });
}

function cipherListLanguage(values: Values, words: Words): CiphersArguments['kind'] {
  const [kind, ...more] = (['openssl', 'gnutls', 'iana'] as const).filter((one) => values[one] === true);
  if (more.length > 0) throw new UsageError(words.cipherList.oneLanguage);
  return kind;
}

function doctorCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
  const { help } = words;
  return base(new Command('doctor'), words, environs)
    .description(words.doctor.help.doctor)
    .argument('<host>', help.host)
    .option('--servername <name>', help.servername)
    .option('--starttls <protocol>', help.starttls)
    .option('--ca <file>', help.ca)
    .option('--timeout <seconds>', words.doctor.help.timeout)
    .option('--json', words.doctor.help.json)
    .addOption(languageOption(words))
    .addHelpText('after', `\n${words.doctor.help.more}`)
    .action(async (host: string, values: Values) => {
      const starttls = mapped(text(values, 'starttls'), (name) => parseStartTls(name, words));
      const args = {
        target: parseTarget(host, words, starttls && startTlsPort(starttls)),
        language,
        servername: text(values, 'servername'),
        starttls,
        ca: text(values, 'ca'),
        timeout: parseSeconds('--timeout', text(values, 'timeout') ?? '5', words),
        json: values.json === true,
      };
      done(await runDoctor(args, environs));
    });
}

function whatIfCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
  const { help, whatif } = words;
  const command = base(new Command('whatif'), words, environs)
    .description(whatif.help.whatif)
    .argument('<capture>', whatif.help.what)
    .option('--stream <n>', whatif.help.stream)
    .option('--as-client', whatif.help.asClient)
    .option('--cert <file>', help.serveCert, collect)
    .option('--key <file>', help.serveKey, collect)
    .option('--alpn <list>', help.alpn);
  return withVersions(command, words)
    .option('--groups <list>', help.groups)
    .option('--ciphers <list>', help.ciphers)
    .option('--sigalgs <list>', help.sigalgs)
    .option('--json', whatif.help.json)
    .addOption(languageOption(words))
    .addHelpText('after', `\n${whatif.help.more}`)
    .action(async (what: string, values: Values) => {
      const { versions, ciphers, groups, sigalgs, alpn, credentials } = commonArguments(
        values,
        words,
        environs,
      );
      const args = {
        what,
        language,
        stream: mapped(text(values, 'stream'), (number) => parseStream(number, words)),
        asClient: values.asClient === true,
        json: values.json === true,
        versions,
        ciphers,
        groups,
        sigalgs,
        alpn,
        credentials,
      };
      done(await runWhatIf(args, environs));
    });
}

function parseStream(number: string, words: Words): number {
  if (/^#?\d{1,9}$/.test(number)) return Number(number.replace('#', ''));
  throw new UsageError(words.explain.badStream(printable(number)));
}

function explainCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
  const { help } = words.explain;
  return base(new Command('explain'), words, environs)
    .description(help.explain)
    .argument('<what>', help.what)
    .option('--keylog <file>', help.keylog, collect)
    .option('--rsa-key <file>', help.rsaKey, collect)
    .option('--stream <n>', help.stream, collect)
    .option('--failed', help.failed)
    .option('--json', help.json)
    .option('--html <out>', help.html)
    .option('--force', help.force)
    .option('--redact', help.redact)
    .addOption(languageOption(words))
    .addHelpText('after', `\n${help.more}`)
    .action(async (what: string, values: Values) => {
      const args = {
        what,
        language,
        keylog: texts(values, 'keylog'),
        rsaKeys: texts(values, 'rsaKey'),
        streams: texts(values, 'stream').map((number) => parseStream(number, words)),
        failed: values.failed === true,
        json: values.json === true,
        html: text(values, 'html'),
        force: values.force === true,
        redact: values.redact === true,
      };
      done(await runExplain(args, environs));
    });
}

function inspectCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
  const { help } = words.inspect;
  return base(new Command('inspect'), words, environs)
    .description(help.inspect)
    .argument('<file...>', help.files)
    .option('--chain <out>', help.chain)
    .option('--force', help.force)
    .option('--bytes', help.bytes)
    .option('--password-file <file>', help.passwordFile)
    .option('--json', help.json)
    .addOption(languageOption(words))
    .addHelpText('after', `\n${help.more}`)
    .action(async (sources: string[], values: Values) => {
      const args = {
        sources,
        language,
        chain: text(values, 'chain'),
        force: values.force === true,
        bytes: values.bytes === true,
        passwordFile: text(values, 'passwordFile'),
        json: values.json === true,
      };
      done(await runInspect(args, environs));
    });
}

function verifyCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
  const { help } = words.verify;
  return base(new Command('verify'), words, environs)
    .description(help.verify)
    .argument('<file...>', help.files)
    .option('--host <name>', help.host)
    .option('--ca <file>', help.ca, collect)
    .option('--intermediates <file>', help.intermediates, collect)
    .option('--crl <file>', help.crl, collect)
    .option('--ocsp <file>', help.ocsp, collect)
    .option('--at <time>', help.at)
    .option('--purpose <purpose>', help.purpose)
    .option('--profile <profile>', help.profile)
    .option('--max-depth <n>', help.maxDepth)
    .option('--password-file <file>', help.passwordFile)
    .option('--json', help.json)
    .addOption(languageOption(words))
    .addHelpText('after', `\n${help.more}`)
    .action(async (files: string[], values: Values) => {
      const profiles = ['default', 'rfc5280', 'webpki'] as const;
      const args = {
        files,
        language,
        host: text(values, 'host'),
        ca: texts(values, 'ca'),
        intermediates: texts(values, 'intermediates'),
        crl: texts(values, 'crl'),
        ocsp: texts(values, 'ocsp'),
        at: mapped(text(values, 'at'), (time) => parseTime(time, words)),
        purpose: choice(values, 'purpose', '--purpose', ['server', 'client'] as const, words) ?? 'server',
        profile: choice(values, 'profile', '--profile', profiles, words) ?? 'default',
        maxDepth: mapped(text(values, 'maxDepth'), (depth) => parseDepth(depth, words)),
        passwordFile: text(values, 'passwordFile'),
        json: values.json === true,
      };
      done(await runVerify(args, environs));
    });
}

/** Says on stderr what of them has no effect, or is deprecated. */
function commonArguments(values: Values, words: Words, environs: Environs) {
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

function protocolArguments(values: Values, words: Words, { stderr }: Environs) {
  const exact = VERSION_OPTIONS.filter(([name]) => values[name] === true).map(([, version]) => version);
  const versions = parseVersions({ min: text(values, 'min'), max: text(values, 'max'), exact }, words);
  const list = mapped(text(values, 'ciphers'), (ciphers) =>
    parseSuites(ciphers, versions, words, texts(values, 'psk').length > 0),
  );
  const deprecated = deprecationNote(versions, words);
  const notes = [...(deprecated === null ? [] : [deprecated]), ...(list?.notes ?? [])];
  writeLines(
    stderr,
    notes.map((note) => `akushu: ${note}`),
  );
  return { versions, ciphers: list?.suites };
}

/** Certificates and keys pair off in their order. */
function credentialFiles(values: Values, words: Words): readonly CredentialFiles[] {
  const certs = texts(values, 'cert');
  const keys = texts(values, 'key');
  if (keys.length > 0 && keys.length !== certs.length) throw new UsageError(words.usage.certAndKey);
  return certs.map((certFile, i) => ({ certFile, keyFile: keys[i] }));
}

function choice<T extends string>(
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

function clientAuth(values: Values, words: Words): 'request' | 'require' | undefined {
  const mode = choice(values, 'clientAuth', '--client-auth', ['request', 'require'] as const, words);
  if (mode !== undefined && values.ca === undefined) throw new UsageError(words.usage.clientAuthNeedsCa);
  return mode;
}

function versionOfPackage(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

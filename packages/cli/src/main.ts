/** The command `akushu`: reads the arguments, runs a command, gives the exit code. No stack traces, ever. */
import { readFileSync } from 'node:fs';
import { printable } from 'akushu/diagnose';
import { FileError } from 'akushu/node';
import { Command, CommanderError } from 'commander';
import { runDemo } from './commands/demo.js';
import { EXIT, systemCode } from './failure.js';
import { type Language, languageOfArguments } from './language.js';
import { inspectCommand, verifyCommand } from './options/certificates.js';
import { ciphersCommand } from './options/ciphers.js';
import { doctorCommand, explainCommand, whatIfCommand } from './options/diagnosis.js';
import { connectCommand, serveCommand } from './options/handshakes.js';
import {
  base,
  type Done,
  languageOption,
  protocolArguments,
  type Values,
  withVersions,
} from './options/shared.js';
import { complain, type Environs, inLines, writeLines } from './output.js';
import { UsageError } from './usage.js';
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
  const language = languageOfArguments(args, environs.env);
  const words = wordsOf(language);
  const unwritten: string[] = [];
  for (const stream of [environs.stdout, environs.stderr])
    stream.on('error', (error) => {
      const code = systemCode(error);
      // A reader that stops reading (`| head`) is no failure of ours; a full disk is none either, but loses something.
      if (code !== 'EPIPE') unwritten.push(code);
    });
  let exitCode: number = EXIT.ok;
  const program = programFor(words, language, environs, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    const named = args.find((arg) => program.commands.some((command) => command.name() === arg));
    exitCode = refuse(error, named === undefined ? 'akushu' : `akushu ${named}`, words, environs);
  }
  // What a write came to is told a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  const [lost] = unwritten;
  if (lost === undefined) return exitCode;
  complain(environs.stderr, [words.cannotWrite('stdout', lost)]);
  return EXIT.usage;
}

function refuse(error: unknown, command: string, words: Words, { stderr, env }: Environs): number {
  if (env.AKUSHU_DEBUG === '1' && error instanceof Error) writeLines(stderr, [error.stack ?? error.message]);
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    // The help has been shown where nothing else was asked for.
    if (error.code !== 'commander.help') complain(stderr, [syntaxComplaint(error, words)]);
    if (error.code !== 'commander.help') writeLines(stderr, [words.usage.seeHelp(command)]);
    return EXIT.usage;
  }
  if (error instanceof UsageError) {
    complain(stderr, [error.message]);
    writeLines(stderr, [words.usage.seeHelp(command)]);
    return EXIT.usage;
  }
  if (error instanceof FileError) {
    const file = printable(error.path ?? '');
    const found = error.found === null || error.code === 'file_missing' ? [] : [words.contents[error.found]];
    complain(stderr, [words.sentences([words.files[error.code](file), ...found])]);
    writeLines(stderr, inLines(`${words.tryThis}: ${words.fileHelp[error.code]}`, stderr));
    return EXIT.usage;
  }
  // A fault of ours: said in a line, with the way to the rest.
  writeLines(stderr, [
    `akushu: internal_error: ${printable(error instanceof Error ? error.message : String(error))}`,
    'AKUSHU_DEBUG=1',
  ]);
  return EXIT.tls;
}

/** What is wrong with the arguments, by the name of the option or argument that Commander's message has. */
function syntaxComplaint({ code, message }: CommanderError, { usage, sentences }: Words): string {
  const [first = '', hint = ''] = message.replace(/^error: /, '').split('\n(Did you mean ');
  const [, name = ''] = /'([^']*)'/.exec(first) ?? [];
  const say = usage.syntax[code] ?? (() => printable(first));
  const nearest = hint.replace(/^one of /, '').replace(/\?\)$/, '');
  return sentences([say(printable(name)), ...(nearest === '' ? [] : [usage.didYouMean(nearest)])]);
}

function programFor(words: Words, language: Language, environs: Environs, done: Done): Command {
  const program = base(new Command('akushu'), words, environs)
    .description(words.help.program)
    .version(versionOfPackage(), '-V, --version', words.help.showVersion)
    .addOption(languageOption(words))
    .enablePositionalOptions()
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

function versionOfPackage(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

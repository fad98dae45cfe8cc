/** The options of `inspect` and `verify`. */
import { Command } from 'commander';
import { runInspect } from '../commands/inspect.js';
import { parseDepth, parseTime, runVerify } from '../commands/verify.js';
import type { Language } from '../language.js';
import type { Environs } from '../output.js';
import type { Words } from '../words/index.js';
import {
  base,
  choice,
  collect,
  type Done,
  languageOption,
  mapped,
  text,
  texts,
  type Values,
} from './shared.js';

export function inspectCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
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

export function verifyCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
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

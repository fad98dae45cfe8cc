/** The options of `doctor`, `explain` and `whatif`. */

import { printable } from 'akushu/diagnose';
import { startTlsPort } from 'akushu/node';
import { Command } from 'commander';
import { runDoctor } from '../commands/doctor.js';
import { runExplain } from '../commands/explain.js';
import { runWhatIf } from '../commands/whatif.js';
import type { Language } from '../language.js';
import type { Environs } from '../output.js';
import { parseSeconds, parseStartTls, parseTarget, UsageError } from '../usage.js';
import type { Words } from '../words/index.js';
import {
  base,
  collect,
  commonArguments,
  type Done,
  languageOption,
  mapped,
  text,
  texts,
  type Values,
  withVersions,
} from './shared.js';

export function doctorCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
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

export function whatIfCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
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

export function explainCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
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

function parseStream(number: string, words: Words): number {
  if (/^#?\d{1,9}$/.test(number)) return Number(number.replace('#', ''));
  throw new UsageError(words.explain.badStream(printable(number)));
}

/** The options of `ciphers`. */
import { Command } from 'commander';
import { type CiphersArguments, runCiphers } from '../commands/ciphers.js';
import type { Language } from '../language.js';
import type { Environs } from '../output.js';
import { UsageError } from '../usage.js';
import type { Words } from '../words/index.js';
import { base, type Done, languageOption, text, type Values } from './shared.js';

export function ciphersCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
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

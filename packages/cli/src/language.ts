/** Which language to speak: `--lang`, else what the locale says (POSIX: LC_ALL before LC_MESSAGES before LANG). */
import type { Language } from 'akushu/diagnose';

export type { Language };

type Environment = Readonly<Record<string, string | undefined>>;

export function languageOfLocale(env: Environment): Language {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return /^ja(?:$|[_.@-])/i.test(locale) ? 'ja' : 'en';
}

/** The language for help and usage errors, which are due before the arguments have been read. */
export function languageOfArguments(args: readonly string[], env: Environment): Language {
  for (const [i, arg] of args.entries()) {
    if (arg === '--') break;
    const value = arg === '--lang' ? args[i + 1] : /^--lang=(.*)$/.exec(arg)?.[1];
    if (value === 'ja' || value === 'en') return value;
  }
  return languageOfLocale(env);
}

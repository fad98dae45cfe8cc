/** The command's own words by language. */
import type { Language } from 'akushu/diagnose';
import { en } from './en.js';
import { ja } from './ja.js';
import type { Words } from './words.js';

const WORDS: Readonly<Record<Language, Words>> = { en, ja };

export const wordsOf = (language: Language): Words => WORDS[language];
export type { Words } from './words.js';

/** The two languages as one table. */
import { en } from './en/index.js';
import { ja } from './ja/index.js';
import type { Language, Texts } from './texts.js';

export const TEXTS: Readonly<Record<Language, Texts>> = { en, ja };

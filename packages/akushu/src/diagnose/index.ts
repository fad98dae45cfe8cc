/** Facts in words, in English and Japanese. */
export {
  type ErrorExplanation,
  type Explainable,
  explainAlert,
  explainDecision,
  explainError,
  explainGroup,
  explainKey,
  explainMessage,
  explainReason,
  explainScheme,
  explainSuite,
  keyText,
  topicName,
} from './explain.js';
export { printable } from './printable.js';
export type { KeyText, Language, MessageText, NetworkCode } from './texts.js';

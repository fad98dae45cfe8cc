/** Facts in words, in English and Japanese. */
export {
  type ErrorExplanation,
  type Explainable,
  explainAlert,
  explainDecision,
  explainError,
  explainGroup,
  explainReason,
  explainScheme,
  explainSuite,
  explainWeakPoint,
  topicName,
} from './explain.js';
export {
  explainKey,
  explainKeyDescent,
  explainMessage,
  explainPrivateKey,
  keyText,
} from './explain-messages.js';
export { printable } from './printable.js';
export { isBefore13, NO_SETTING, type Setting, settingAfter } from './setting.js';
export type { KeyText, Language, MessageText, NetworkCode, WeakPoint } from './texts.js';
export { weakPointsOf } from './weak-points.js';

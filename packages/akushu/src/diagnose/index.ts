/** Facts in words, and verdicts on failures, in English and Japanese. */
export { CAUSES, type Cause } from './cause.js';
export {
  type ConnectionDiagnosis,
  type DiagnoseOptions,
  diagnoseConnection,
  diagnoseLookup,
} from './diagnose-connection.js';
export { diagnoseError, type ErrorCircumstances } from './diagnose-error.js';
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
export type { Outcome } from './judge/judgement.js';
export { changeOf, findingOf, judgeTrials, TRIALS, type Trial, type TrialResult } from './judge/trials.js';
export { networkCodeOf, systemCode } from './network-error.js';
export { printable } from './printable.js';
export type { Program, Snippet } from './remedy/index.js';
export { isBefore13, NO_SETTING, type Setting, settingAfter } from './setting.js';
export { textFromBytes, utf16Of } from './text/decode.js';
export { diagnoseText, type TextDiagnosis, type TextIncident } from './text/diagnose-text.js';
export type { KeyText, Language, MessageText, NetworkCode, WeakPoint } from './texts.js';
export {
  type Evidence,
  evidenceText,
  type Finding,
  type Localized,
  type Missing,
  type Offers,
  ranked,
  sideText,
  type Verdict,
  type VerdictSide,
  verdictOf,
} from './verdict.js';
export type { MissingId } from './verdict-texts.js';
export { weakPointsOf } from './weak-points.js';
export {
  type Agreed,
  type ClientPolicy,
  helloOf,
  type PolicyChange,
  serverNameIn,
  type WhatIf,
  type WhatIfOptions,
  whatIfHello,
  whatIfServer,
} from './what-if.js';

/** English: everything together, and how sentences are put together. */
import type { Sayings, SuiteFacts, Texts } from '../texts.js';
import { alerts, unknownAlert } from './alerts.js';
import { passedOver, reasons, topics } from './decisions.js';
import { errors, facts, network, unknownError } from './errors.js';
import { messages, unknownMessage } from './messages.js';
import { groupKinds, keys, signatureKinds, weaknesses } from './names.js';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function describeSuite(suite: SuiteFacts): string {
  const { encryption, bits, mac, hash, keyExchange, authentication } = suite;
  const parts = [
    bits === 0 ? 'No encryption' : `Encryption with ${encryption} (${bits} bits)`,
    mac === 'AEAD' ? 'integrity built in (AEAD)' : `integrity by HMAC with ${mac}`,
    suite.tls13
      ? `keys derived with ${hash}`
      : `key exchange ${keyExchange}, authentication ${authentication}`,
    suite.forwardSecret ? 'forward secrecy' : 'no forward secrecy',
  ];
  const weak = suite.weaknesses.length > 0 ? ` Weak: ${suite.weaknesses.join('; ')}.` : '';
  return `${parts.join(', ')}.${weak}`;
}

const say: Sayings = {
  peerAlert: (by, alert, meaning) =>
    `The ${by ?? 'peer'} ended the connection with the alert ${alert}. ${meaning}`,
  fact: (name, value) => `${name}: ${value}.`,
  list: (values) => values.join(', '),
  more: (count) => `${count} more`,
  decision: (chosen, reason, passed) => `${[`${chosen}: ${reason}`, ...passed].join('; ')}.`,
  why: (reason, passed) => `${capital([reason, ...passed].join('; '))}.`,
  ignored: (problem) => `let through although something is wrong: ${problem}`,
  none: (topic) => `no ${topic.one}`,
  nothingShared: (topic) => `the two sides share none of their ${topic.many}`,
  passed: (reason, values) => `${reason}: ${values}`,
  alsoOffered: 'the client also offered',
  sharesSent: 'shares had come for',
  credential: (index) => `certificate ${index + 1}`,
  identity: (index) => `pre-shared key ${index + 1}`,
  cookie: 'cookie',
  trusted: 'trusted',
  accepted: 'accepted',
  key: (text, aead, generation) =>
    `${capital(text.name)}${generation > 0 ? `, update ${generation}` : ''}: protects ${text.protects}${aead && ` (${aead})`}. ${text.holders}`,
  suite: describeSuite,
  group: (kind, bits, postQuantum) =>
    `${capital(kind)}${bits === null ? '' : `, ${bits} bits strong`}, forward secrecy. ${
      postQuantum
        ? 'Safe against a later quantum computer.'
        : 'A later quantum computer could break recorded traffic.'
    }`,
  scheme: (kind, hash, curve, postQuantum) => {
    const parts = [capital(kind), ...(curve ? [`curve ${curve}`] : []), ...(hash ? [hash] : [])];
    return `${parts.join(', ')}.${postQuantum ? ' Post-quantum.' : ''}`;
  },
  unknownName: 'Not known to any registry here.',
};

export const en: Texts = {
  messages,
  unknownMessage,
  alerts,
  unknownAlert,
  errors,
  network,
  unknownError,
  facts,
  topics,
  reasons,
  passedOver,
  keys,
  groupKinds,
  signatureKinds,
  weaknesses,
  say,
};

/** English: everything together, and how sentences are put together. */
import type { Sayings, SuiteFacts, Texts } from '../texts.js';
import { alerts, unknownAlert } from './alerts.js';
import { before13 } from './before13.js';
import { passedOver, protections, reasons, topics } from './decisions.js';
import { errors, facts, network, unknownError } from './errors.js';
import { keyDescent, keys, privateKeyUse, writeKeyHolders } from './keys.js';
import { messages, unknownMessage } from './messages.js';
import { groupKinds, signatureKinds, weaknesses } from './names.js';
import { verdicts } from './verdicts.js';
import { weakPoints } from './weak-points.js';

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
  orOlder: (version) => `${version} or older`,
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
  serverLacksIt: 'the server does not have it',
  ticket: 'ticket',
  inUse: 'in use',
  notInUse: 'not in use',
  noneUsable: (topic) => `none of the shared ${topic.many} can be used`,
  cannotSign: 'its key makes no signature that the peer accepts',
  otherKey: 'its key is of another kind than the cipher suite needs',
  unprotected: (lack, consequence) => `${lack}; ${consequence}`,
  trusted: 'trusted',
  accepted: 'accepted',
  readEarly: 'the server reads it before the handshake is complete',
  key: (text, aead, generation) =>
    `${capital(text.name)}${generation > 0 ? `, update ${generation}` : ''}: protects ${text.protects}${aead && ` (${aead})`}. ${text.holders}`,
  suite: describeSuite,
  group: (kind, bits, postQuantum) =>
    `${capital(kind)}${bits === null ? '' : `, ${bits} bits strong`}, forward secrecy. ${
      postQuantum
        ? 'Safe against a later quantum computer.'
        : 'A later quantum computer could break recorded traffic.'
    }`,
  ownGroup: (bits) =>
    `Diffie-Hellman over a finite field that the server chose itself, ${bits} bits long, forward secrecy. A later quantum computer could break recorded traffic.`,
  md5Sha1:
    'RSA with the old padding over MD5 and SHA-1 together, the only way in TLS 1.1 and 1.0. Both are broken.',
  scheme: (kind, hash, curve, postQuantum) => {
    const parts = [capital(kind), ...(curve ? [`curve ${curve}`] : []), ...(hash ? [hash] : [])];
    return `${parts.join(', ')}.${postQuantum ? ' Post-quantum.' : ''}`;
  },
  unknownName: 'Not known to any registry here.',
};

export const en: Texts = {
  messages,
  before13,
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
  protections,
  keys,
  writeKeyHolders,
  keyDescent,
  privateKeyUse,
  weakPoints,
  groupKinds,
  signatureKinds,
  weaknesses,
  verdicts,
  say,
};

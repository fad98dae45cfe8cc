/** 日本語: 全体のまとめと、文の組み立て方。 */
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

const SIDE = { client: 'クライアント', server: 'サーバー' } as const;

function describeSuite(suite: SuiteFacts): string {
  const { encryption, bits, mac, hash, keyExchange, authentication } = suite;
  const parts = [
    bits === 0 ? '暗号化なし' : `暗号化は${encryption}（${bits}ビット）`,
    mac === 'AEAD' ? '改ざん検知を内蔵（AEAD）' : `改ざん検知は${mac}のHMAC`,
    suite.tls13 ? `鍵の導出は${hash}` : `鍵交換は${keyExchange}、認証は${authentication}`,
    suite.forwardSecret ? '前方秘匿性あり' : '前方秘匿性なし',
  ];
  const weak = suite.weaknesses.length > 0 ? `弱点: ${suite.weaknesses.join('、')}。` : '';
  return `${parts.join('、')}。${weak}`;
}

const say: Sayings = {
  peerAlert: (by, alert, meaning) =>
    `${by ? SIDE[by] : '相手'}がアラート ${alert} を送って接続を終えました。${meaning}`,
  fact: (name, value) => `${name}: ${value}。`,
  list: (values) => values.join(', '),
  orOlder: (version) => `${version} 以前`,
  more: (count) => `ほか${count}個`,
  decision: (chosen, reason, passed) =>
    [`${chosen}: ${reason}`, ...passed].map((part) => `${part}。`).join(''),
  why: (reason, passed) => [reason, ...passed].map((part) => `${part}。`).join(''),
  ignored: (problem) => `問題があるが通した: ${problem}`,
  none: (topic) => `${topic.one}なし`,
  nothingShared: (topic) => `双方に共通する${topic.one}がない`,
  passed: (reason, values) => `${reason}: ${values}`,
  alsoOffered: 'クライアントがほかに提示',
  sharesSent: '届いていた鍵共有値',
  credential: (index) => `証明書${index + 1}`,
  identity: (index) => `事前共有鍵${index + 1}`,
  cookie: 'クッキー',
  serverLacksIt: 'サーバーが対応していない',
  ticket: 'チケット',
  inUse: '使用',
  notInUse: '不使用',
  noneUsable: (topic) => `双方に共通する${topic.many}はあるが、どれも使えない`,
  cannotSign: '相手が受け入れる署名を、この鍵では作れない',
  otherKey: '鍵の種類が暗号スイートに合わない',
  unprotected: (lack, consequence) => `${lack}。${consequence}`,
  trusted: '信頼できる',
  accepted: '受け入れ',
  readEarly: 'サーバーがハンドシェイクの完了前に読む',
  key: (text, aead, generation) =>
    `${text.name}${generation > 0 ? `（更新${generation}回目）` : ''}: 保護するのは${text.protects}${aead && `（${aead}）`}。${text.holders}`,
  suite: describeSuite,
  group: (kind, bits, postQuantum) =>
    `${kind}${bits === null ? '' : `、強度${bits}ビット`}、前方秘匿性あり。${
      postQuantum
        ? '将来の量子コンピューターにも耐える。'
        : '将来の量子コンピューターは、記録された通信を解読しうる。'
    }`,
  ownGroup: (bits) =>
    `サーバーが独自に選んだ有限体上のDiffie-Hellman、長さ${bits}ビット、前方秘匿性あり。将来の量子コンピューターは、記録された通信を解読しうる。`,
  md5Sha1:
    '古いパディングのRSAで、MD5とSHA-1を併用。TLS 1.1と1.0ではこれしかない。どちらのハッシュも破られている。',
  scheme: (kind, hash, curve, postQuantum) => {
    const parts = [kind, ...(curve ? [`曲線${curve}`] : []), ...(hash ? [hash] : [])];
    return `${parts.join('、')}。${postQuantum ? '耐量子。' : ''}`;
  },
  unknownName: 'ここのどの登録簿にもない名前。',
};

export const ja: Texts = {
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

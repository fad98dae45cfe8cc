/** 日本語（`akushu verify`）。 */
import type { VerifyWords } from './verify.js';

export const verifyJa: VerifyWords = {
  verdict: '判定',
  valid: '有効',
  invalid: '無効',
  rows: {
    leaf: '証明書',
    host: 'ホスト',
    purpose: '用途',
    time: '時点',
    profile: 'プロファイル',
    roots: '信頼するもの',
    revocation: '失効',
    rule: '規則',
    why: '理由',
    where: '場所',
  },
  purposes: { server: 'TLSサーバー', client: 'TLSクライアント' },
  profiles: {
    default: 'default（利用者を危険にさらすものを拒否。ChromeやGoと同じ考え方）',
    rfc5280: 'rfc5280（RFC 5280のとおり）',
    webpki: 'webpki（RFC 5280と、公的な認証局のBaseline Requirementsのとおり）',
  },
  anyHost: '問わない（--host の指定なし）',
  roots: (count, sources) => `ルート${count}個（${sources}）`,
  revocationNotAsked: '確認していない（--crl も --ocsp も指定なし）',
  revocationGood: '与えられたものによれば、失効していない',
  acceptedPath: '有効なパス',
  failedPath: (number, of) => (of === 1 ? '失敗したパス' : `パス ${number}/${of}: 失敗`),
  leafFailures: '証明書そのものの問題',
  unusable: (count) => `読み取れない証明書（${count}個）`,
  failsHere: '◀ ここで失敗',
  anchor: '（信頼済み）',
  noIssuer: '（発行者なし）',
  repairs: '直すには',
  addIssuer: (issuer, below) =>
    `${below} を発行した ${issuer} の証明書を加える（サーバーも送る必要がある）。`,
  giveIssuer: 'ここで検証に加えるには: --intermediates FILE',
  fetchIssuer: (url) => `下の証明書に書かれている取得先: ${url}`,
  trustRoot: (subject) =>
    `${subject} が正しいものだと分かっていれば、それを信頼する: --ca FILE（その証明書）。`,
  dateOf: (kind) =>
    kind === 'renew' ? '期限の切れた証明書を更新する。' : '有効期間が始まるまで待つか、時計を確かめる。',
  noCertificate: (file) => `${file}: 証明書がありません。`,
  notFirst: '最初の証明書は認証局のもので、それを検証しました。リーフを最初に指定してください。',
  leafMoved:
    'ファイルの先頭はリーフではありません。リーフを探して検証しました。サーバーはリーフを最初に送る必要があります。',
  reasons: {
    issuer_missing: 'この証明書の発行者が、与えられたものの中にありません。',
    key_usage: '鍵の用途がTLSのハンドシェイクを許していません。署名（digitalSignature）ができません。',
  },
  advice: {
    key_usage: '認証局のものではなく、サーバーかクライアントの証明書を検証する。',
  },
  reissue: 'この問題のない証明書を発行し直してもらう。ほかのプロファイルなら受け入れるかもしれない。',
  unreadable: '読み取れない',
  replaceIssuer: (issuer, below) =>
    `期限の切れたものの代わりに、${below} を発行した ${issuer} の更新された証明書を加える。`,
  badTime: (text) => `--at: "${text}" は時刻ではありません。例: 2026-01-31、2026-01-31T12:00:00Z`,
  badDepth: (text) => `--max-depth: "${text}" は中間証明書の数（0〜100）ではありません。`,
  itIs: (refusal, kind) => `${refusal}中身: ${kind}。`,
  badRevocation: (file, wanted) =>
    wanted === 'CRL'
      ? `--crl: ${file} に読み取れるCRLがありません。`
      : `--ocsp: ${file} は読み取れるOCSPの応答ではありません。`,
  help: {
    verify: '証明書を検証し、ルートへの各パスと、失敗の原因となった規則を示す。',
    files: '検証する証明書、続けてチェーン（順序は自由）。- は標準入力',
    host: '証明書の対象であるべきDNS名かアドレス',
    ca: 'システムのものでなくFILEの証明書を信頼（複数回指定可）',
    intermediates: 'パスに使ってよい証明書（複数回指定可）',
    crl: '調べるCRL（DERかPEM、複数回指定可）',
    ocsp: '証明書についてのOCSPの応答（DERかPEM、複数回指定可）',
    at: 'TIMEの時点で検証する: 2026-01-31、2026-01-31T12:00:00Z（既定: 今）',
    purpose: 'server か client（既定: server）',
    profile: 'default、rfc5280、webpki（既定: default）',
    maxDepth: '証明書とルートの間の中間証明書は最大N個',
    passwordFile: 'FILEの1行目をキーストアのパスワードとする',
    json: '説明の代わりにJSONオブジェクトを一つ出力する',
    more: `--crl か --ocsp を指定すると、証明書が失効していないとそれらが示す必要がある。
認証局については、失効を示すものがなければよい。

例:
  akushu verify --host example.com fullchain.pem
  akushu verify --ca root.pem --crl ca.crl --at 2027-01-01 server.crt

終了コード: 0 有効、1 無効、2 使い方の誤り、または読めないファイル。`,
  },
};

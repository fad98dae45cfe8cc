/** What `akushu whatif` says, as a type, and in both languages. */
import type { Language, PolicyChange } from 'akushu/diagnose';

export interface WhatIfWords {
  readonly title: (stream: number | null) => string;
  readonly works: string;
  readonly fails: (code: string) => string;
  readonly retry: string;
  readonly change: string;
  readonly adds: Readonly<Record<PolicyChange['add'], string>>;
  readonly noChange: string;
  readonly notACapture: string;
  readonly noHello: string;
  readonly noServer: string;
  readonly help: Readonly<Record<'whatif' | 'what' | 'stream' | 'asClient' | 'json' | 'more', string>>;
}

const en: WhatIfWords = {
  title: (stream) => (stream === null ? 'What if: the recorded hello' : `What if: connection #${stream}`),
  works: 'It would work.',
  fails: (code) => `It would fail: ${code}`,
  retry: 'The client would be asked for another key share first (HelloRetryRequest).',
  change: 'The smallest change that makes it work',
  adds: {
    version: 'version',
    cipher_suite: 'cipher suite',
    group: 'group',
    signature_scheme: 'signature scheme',
    certificate: 'certificate with a key of the kind',
    alpn: 'application protocol',
  },
  noChange: 'No single change of the policy, and no two, make it work.',
  notACapture: 'whatif takes a capture (pcap or pcapng), or the bytes of a ClientHello.',
  noHello: 'There is no ClientHello in it that can be read.',
  noServer: 'There is no ServerHello in it that can be read.',
  help: {
    whatif: 'Run a recorded ClientHello against a server with a given policy.',
    what: 'a capture, a ClientHello (binary, hex, Base64), or - for stdin',
    stream: 'the hello of connection N (default: the first)',
    asClient: 'the reverse: what the recorded server chose, for a client with this policy',
    json: 'one JSON object in place of the explanation',
    more: `The other options are the policy. Connects to nobody.
Exit codes: 0 it would work, 1 it would fail, 2 usage, or no hello in it.`,
  },
};

const ja: WhatIfWords = {
  title: (stream) => (stream === null ? 'もしも: 記録されたClientHello' : `もしも: 接続 #${stream}`),
  works: '成功します。',
  fails: (code) => `失敗します: ${code}`,
  retry: '先に別の鍵共有値を求めます（HelloRetryRequest）。',
  change: '成功させる最小の変更',
  adds: {
    version: 'バージョン',
    cipher_suite: '暗号スイート',
    group: 'グループ',
    signature_scheme: '署名方式',
    certificate: '次の種類の鍵の証明書',
    alpn: 'アプリケーションプロトコル',
  },
  noChange: '一つまたは二つの変更では成功しません。',
  notACapture: 'whatifにはキャプチャー（pcap、pcapng）かClientHelloのバイト列を指定してください。',
  noHello: '読めるClientHelloがありません。',
  noServer: '読めるServerHelloがありません。',
  help: {
    whatif: '記録されたClientHelloを、指定した設定のサーバーで試す。',
    what: 'キャプチャー、ClientHello（バイナリ、16進、Base64）、-（標準入力）',
    stream: 'N番の接続のClientHello（既定: 最初のもの）',
    asClient: '逆方向: 記録されたサーバーの選択を、この設定のクライアントで試す',
    json: '説明の代わりにJSONオブジェクトを一つ出力する',
    more: `ほかのオプションは設定を表す。どこにも接続しない。
終了コード: 0 成功する、1 失敗する、2 使い方の誤り、またはClientHelloがない。`,
  },
};

export const whatIfWords: Readonly<Record<Language, WhatIfWords>> = { en, ja };

/** What `akushu doctor` says, as a type, and in both languages. */
import type { Language, Trial } from 'akushu/diagnose';

export interface DoctorWords {
  readonly tried: string;
  readonly triedWhy: string;
  readonly trials: Readonly<Record<Trial, string>>;
  readonly works: string;
  /** Nothing that was tried made a difference. */
  readonly nothingHelped: string;
  /** The addresses of a name. */
  readonly addresses: string;
  readonly checking: (host: string) => string;
  readonly fails: (code: string) => string;
  /** As before; with a code, in another way than before. */
  readonly failsToo: (code: string | null) => string;
  readonly help: Readonly<Record<'doctor' | 'timeout' | 'json' | 'more', string>>;
}

const en: DoctorWords = {
  tried: 'What makes a difference',
  triedWhy: 'The same attempt with one thing changed, the smallest change first.',
  trials: {
    again: 'once more, unchanged',
    split_segments: 'the hello in several small segments',
    no_grease: 'without reserved values (GREASE)',
    no_hybrid_share: 'without the post-quantum key share, but as long',
    smaller_hello: 'with a hello that fits one segment',
    minimal_hello: 'with as little as possible in the hello',
    other_server_name: 'with another server name (SNI)',
    no_server_name: 'without a server name (SNI)',
    tls12_only: 'TLS 1.2 only',
    old_suites: 'TLS 1.2 with old cipher suites',
    old_versions: 'TLS 1.1 and 1.0',
  },
  works: 'it works',
  nothingHelped: 'Nothing that was tried makes it work.',
  addresses: 'Each address of the name',
  checking: (address) => `The address that fails: ${address}`,
  fails: (code) => `fails (${code})`,
  failsToo: (code) => (code === null ? 'fails as well' : `fails, but differently (${code})`),
  help: {
    doctor: 'Find out why a server cannot be reached by TLS: try, change one thing, try again.',
    timeout: 'time limit for each attempt (default 5)',
    json: 'one JSON object in place of the explanation',
    more: `Nothing is sent but handshakes. Exit codes: 0 healthy, 1 TLS failure, 2 usage,
3 network failure.`,
  },
};

const ja: DoctorWords = {
  tried: '何を変えると変わるか',
  triedWhy: '同じ試みを、一つだけ変えて繰り返す。小さい変更から試す。',
  trials: {
    again: '変更せずにもう一度',
    split_segments: 'ClientHelloを小さなセグメントに分割',
    no_grease: '予約値（GREASE）なし',
    no_hybrid_share: '耐量子の鍵共有値なし、長さは同じ',
    smaller_hello: '一つのセグメントに収まるClientHello',
    minimal_hello: '最小限のClientHello',
    other_server_name: '別のサーバー名（SNI）',
    no_server_name: 'サーバー名（SNI）なし',
    tls12_only: 'TLS 1.2だけ',
    old_suites: 'TLS 1.2と古い暗号スイート',
    old_versions: 'TLS 1.1と1.0',
  },
  works: '成功',
  nothingHelped: '試した変更では成功しません。',
  addresses: '名前の各アドレス',
  checking: (address) => `失敗するアドレス: ${address}`,
  fails: (code) => `失敗（${code}）`,
  failsToo: (code) => (code === null ? '同じく失敗' : `別の失敗（${code}）`),
  help: {
    doctor: 'サーバーにTLSで接続できない理由を、一つずつ変えて試して調べる。',
    timeout: '一回の試みの制限時間（秒、既定5）',
    json: '説明の代わりにJSONオブジェクトを一つ出力する',
    more: `ハンドシェイクのほかは何も送らない。
終了コード: 0 健全、1 TLSの失敗、2 使い方の誤り、3 ネットワークの失敗。`,
  },
};

export const doctorWords: Readonly<Record<Language, DoctorWords>> = { en, ja };

/** 日本語（`akushu explain`）。 */
import type { ExplainWords } from './explain.js';

const number = (count: number): string => count.toLocaleString('en-US');

export const explainJa: ExplainWords = {
  outcomes: { established: '成立', failed: '失敗', incomplete: '判断できない' },
  connection: (index) => `接続 ${index}`,
  lookup: (name) => `DNS: ${name}`,
  lookups: {
    nxdomain: '名前が存在しない',
    servfail: 'リゾルバーが失敗',
    refused: 'リゾルバーが拒否',
    no_addresses: '名前はあるがアドレスがない',
    no_answer: '応答なし',
    unreachable: 'リゾルバーに到達できない',
  },
  message: (program) => (program === null ? '文面の内容' : `${program}のメッセージ`),
  times: (count) => `${number(count)}回`,
  line: (index) => `${index}行目`,
  rows: {
    client: 'クライアント',
    server: 'サーバー',
    name: '名前',
    version: 'バージョン',
    outcome: '結果',
    problem: '問題',
  },
  opening: {
    complete: 'TCP: 接続',
    half: 'TCP: クライアントが応答せず、開ききっていない',
    refused: 'TCP: サーバーが拒否（RST）',
    unreachable: 'TCP: ネットワークがホストに到達できないと通知（ICMP）',
    no_answer: 'TCP: 接続の試みに応答なし',
    unseen: 'キャプチャーはこの接続の途中から始まる',
  },
  unread: (records) => `読めない内容、${number(records)}レコード`,
  encrypted: (records) => `暗号化、${number(records)}レコード`,
  hidden: '（暗号化）',
  data: 'アプリケーションデータ',
  plain: '平文',
  more: (count) => `ほか${number(count)}件`,
  reset: '接続をリセット（RST）',
  closes: 'TCPを終了（FIN）',
  silence: (seconds) => `${seconds}秒間、何も届かない`,
  verdict: (title) => `判定: ${title}`,
  likely: (title) => `確定できません。有力: ${title}`,
  sure: (percent, side) => `確度${percent} %・原因の側: ${side}`,
  because: '根拠',
  also: 'ほかの候補',
  other: (percent, title, cause) => `${percent} %  ${title}（${cause}）`,
  settles: '確定には',
  fix: '変更すること',
  nothingKnown: '接続の一部しかないため、結果を判断できません。',
  notTls: 'この接続にTLSはありません。',
  unknownText: 'この文面に既知の内容はありません。そのため判定はありません。',
  unknownHelp:
    '前後の行を含む全文を渡してください。または接続をキャプチャーして渡してください: tcpdump -s 0 -w failure.pcap',
  moreSnippets: 'Caddy、Node、Java、Goなどの設定は--stream N、--json、--htmlで示します。',
  summary: 'キャプチャー',
  cutPackets: (packets, cut, bytes) =>
    `パケット${number(packets)}個のうち${number(cut)}個が${number(bytes)}バイトで切れています。その先は分かりません。tcpdump -s 0で取り直してください。`,
  counts: (connections, packets, lookups) =>
    [
      `パケット${number(packets)}個`,
      `TCP接続${number(connections)}本`,
      ...(lookups > 0 ? [`名前解決の失敗${number(lookups)}件`] : []),
    ].join('・'),
  noTls: 'このキャプチャーにTLSはありません。',
  noConnection: 'このキャプチャーにTCP接続はありません。',
  sawInstead: (what) => `含まれるもの: ${what}。`,
  noneFailed: '失敗した接続はありません。',
  noSuchStream: (index) => `このキャプチャーに接続${index}はありません。`,
  captureProblems: {
    truncated: 'ファイルがパケットの途中で終わっている',
    corrupt: 'ファイルが壊れていて、ここから先を読めない',
    gzip_corrupt: '圧縮データが壊れている',
    gzip_truncated: '圧縮データが途中で終わっている',
    unknown_interface: '説明のないインターフェースのパケット',
    unsupported_link_type: '未対応の種類のネットワークのパケット',
    bad_packet: '読めないパケット',
    bad_secrets: '読めないシークレット',
    limit_reached: '上限に達したため、残りを省略',
  },
  connectionProblems: {
    lost_bytes: 'キャプチャーに欠けたデータがある',
    not_a_record: 'TLSレコードでないデータ',
    malformed_message: '読めないメッセージ',
    record_too_long: '長すぎるレコード',
    message_too_long: '長すぎるメッセージ',
    undecryptable_record: '鍵で復号できないレコード',
    unfit_secret: '合わないシークレット',
    unsupported_cipher: 'ここでは復号できない暗号',
    unsupported_compression: 'ここでは展開できない圧縮',
    incomplete_message: '終わっていないメッセージ',
    limit_reached: '上限に達したため、残りを省略',
  },
  atByte: (what, offset, count) => `${what}（${offset}バイト目${count > 1 ? `、${count}回` : ''}）`,
  shortened: '後の接続は一行ずつ示しました。--stream Nで一つを詳しく示します。',
  tooLong: '文面が上限を超えるため、終わりの部分を読んでいません。',
  written: (file) => `報告書: ${file}`,
  badStream: (text) => `--stream: "${text}" は接続の番号ではありません。`,
  notForText: (option) => `${option} はキャプチャーに使います。これはテキストです。`,
  noSecrets: (file) => `--keylog: ${file} にSSLKEYLOGFILE形式のシークレットがありません。`,
  notRsa: (file) =>
    `--rsa-key: ${file} はRSA鍵ではありません。サーバーの鍵で復号できるのはRSA鍵交換だけです。`,
  exists: (file) =>
    `--html: ${file} はすでにあり、報告書ではありません。上書きするには --force を付けてください。`,
  forceNeedsHtml: '--force は --html OUT と一緒に指定してください。',
  empty: '入力が空です。',
  compressed: (how) => `圧縮されています（${how}）。先に展開してください。読めるのはgzipだけです。`,
  notACapture: (looksLike) =>
    `キャプチャー（pcap、pcapng）でもテキストでもありません${looksLike === null ? '' : `（${looksLike}）`}。読み取れるものはありません。`,
  tlsBytes:
    'パケットのないTLSのデータだけでは、結果を判断できません。akushu whatifは、記録されたClientHelloをサーバーで試します。',
  badKeyLogLines: (count) => `鍵ログの${number(count)}行を読めない`,
  html: { title: 'TLS接続の説明', made: 'akushu explainで作成。' },
  progress: (percent, megabytes, connections) => `${percent} ${megabytes} MB、接続${number(connections)}本`,
  help: {
    explain: '接続が失敗した理由を、キャプチャー、ログ、エラーメッセージから説明する。',
    what: 'キャプチャー（pcap、pcapng）、ログ、-（標準入力）、または引用符で囲んだ文面',
    keylog: 'FILEのシークレットで復号する（SSLKEYLOGFILE形式）',
    rsaKey: 'サーバーのRSA鍵で復号する（PEM。前方秘匿性のないTLS 1.2）',
    stream: 'N番の接続だけを詳しく示す（繰り返し指定可）',
    failed: '失敗した接続だけを示す',
    json: '説明の代わりにJSONオブジェクトを一つ出力する',
    html: 'ほかに何も要らない一つの報告書もOUTに書く',
    force: '--html が報告書でないファイルを上書きしてよい',
    redact: 'プライベートアドレスと名前を伏せる',
    more: `例:
  akushu explain failure.pcapng --keylog keys.log
  akushu explain "curl: (35) wrong version number"
  tail -100 /var/log/nginx/error.log | akushu explain -

終了コード: 0 読んで説明した、1 壊れているか既知の内容がない、
2 使い方の誤り、またはファイルがない。`,
  },
};

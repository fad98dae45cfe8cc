/** Japanese: sessions, early data, pre-shared keys. */
import type { SessionWords } from './sessions.js';

export const sessionsJa: SessionWords = {
  title: 'セッション',
  rows: { session: 'セッション', kept: '保存', earlyData: '早期データ', psk: '事前共有鍵' },
  outcome: {
    resumed: (file) => `${file} のものを提示し、再開した`,
    none_found: (file) => `${file} にはこのサーバーのものがまだない。完全なハンドシェイク`,
    refused: (file) =>
      `${file} のものを提示したが、サーバーは受け入れなかった。使用済みか期限切れ、または鍵が替わった`,
  },
  notOffered: (why) => `提示しなかった: ${why}`,
  kept: (count, file) =>
    count === 0
      ? 'サーバーは次の接続のためのセッションをくれなかった'
      : `次の接続のために${count}個を ${file} に`,
  inMemory: 'メモリー',
  byPsk: '証明書なし。双方が同じ事前共有鍵を持つ',
  early: {
    accepted: (bytes) => `${bytes}を0-RTTで送った。サーバーの最初の応答より前に届く`,
    sent_late: (bytes) => `${bytes}をハンドシェイクの後に送った。許すセッションがないか、サーバーが断った`,
    withheld: (bytes) => `${bytes}は送らなかった。サーバーがセッションと異なるプロトコルを選んだ`,
  },
  replayable: '記録した者はこれを再び送れる。前方秘匿性もない。二度届いてもよい要求だけに使うこと。',
  verifiedBefore: '信頼できる。セッションの元の完全なハンドシェイクで検証済み',
  pskTaken: '提示し、サーバーが受け入れた',
  pskNotTaken: '提示したが、サーバーは受け入れなかった。識別子が知られていないか、暗号スイートに合わない',
  wrongPsk: {
    what: '同じ識別子に対して、双方の事前共有鍵が異なります。鍵の証明が正しくありません。',
    tryThis: '双方の --psk の鍵を1バイトずつ比べてください。識別子は合っています。',
  },
  unknownPsk: {
    what: 'サーバーは事前共有鍵を受け入れず、代わりの証明書もありません。識別子が知られていないようです。',
    tryThis: '双方の --psk の識別子を比べてください。大文字と小文字は区別されます。',
  },
  corrupt: (file, problem, aside) =>
    `セッションファイル ${file} は${problem}。${aside} に移しました。ハンドシェイクは完全なものになります。`,
  problems: {
    cut: '途中で切れています',
    changed: '書き換えられています',
    other_format: '形式が異なります',
    other_key: '別の鍵で封印されています',
  },
  corruptKey: (file, aside) => `鍵 ${file} は32バイトではありません。${aside} に移しました。`,
  cannotKeep: (file, reason) => `セッションを ${file} に保存できません: ${reason}。`,
  locked: '別のプロセスが使用中',
  usage: {
    notASessionFile: (file) =>
      `--session: ${file} の中身はセッションではありません。手を付けていません。専用のファイルを指定してください。`,
    badPsk:
      '--psk: ID:HEX の形で指定してください（例 sensor-7:0011…ff）。コロンか、その前の識別子がありません。',
    badPskHex: '--psk: 最後のコロンの後の鍵は16進数で、1バイトにつき2桁です。',
    badPskLength: '--psk: 鍵は1から64バイト、識別子は128バイトまでです。',
    samePsk: '--psk: 同じ識別子が二度あります。',
    badReconnect: (text, most) => `--reconnect: "${text}" は1から${most}までの接続の数ではありません。`,
    badEarlyBytes: (text) => `--early-data: "${text}" は1から4294967295までのバイト数ではありません。`,
    earlyTooLarge: (file, most) => `--early-data: ${file} は${most}を超えています。`,
    earlyNeedsTickets: '--early-data にはチケットが要ります。--tickets off を外してください。',
    redisNeedsTickets: '--redis はチケットを共有します。--tickets off を外してください。',
    redisNeedsKey:
      '--redis には --ticket-key-file FILE が要ります。全サーバーが持ち、Redisは持たない鍵です。作り方: openssl rand -out FILE 32',
    onlyWithRedis: (option) => `${option} は --redis URL と併せたときだけ意味があります。`,
    badRedisUrl:
      '--redis: redis://HOST:PORT か rediss://HOST:PORT を指定してください（要ればパスワードも）。',
    noRedisClient: '--redis: パッケージ ioredis がありません。導入してください: npm install ioredis',
    badTicketKey: (file) =>
      `ファイル ${file} に鍵がありません。32バイト以上を、そのまま、または16進数かbase64で。作り方: openssl rand -out FILE 32`,
  },
  reconnect: {
    title: '再開で節約できたもの',
    columns: {
      number: '#',
      kind: '方式',
      time: '時間',
      sent: '送信',
      received: '受信',
      saved: '節約',
      keys: '独自の鍵',
    },
    kinds: { full: '完全', resumed: '再開', '0-rtt': '0-RTT', failed: '失敗' },
    yes: 'はい',
    no: 'いいえ',
    bytes: (count) => `${count} B`,
    average: (time, bytes, count) => `再開した${count}回の平均で、時間は${time}、通信は${bytes}少ない。`,
    nothingResumed: '再開されたものはない。サーバーがチケットをくれないか、受け入れない。',
    about:
      '時間はTCP接続からハンドシェイクの終わりまで、バイト数はそのレコードのもの。独自の鍵とは、データを守る秘密が他のどの接続にも現れないこと。最初の時間はこのプログラムの起動の分を含む。',
    sameMaster: 'TLS 1.2以前の再開では、同じマスターシークレットを使い続ける。鍵は双方の乱数によって異なる。',
  },
  serve: {
    tickets: {
      on: 'チケット: 自動で替わるこのサーバーの鍵で封印する。',
      off: 'チケット: なし。ハンドシェイクはすべて完全なもの。',
      once: 'チケット: 一枚につき一回の接続に限る。',
    },
    earlyData: (bytes) => `早期データ: ${bytes}まで。同じものは一度だけ受け入れる。`,
    pskOnly: '証明書なし。事前共有鍵を持つクライアントだけが接続できる。--cert で追加できる。',
    redis: (address) => `セッションは ${address} のRedisで共有する。`,
    redisAway: (reason) => `Redisから応答がない: ${reason}。ハンドシェイクは続き、早期データは断る。`,
    redisBack: 'Redisが戻った。',
    foreignKey:
      'Redisにあるチケットの鍵が --ticket-key-file で開かない。鍵の異なるサーバーがある。一致するまでチケットを出さない。',
    marksUnsafe: (reason) => `Redisは再送を防げる状態にない: ${reason}。早期データは断る。`,
  },
  page: {
    early:
      'この要求は早期データとして届きました（Early-Data: 1）。ハンドシェイクが終わる前の応答で、再送されたものかもしれません。安全なメソッドだけに答えます。',
    notEarly: 'この要求はハンドシェイクの後に届きました。',
  },
  help: {
    session: 'FILEのセッションを再開し、新しいものを保存する',
    earlyData: 'FILE（-は標準入力）を0-RTTか、だめならハンドシェイク後に送る。再送されうる',
    psk: '事前共有鍵（SHA-256用）。繰り返し指定できる',
    reconnect: 'さらにN回、直前のものを再開して接続し、比べる',
    tickets: 'on（既定）、off、once（一枚につき一回の接続）',
    noTickets: '再開しない',
    serveEarlyData: '早期データ（0-RTT）をBYTESまで受ける（既定16384）',
    servePsk: '事前共有鍵（SHA-256用）。繰り返し指定できる。--cert がなければ証明書なし',
    redis: 'チケットと再送防止の記録を他のサーバーと共有する',
    ticketKeyFile: '--redis と併せる。全サーバー共通の鍵（32バイト）',
    redisAway: 'Redisがないときの再開: never か stateless（既定）',
  },
};

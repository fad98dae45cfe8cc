/** 日本語: 原因のほかの判定の文。何が足りないか、TLSの下で何が起きたか、どちら側か。 */
import type { VerdictTexts } from '../verdict-texts.js';
import { causes } from './causes.js';

const by = { client: 'クライアント', server: 'サーバー' } as const;

export const verdicts: VerdictTexts = {
  causes,
  missing: {
    server_log: 'この時刻のサーバーのログ。理由はサーバーが知っていて、クライアントには伝えません。',
    client_log: 'この時刻のクライアントのログまたはメッセージ。打ち切った理由はクライアントが知っています。',
    whole_message: '前後の行を含むメッセージの全文と、それを出したプログラムの名前。',
    capture: '失敗する接続のキャプチャー。',
    capture_at_server: '同じ時刻のサーバー側のキャプチャー。応答したのがサーバーか途中の装置かが分かります。',
    whole_capture: '接続の最初から最後までのキャプチャー。',
    whole_packets:
      '欠けのないパケット。このキャプチャーではパケットが途中で切れています。-s 0を付けて取り直してください。',
    both_directions: '両方向のパケット。このキャプチャーには片側のパケットしかありません。',
    lost_packets: 'キャプチャーに欠けているパケット。バッファを大きくして取り直してください。',
    from_the_start: '接続が始まる前からのキャプチャー。このキャプチャーは接続の途中から始まっています。',
    to_the_end: '接続が閉じるまでのキャプチャー。このキャプチャーはその前に終わっています。',
    right_times:
      'パケットの時刻が正しいキャプチャー。このキャプチャーでは時刻が進んでいないか、逆戻りしています。',
    keys: 'セッション鍵。暗号化された部分を読めます。',
    client_offer: 'クライアントの提示。ここに一度接続させると、ClientHelloが表示されます。',
    server_settings: 'サーバーで有効なバージョン、暗号スイート、証明書。',
    server_certificates: 'サーバーの送る証明書。',
    client_certificate: 'クライアントの証明書と、その鍵が組になるかどうか。',
    server_key: 'サーバーの証明書と秘密鍵が組になるかどうか。',
    client_trust: '検証する側が信頼するルート証明書の一覧。',
    client_clock: 'クライアントの時計。',
    probe: 'ここから同じホストへの接続。',
    probe_smaller_hello: '小さいClientHelloでの試行。成功すれば、大きさが原因です。',
    probe_tls12: 'TLS 1.2だけでの試行。成功すれば、TLS 1.3に対応できない装置があります。',
    probe_elsewhere: '別のネットワークからの同じ試行。成功すれば、経路が原因です。',
    plain_answer: 'TLSなしでのサーバーの応答。',
  },
  occurrences: {
    reset: '接続をリセット',
    closed: '接続を終了',
    silence: 'その後の送信なし',
    refused: '接続を拒否',
    syn_unanswered: '接続の試みに応答なし',
    unreachable: 'ネットワークがホストに到達できないと通知',
    not_resolved: '名前を解決できない',
    alert_sized_record: 'アラートと同じ大きさの暗号化レコード',
    empty_certificate_flight: '空のクライアント証明書と同じ大きさの送信',
    nothing_after: 'その後は何も届いていない',
    segments_lost: 'キャプチャーに欠けたデータがある',
    first_bytes: '先頭のデータ',
  },
  sides: { client: 'クライアント', server: 'サーバー', path: '双方の間の経路', unknown: '判別できない' },
  say: {
    evidence: (message, from, field, value) =>
      [`${message}${from === null ? '' : `（${by[from]}）`}`, [field, value].filter(Boolean).join(' = ')]
        .filter(Boolean)
        .join(': '),
    occurrence: (what, from, value) =>
      `${from === null ? '' : `${by[from]}: `}${what}${value === '' ? '' : `（${value}）`}`,
  },
};

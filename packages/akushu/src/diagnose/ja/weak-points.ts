/** 日本語: 成立した接続の弱点と、変えるべきこと。 */
import type { Texts } from '../texts.js';

const SUITES =
  'サーバーでECDHEとAES-GCMまたはChaCha20-Poly1305の暗号スイートを優先するか、TLS 1.3を有効にしてください。';

export const weakPoints: Texts['weakPoints'] = {
  old_version: [
    'TLS 1.1と1.0は非推奨です（RFC 8996）。ハンドシェイクはMD5とSHA-1に、レコードはCBCに依存します。',
    '双方でTLS 1.3と1.2を有効にし、古いバージョンを無効にしてください。',
  ],
  no_encryption: ['暗号スイートが暗号化しません。途中の誰でもデータを読めます。', SUITES],
  not_authenticated: ['暗号スイートが誰も認証しません。間に入った攻撃者に気付けません。', SUITES],
  no_forward_secrecy: [
    '前方秘匿性がありません。通信を記録した者が後で長期の鍵を得れば、すべてを読めます。',
    'サーバーでECDHEの暗号スイートを優先し、ほかを無効にしてください。',
  ],
  broken_cipher: ['暗号が破られているか、廃止されています。', SUITES],
  small_blocks: [
    '暗号のブロックが64ビットです。一つの鍵で多くのデータを送ると、内容の一部が漏れます（Sweet32）。',
    SUITES,
  ],
  mac_then_encrypt: [
    'CBCでMACが暗号の内側にあります。実装に隙があればパディングオラクル攻撃（Lucky 13）を受けます。',
    SUITES,
  ],
  short_tag: ['認証タグが64ビットしかなく、偽造が当たりやすくなります。', SUITES],
  sha1_signature: [
    'ハンドシェイクがSHA-1で署名されました。SHA-1は衝突を計算できます。',
    '双方でSHA-256の署名方式を有効にしてください。TLS 1.1と1.0にはありません。',
  ],
  no_extended_master_secret: [
    '拡張マスターシークレット（RFC 7627）がありません。鍵がハンドシェイク全体に結び付いていません。',
    '対応していない側のTLSソフトウェアを更新してください。TLS 1.3は同じ仕組みを備えています。',
  ],
  no_secure_renegotiation: [
    '相手が安全な再ネゴシエーション（RFC 5746）に対応していません。セッションの前にデータを差し込まれるおそれがあります。',
    '相手を更新し、再ネゴシエーションを無効にしてください。',
  ],
};

/** 日本語: シークレットと鍵。何を保護し、誰が持ち、何から導かれるか。 */
import type { Texts } from '../texts.js';

const BOTH_DHE =
  'クライアントとサーバーが持つ。それぞれ鍵交換の自分の半分から計算した。証明書の秘密鍵があっても第三者には計算できない。';
const BOTH = 'クライアントとサーバーが持つ。マスターシークレットと双方の乱数から導かれる。';
const BOTH_NEXT =
  'クライアントとサーバーが持つ。ハンドシェイクのシークレットと、サーバーのFinishedまでの全メッセージから導かれる。';

export const keys: Texts['keys'] = {
  CLIENT_EARLY_TRAFFIC_SECRET: {
    name: 'クライアント早期データ鍵',
    protects: 'クライアントが最初のメッセージと共に送るデータ（0-RTT）',
    holders:
      'クライアントとサーバーが持つ。以前のセッションだけから導かれる。前方秘匿性がなく、データは再送攻撃を受けうる。',
  },
  EARLY_EXPORTER_SECRET: {
    name: '早期エクスポーターシークレット',
    protects: 'この接続では何も保護しない（早期データ中に他のプロトコルが鍵を導く元）',
    holders: 'クライアントとサーバーが持つ。以前のセッションだけから導かれる。',
  },
  CLIENT_HANDSHAKE_TRAFFIC_SECRET: {
    name: 'クライアントハンドシェイク鍵',
    protects: 'ハンドシェイク中のクライアントの送信（証明書とFinished）',
    holders: BOTH_DHE,
  },
  SERVER_HANDSHAKE_TRAFFIC_SECRET: {
    name: 'サーバーハンドシェイク鍵',
    protects: 'ハンドシェイク中のサーバーの送信（拡張、証明書、署名、Finished）',
    holders: BOTH_DHE,
  },
  CLIENT_TRAFFIC_SECRET_0: {
    name: 'クライアントデータ鍵',
    protects: 'クライアントが送るデータ',
    holders: BOTH_NEXT,
  },
  SERVER_TRAFFIC_SECRET_0: {
    name: 'サーバーデータ鍵',
    protects: 'サーバーが送るデータ',
    holders: BOTH_NEXT,
  },
  EXPORTER_SECRET: {
    name: 'エクスポーターシークレット',
    protects: 'この接続では何も保護しない（他のプロトコルが鍵を導く元）',
    holders: BOTH_NEXT,
  },
  client_write_key: {
    name: 'クライアント書き込み鍵',
    protects: 'クライアントのFinishedと、クライアントが送るデータ',
    holders: BOTH,
  },
  server_write_key: {
    name: 'サーバー書き込み鍵',
    protects: 'サーバーのFinishedと、サーバーが送るデータ',
    holders: BOTH,
  },
};

export const writeKeyHolders: Texts['writeKeyHolders'] = {
  ephemeral:
    'クライアントとサーバーが持つ。それぞれDiffie-Hellmanの自分の半分から計算した。後で証明書の秘密鍵を得ても、第三者には計算できない（前方秘匿性あり）。',
  rsa: 'クライアントとサーバーが持つ。クライアントがサーバーの公開鍵で暗号化したプリマスターシークレットから導かれる。何年後でも秘密鍵を得た者は、記録された通信からこの鍵を計算できる（前方秘匿性なし）。',
  psk: 'クライアントとサーバーが持つ。事前共有鍵から導かれる。何年後でもその鍵を得た者は、記録された通信からこの鍵を計算できる（前方秘匿性なし）。',
  rsa_psk:
    'クライアントとサーバーが持つ。事前共有鍵と、サーバーの公開鍵で暗号化した秘密から導かれる。後で両方の鍵を得た者は、記録された通信からこの鍵を計算できる（前方秘匿性なし）。',
  resumed:
    'クライアントとサーバーが持つ。以前のセッションのマスターシークレットと新しい乱数から導かれる。安全性は、その秘密とそれを運ぶチケットに依存する。',
};

export const keyDescent: Texts['keyDescent'] = {
  tls13: '方向ごとに別のシークレットを使う。次のシークレットは前のものから導かれる。',
  before13: {
    extended:
      '方向ごとに別の鍵を、Finishedから接続の終わりまで使う。どちらも一つのマスターシークレットから導かれる。その元は、プリマスターシークレットとそこまでの全メッセージ（拡張マスターシークレット）、そして双方の乱数。',
    plain:
      '方向ごとに別の鍵を、Finishedから接続の終わりまで使う。どちらも一つのマスターシークレットから導かれる。その元は、プリマスターシークレット、クライアントの乱数、サーバーの乱数。',
  },
};

export const privateKeyUse: Texts['privateKeyUse'] = {
  signed: '証明書の秘密鍵はサーバーの外に出ない。ハンドシェイクに署名しただけで、データは保護しない。',
  decrypted:
    '証明書の秘密鍵はサーバーの外に出ない。プリマスターシークレットを復号したため、この接続の全データの秘密は今後もこの鍵に依存する。',
  unused: 'このハンドシェイクでは、証明書の秘密鍵を使っていない。',
};

/** 日本語: シークレットと、グループ、暗号スイート、署名方式の説明。 */
import type { Texts } from '../texts.js';

const BOTH_DHE =
  'クライアントとサーバーが持つ。それぞれ鍵交換の自分の半分から計算した。証明書の秘密鍵があっても第三者には計算できない。';
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
};

export const groupKinds: Texts['groupKinds'] = {
  ecdh: '楕円曲線上のDiffie-Hellman',
  xdh: 'モンゴメリ曲線上のDiffie-Hellman',
  ffdh: '有限体上のDiffie-Hellman',
  kem: '耐量子の鍵カプセル化のみ',
  hybrid: '従来の曲線と耐量子の鍵カプセル化の併用',
};

export const signatureKinds: Texts['signatureKinds'] = {
  'rsa-pkcs1': '古いパディング（PKCS #1 v1.5）のRSA。TLS 1.3では証明書の中だけで使う',
  'rsa-pss-rsae': 'PSSパディングと通常のRSA鍵',
  'rsa-pss-pss': 'PSSパディングとPSS専用のRSA鍵',
  ecdsa: 'ECDSA',
  eddsa: 'EdDSA',
  'ml-dsa': '格子に基づく署名ML-DSA',
  dsa: '廃止されたDSA',
  other: '特定の分野の署名',
};

export const weaknesses: Texts['weaknesses'] = {
  null: '暗号化しない',
  export: '意図的に弱い輸出用',
  anonymous: '誰も認証しない',
  rc4: 'RC4は破られている',
  rc2: 'RC2は廃止済み',
  des: 'DESは破られている',
  '3des': '3DESは廃止済み',
  idea: 'IDEAは廃止済み',
  md5: 'MD5は破られている',
  cbc: 'CBCモードはパディングオラクル攻撃を受けうる',
  block64: '64ビットのブロック（Sweet32）',
  short_tag: '認証タグが短い',
  static_rsa: '前方秘匿性がない（RSA鍵交換）',
  static_dh: '前方秘匿性がない（静的DH）',
  static_ecdh: '前方秘匿性がない（静的ECDH）',
  static_key: '前方秘匿性がない（長期の秘密）',
  finite_field_dh: 'DHのグループをサーバーだけが決める',
  broken_kem: '耐量子の部分が置き換え済みまたは破られている',
};

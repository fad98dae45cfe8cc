/** 日本語: グループ、暗号スイート、署名方式の説明。 */
import type { Texts } from '../texts.js';

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

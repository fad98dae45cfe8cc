/** 日本語: エンジンとネットワークのすべてのエラー。何が起きたか、何を試すか。 */
import type { Advice, Texts } from '../texts.js';

const UPDATE = '相手のTLSソフトウェアの不具合です。更新するか、このコードを開発元に伝えてください。';
const CHANGED =
  '相手のTLSソフトウェアの不具合か、途中の装置による書き換えです。別のネットワークから試してください。';
const PSK =
  '保存したセッションを破棄して接続し直してください。外部の鍵なら、識別子、鍵、ハッシュが双方で同じか確かめてください。';

export const errors: Texts['errors'] = {
  record_too_long: ['TLSの上限を超える長さのレコードを相手が送ってきました。', CHANGED],
  plaintext_too_long: ['相手のレコードのデータが、取り決めた長さを超えています。', UPDATE],
  unknown_record_type: ['種別が未知のレコードが届きました。', CHANGED],
  wrong_record_version: [
    'TLSに存在しないバージョン番号のレコードが届きました。',
    'そのポートが本当にTLSで応答するか確かめてください。',
  ],
  not_tls: [
    'このポートで応答しているのはTLSではありません。',
    'ホストとポートを確かめてください。平文で始まりSTARTTLSを使うサービスもあります（SMTP、IMAP、PostgreSQLなど）。',
  ],
  not_tls_http: [
    'TLSを期待したところに平文のHTTPが届きました。',
    'HTTPSのポート（多くは443）に接続してください。またはサーバーでこのポートのTLSを有効にしてください。',
  ],
  bad_record_mac: ['レコードを復号できません。途中で変更されたか、双方の鍵が異なります。', CHANGED],
  unencrypted_record: ['暗号化を始めた後に、暗号化されていないレコードが届きました。', CHANGED],
  empty_fragment: ['内容が必要なレコードが空でした。', UPDATE],
  interleaved_record: ['ハンドシェイクメッセージの途中に別のレコードが入りました。', UPDATE],
  missing_content_type: ['復号したレコードがパディングだけでした。', UPDATE],
  bad_change_cipher_spec: ['ChangeCipherSpecが誤った時点で、または誤った内容で届きました。', CHANGED],
  unexpected_application_data: ['ハンドシェイクが終わる前にアプリケーションデータが届きました。', UPDATE],
  message_across_key_change: ['ハンドシェイクメッセージが鍵の切り替えをまたいでいます。', UPDATE],
  too_many_empty_records: ['相手が空のレコードを続けて送りすぎました。', UPDATE],
  too_many_warnings: ['相手が警告を続けて送りすぎました。', UPDATE],
  too_many_key_updates: ['相手がデータを送らずに鍵を更新しすぎました。', UPDATE],
  too_much_pending_input: [
    'アプリケーションの返答を待つ間に、保持できる量を超えるデータが相手から届きました。',
    '返答を早くするか、`wantsInput`がfalseの間はトランスポートの読み取りを止めてください。',
  ],
  too_many_late_requests: [
    'サーバーがハンドシェイク後に何度もクライアント証明書を求めました。',
    '証明書が必要になったときに、接続ごとに一度だけ求めてください。',
  ],
  too_much_early_data: ['クライアントの早期データが、チケットで許された量を超えました。', UPDATE],
  too_much_skipped_data: ['早期データを拒否した後、復号できないデータが多すぎました。', UPDATE],
  bad_alert: ['相手のアラートが2バイトではありません。', UPDATE],
  unknown_alert_level: ['相手のアラートの重大度が、警告でも致命的でもありません。', UPDATE],
  encryption_limit_reached: [
    '一つの鍵で暗号化した量が、暗号の安全な上限に達しました。',
    '新しい接続を開いてください。',
  ],

  malformed_message: ['相手のメッセージを読めません。長さまたはフィールドが正しくありません。', CHANGED],
  illegal_field: ['相手のメッセージに、許されない値のフィールドがあります。', UPDATE],
  unexpected_message: [
    'ハンドシェイクのこの段階にあってはならないメッセージを相手が送ってきました。',
    CHANGED,
  ],
  message_too_long: [
    '相手のハンドシェイクメッセージが上限を超えています。',
    '証明書チェーンが本当に長いなら、ルートを除いて短くしてください。',
  ],
  unknown_message_type: ['種別が未知のハンドシェイクメッセージを相手が送ってきました。', UPDATE],
  duplicate_extension: ['相手が同じ拡張を二度送ってきました。', UPDATE],
  forbidden_extension: ['あってはならないメッセージに、相手が拡張を入れています。', UPDATE],
  unsolicited_extension: ['提示していない拡張に相手が応答しました。', UPDATE],
  missing_extension: ['必須の拡張を相手が省いています。', UPDATE],

  no_shared_version: [
    '双方に共通するプロトコルバージョンがありません。',
    '欠けている側でTLS 1.3またはTLS 1.2を有効にしてください（こちら側では--minと--max）。TLS 1.1と1.0は非推奨で、ほかに手段のないクライアントのためだけに残すものです。',
  ],
  unsupported_version_chosen: [
    'クライアントが提示していないバージョンをサーバーが選びました。',
    'サーバーでクライアントのバージョンを有効にするか、クライアントでサーバーのバージョンを許可してください（--min）。サーバーがより新しいはずなら、途中でTLSを終端する装置を探してください。',
  ],
  illegal_version_chosen: ['サーバーが、プロトコルの禁じる方法でバージョンを示しました。', UPDATE],
  downgrade_detected: [
    'サーバーはより新しいバージョンに対応していますが、何者かがこの接続を古いバージョンにさせました。',
    '途中の装置または攻撃者が通信を書き換えています。別のネットワークから試して比べてください。',
  ],
  inappropriate_fallback: [
    'サーバーはより新しいバージョンに対応しているのに、クライアントが古いバージョンに下げました。',
    '最初の試みが失敗した理由を調べてください。途中の装置が新しいバージョンを遮断しているかもしれません。',
  ],
  no_shared_cipher_suite: [
    '双方に共通する暗号スイートがありません。',
    '双方で同じものを一つ有効にしてください（--ciphers）。TLS 1.3ならTLS_AES_128_GCM_SHA256が必ずあります。TLS 1.2ではECDHEとAES-GCMの組を選んでください。',
  ],
  unoffered_cipher_suite: ['クライアントが提示していない暗号スイートをサーバーが選びました。', UPDATE],
  cipher_suite_changed: ['HelloRetryRequestの後、サーバーが別の暗号スイートを選びました。', UPDATE],
  compression_offered: [
    'クライアントがTLSの圧縮を必須としています。圧縮は危険（CRIME）で、TLS 1.3では禁止されています。',
    'クライアントで圧縮を無効にしてください。',
  ],
  compression_chosen: [
    '提示していないTLSの圧縮をサーバーが選びました。圧縮は危険（CRIME）です。',
    'サーバーで圧縮を無効にしてください。',
  ],
  session_id_not_echoed: ['サーバーがクライアントのセッションIDをそのまま返していません。', CHANGED],
  no_shared_group: [
    '双方に共通する鍵交換グループがありません。',
    '双方で同じグループを一つ有効にしてください（--groups）。x25519とsecp256r1はほとんどの環境で使えます。',
  ],
  unoffered_group: ['クライアントが提示していないグループをサーバーが選びました。', UPDATE],
  bad_key_share: ['相手の鍵共有値が、そのグループの正しい公開鍵ではありません。', CHANGED],
  key_share_not_in_groups: ['クライアントが、一覧にないグループの鍵共有値を送りました。', UPDATE],
  duplicate_key_share: ['クライアントが、同じグループの鍵共有値を二つ送りました。', UPDATE],
  second_hello_retry_request: ['サーバーがClientHelloの出し直しを二度求めました。', UPDATE],
  pointless_hello_retry_request: [
    '新しい情報が要らないのに、サーバーがClientHelloの出し直しを求めました。',
    UPDATE,
  ],
  hello_changed_after_retry: [
    'クライアントの二度目のClientHelloが、変えてはならない箇所で異なります。',
    CHANGED,
  ],
  bad_cookie: [
    'クライアントのクッキーがないか、渡したものと異なります。',
    '複数のサーバーが一つのアドレスを共有しているなら、クッキーの作り方をそろえてください。',
  ],
  no_shared_signature_scheme: [
    'サーバー証明書の鍵では、クライアントが受け入れる署名を作れません。',
    '別の種類の鍵の証明書を使うか、クライアントで合う署名方式を有効にしてください（--sigalgs）。',
  ],
  no_shared_alpn: [
    '双方に共通するアプリケーションプロトコル（ALPN）がありません。',
    'http/1.1など、サーバーが対応するプロトコルを提示してください（--alpn）。',
  ],
  unoffered_alpn: ['クライアントが提示していないアプリケーションプロトコルをサーバーが選びました。', UPDATE],
  unrecognized_server_name: [
    'クライアントが求めた名前の証明書がサーバーにありません。',
    '名前を確かめてください（--servername）。またはサーバーにその名前の証明書を追加してください。',
  ],
  bad_server_name: [
    'ClientHelloのサーバー名がホスト名ではありません。',
    'ポートとパスを除いたホスト名を指定してください。',
  ],
  bad_record_size_limit: ['相手が、許されないレコード長の上限を示しました。', UPDATE],
  bad_max_fragment_length: ['相手が、許されないフラグメント長を示しました。', UPDATE],
  no_shared_certificate_type: [
    '双方に共通する証明書の種類がありません。',
    'X.509証明書を許可するか、双方でRaw Public Keyを設定してください。',
  ],
  unoffered_certificate_type: ['提示していない種類の証明書をサーバーが選びました。', UPDATE],

  psk_not_last: ['拡張pre_shared_keyがClientHelloの最後にありません。', UPDATE],
  psk_modes_missing: ['クライアントが事前共有鍵を提示しましたが、使い方を示していません。', UPDATE],
  psk_binder_count: ['事前共有鍵の数と、その証明の数が異なります。', UPDATE],
  bad_psk_binder: ['事前共有鍵の証明が正しくありません。双方の鍵が異なります。', PSK],
  psk_index_out_of_range: ['提示していない事前共有鍵をサーバーが選びました。', UPDATE],
  psk_hash_mismatch: ['サーバーの選んだ暗号スイートのハッシュが、事前共有鍵に合いません。', UPDATE],
  psk_mode_not_offered: ['提示していない方式で、サーバーが事前共有鍵を使いました。', UPDATE],
  early_data_not_offered: ['送っていない早期データをサーバーが受け入れました。', UPDATE],
  early_data_mismatch: ['以前のセッションと異なる条件で、サーバーが早期データを受け入れました。', UPDATE],
  unknown_psk_identity: ['クライアントの示した事前共有鍵は、ここでは知られていません。', PSK],

  no_peer_certificate: [
    'サーバーはクライアント証明書を必須としていますが、クライアントは送りませんでした。',
    'クライアントに証明書と鍵を設定してください（--certと--key）。',
  ],
  empty_server_certificate: [
    'サーバーが空の証明書一覧を送りました。',
    'サーバーにこのホスト名の証明書を設定してください。',
  ],
  bad_certificate_context: ['証明書が、こちらの要求とは別の要求に答えています。', UPDATE],
  too_many_certificates: [
    '証明書チェーンの数が上限を超えています。',
    '証明書と中間証明書だけを送ってください。',
  ],
  malformed_certificate: [
    '相手の証明書を読み取れません。証明書の形式になっていないデータです。',
    '相手側に設定された証明書ファイルを`openssl x509 -text`などで確かめてください。',
  ],
  bad_certificate: [
    '証明書チェーンに、壊れているか標準の規則に反する証明書があります。',
    '証明書を発行し直してください。ファイルの行が欠けていないかも確かめてください。',
  ],
  unsupported_certificate_key: [
    '証明書の鍵または署名が、ここでは検証できない種類です。',
    'RSA、ECDSA、Ed25519、Ed448のいずれかの鍵の証明書を使ってください。',
  ],
  unoffered_signature_scheme: ['提示していない署名方式で相手が署名しました。', UPDATE],
  signature_scheme_key_mismatch: ['相手の署名方式が、証明書の鍵に合いません。', UPDATE],
  bad_signature: [
    '相手の署名を、証明書の鍵で検証できません。',
    '相手の証明書と秘密鍵の組み合わせが正しいか確かめてください。',
  ],
  bad_finished: ['ハンドシェイク全体の検査値が一致しません。双方が見たメッセージが異なります。', CHANGED],
  certificate_expired: [
    '証明書チェーンに有効期限の切れた証明書があります。',
    'サーバーの証明書を更新してください。日付が正しいなら、このマシンの時計を直してください。',
  ],
  certificate_not_yet_valid: [
    '証明書チェーンに、まだ有効期間に入っていない証明書があります。',
    'このマシンの時計を直してください。時計が正しいなら、開始日を待つか発行し直してください。',
  ],
  unknown_ca: [
    '証明書チェーンが、ここで信頼する認証局につながりません。',
    'その認証局を信頼するなら、ルート証明書を --ca FILE で指定してください。',
  ],
  self_signed_certificate: [
    '証明書は自分の鍵で署名されており、信頼する一覧にもありません。',
    '自分のものなら --ca FILE で指定してください。そうでなければ認証局の証明書を設定してください。',
  ],
  missing_intermediate: [
    'サーバーが、信頼するルートにつながる中間証明書を送っていません。',
    'サーバーに証明書チェーン全体を設定してください（fullchain.pemと呼ばれることが多いです）。ブラウザーではこの誤りが見えないことがあります。',
  ],
  hostname_mismatch: [
    '証明書はほかの名前のもので、この名前には有効ではありません。',
    '証明書にある名前で接続してください。またはこの名前の証明書を発行してもらってください。',
  ],
  wrong_certificate_purpose: [
    '証明書がこの用途のために発行されていません。',
    '拡張鍵用途として、サーバーにはserverAuth、クライアントにはclientAuthが必要です。',
  ],
  wrong_key_usage: [
    '証明書の鍵用途が、ここで必要な使い方を許していません。',
    '鍵用途にdigitalSignatureを含む証明書を取得してください。古いRSA鍵交換にはkeyEnciphermentが必要ですが、無効にしてECDHEを使うほうが安全です。',
  ],
  weak_certificate: [
    '証明書チェーンに、鍵または署名が弱すぎる証明書があります。',
    '2048ビット以上のRSAかP-256、およびSHA-256で発行し直してください。',
  ],
  certificate_signature_invalid: [
    '証明書チェーンに、署名の正しくない証明書があります。',
    'ファイルが壊れているか、発行者の証明書が同名の別物です。証明書チェーンを設定し直してください。',
  ],
  certificate_constraint_violated: [
    '証明書チェーンが、認証局の定めた制約に反しています。',
    'この名前に発行できる認証局から証明書を取得してください。',
  ],
  certificate_revoked: ['証明書は発行者により失効しています。', '新しい鍵で新しい証明書を取得してください。'],
  certificate_refused: [
    'こちら側の判断で証明書が拒否されました。',
    '示された理由を確かめてください。試験なら --insecure ですべての証明書を受け入れます。',
  ],
  certificate_decompression_failed: ['圧縮された証明書を展開できないか、大きすぎます。', UPDATE],
  unoffered_certificate_compression: ['提示していない方式で証明書が圧縮されています。', UPDATE],
  bad_ocsp_response: [
    '添付されたOCSP応答が無効です。',
    'サーバーのOCSP応答を更新するか、直るまで添付（ステープリング）を無効にしてください。',
  ],
  own_signature_invalid: [
    'こちらの鍵で作った署名が検証に失敗したため、送信しませんでした。',
    '証明書と秘密鍵の組み合わせが正しいか確かめてください。',
  ],
  no_credential: ['サーバーに使える証明書がありません。', '証明書と鍵を設定してください（--certと--key）。'],
  certificate_suite_mismatch: [
    '証明書の鍵の種類が、暗号スイートの求めるものと異なります。',
    'サーバーの出す証明書が誤っています。_RSA_のスイートにはRSA、_ECDSA_のスイートにはECDSAの鍵の証明書を設定してください。',
  ],
  no_certificate_for_suite: [
    '共通の暗号スイートはありますが、それに合う鍵の証明書がサーバーにありません。',
    'もう一方の種類の鍵（RSAまたはECDSA）の証明書を、今のものと並べてサーバーに設定してください。または、今の鍵に合うスイートをクライアントで有効にしてください。',
  ],

  bad_key_update: ['相手のKeyUpdateに許されない値があります。', UPDATE],
  unexpected_post_handshake_message: ['ハンドシェイクの後にあってはならないメッセージが届きました。', UPDATE],
  bad_ticket: ['サーバーのセッションチケットに許されない値があります。', UPDATE],
  renegotiation_refused: [
    '接続中に相手が再ネゴシエーションを求めましたが、ここでは許可していません。',
    '代わりに新しい接続を開いてください。TLS 1.3に再ネゴシエーションはなく、それ以前のバージョンでも既定では無効です。',
  ],
  server_changed_in_renegotiation: [
    '再ネゴシエーションで、サーバーが前と異なる証明書を送りました。',
    '二つの接続をつなぎ合わせる攻撃（トリプルハンドシェイク）かもしれません。自分のサーバーなら、全台に同じ証明書を設定するか、再ネゴシエーションを無効にしてください。',
  ],

  ssl2_client_hello: [
    'クライアントがSSL 2.0の形式で話し始めました。SSL 2.0は破られており、もう使われていません。',
    'クライアントでSSL 2.0を無効にしてください（TLSを求める場合にもこの形式で送るものがあります）。または、クライアントを置き換えてください。数十年前のソフトウェアです。',
  ],
  old_version_after_early_data: [
    'TLS 1.3の早期データに、サーバーが古いバージョンで応じました。',
    'サーバーが変更されたか、一つのアドレスの後ろの複数のサーバーの設定が異なります。早期データなしで接続し直し、全台のバージョンをそろえてください。',
  ],
  renegotiation_info_mismatch: [
    '拡張renegotiation_infoがこの接続に合いません。相手は別の接続の続きだと見ています。',
    '何者かが自分のハンドシェイクを前に差し込んだ（再ネゴシエーション攻撃）かもしれません。別のネットワークから試し、相手を更新してください。',
  ],
  no_secure_renegotiation: [
    '相手が安全な再ネゴシエーション（RFC 5746）に対応していませんが、こちら側では必須です。',
    '相手を更新してください。2010年より前のTLSソフトウェアです。',
  ],
  extended_master_secret_missing: [
    '拡張マスターシークレット（RFC 7627）がありません。こちら側で必須であるか、以前のセッションで使われていました。',
    '相手のTLSソフトウェアを更新するか、同じ仕組みを備えるTLS 1.3を使ってください。',
  ],
  extended_master_secret_changed: [
    '拡張マスターシークレットの有無が、このセッションまたは接続の以前の状態と異なります。',
    '一つのアドレスの後ろの複数のサーバーの設定が異なるなら、そろえてください。そうでなければ、途中で通信が書き換えられています。',
  ],
  bad_point_formats: ['誰もが読めるべき非圧縮の楕円曲線の点を、相手が読めません。', UPDATE],
  bad_key_exchange: ['相手の鍵交換のメッセージが、取り決めたグループに合いません。', CHANGED],
  unsupported_curve_type: [
    'サーバーが独自に記述した楕円曲線を使っています。安全なのは名前の付いた曲線だけです。',
    'サーバーに名前の付いた曲線を設定してください。x25519またはsecp256r1（P-256、prime256v1）です。',
  ],
  weak_dh_group: [
    'サーバーのDiffie-Hellmanグループが小さすぎて安全ではありません（Logjam）。',
    'サーバーに2048ビット以上のグループ（ffdhe2048）を設定してください。DHEの代わりにECDHEを使うほうがよいです。',
  ],
  unsafe_dh_group: [
    'サーバーのDiffie-Hellmanグループが安全素数でないか、ここで受け入れる大きさを超えています。',
    'サーバーに知られたグループ（ffdhe2048、ffdhe3072）を設定してください。DHEの代わりにECDHEを使うほうがよいです。',
  ],
  no_psk: [
    'サーバーが事前共有鍵の暗号スイートを選びましたが、こちら側に使える鍵がありません。',
    'こちら側に鍵を設定するか、PSKの暗号スイートを外してください。',
  ],
  session_not_resumable: [
    '提示していないセッション、または異なる条件で、サーバーがセッションを再開しようとしました。',
    '保存したセッションを破棄して接続し直してください。繰り返すなら、サーバーを更新してください。',
  ],

  starttls_not_offered: [
    'サーバーはこの接続でTLSを提示していません。',
    'サーバーでTLSを有効にしてください。有効なら、途中の装置や攻撃者が提示を隠しているかもしれません。別のネットワークから試してください。',
  ],
  starttls_refused: [
    'サーバーがTLSの開始を認めませんでした。',
    'サーバーの返答とログを見てください。証明書や鍵を読み込めていないか、このアドレスを拒んでいることがよくあります。',
  ],
  starttls_malformed: [
    'TLSの前にサーバーが送った内容が、プロトコルに従っていません。',
    'ポートが、--starttlsで指定したプロトコルのものか確かめてください。',
  ],
  starttls_injection: [
    'サーバーがTLSの開始に応じた後に、保護されていないデータが届きました。データは破棄し、TLSは始めていません。',
    'サーバーの不具合か、途中での命令の挿入です。サーバーを更新し、別のネットワークからも試してください。',
  ],
  starttls_already_tls: [
    'このポートでは、サーバーは最初からTLSで通信します。',
    '--starttlsを外してください。または、平文で始まるポートを使ってください。',
  ],
  starttls_timeout: [
    'TCP接続は確立しましたが、サーバーが時間内にTLSの開始に応じませんでした。',
    'ポートとプロトコルを確かめてください。最初からTLSを待つポートは黙ったままです。その場合は--starttlsを外してください。--timeoutで時間を延ばすこともできます。',
  ],

  peer_alert: [
    '相手がアラートを送って接続を終えました。',
    '相手のログを見てください。理由はそこにあります。',
  ],
  truncated_close: [
    'close_notifyなしで接続が終わりました。データが途中で切れているかもしれません。',
    '常にこのように閉じるサーバーもあります。データの長さを、示された長さと比べてください。',
  ],
  closed_during_handshake: [
    'ハンドシェイクの途中で、相手がアラートなしに接続を閉じました。',
    'そのポートがTLSで応答するか確かめてください。ファイアウォールやロードバランサーがClientHelloを拒むこともあります。--groups x25519 で小さくするか、--tls12 で試してください。',
  ],
  write_after_close: ['接続を閉じた後にデータを送ろうとしました。', '接続を使うプログラムの不具合です。'],
  handshake_timeout: [
    'TCP接続は確立しましたが、相手が時間内にハンドシェイクを終えませんでした。',
    'そのポートがTLSで応答するか確かめてください。ファイアウォールがClientHelloを捨てることもあります。--groups x25519 で小さくするか、--tls12 で試してください。--timeout で時間を延ばすこともできます。',
  ],
  canceled: ['こちら側でハンドシェイクを中止しました。', 'もう一度試してください。'],
  callback_failed: ['接続を使うプログラムの関数が失敗しました。', 'そのプログラムで原因を調べてください。'],
  internal_error: [
    'こちら側で、起きてはならない失敗が起きました。',
    'AKUSHU_DEBUG=1 を付けて実行し、表示された内容を報告してください。',
  ],
};

export const network: Texts['network'] = {
  dns_failure: ['ホスト名を解決できませんでした。', 'つづりと、このマシンのDNS設定を確かめてください。'],
  connection_refused: [
    'ホストが接続を拒否しました。このポートで待ち受けているものがありません。',
    'ポートと、サーバーが動いているかを確かめてください。',
  ],
  connect_timeout: [
    'ホストが時間内に応答しませんでした。',
    'ファイアウォールがパケットを捨てているかもしれません。ホストとポートを確かめるか、--timeout で時間を延ばしてください。',
  ],
  connection_reset: [
    'TLSの応答が届く前に接続がリセットされました。',
    'そのポートがTLSで応答するか確かめてください。ファイアウォールやロードバランサーがClientHelloを拒むこともあります。--groups x25519 で小さくするか、--tls12 で試してください。',
  ],
  host_unreachable: ['ホストへの経路がありません。', 'アドレスとネットワークを確かめてください。'],
  network_unreachable: [
    'このアドレスのネットワークへの経路がありません。',
    'ネットワークを確かめてください。IPv6アドレスなら、このマシンでIPv6が使えるか確かめてください。',
  ],
  address_in_use: [
    'このポートではすでに別のプログラムが待ち受けています。',
    '--port で別のポートを指定してください。0なら空きポートを使います。',
  ],
  address_unavailable: [
    'このマシンにそのアドレスはありません。',
    'このマシンのアドレスを指定するか、省略してすべてを使ってください。',
  ],
  permission_denied: [
    'このアドレスまたはポートの使用をシステムが許しません。',
    '1024未満のポートには権限が必要なことがあります。--port で別のポートを指定してください。',
  ],
  network_error: ['TLSより下の層で接続に失敗しました。', 'ホスト、ポート、ネットワークを確かめてください。'],
};

export const unknownError: Advice = [
  '未知の理由で接続に失敗しました。',
  'AKUSHU_DEBUG=1 を付けて実行すると、さらに詳しく分かります。',
];

export const facts: Texts['facts'] = {
  offered: '提示',
  offeredUpTo: '提示',
  supported: '対応',
  chosen: '選択',
  suite: '暗号スイート',
  group: 'グループ',
  scheme: '署名方式',
  extension: '拡張',
  message: 'メッセージ',
  structure: '構造',
  field: 'フィールド',
  got: '受信',
  expected: '期待',
  serverName: '求めた名前',
  host: '必要な名前',
  best: '使える最新のもの',
  shared: '共通',
  key: '鍵',
  keyUsage: '鍵用途',
  presented: '証明書にある名前',
  subject: '証明書',
  issuer: '発行者',
  missingIssuer: '足りない証明書',
  caIssuers: 'その入手先',
  notBefore: '有効期間の開始',
  notAfter: '有効期限',
  kind: '鍵の種類',
  bits: 'ビット数',
  minimum: '下限',
  least: '必要な最小',
  most: '許される最大',
  hash: 'ハッシュ',
  rule: '規則',
  purpose: '用途',
  length: '長さ',
  count: '個数',
  limit: '上限',
  offset: 'バイト位置',
  start: '先頭の内容',
  reason: '理由',
  answer: '応答したもの',
  protocol: 'プロトコル',
  now: '当時の時刻',
  smallestChange: '成功する変更',
};

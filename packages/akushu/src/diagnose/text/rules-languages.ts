/** What Windows and browsers say in Japanese, and the commonest of it in German and French. Spaces before letters vary. */
import * as is from './guesses.js';
import { rule, sure, type TextRule } from './guesses.js';

const JAPANESE_CERTIFICATES: readonly TextRule[] = [
  rule(
    3,
    /この証明書は(?:、)?次の(?:ドメイン)?名に(?:のみ|だけ)有効|別の ?(?:web|ウェブ) ?サイトの(?:アドレス)?用に発行|別のアドレス(?:用|に対して)|プリンシパル名が(?:間違|正し)|証明書の(?:共通|コモン)?(?:ネーム|名|cn).{0,24}(?:一致しません|一致しない|異な)|(?:ホスト|ドメイン|サーバー?)名.{0,30}(?:証明書|一致).{0,20}(?:一致し(?:ません|ない)|無効|不一致)|証明書は、?[\w.*-]{1,253} ?からのものです/,
    is.HOSTNAME,
  ),
  rule(
    3,
    /証明書.{0,24}(?:期限が?切れ|有効期限.{0,12}(?:切れ|過ぎ|終了)|有効期間.{0,16}(?:過ぎ|終了))|有効期限が切れ(?:ている|た)(?:か|、|ため)?.{0,20}(?:証明書|有効では)/,
    is.EXPIRED,
  ),
  rule(
    2,
    /有効期限が切れているか、?まだ有効|期限切れまたは有効期間|有効期間(?:内で|に)(?:は)?な/,
    is.OUT_OF_VALIDITY,
  ),
  rule(3, /(?:まだ有効(?:では|に)な|有効になっていない|有効期間の開始前)/, is.NOT_YET_VALID, 'client_clock'),
  rule(
    3,
    /(?:信頼されていない|信頼できない|信頼された).{0,6}(?:機関|証明機関|認証局|発行元).{0,24}(?:証明書チェーン|発行された(?:ものでは|証明書では)|発行されて(?:いません|いない))|信頼(?:プロバイダー?)?が?信頼していないルート|ルート証明書.{0,20}(?:信頼されていません|信頼されない|強制終了)|(?:発行者|発行元)の証明書が不明|発行者が不明|証明書の発行元.{0,16}信頼|証明機関.{0,12}信頼され(?:て)?いない/,
    is.UNTRUSTED,
    'server_certificates',
    'client_trust',
  ),
  rule(3, /自己署名(?:を|証明書|された|の証明書|している)/, is.SELF_SIGNED),
  rule(3, /証明書.{0,12}(?:失効し|失効済|取り消され)|失効した証明書/, is.REVOKED),
  rule(3, /失効.{0,30}(?:確認でき|オフライン|確認するため)|失効(?:サーバー?|の関数|状態)/, is.OCSP),
  rule(
    3,
    /(?:証明書|資格情報).{0,20}秘密キー.{0,30}(?:ありません|アクセス|できません)|秘密鍵.{0,24}(?:読み|見つか|一致し)/,
    is.NO_KEY,
  ),
  rule(
    3,
    /クライアント ?証明書.{0,16}(?:必要|要求|ありません|見つかりません|選択)|証明書が?(?:提示|提供)され(?:ません|ていません)/,
    is.CLIENT_CERTIFICATE_MISSING,
  ),
  rule(
    3,
    /クライアント ?証明書.{0,16}(?:拒否|受け入れ|無効|失敗)|ログイン証明書/,
    is.CLIENT_CERTIFICATE_REJECTED,
  ),
  rule(
    1,
    /信頼関係を確立できません|リモート ?証明書.{0,30}無効|証明書は無効|証明書.{0,8}(?:問題があ|エラー)|不正なセキュリティ証明書|プライバシーが保護されません|(?:接続|通信)(?:は|が)プライベートではありません|潜在的なセキュリティリスク|接続の安全性を確認できません|証明書の検証に失敗|証明書を検証でき/,
    is.SOME_CERTIFICATE,
    'whole_message',
    'server_certificates',
  ),
];

const JAPANESE_HANDSHAKES: readonly TextRule[] = [
  rule(
    3,
    /時計が(?:進|遅れ|狂)|日時が正しくない|日付と時刻.{0,20}(?:正しくない|誤|確認)|時計.{0,12}(?:合って|正しく)(?:い)?ない/,
    sure('client_clock_wrong', 'client', 0.92),
  ),
  rule(
    3,
    /共通の暗号化?(?:アルゴリズム|方式|スイート)|暗号スイート(?:は|が|の).{0,30}(?:サポートされて|一致|見つかりません)/,
    is.SUITES,
  ),
  rule(
    2,
    /共通のアルゴリズム|サポートされていないプロトコル|共通の ?ssl ?プロトコル|プロトコル ?バージョンまたは暗号|tls ?セキュリティ設定|このページに安全に接続できません|保護されている(?:チャネル|チャンネル)を作成できません|暗号(?:スイート|方式)の不一致/,
    is.VERSION_OR_SUITES,
    'probe',
  ),
  rule(
    3,
    /内部エラーの状態は ?10013|古いバージョンの ?(?:tls|ssl)|(?:tls|ssl) ?(?:プロトコル)?(?:の)?バージョン.{0,24}(?:サポート|対応|一致|無効|古い)|tls ?1\.[0-3].{0,24}(?:無効|有効にし|対応していま|サポートされていま)/,
    is.VERSION,
  ),
  rule(2, /無効な応答(?:が|を)送信|無効な応答/, is.PROTOCOL_ERROR, 'capture', 'probe'),
  rule(3, /最大長を超え(?:た|る).{0,12}レコード|レコード.{0,12}最大長/, is.RECORD_TOO_LONG, 'plain_answer'),
  rule(
    2,
    /安全な接続ができません|(?:セキュリティ)?保護された(?:接続|チャネル)を確立できません|ssl ?接続を確立できません|安全な接続を確立できません|セキュア接続に失敗|致命的なエラーが発生しました.{0,60}(?:tls|ssl)|(?:tls|ssl).{0,30}致命的なエラー|ハンドシェイク(?:に|が)失敗|このサイトは安全に接続できません|このサイトは保護された接続/,
    is.SOME_HANDSHAKE,
    'whole_message',
    'capture',
  ),
  rule(
    2,
    /送信時に、?予期しないエラー|受信時に、?予期しないエラー|基に?(?:礎に)?なる接続が閉じられました: ?(?:接続|予期)/,
    is.RESET_OR_CLOSED,
    'capture',
  ),
  rule(
    3,
    /リモート パーティ.{0,30}(?:トランスポート|閉じ)|予期せず接続(?:を|が)(?:終了|切断|閉じ)/,
    is.CLOSED,
    'capture',
  ),
];

/** Of what is below TLS. */
export const NETWORK_OTHER: readonly TextRule[] = [
  rule(
    3,
    /リモート名を解決できません|そのようなホストは不明|ip ?アドレスが見つかりません|サーバー?が見つかりませんでした|ホスト(?:名)?.{0,12}(?:解決でき|見つかりません)|名前(?:の)?解決.{0,12}(?:失敗|できません)/,
    is.DNS,
  ),
  rule(
    3,
    /(?:によって)?拒否されたため、?接続できません|接続(?:が|を)拒否(?:され|し)|対象のコンピューター.{0,12}拒否/,
    is.REFUSED,
  ),
  rule(
    3,
    /応答(?:に)?時間が(?:長|かか)|正しく応答しなかったため|接続(?:が|は)?タイムアウト|(?:vpn ?)?サーバー?に到達でき(?:ません|ない)|到達できません|一定の時間を過ぎても/,
    is.CONNECT_TIMEOUT,
  ),
  rule(2, /接続(?:が|は)リセット|強制的に切断|強制的に閉じられ|接続が中断/, is.RESET, 'capture'),
  rule(2, /からデータが送信されませんでした/, is.CLOSED, 'capture'),
];

const GERMAN_FRENCH: readonly TextRule[] = [
  rule(
    1,
    /keine vertrauensstellung|remotezertifikat ist (?:laut|ungültig|gemäß)|keine sichere verbindung|ihre verbindung ist nicht privat|relation de confiance pour le canal|certificat distant n'est pas valide|votre connexion n'est pas privée|la connexion n'est pas privée/,
    is.SOME_CERTIFICATE,
    'whole_message',
    'server_certificates',
  ),
  rule(
    2,
    /geschützter ssl\/tls-kanal|kein(?:en)? gemeinsamen algorithmus|de créer un canal sécurisé ssl\/tls|ne possèdent pas d'algorithme commun|protocole non (?:compatible|pris en charge)|nicht unterstütztes protokoll/,
    is.VERSION_OR_SUITES,
    'probe',
  ),
  rule(
    3,
    /zertifikat.{0,20}(?:ist abgelaufen|abgelaufen)|certificat.{0,12}(?:a expiré|est expiré|expiré)/,
    is.EXPIRED,
  ),
  rule(
    3,
    /zielprinzipalname ist falsch|nom principal de la cible est incorrect|le nom principal cible/,
    is.HOSTNAME,
  ),
  rule(
    3,
    /zertifizierungsstelle.{0,40}nicht vertrau|zertifikatkette wurde von einer nicht vertrau|autorité qui n'est pas approuvée|émis par une autorité.{0,20}non/,
    is.UNTRUSTED,
    'server_certificates',
  ),
];

export const OTHER_LANGUAGES: readonly TextRule[] = [
  ...JAPANESE_CERTIFICATES,
  ...JAPANESE_HANDSHAKES,
  ...GERMAN_FRENCH,
];

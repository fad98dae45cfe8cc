/** Whose text a line is: the program, and which side of the connection it was on. */
import type { Side } from '../../trace/index.js';

export interface Speaker {
  readonly program: string;
  readonly role: Side | null;
  /** The lower, the nearer to who wrote the text: a program, then its language's runtime, then the library. */
  readonly rank: number;
}

type Row = readonly [pattern: RegExp, program: string, role: Side | null];

/** On folded lines. Programs of their own. */
const PROGRAMS: readonly Row[] = [
  [/upstream connect error|transport failure reason|reset reason:|envoy.{0,80}upstream/, 'Envoy', 'client'],
  [
    /tls error: ?\|?\d{6,}|\benvoy\b|filter[- ]chain[- ](?:not[- ]found|match)|matching filter chain/,
    'Envoy',
    null,
  ],
  [/\bah0\d{4}\b.{0,200}(?:proxy|remote)|\bah0(?:0961|1084|1102|2003)\b/, 'Apache', 'client'],
  [
    /\bah0\d{4}\b|\[ssl:(?:error|info|warn|emerg)\]|\bmod ssl\b|\bssl library error:|\bhttpd\[/,
    'Apache',
    'server',
  ],
  [
    /to upstream|upstream (?:ssl|timed out|prematurely|sent)|host not found in upstream|\d#\d+: .{0,300}\bupstream\b/,
    'nginx',
    'client',
  ],
  [
    /while ssl handshaking|ssl (?:do handshake|read|write|shutdown)\(\) failed|client ssl certificate|\bnginx\b|\[(?:info|notice|warn|error|crit|alert|emerg)\] \d+#\d+:|ssl stapling|while (?:waiting for request|reading client request|requesting certificate status)/,
    'nginx',
    'server',
  ],
  [
    /layer[46] (?:invalid response|timeout|connection problem)|l[46](?:rsp|tout|con)\b|health check.{0,80}ssl|server \S{1,80} is down/,
    'HAProxy',
    'client',
  ],
  [
    /haproxy|\] [\w.~-]{1,60}\/[\w.:~-]{1,60}: (?:ssl handshake failure|connection closed during|timeout during)|ssl: error in ssl|parsing \[\S{1,120}:\d+\] ?: '/,
    'HAProxy',
    'server',
  ],
  [/postfix\/\w{0,12}\/?smtpd|postfix\/tlsproxy/, 'Postfix', 'server'],
  [/postfix\/(?:smtp|lmtp)\b/, 'Postfix', 'client'],
  [/\bpostfix\b|tls library problem/, 'Postfix', null],
  [/dovecot|\b(?:imap|pop3|lmtp|submission|managesieve)-login\b/, 'Dovecot', 'server'],
  [/tls error on connection from/, 'Exim', 'server'],
  [
    /\bexim\b|tls (?:error|session) .{0,60}\(gnutls handshake\)|\(gnutls handshake\):|\bssl verify error: (?:depth|certificate)/,
    'Exim',
    null,
  ],
  [
    /openvpn|verify (?:error: depth=|ku error|eku error|x509name)|tls error: (?!\|?\d)|\baf inet6?\]|options error: |tls-crypt|bio read tls read plaintext|cannot load certificate file/,
    'OpenVPN',
    null,
  ],
  [/stunnel|\blog[0-7]\[/, 'stunnel', null],
  [
    /openconnect|webvpn|server certificate verify failed:|failed to open https connection|ssl negotiation with|server requested ssl client certificate|unexpected \d{3} result from server/,
    'openconnect',
    'client',
  ],
  [/forticlient|vpn server may be unreachable|vpnサーバ/, 'FortiClient', 'client'],
  [/fortigate|sslvpn|\[\d+:[\w-]{1,20}:[0-9a-f]{1,8}\] ?ssl/, 'FortiGate', 'server'],
  [/%asa-/, 'Cisco ASA', 'server'],
  [/anyconnect|cisco secure client|untrusted (?:vpn )?server certificate/, 'AnyConnect', 'client'],
  [/globalprotect/, 'GlobalProtect', 'client'],
  [/error accepting a client connection/, 'Redis', 'server'],
  [/could not connect to redis|redis-cli/, 'Redis', 'client'],
  [/mosquitto|\d{10}: openssl error|^error: host name verification|client <unknown>/, 'mosquitto', null],
  [/could not accept ssl connection|no pg hba\.conf|postgres(?:ql)?\[/, 'PostgreSQL', 'server'],
  [/\bpsql: |libpq|\bpq: |\/\.?postgresql\//, 'PostgreSQL', null],
  [/(?<!com\.)\bmysql\b|mariadb|error 2026/, 'MySQL', 'client'],
  [/\bldap[s ]|openldap|\bslapd\b/, 'OpenLDAP', null],
  [/\[socketserver|data-plane-kafka/, 'Kafka', 'server'],
  [/org\.apache\.kafka|\bkafka\b|clientid=[\w-]{1,60}\]/, 'Kafka', null],
  [/ssl transport security\.cc|rpc error: code =|\bgrpc\b/, 'gRPC', null],
  [/unable to connect to the server:|\bkubectl\b/, 'kubectl', 'client'],
  [/error response from daemon|\bdockerd?\b|error pulling image/, 'Docker', 'client'],
  [/"logger":"(?:http|tls)|\bcaddy\b|http\.stdlib/, 'Caddy', 'server'],
  [/traefik/, 'Traefik', null],
  [
    /この ?web ?サイト(?:のセキュリティ証明書|で提示)|このページに安全に接続できません/,
    'Internet Explorer',
    'client',
  ],
  [/non http response (?:code|message)/, 'JMeter', 'client'],
  [
    /handshakeexception: (?:handshake error|connection terminated)|e\/flutter|i\/flutter|dart:io/,
    'Dart',
    'client',
  ],
  [/conscrypt|com\.android|okhttp|network security policy/, 'Android', 'client'],
  [/^fatal: unable to access|^git\b|rpc failed; curl|\bgnutls handshake\(\) failed/, 'git', 'client'],
  [
    /curl: ?\(\d+\)|\bcurl\b.{0,20}\berror|curl error|schannel: |\* ssl connection timeout|libcurl/,
    'curl',
    'client',
  ],
  [
    /^error: cannot verify|^error: certificate|^error: the certificate of|unable to locally verify|\bwget\b|^unable to establish ssl/,
    'wget',
    'client',
  ],
  [
    /プライバシーが保護されません|このサイトにアクセスできません|このサイトは安全に接続|お使いのパソコンの日時|net::err |net error -\d|ssl client socket|\berr (?:cert|certificate|connection|name|timed out|address|empty response|bad ssl|quic)\b|\berr ssl (?:protocol error|version or cipher|client auth|pinned|obsolete|unrecognized name alert|key usage|weak|server cert|(?:bad record mac|decrypt error|decompression failure) alert|fallback)/,
    'Chrome',
    'client',
  ],
  [
    /safari|ページを開けません|このサーバの証明書|セキュリティ保護された接続|このwebサイトは、あなたの|nsurl(?:error|session)|kcfstreamerror|cfnetwork|\berrssl\w{3,40}|nserror|boringssl context/,
    'Safari',
    'client',
  ],
  [/(?:curl|\*).{0,20}nss error|\bcertutil\b/, 'NSS', 'client'],
  [
    /\b(?:sec error [a-z]|mozilla pkix|pr (?:end of file|connect \w+|io timeout) error)|\bssl error (?!(?:ssl|syscall|zero return|want|none|has)\b)[a-z]|firefox|nss error|安全な接続ができません|この証明書は信頼されません|潜在的なセキュリティリスク|不正なセキュリティ証明書/,
    'Firefox',
    'client',
  ],
];

const RUNTIMES: readonly Row[] = [
  [/https?: tls handshake error from|\btls handshake error from/, 'Go', 'server'],
  [
    /\bx509: |\btls: |remote error: tls|dial tcp|net\/http: |http: server gave http response|\(client\.timeout exceeded|"?: eof$/,
    'Go',
    null,
  ],
  [
    /system\.(?:net|security|io|componentmodel|web|aggregateexception)|httprequestexception|interop\+|webexception|sqlclient|ssl provider|the remote certificate (?:is|was)|(?:authentication failed because|because) the remote party|underlying connection was closed|could not create ssl\/tls secure channel|errors in the certificate chain:|基礎になる接続|リモート名を|要求は中止され|リモート ?証明書|ssl プロバイダー|転送接続/,
    '.NET',
    null,
  ],
  [
    /javax\.net|java\.(?:security|net|io|nio|lang)|sun\.security|pkix path|ssl(?:handshake|peerunverified|protocol)?exception: |io\.netty|notsslrecord|certpathvalidator|sqlserverexception/,
    'Java',
    null,
  ],
  [
    /requests\.exceptions|urllib3|sslcertverificationerror|urlopen error|httpsconnectionpool|aiohttp|httpx|could not fetch url|retrying \(retry\(|\bpip\b.{0,40}ssl/,
    'Python',
    'client',
  ],
  [/\( ?ssl\.c:| ssl\.c:|ssl\.sslerror|\[ssl[:\]]|\[x509[:\]]|traceback \(most recent/, 'Python', null],
  [
    /\berr (?:ssl|tls|socket|ossl)\b|\beconn|enotfound|eai again|eproto|epipe|etimedout|eservfail|\bund err |unable to (?:verify leaf signature|get issuer cert locally)|depth zero self|self signed cert in chain|cert has expired'?$|code cert has expired|node:|node modules|tls wrap|tls common|fetcherror|fetch failed|npm err|tlsclienterror|createsecurecontext|deps\/openssl|deps.{1,2}openssl.{1,2}openssl/,
    'Node',
    null,
  ],
  [/openssl::ssl|net::http|faraday|ssl connect (?:\w+ )?returned=/, 'Ruby', 'client'],
  [/\bphp\b|stream socket|file get contents|fsockopen|fopen\(\)/, 'PHP', 'client'],
  [
    /\.erl\b|\btls :?(?:client|server): in state|\{tls alert|generated (?:client|server) alert|\{bad cert,/,
    'Erlang',
    null,
  ],
];

const LIBRARIES: readonly Row[] = [
  [
    /sec e |schannel|36(?:870|871|874|882|884|885|886|887|888)|authenticationexception|(?:received from|sent to) the remote endpoint|tls protocol defined|(?:cert|crypt) e |0x800(?:903|b01|920)|winhttp|remote (?:client application|server).{0,60}(?:has not validated|revoked|tls)|when initiating a tls connection|creating a tls (?:client|server) credential|tls クライアント|リモート エンドポイント|リモート ホスト|致命的な(?:警告|アラート)|証明書チェーンは|受信した証明書|失効の関数|失効サーバー|対象のコンピューター|そのようなホスト|接続済みの呼び出し先|共通のアルゴリズム|リモート クライアント|信頼されていない機関|プリンシパル名/,
    'Schannel',
    null,
  ],
  [
    /gnutls|\*\*\* (?:fatal error|received alert|pki verification)|- status: the certificate|^error in handshake|could not negotiate a supported cipher suite/,
    'GnuTLS',
    null,
  ],
  [
    /rustls|invalidcertificate|invalid peer certificate|alertreceived|received (?:fatal alert: [a-z]+$|corrupt message)|peer (?:is incompatible|misbehaved|sent no certificates):|hyper::|error trying to connect:/,
    'rustls',
    null,
  ],
  [/mbedtls|mbed tls/, 'mbed TLS', null],
  [/wolfssl/, 'wolfSSL', null],
  [/\bvpn\b/, 'VPN', 'client'],
  [
    /error:[0-9a-f]{8}:|^1[0-9a-f]{7}:ssl routines|verify error:num|:error:|openssl|verify return code|verification error|error \d{1,3} at \d depth|s client|s server|ssl error (?:ssl|syscall)|connect:errno=|^connected\(0|no peer certificate available|starttls in server response|ssl handshake has read|boringssl|libressl/,
    'OpenSSL',
    null,
  ],
];

const ROWS = [...PROGRAMS, ...RUNTIMES, ...LIBRARIES];

export function speakerOf(folded: string): Speaker | null {
  const rank = ROWS.findIndex(([pattern]) => pattern.test(folded));
  const row = ROWS[rank];
  return row ? { program: row[1], role: row[2], rank } : null;
}

/** Words that tell which side it was, whatever the program: functions and states of the libraries. */
const SERVER_WORDS =
  /(?:process|get|post process|early post process)[ :]?client hello|ssl accept|accept ssl|statem srvr|(?:get|process) client (?:certificate|key exchange|hello)|ssl3 accept|while ssl handshaking, client|client didn't provide|handshake error from|final server name|tls construct (?:server|certificate request)|tls choose sigalg|remote client application|tls :?server:|client's certificate|tlsclienterror|accept sr clnt|accepting a client|parse ctos|received client alert|server side=true/;
const CLIENT_WORDS =
  /(?:process|get|post process)[ :]?server (?:hello|certificate|key exchange)|ssl connect\b|statem clnt|ssl3 connect|to upstream|ssl23 get server hello|(?:get|post|head|put) "?https:\/\/|connect to|dial tcp|tls :?client:|handshake error in client|connect cr |st connect|parse stoc|ssl choose client version|received server alert|while connecting|\[remote [\d[]/;

/** Which side wrote a folded line; null where its words do not tell. */
export function sideOf(folded: string): Side | null {
  if (CLIENT_WORDS.test(folded)) return 'client';
  return SERVER_WORDS.test(folded) ? 'server' : null;
}

/**
 * Phrases of programs of their own: curl, wget, git, Python and Node, nginx, Apache, HAProxy, Envoy, stunnel, OpenVPN,
 * SSL-VPN clients and gateways, mail, databases; and of the network below.
 */
import * as is from './guesses.js';
import { rule, sure, type TextRule } from './guesses.js';
import { NETWORK_OTHER } from './rules-languages.js';

const CLIENTS: readonly TextRule[] = [
  rule(
    3,
    /no alternative certificate subject name matches target (?:host ?name|ipv4 address|ipv6 address|ip address) '?(?<host>[\w.:*-]{1,253})|certificate subject name .{0,200}does not match target (?:host ?name) '?(?<host2>[\w.-]{1,253})|unable to match.{0,20}common name/,
    is.HOSTNAME,
  ),
  rule(
    3,
    /hostname\/ip does(?: not|n't) match certificate's altnames|err tls cert altname invalid|is not in the cert's altnames|is not cert's cn/,
    is.HOSTNAME,
  ),
  rule(
    3,
    /hostname '?(?<host>[\w.*-]{1,253})'? doesn't match|hostname mismatch, certificate is not valid for '?(?<host2>[\w.-]{1,253})|certificate is not valid for '?(?<host3>[\w.-]{1,253})'?|ip address mismatch, certificate is not valid/,
    is.HOSTNAME,
  ),
  rule(
    3,
    /certificate common name .{0,120}doesn't match requested host name|no certificate subject alternative name matches/,
    is.HOSTNAME,
  ),
  rule(
    3,
    /peer certificate cn='?.{0,120} did not match expected cn|did not match expected cn|does not match hostname|does not match the (?:host|server) name|certificate.{0,60}does not match (?:the )?host|(?:domain|server) name does not match|host ?name.{0,40}does not match|name mismatch/,
    is.HOSTNAME,
  ),
  rule(
    3,
    /cert has expired|certificate has expired|err tls cert.{0,10}expired|issued certificate has expired/,
    is.EXPIRED,
  ),
  rule(3, /issued certificate not yet valid/, is.NOT_YET_VALID),
  rule(3, /self-signed certificate encountered/, is.SELF_SIGNED),
  rule(
    3,
    /tlsv1 alert protocol version|err ssl.{0,10}unsupported protocol|err tls protocol version/,
    is.VERSION,
  ),
  rule(
    3,
    /curl: \(77\)|error setting certificate (?:verify locations|file)|unable to get ca certificates|could not find a suitable tls ca certificate bundle|ca(?:cert)?file.{0,40}(?:not found|does not exist)|problem with the ssl ca cert/,
    sure('unknown_ca', 'client', 0.9),
  ),
  rule(
    3,
    /curl: \(58\).{0,160}|could not load pem client certificate|unable to (?:load|set|use) client (?:key|certificate)|problem with the local client certificate|client certificate.{0,40}not found(?! \(nickname not specified)/,
    sure('client_certificate_required', 'client', 0.75),
  ),
  rule(3, /curl: \(59\)|couldn't use specified (?:ssl )?cipher|failed setting cipher list/, is.OWN_SUITES),
  rule(3, /curl: \(91\)|invalid ssl certificate status verification/, is.OCSP),
  // By its number alone, it may ask for a password too.
  rule(2, /\bmail failed: 530/, sure('starttls_expected', 'client', 0.7)),
  rule(
    3,
    /\b5(?:30|34|54) (?:5\.7\.\d )?.{0,40}\b(?:starttls|(?:use|requires?|need|enable|with) (?:auth )?(?:ssl|tls))|curl: \(64\)|requested (?:ftp )?ssl level failed|didn't find starttls in server response|starttls (?:is )?(?:not supported|denied|failed|not available)|server does not support starttls|starttls extension not supported|must issue a starttls command first|tls not available|don't have starttls|requires? (?:a )?starttls|cannot starttls|starttls required|tls is required, but was not offered|server does not support ssl, but ssl was required|ssl is not enabled on the server|the server does not support ssl connections|ssl off\b|server doesn't support ssl|ssl connection is required|ssl is required, but the server does not support it/,
    is.STARTTLS,
  ),
  rule(3, /curl: \(52\).{0,4}|"?\\x16\\x03/, {
    client: [
      ['closed_after_client_hello', 'server', 0.3],
      ['http_to_tls_port', 'client', 0.3],
    ],
    server: [['not_tls_server', 'server', 0.6]],
    unknown: [['not_tls_server', 'server', 0.5]],
  }),
  rule(
    3,
    /received http\/0\.9 when not allowed|curl: \(1\) received http\/0\.9/,
    sure('http_to_tls_port', 'client', 0.62),
  ),
  rule(
    2,
    /curl: \(35\).{0,60}(?:recv|send) failure: connection (?:was )?reset|ssl connect: ssl error syscall|unable to establish ssl connection/,
    is.RESET_OR_CLOSED_OR,
    'capture',
  ),
  rule(
    3,
    /ssl connection timeout|ssl connect timed out|tls connect timeout|handshake timed out|(?:fatal error|ssl connection failure): the operation timed out|ssl handshake timeout|(?:timed out|timeout\b).{0,24}(?:ssl|tls) handshake|(?:ssl|tls) handshake.{0,60}timed? ?out|err tls handshake timeout|timed out waiting for.{0,20}(?:ssl|tls)|timed out \(.{0,12}handshake|ssl: handshake timed out|handshake operation timed out/,
    is.HANDSHAKE_TIMEOUT,
    'capture',
    'probe_smaller_hello',
  ),
  rule(
    3,
    /client network socket disconnected before secure tls connection was established/,
    is.CLOSED,
    'server_log',
    'capture',
  ),
  rule(2, /socket hang up/, is.CLOSED, 'capture'),
  rule(3, /resolving timed out after/, is.DNS),
  rule(3, /curl: \(28\) failed to connect to .{1,300}/, is.CONNECT_TIMEOUT),
  rule(2, /failed to receive handshake, ssl\/tls connection failed/, is.RESET_OR_CLOSED_OR, 'capture'),
  rule(3, /client\.timeout exceeded|request canceled while waiting for connection/, is.SLOW, 'capture'),
  rule(
    3,
    /connection timed out after \d|operation timed out after .{0,60} (?:0 out of 0|with 0 out of|with 0 bytes)/,
    is.CONNECT_OR_SILENCE,
    'capture',
    'probe',
  ),
  rule(
    3,
    /rpc failed; curl 56|curl: \(18\)|transfer closed with .{0,30} bytes remaining|unexpected disconnect while reading sideband|incompleteread|connection was closed without close notify|curl 56 .{0,60}unexpected eof|curl: \(56\).{0,120}(?:unexpected eof|syscall)|response ended prematurely/,
    is.TRUNCATED,
  ),
  rule(
    2,
    /curl: \(60\)|peer's certificate issuer (?:has been marked as not trusted|is not recognized)/,
    is.UNTRUSTED,
  ),
  rule(
    3,
    /unsupported ssl protocol|ssl error unsupported|requires tls ?1\.\d|tls ?1\.\d (?:is )?(?:required|not supported)|minimum tls version|sslv3 is not supported|only supports? tls/,
    is.VERSION,
  ),
];

const SERVERS: readonly TextRule[] = [
  rule(
    3,
    /client sent no required ssl certificate|400 no required ssl certificate/,
    is.CLIENT_CERTIFICATE_MISSING,
  ),
  rule(3, /the ssl certificate error|400 the ssl certificate error/, is.CLIENT_CERTIFICATE_REJECTED),
  rule(3, /upstream ssl certificate does not match "?(?<host>[\w.*-]{1,253})/, is.HOSTNAME),
  rule(
    3,
    /upstream timed out.{0,60}while ssl handshaking|upstream timed out.{0,40}(?:handshak)/,
    is.HANDSHAKE_TIMEOUT,
    'capture',
  ),
  rule(3, /client timed out.{0,40}while ssl handshaking/, sure('silence_after_client_hello', 'client', 0.8)),
  rule(3, /upstream timed out.{0,60}while connecting to upstream/, is.CONNECT_TIMEOUT),
  rule(
    3,
    /peer closed connection in ssl handshake.{0,4}104|peer closed connection in ssl handshake \(104/,
    is.RESET,
  ),
  rule(
    2,
    /peer closed connection in ssl handshake|upstream prematurely closed connection while ssl handshaking|connection closed during ssl handshake|ssl handshake (?:was )?interrupted|client closed connection.{0,20}handshake|ah02008.{0,40}interrupted/,
    is.CLOSED,
    'client_log',
    'capture',
  ),
  rule(3, /upstream prematurely closed connection/, is.CLOSED, 'server_log'),
  rule(
    3,
    /ssl: error:.{0,120}while loading|cannot load certificate|ssl ctx use privatekey|bio new file.{0,80}no such file|no such file.{0,40}(?:private|\.key\b|key\.pem)|(?:private|\.key\b|key\.pem).{0,60}no such file/,
    is.NO_KEY,
  ),
  rule(
    3,
    /ah02032|ah02033|hostname .{0,120}provided via (?:sni|http).{0,120}(?:different|no hostname)|no hostname was provided via sni|421 misdirected/,
    is.NAME,
  ),
  rule(
    3,
    /ah01909|rsa certificate configured for .{0,120}does not include an id which matches/,
    sure('hostname_mismatch', 'server', 0.8),
  ),
  rule(
    3,
    /ah01906|is a ca certificate \(basicconstraints|server certificate is a ca certificate/,
    sure('wrong_key_usage', 'server', 0.9),
  ),
  rule(3, /ah02039|ah02276|certificate verification: error \(\d{1,3}\)/, is.CLIENT_CERTIFICATE_REJECTED),
  rule(
    3,
    /ah0(?:1980|1941|1974|2235|1977|1985)|stapling.{0,60}(?:fail|error|no response|not available)|could not (?:get|resolve).{0,40}ocsp/,
    is.OCSP,
  ),
  rule(
    3,
    /ah0(?:2561|2562|2564|2565|2572|1895|2577)|failed to configure (?:at least one )?certificate and key|failed to configure.{0,30}certificate/,
    is.NO_KEY,
  ),
  rule(
    3,
    /ah02225|ah02221|ah02260|re-negotiation handshake failed|renegotiation.{0,30}(?:failed|not accepted)|ah02263/,
    is.RENEGOTIATION,
  ),
  rule(3, /layer6 invalid response.{0,80}wrong version|l6rsp.{0,80}wrong version/, is.NOT_TLS),
  rule(3, /layer6 timeout|l6tout/, is.HANDSHAKE_TIMEOUT),
  rule(3, /layer4 connection problem.{0,60}refused|l4con.{0,60}refused/, is.REFUSED),
  rule(3, /layer4 timeout|l4tout/, is.CONNECT_TIMEOUT),
  rule(
    3,
    /no matching filter chain found|filter chain not found|no filter chain match|\bno sni\b|\bsni\b.{0,24}(?:not found|no match|mismatch|unknown)|unknown sni|unrecognized (?:sni|server name)|strict-sni|no (?:matching )?certificates? (?:matching|matches|found for)|no matching certificates and|default certificate.{0,30}served/,
    is.NAME,
  ),
  rule(
    3,
    /upstream connect error.{0,160}certificate verify failed/,
    is.SOME_CERTIFICATE,
    'server_certificates',
  ),
  rule(
    2,
    /delayed connect error: 111|reset reason: (?:local|remote) connection failure.{0,80}(?:111|refused)/,
    is.REFUSED,
  ),
  rule(3, /reset reason: connection timeout|delayed connect error: 110/, is.CONNECT_TIMEOUT),
  rule(1, /reset reason: connection termination|disconnect\/reset before headers/, is.RESET),
  rule(3, /verify san list|san matcher|tls error: verify san/, is.HOSTNAME),
  rule(
    3,
    /cert:? ?verification failed.{0,12}ca cert|verify cert.{0,20}failed: verification/,
    is.SOME_CERTIFICATE,
  ),
  rule(
    3,
    /peer certificate required|ssl3 get client certificate.{0,12}peer did not/,
    is.CLIENT_CERTIFICATE_MISSING,
  ),
  rule(3, /verify error: depth=\d{1,2}.{0,20}error=self[- ]signed certificate in/, is.UNTRUSTED_ROOT),
  rule(
    3,
    /verify ku error|verify eku error|certificate does not have (?:key usage|extended key usage)|certificate does not have .{0,10}key usage extension|nscerttype|incoming.{0,30}remote-cert-tls/,
    is.PURPOSE_OR_NAME,
  ),
  rule(
    3,
    /tls error: tls key negotiation failed to occur within|tls key negotiation failed/,
    sure('silence_after_client_hello', 'path', 0.72),
    'capture',
  ),
  rule(
    3,
    /tls error: cannot locate hmac|hmac authentication failed|incoming packet authentication failed|packet hmac|authenticate\/decrypt packet error|tls-crypt.{0,40}(?:fail|unwrap)|tls crypt unwrap/,
    sure('wrong_psk', 'unknown', 0.72),
  ),
  rule(3, /wsaeconnreset|connection reset, restarting/, is.RESET),
  rule(3, /tls error: (?:unroutable|local\/remote tls keys are out of sync)/, is.DECRYPT),
];

const VPN: readonly TextRule[] = [
  rule(
    3,
    /untrusted (?:vpn )?server (?:certificate|blocked)|certificate (?:on|from) the (?:secure gateway|vpn server|server) is (?:invalid|not trusted|untrusted)|untrusted server certificate|certificate is untrusted|server certificate is untrusted|security alert.{0,40}not trusted|unable to verify (?:the )?(?:vpn )?server certificate|gateway certificate.{0,40}(?:not trusted|untrusted)|certificate is not trusted|x509.{0,12}not trusted/,
    is.UNTRUSTED,
    'server_certificates',
  ),
  rule(
    3,
    /certificate validation failure|no valid certificates? available for authentication|(?:required|valid|missing) client certificate.{0,40}(?:not found|missing|required|is not found|available)|client certificate (?:is )?(?:required|missing|not found|was not)|certificate is required|user certificate (?:required|missing)|please select.{0,20}certificate|requires a valid client certificate|no client certificate (?:was |has been )?(?:sent|provided|presented|supplied|received|found)/,
    is.CLIENT_CERTIFICATE_MISSING,
  ),
  rule(
    3,
    /invalid client certificate|client certificate (?:is )?(?:invalid|rejected|not accepted|expired|revoked|not trusted)|certificate authentication failed|user certificate (?:invalid|rejected)|ssl[- ]?vpn.{0,40}client cert.{0,40}(?:fail|invalid)/,
    is.CLIENT_CERTIFICATE_REJECTED,
  ),
  rule(
    3,
    /unable to (?:establish|logon).{0,60}(?:vpn )?server may be unreachable|vpn server (?:may be unreachable|is unreachable|not reachable|could not be reached)|gateway is unreachable|network unreachable|could not connect to (?:server|gateway|portal)|connection attempt has timed out|the secure gateway.{0,40}not respond/,
    is.CONNECT_TIMEOUT,
  ),
  rule(
    2,
    /ssl version.{0,12}cipher|unsupported (?:tls|ssl) (?:version|protocol)|(?:tls|ssl) (?:version|protocol).{0,20}mismatch|tls version is not|ssl protocol version|min(?:imum)?[- ]?proto(?:col)? ?version|advanced\) ?tls settings|internet options.{0,60}tls|(?<!\d)-(?:5029|6005)\b/,
    is.VERSION,
  ),
  rule(
    3,
    /ssl negotiation (?:failed|error)|cipher.{0,24}mismatch|no matching cipher|unsupported cipher|cipher suite.{0,30}(?:not supported|mismatch)/,
    is.SUITES,
  ),
];

/** Of what is below TLS: these need no word of TLS beside them. */
export const NETWORK: readonly TextRule[] = [
  // HAProxy's state of a session that ended while it was connecting to the server: refused (SC), or too late (sC).
  rule(2, /\/-1\/-1\/\d{1,7} 503 \d{1,9} - - sc-- /, is.UNREACHED),
  ...NETWORK_OTHER,
  rule(
    3,
    /(?:unexpected eof|eof).{0,12} while reading (?:response )?body|response ended prematurely/,
    is.TRUNCATED,
  ),
  rule(2, /connecttimeouterror|connect timeout|socket connection timeout/, is.CONNECT_TIMEOUT, 'capture'),
  rule(
    3,
    /(?:maxconn (?:reached|exceeded)|connection limit (?:reached|exceeded|of)|worker connections are not enough|(?:accept|socket|connection|listen).{0,60}too many open files|too many open files.{0,60}(?:accept|socket|connection)|too many (?:connections|clients|sessions)|connection rate|limiting connections|no memory in ssl session|could not (?:add|allocate) new ssl session|reached.{0,20}max(?:imum)? (?:number of )?(?:clients|connections|sessions)|maximum number of (?:users|connections|sessions)|remaining connection slots)/,
    is.LIMIT,
  ),
  rule(
    3,
    /could not resolve (?:host|proxy)|couldn't resolve host|\benotfound\b|eai again|\beai (?:noname|fail|nodata)|getaddrinfo|name or service not known|temporary failure in name resolution|no such host|unknownhostexception|unknown host|nodename nor servname|nxdomain|servfail|host not found in upstream|name resolution (?:failure|failed|error)|no address associated with hostname|unable to resolve host|could not translate host name|failed to lookup address|the remote name could not be resolved|dns (?:lookup|resolution) (?:failed|error|timed out)|cannot resolve host|unknown mysql server host|eservfail|server misbehaving|no such host is known|nameresolutionerror|php network getaddresses/,
    is.DNS,
  ),
  rule(
    3,
    /connection refused|econnrefused|actively refused|errno[= ]111|errno: 61\b|could not connect to server|couldn't connect to server|connect\S{0,60} .{0,60}\(111\)|connectexception|failed to connect to \S{1,253} port \d{1,5}.{0,40}(?:refused|couldn't)/,
    is.REFUSED,
  ),
  rule(
    3,
    /etimedout|connection timed out|connection attempt timed out|select\(\) timeout|failed to open new connection in specified timeout|connect timed out|connecttimeout|operation timed out|no route to host|ehostunreach|enetunreach|network is unreachable|i\/o timeout|connection attempt failed because the connected party did not properly respond|errno 110\b|errno=110|timed out while connecting|context deadline exceeded|connect\(\) failed \(113|host is (?:down|unreachable)|could not connect.{0,40}timed? ?out|sockettimeoutexception: connect/,
    is.CONNECT_TIMEOUT,
  ),
  rule(
    2,
    /econnreset|connection (?:was )?reset(?: by peer)?|connection was (?:forcibly closed|aborted by the software)|forcibly closed by the remote host|errno[= ]104|connectionreseterror|(?:error|exception|errno|code|wsa)\D{0,12}10054\b|socketexception: connection reset|\bepipe\b|broken pipe|connectionabortederror|errno 10053/,
    is.RESET,
    'capture',
  ),
  rule(
    2,
    /(?:read|recv|receive|connection|socket|connect\w{0,3}|handshake) (?:has )?timed out|recv timeout|readtimeout|timed out.{0,20}\((?:connect|read)/,
    is.SLOW,
    'capture',
  ),
  rule(
    2,
    /connection closed by (?:peer|remote|server|foreign host)|remote end closed connection without response|remotedisconnected|server closed the connection unexpectedly|lost connection to (?:mysql )?server|closed by (?:the )?remote|connection (?:was )?closed unexpectedly|unexpectedly closed the connection|other side closed|(?:https?:\/\/|tls|ssl|handshake|connection).{0,200}: (?:unexpected )?eof\b/,
    is.CLOSED,
    'capture',
  ),
];

const INSPECTION: readonly TextRule[] = [
  rule(
    3,
    /zscaler|fortinet ca|fortigate ca|fg\w{4,20}ca\b.{0,20}fortinet|issuer.{0,120}(?:blue ?coat|netskope|palo alto|sophos|kaspersky|avast|avg technologies|eset ssl filter|umbrella|mcafee|bitdefender|mitmproxy|charles proxy|fiddler|portswigger|squid|websense|forcepoint|checkpoint|check point|cisco secure web|barracuda|untangle|dr\.web|adguard|lightspeed|securly|do not trust fiddlerroot)|(?:netskope|mitmproxy|portswigger|charles proxy|fiddlerroot|kaspersky anti-virus personal|avast web\/mail shield|bluecoat|cisco umbrella root|eset ssl filter)|ssl (?:inspection|interception|bump)|deep inspection|(?:tls|https|ssl) inspection|man[- ]in[- ]the[- ]middle proxy/,
    is.INSPECTED,
    'server_certificates',
    'probe_elsewhere',
  ),
];

export const PROGRAM_RULES: readonly TextRule[] = [...INSPECTION, ...SERVERS, ...CLIENTS, ...VPN];

/** Whose text a line is: the program, and which side of the connection it was on. The first that fits counts. */
import type { Side } from '../../trace/index.js';

export interface Speaker {
  readonly program: string;
  readonly role: Side | null;
}

type Row = readonly [pattern: RegExp, program: string, role: Side | null];

/** On folded lines. */
const ROWS: readonly Row[] = [
  [/upstream|to upstream/, 'nginx', 'client'],
  [/while ssl handshaking|ssl do handshake\(\) failed|client ssl certificate|nginx/, 'nginx', 'server'],
  [/\bah0\d{4}\b.{0,200}(?:proxy|remote)|\bah0(?:0961|1084|1102|2003)\b/, 'Apache', 'client'],
  [/\bah0\d{4}\b|\[ssl:(?:error|info|warn|emerg)\]|\bmod ssl\b|ssl library error/, 'Apache', 'server'],
  [
    /layer6 invalid response|l6(?:rsp|tout)|health check.{0,80}ssl|server \S{1,80} is down/,
    'HAProxy',
    'client',
  ],
  [/ssl handshake failure|haproxy|ssl: error in ssl/, 'HAProxy', 'server'],
  [/http: tls handshake error from|tls handshake error from/, 'Go', 'server'],
  [/upstream connect error|upstream reset|envoy.{0,80}upstream/, 'Envoy', 'client'],
  [/tls error: \d+\||tls error:|\benvoy\b/, 'Envoy', null],
  [
    /^curl: ?\(\d+\)|\bcurl\b.{0,20}\berror|curl error|schannel: |\* ssl connection timeout|libcurl/,
    'curl',
    'client',
  ],
  [
    /sec e |schannel|36(?:870|871|874|882|884|885|886|887|888)|authenticationexception|system\.security\.authentication/,
    'Schannel',
    null,
  ],
  [
    /^error: cannot verify|^error: certificate|unable to locally verify|wget|^unable to establish ssl/,
    'wget',
    'client',
  ],
  [/^fatal: unable to access|^git\b|gnutls handshake\(\) failed/, 'git', 'client'],
  [
    /requests\.exceptions|urllib3|sslcertverificationerror|urlopen error|httpsconnectionpool|aiohttp|httpx/,
    'Python',
    'client',
  ],
  [/\( ?ssl\.c:| ssl\.c:|ssl\.sslerror|\[ssl[:\]]/, 'Python', null],
  [/net::err |^err (?:ssl|cert|connection|name|timed|address|socket|quic|bad ssl)/, 'Chrome', 'client'],
  [
    /err ssl|err tls|econn|enotfound|eai again|epipe|unable to (?:verify leaf signature|get issuer cert)|depth zero self|self signed cert in chain|node:|fetcherror/,
    'Node',
    null,
  ],
  [/(?:sec|ssl|mozilla pkix|pr) error |firefox|nss error/, 'Firefox', 'client'],
  [
    /safari can't|nsurlerror|kcfstreamerror|err?ssl\w{3,40}|-98\d\d\b|-120[0-6]\b/,
    'Secure Transport',
    'client',
  ],
  [
    /javax\.net|java\.security|sun\.security|pkix path|sslhandshakeexception|java\.net|java\.io/,
    'Java',
    null,
  ],
  [/\bx509: |\btls: |remote error: tls/, 'Go', null],
  [/(?:openvpn|tls error: |verify error: depth=)/, 'OpenVPN', null],
  [/stunnel|ssl accept: |ssl connect: |log\d\[/, 'stunnel', null],
  [/gnutls|\*\*\* fatal error/, 'GnuTLS', null],
  [/rustls|invalidcertificate|invalid peer certificate|alertreceived/, 'rustls', null],
  [/psql|libpq|could not accept ssl connection|no pg hba\.conf/, 'PostgreSQL', null],
  [/mysql|mariadb|error 2026|ssl connection error/, 'MySQL', 'client'],
  [/forticlient|fortigate|sslvpn|anyconnect|globalprotect|vpn/, 'VPN', 'client'],
  [/openssl::ssl|net::http|faraday|ssl connect returned=/, 'Ruby', 'client'],
  [/php|stream socket enable crypto|file get contents|fsockopen|fopen\(\)/, 'PHP', 'client'],
  [
    /error:[0-9a-f]{8}:|verify error:num|:error:|openssl|verify return code|verification error|s client|s server/,
    'OpenSSL',
    null,
  ],
];

export function speakerOf(folded: string): Speaker | null {
  const row = ROWS.find(([pattern]) => pattern.test(folded));
  return row ? { program: row[1], role: row[2] } : null;
}

/** Words that tell which side it was, whatever the program: functions and states of the libraries. */
const SERVER_WORDS =
  /(?:process|get|post process|early post process)[ :]?client hello|ssl accept|accept ssl|statem srvr|(?:get|process) client (?:certificate|key exchange|hello)|ssl3 accept|while ssl handshaking, client|client didn't provide|handshake error from|final server name|tls construct (?:server|certificate request)|tls choose sigalg/;
const CLIENT_WORDS =
  /(?:process|get|post process)[ :]?server (?:hello|certificate|key exchange)|ssl connect\b|statem clnt|ssl3 connect|to upstream|ssl23 get server hello|(?:get|post|head|put) "?https:\/\/|connect to|dial tcp/;

/** Which side wrote a folded line; null where its words do not tell. */
export function sideOf(folded: string): Side | null {
  if (CLIENT_WORDS.test(folded)) return 'client';
  return SERVER_WORDS.test(folded) ? 'server' : null;
}

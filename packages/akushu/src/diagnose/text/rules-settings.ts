/**
 * What servers, proxies and VPN programs say of their own settings: a key, a list of suites or a root that cannot be
 * used; and sentences of theirs beside those that are met every day. Read from the programs' own strings.
 */
import * as is from './guesses.js';
import { rule, sure, type TextRule } from './guesses.js';

const SETTINGS: readonly TextRule[] = [
  rule(
    3,
    /ssl (?:ctx )?(?:use|set0) (?:privatekey|certificate|chain)\(|no "ssl certificate(?: key)?" is defined|failed to configure private key|chain missing certificate or private key|unable to stat ssl certificate|no (?:ssl |tls )?certificates? configured|no certificate or private key specified|private key password verification failed|(?:read error on|cannot pre-load) ?key ?file|unable to retrieve certificate/,
    is.NO_KEY,
    'server_key',
  ),
  rule(
    3,
    /(?:unable to|could not|cannot|failed to) (?:set|configure) .{0,30}cipher|failed setting .{0,16}cipher|set cipher list\(.{0,160}failed|cipher (?:algorithm )?'[^']{1,60}' (?:mode )?(?:is )?not (?:supported|found|allowed)/,
    is.OWN_SUITES,
  ),
  rule(
    3,
    /(?:unable to|could not|cannot|failed to) set .{0,12}curves|set1 (?:curves|groups) list\(.{0,160}failed/,
    is.GROUP,
  ),
  rule(3, /no (?:ssl|tls) protocols available/, is.VERSION_TEXT),
  rule(
    3,
    /verify is enabled but no ca file|failed to load ssl(?:proxy)?ca ?certificate|error (?:setting certificate path|importing ca certificate)|no trusted certificates? found/,
    sure('unknown_ca', 'unknown', 0.85),
    'client_trust',
  ),
  rule(
    3,
    /client certs? .{0,24}for ssl proxy|ssl proxy client cert\w{0,8} initiali[sz]ation failed|could not (?:load|parse) pkcs12/,
    sure('client_certificate_required', 'client', 0.72),
  ),
  rule(
    2,
    /(?:unable|fail\w{0,4}|error|could not|cannot).{0,32}\bcrl\b (?:file|storage)/,
    sure('ocsp_problem', 'unknown', 0.6),
  ),
];

const CONNECTIONS: readonly TextRule[] = [
  rule(
    2,
    /\bocsp\b(?! (?:stapl\w{2,6} )?cache).{0,80}(?:fail|error|invalid|not (?:found|successful)|unable|cannot|time-?out|no longer|prematurely)|(?:fail\w{0,4}|unable|error|invalid|rejected by|could not|\bno\b).{0,60}\bocsp\b|certificate status request failed/,
    is.OCSP,
  ),
  rule(
    3,
    /server does not (?:support|require|offer) (?:tls|ssl)\b|\bstls not supported|server rejected (?:tls|ssl)\b|client (?:does not want|did not request) (?:tls|ssl)\b/,
    is.STARTTLS,
  ),
  rule(3, /no key (?:was )?found for .{0,24}psk/, is.PSK),
  rule(
    3,
    /(?:failed|unable|could not|cannot) (?:to )?(?:find|locate) (?:an? )?(?:\w{1,12} )?client cert|no peer certificate received|no acceptable peer certificate available/,
    is.CLIENT_CERTIFICATE_MISSING,
  ),
  rule(
    3,
    /ssl client authentication failed|re-negotiation verification step failed/,
    is.CLIENT_CERTIFICATE_REJECTED,
  ),
  rule(2, /certificate not found in local repository/, is.UNTRUSTED, 'server_certificates', 'client_trust'),
  rule(3, /no matching ssl virtual host|server name not provided via tls extension/, is.NAME),
  rule(2, /(?<!(?:ntlm|socket|spnego|gssapi) )handshake rejected/, is.NAME, 'server_settings'),
  rule(3, /did not select any of our alpn/, is.ALPN),
  rule(3, /cannot perform post-handshake authentication|cipher suite not renegotiated/, [
    ['renegotiation_refused', 'client', 0.52],
    ['client_certificate_required', 'client', 0.36],
  ]),
  rule(3, /no ncp or occ cipher data/, is.SUITES),
  rule(
    1,
    /ssl library error \d{1,3} in handshake|ssl proxy connect failed|failed (?:the )?(?:ssl|tls) handshake|ssl do handshake\(\) failed/,
    is.SOME_HANDSHAKE,
    'whole_message',
  ),
];

export const SETTINGS_RULES: readonly TextRule[] = [...SETTINGS, ...CONNECTIONS];

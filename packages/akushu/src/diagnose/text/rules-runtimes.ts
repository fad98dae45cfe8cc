/** Phrases of runtimes that have a TLS of their own: Java and Go. */
import * as is from './guesses.js';
import { rule, sure, type TextRule } from './guesses.js';

const JAVA: readonly TextRule[] = [
  rule(3, /notafter: ?(?<notAfter>[a-z]{3} [a-z]{3} \d{1,2} [\d:]{8} [a-z+:\d-]{1,9} \d{4})/, is.EXPIRED),
  rule(
    3,
    /notbefore: ?(?<notBefore>[a-z]{3} [a-z]{3} \d{1,2} [\d:]{8} [a-z+:\d-]{1,9} \d{4})/,
    is.NOT_YET_VALID,
  ),
  rule(3, /certificateexpiredexception/, is.EXPIRED),
  rule(3, /certificatenotyetvalidexception/, is.NOT_YET_VALID),
  rule(2, /validity check failed|timestamp check failed/, is.OUT_OF_VALIDITY),
  rule(3, /certificaterevokedexception|certificate has been revoked/, is.REVOKED),
  rule(
    3,
    /unable to determine revocation status|does not specify ocsp responder|ocsp response (?:error|is unreliable)|responder's certificate is not/,
    is.OCSP,
  ),
  rule(
    2,
    /unable to find valid certification path|unable to find certificate chain|pkix path building failed|suncertpathbuilderexception|no trusted certificate found|trust anchor for certification path not found|certificate is not trusted by/,
    is.UNTRUSTED,
    'server_certificates',
    'client_trust',
  ),
  rule(3, /path does not chain with any of the trust anchors/, is.UNKNOWN_ROOT),
  rule(
    3,
    /no subject alternative (?:dns |names? )(?:name )?(?:matching (?:ip address )?(?<host>[\w.:-]{1,253}) found|present)|no subject alternative names (?:present|matching (?:ip address )?(?<ip>[\w.:-]{1,253}) found)|no name matching (?<name>[\w.-]{1,253}) found|doesn't match any of the subject alternative names|hostname in certificate didn't match|hostname (?<host2>[\w.-]{1,253}) (?:was )?not verified|https hostname wrong/,
    is.HOSTNAME,
  ),
  rule(
    3,
    /algorithm constraints check failed|does not conform to algorithm constraints|certificates do(?:es)? not conform to algorithm constraints|disabled algorithm|key ?size.{0,30}(?:weak|constraints)|prime size must be|could not generate dh keypair|ephemeral diffie-hellman group size too small/,
    is.WEAK,
  ),
  rule(
    3,
    /extended key usage does not permit use for|key ?usage does not (?:allow|permit)|netscape cert type does not permit/,
    is.PURPOSE,
  ),
  rule(
    3,
    /no appropriate protocol|protocol is disabled or cipher suites are inappropriate/,
    is.VERSION_OR_SUITES,
  ),
  rule(
    3,
    /client requested protocol \S{1,12} (?:is )?not enabled|client requested protocol \S{1,12} not enabled or not supported|unsupported or unrecognized protocol version/,
    is.CLIENT_VERSION,
  ),
  rule(
    3,
    /the server selected protocol version \S{1,12} is not accepted|server chose \S{1,12},? but that protocol version is not enabled|not enabled or (?:not )?supported by the client/,
    is.SERVER_VERSION,
  ),
  rule(3, /client supported protocol versions ?\[.{0,60}are not accepted/, is.CLIENT_VERSION),
  rule(2, /certificate pinning failure|pin verification failed/, is.PINNED),
  rule(3, /cleartext (?:communication|http traffic).{0,120}not permitted/, is.HTTP_ON_TLS),
  rule(
    3,
    /no cipher suites in common|unsupported ciphersuite|cannot support \S{1,60} with currently installed providers/,
    is.SUITES,
    'server_settings',
  ),
  rule(
    3,
    /no negotiable cipher suite|no available authentication scheme|no supported signature algorithm|no supported cipher suites have been/,
    is.CERTIFICATE_OR_SCHEME,
  ),
  rule(
    3,
    /empty (?:client|server)? ?certificate chain|null cert chain|bad certificate: empty|empty certificate list/,
    is.CLIENT_CERTIFICATE_MISSING,
  ),
  rule(
    2,
    /unsupported or unrecognized ssl message|unrecognized ssl message, plaintext connection|not an ssl\/tls record|notsslrecordexception/,
    is.NOT_TLS,
    'plain_answer',
  ),
  rule(
    3,
    /not an ssl\/tls record: ?(?:47455420|504f5354|48454144|5055542|4f505449|434f4e4e)/,
    is.HTTP_ON_TLS,
  ),
  rule(3, /not an ssl\/tls record: ?(?:48545450|5353482d|323230)/, sure('not_tls_server', 'server')),
  rule(
    2,
    /remote host (?:closed connection|terminated the (?:handshake|connection)) ?(?:during handshake)?|connection (?:was )?(?:closed|terminated) (?:during|while) (?:the )?(?:ssl\/tls|ssl|tls)? ?handshake|closed connection during (?:ssl |tls )?handshake|peer shut down incorrectly/,
    is.CLOSED,
    'server_log',
    'capture',
  ),
  rule(
    3,
    /inbound (?:closed )?before receiving peer's close notify|possible truncation attack/,
    is.TRUNCATED,
  ),
  rule(
    3,
    /aeadbadtagexception|\btag mismatch!|(?:cipher|crypto|decrypt|gcm).{0,40}tag mismatch|bad record mac|mac check failed/,
    is.DECRYPT,
  ),
  rule(3, /unrecognized server name indication/, is.NAME),
  rule(3, /renegotiation is not allowed|insecure renegotiation|failed to renegotiate/, is.RENEGOTIATION),
  rule(
    3,
    /unexpected handshake message|unexpected error: .{0,60}record|handshake message sequence violation|unsupported handshake message|invalid (?:hello|handshake) message/,
    is.MISBEHAVED,
  ),
  rule(3, /trustanchors parameter must be non-empty/, sure('unknown_ca', 'client', 0.93)),
  rule(
    3,
    /cannot recover key|cannot find the private key|keystore was tampered with|alias name .{0,60}does not identify a key entry/,
    is.NO_KEY,
  ),
];

const GO: readonly TextRule[] = [
  rule(
    3,
    /certificate has expired or is not yet valid: current time (?<now>\S{10,40}) is after (?<notAfter>\S{10,40})/,
    is.EXPIRED,
  ),
  rule(
    3,
    /certificate has expired or is not yet valid: current time (?<now>\S{10,40}) is before (?<notBefore>\S{10,40})/,
    is.NOT_YET_VALID,
    'client_clock',
  ),
  rule(2, /certificate has expired or is not yet valid/, is.OUT_OF_VALIDITY),
  rule(
    3,
    /certificate is valid for (?<presented>[^;]{1,400}), not (?<host>[\w.:*-]{1,253})|certificate is not valid for any names, but wanted to match (?<host2>[\w.-]{1,253})|cannot validate certificate for (?<ip>[\w.:-]{1,64}) because it doesn't contain any ip sans|certificate relies on legacy common name field|certificate is not valid for requested server/,
    is.HOSTNAME,
  ),
  rule(
    3,
    /x509: certificate is not standards compliant|x509: invalid signature|x509: .{0,40}malformed/,
    is.MISBEHAVED,
  ),
  rule(2, /certificate signed by unknown authority/, is.UNTRUSTED, 'server_certificates', 'client_trust'),
  rule(
    3,
    /system ?roots? .{0,30}(?:unavailable|not found)|failed to load system roots/,
    sure('unknown_ca', 'client', 0.93),
  ),
  rule(
    3,
    /certificate specifies an incompatible key usage|x509: invalid ca certificate|not authorized to sign other certificates/,
    is.PURPOSE,
  ),
  rule(
    3,
    /cannot verify signature: (?:insecure )?algorithm|insecure algorithm sha1|rsa key (?:is )?(?:too small|bits is lower)|tls: server sent (?:a )?certificate containing rsa key larger/,
    is.WEAK,
  ),
  rule(2, /first record does not look like a tls handshake/, {
    client: [
      ['not_tls_server', 'server', 0.85],
      ['starttls_expected', 'client', 0.1],
    ],
    unknown: [
      ['not_tls_server', 'server', 0.78],
      ['starttls_expected', 'client', 0.1],
      ['http_to_tls_port', 'client', 0.08],
    ],
    server: [
      ['peer_misbehaved', 'client', 0.45],
      ['http_to_tls_port', 'client', 0.4],
    ],
  }),
  rule(3, /server gave http response to https client/, sure('not_tls_server', 'server', 0.96)),
  rule(
    3,
    /malformed http response "\\x15\\x03|malformed http status code|malformed http response "\\x15/,
    is.HTTP_ON_TLS,
  ),
  rule(
    3,
    /no supported versions satisfy|client offered only unsupported versions|unsupported sslv2 handshake|server selected unsupported protocol version|unsupported tls version/,
    is.VERSION,
  ),
  rule(
    3,
    /no cipher suite supported by both|server chose an unconfigured cipher suite/,
    is.SUITES,
    'server_settings',
  ),
  rule(
    3,
    /no (?:ecdhe curves?|key exchanges?|groups?|curves?) supported by both|server selected unsupported (?:curve|group)|unsupported elliptic curve/,
    is.GROUP,
  ),
  rule(
    3,
    /no (?:preferred|supported certificateverify) signature algorithm|peer doesn't support any of the certificate's signature algorithms|unsupported signature algorithm|tls: unsupported certificate/,
    is.SCHEME,
  ),
  rule(3, /client requested unsupported application protocols|server selected unadvertised alpn/, is.ALPN),
  rule(3, /client didn't provide a certificate/, is.CLIENT_CERTIFICATE_MISSING),
  rule(
    3,
    /failed to verify (?:client )?certificate.{0,40}client|failed to verify client/,
    is.CLIENT_CERTIFICATE_REJECTED,
  ),
  rule(
    3,
    /no certificates? (?:configured|available)|missing server name|tls: failed to (?:find|parse).{0,40}(?:pem|key)|failed to load (?:tls )?key ?pair|private key does not match public key/,
    is.NO_KEY,
  ),
  rule(3, /no certificate available for|certificate (?:is )?not available for/, is.NAME),
  rule(3, /client using inappropriate protocol fallback/, is.FALLBACK),
  rule(
    3,
    /local error: tls: bad record mac|server's finished message is incorrect|incorrect renegotiation/,
    is.DECRYPT,
  ),
  rule(3, /tls handshake error from .{0,80}local error: tls: bad record mac/, is.UNREADABLE, 'client_log'),
  rule(3, /invalid signature by the server certificate/, is.BAD_SIGNATURE),
  // In the middle of a handshake, it says what it waited for.
  rule(
    3,
    /unexpected handshake message of type \*?tls\.(?:client ?hello|hello ?request)msg(?!.{0,4}when waiting)/,
    is.RENEGOTIATION,
  ),
  rule(3, /oversized record received/, is.OVERFLOW),
  rule(3, /unsupported protocol scheme/, []),
  rule(
    3,
    /received unexpected handshake message|local error: tls: unexpected message|invalid (?:serverkeyexchange|serverhello|clientkeyexchange)/,
    is.MISBEHAVED,
  ),
  rule(
    2,
    /net\/http: tls handshake timeout|tls handshake timeout/,
    is.HANDSHAKE_TIMEOUT,
    'capture',
    'probe_smaller_hello',
  ),
];

export const RUNTIMES: readonly TextRule[] = [...JAVA, ...GO];

/**
 * What the libraries' own lists of errors hold beside what is met every day: OpenSSL's reasons, GnuTLS's strings, those
 * of Go and of Java. Last, of each library, what any complaint about a message means.
 */
import * as is from './guesses.js';
import { rule, sure, type TextRule } from './guesses.js';

/** After the library and the function, as OpenSSL prints a reason. */
const reason = (words: string): RegExp => new RegExp(`routines:[^:]{0,60}:(?:${words})`);

const OPENSSL: readonly TextRule[] = [
  rule(3, reason('private key mismatch|no pem extensions|pem name|cert cb error'), is.NO_KEY),
  rule(
    3,
    reason(
      'missing (?:rsa|dsa|ecdsa|signing|\\w{1,24} signing|rsa encrypting) cert|no certificates returned',
    ),
    is.CERTIFICATE_OR_SCHEME,
  ),
  rule(
    3,
    reason('no ciphers specified|(?:ssl )?library has no ciphers|required cipher missing|old session cipher'),
    is.OWN_SUITES,
  ),
  rule(3, reason('insufficient security'), is.SUITES),
  rule(
    3,
    reason(
      'no suitable groups|unable to find (?:ecdh|public key) parameters|missing tmp (?:dh|ecdh) key|bad dh value',
    ),
    is.GROUP,
  ),
  rule(
    3,
    reason(
      'no suitable digest|unknown digest|wrong signature (?:length|size)|signature algorithms error|unknown pkey type',
    ),
    is.SCHEME,
  ),
  rule(3, reason('unsupported certificate|ecc cert not for signing|signature for non signing'), is.PURPOSE),
  rule(3, reason('dtls message too big|exceeds max fragment|overflow error'), is.OVERFLOW),
  rule(3, reason('no valid scts|sct verification failed'), sure('unknown_ca', 'server', 0.6)),
  rule(3, reason('ocsp callback failure'), is.OCSP),
  rule(3, reason('decryption failed'), is.DECRYPT),
  rule(3, reason('read timeout expired|timeout\\b'), is.HANDSHAKE_TIMEOUT),
  rule(3, reason('application data after close|protocol is shutdown'), is.TRUNCATED),
  rule(3, reason('post handshake auth|renegotiat'), is.RENEGOTIATION),
  rule(3, reason('ssl3 ext invalid servername'), is.NAME),
  rule(
    2,
    reason(
      'session id context uninitialized|library bug|internal|uninitialized|(?:bn|x509|system|evp|malloc) lib|unable to load ssl3',
    ),
    is.INTERNAL,
    'server_log',
  ),
  rule(
    1,
    reason(
      '(?:bad|invalid|illegal|unexpected|missing|wrong|mixed|duplicate|unsupported|unsolicited|no change|not on record|too (?:many|much|short|long)|(?:unknown|inconsistent|data|error|extension|fragmented|decompression|compression) )',
    ),
    is.SOME_MISBEHAVIOUR,
    'capture',
  ),
];

const GNUTLS: readonly TextRule[] = [
  rule(3, /sni host name not recogni[sz]ed/, is.NAME),
  rule(3, /authentication code verification failed|error was encountered at the tls finished/, is.DECRYPT),
  rule(3, /no temporary dh parameters/, is.GROUP),
  rule(3, /insufficient security level/, is.WEAK),
  rule(
    3,
    /signature is incompatible with the public key|the signature algorithm is not supported/,
    is.SCHEME,
  ),
  rule(3, /error in the crl verification/, is.OCSP),
  rule(
    3,
    /(?:fatal error|handshake).{0,12}(?:the private key is invalid|public key signing has failed)/,
    is.NO_KEY,
  ),
  rule(
    1,
    /could not authenticate peer|peers?'s certificate was rejected/,
    is.SOME_CERTIFICATE,
    'server_certificates',
  ),
  rule(3, /error in the time fields of certificate/, is.OUT_OF_VALIDITY),
  rule(3, /handshake data size is too large/, is.OVERFLOW),
  rule(3, /algorithm that is not enabled was negotiated/, is.SUITES),
  rule(3, /given dsa key is incompatible/, is.SCHEME),
  rule(3, /certificate is not suitable for signing|non-ca certificate in the trusted/, is.PURPOSE),
  rule(3, /security level is unacceptable|signature (?:algorithm|hash) is unknown/, is.WEAK),
  rule(3, /(?:re-?handshake|re-authentication) was requested/, is.RENEGOTIATION),
  rule(
    3,
    /no certificate status \(ocsp|ocsp response.{0,40}(?:match|unrelated|parsing|newer)|newer ocsp/,
    is.OCSP,
  ),
  rule(
    3,
    /error in (?:password|provided pin)|(?:pkcs #11|base64|parsing) (?:error|decoding).{0,40}(?:key|file)/,
    is.NO_KEY,
  ),
  rule(2, /gnutls internal error|error in memory allocation/, is.INTERNAL),
  rule(
    2,
    /illegal (?:tls )?(?:parameter|extension)|invalid tls extensions|unknown handshake packet|extension was expected|too many (?:empty record|handshake) packets|application data were received, while/,
    is.SOME_MISBEHAVIOUR,
  ),
  rule(1, /tls (?:fatal|warning) alert has been received/, is.SOME_HANDSHAKE, 'whole_message'),
];

const GO: readonly TextRule[] = [
  rule(
    3,
    /tls: (?:server selected unoffered curve|no supported elliptic curves)|server did not send a key share|incompatible point formats/,
    is.GROUP,
  ),
  rule(3, /server did not select an alpn protocol/, is.ALPN),
  rule(3, /tls: .{0,20}finished message was incorrect|(?:ecdsa|ed25519) verification failure/, is.DECRYPT),
  rule(
    3,
    /tls: (?:certificate used with invalid|missing) signature.?algorithms?|unsupported (?:type of )?public key|unknown public key algorithm|unsupported key exchange/,
    is.SCHEME,
  ),
  rule(
    3,
    /(?:tls|x509): .{0,60}private ?key.{0,60}(?:match|invalid|unknown|unsupported|not implement)|certificate rather than a key|unknown private key type|neither certificates, getcertificate|decryption password incorrect/,
    is.NO_KEY,
  ),
  rule(3, /server's identity changed during renegotiation|in a renegotiation/, is.RENEGOTIATION),
  rule(
    3,
    /not authorized to sign for this name|name constraint|too many intermediates|certificate usage/,
    is.PURPOSE,
  ),
  rule(
    1,
    /tls: (?:server|client|peer|session|encrypted|received|unexpected|too many|invalid|malformed|handshake message of)\b/,
    is.SOME_MISBEHAVIOUR,
    'capture',
  ),
  rule(
    1,
    /x509: .{0,60}(?:invalid|malformed|trailing data|negative|zero or|unsupported|unknown|unhandled critical|incorrectly)/,
    is.SOME_MISBEHAVIOUR,
    'server_certificates',
  ),
];

const JAVA: readonly TextRule[] = [
  rule(3, /no appropriate cipher suite|no available cipher suite/, is.SUITES),
  rule(
    3,
    /inaccessible trust store|truststore.{0,60}(?:not found|password|tampered|cannot)/,
    sure('unknown_ca', 'client', 0.85),
  ),
  rule(3, /tried to act as a ca|certificate chaining error|illegal wildcard/, is.PURPOSE),
  rule(3, /incorr?ect psk binder/, is.PSK),
  rule(3, /server certificate change is restricted/, is.RENEGOTIATION),
  rule(
    3,
    /illegal packet size|too large packet|sslexception: .{0,30}packet size/,
    is.RECORD_TOO_LONG,
    'plain_answer',
  ),
  rule(3, /crl signature failed|ocsp response (?:exception|status)/, is.OCSP),
  rule(3, /certificate signing.{0,12}failed|failed to sign/, is.NO_KEY),
  rule(
    3,
    /unsupported ssl v2\.0 clienthello|ssl v2\.0 servers are not supported|sslv2hello is not enabled/,
    is.VERSION,
  ),
  rule(1, /peer not authenticated/, is.SOME_CERTIFICATE, 'whole_message', 'server_certificates'),
  rule(1, /pkix path validation failed/, is.SOME_CERTIFICATE, 'server_certificates'),
  rule(
    1,
    /ssl(?:handshake|protocol|key)?exception: (?:\(\w{1,60}( \w{1,60})?\) )?(?:invalid|illegal|unexpected|missing|duplicated?|extraneous|unsolicited|unknown|incorrect|insufficient|received buggy)/,
    is.SOME_MISBEHAVIOUR,
    'capture',
  ),
];

/** What NSS says beside its codes. */
const NSS: readonly TextRule[] = [
  rule(3, /peer has no certificate for the requested dns name/, is.NAME),
  rule(
    3,
    /does not recognize and trust the ca that issued your|ssl peer (?:rejected your|cannot verify your|had some unspecified issue with the|does not support certificates of the)|valid certificate, but access was denied|no certificate authority is trusted for ssl client/,
    is.CLIENT_CERTIFICATE_REJECTED,
  ),
  rule(3, /received a certificate required alert/, is.CLIENT_CERTIFICATE_MISSING),
  rule(
    3,
    /peer (?:using|only supports|reports incompatible or) (?:unsupported|ssl) version|reports incompatible or unsupported protocol version|(?:ssl|tls) version range is not valid/,
    is.VERSION,
  ),
  rule(3, /attempted old style \(potentially vulnerable\) handshake/, is.LEGACY),
  rule(3, /does not permit renegotiation/, is.RENEGOTIATION),
  rule(
    3,
    /incorrect message authentication code|unable to decrypt an? (?:ssl|tls) record|incorrect handshakes hash|reports failure of signature verification|record with bad block padding/,
    is.DECRYPT,
  ),
  rule(
    3,
    /received a record that exceeded the maximum permissible length/,
    is.RECORD_TOO_LONG,
    'plain_answer',
  ),
  rule(3, /(?:ssl|tls) record that was longer than is permitted/, is.OVERFLOW),
  rule(3, /unable to negotiate an acceptable set of security parameters/, is.HANDSHAKE_FAILURE, 'server_log'),
  rule(3, /peer reports it experienced an internal error/, is.INTERNAL, 'server_log'),
  rule(3, /requires ciphers more secure|peer (?:requires|does not support) high-grade encryption/, is.SUITES),
  rule(3, /client downgraded to a lower tls version/, is.FALLBACK),
  rule(3, /no protocols that the client advertises|expected alpn extension/, is.ALPN),
  rule(3, /unable to get an ocsp response for its certificate/, is.OCSP),
  rule(
    3,
    /server has no key for the attempted|unable to find the certificate or key necessary|private key in key database does not match/,
    is.NO_KEY,
  ),
  rule(3, /weak ephemeral diffie-hellman/, is.WEAK),
  rule(
    3,
    /unsupported (?:combination of signature and hash|hash algorithm used by tls)|expected a signature algorithms extension/,
    is.SCHEME,
  ),
  rule(3, /expected a (?:key share|supported groups) extension|without a usable key share/, is.GROUP),
  rule(2, /ssl peer has closed this connection/, is.CLOSED, 'capture'),
  rule(
    1,
    /ssl received (?:an? )?(?:malformed|unexpected|invalid|handshake message with)/,
    is.SOME_MISBEHAVIOUR,
  ),
];

/** NSS's and Chrome's codes beside those that people meet. */
const BROWSERS: readonly TextRule[] = [
  rule(3, /sec error (?:crl|krl|old crl|cert no response|bad http response|.{0,12}info access)/, is.OCSP),
  rule(3, /sec error revoked key/, is.REVOKED),
  rule(
    3,
    /sec error (?:cert not in name space|path len|extension|.{0,8}critical extension|policy)/,
    is.PURPOSE,
  ),
  rule(3, /sec error (?:unknown cert|cert bad access)/, is.UNTRUSTED, 'server_certificates'),
  rule(3, /sec error invalid time/, is.OUT_OF_VALIDITY),
  rule(3, /sec error (?:bad database|legacy database|no module|no token)/, sure('unknown_ca', 'client', 0.7)),
  rule(3, /sec error (?:no key|invalid key|bad key|pkcs12)/, is.NO_KEY),
  rule(3, /ssl error (?:no ciphers supported|cipher disallowed|export only)/, is.OWN_SUITES),
  rule(3, /ssl error (?:no server key for alg|.{0,12}certificate for alg)/, is.CERTIFICATE_OR_SCHEME),
  rule(3, /ssl error (?:incorrect|unsupported|missing) signature alg/, is.SCHEME),
  rule(3, /ssl error (?:missing key share|.{0,12}group)/, is.GROUP),
  rule(3, /ssl error missing alpn/, is.ALPN),
  rule(3, /ssl error (?:invalid version range|feature disabled|downgrade)/, is.VERSION),
  rule(3, /ssl error (?:dh key too long|pub key size)/, is.WEAK),
  rule(3, /ssl error no trusted ssl client ca/, is.CLIENT_CERTIFICATE_REJECTED),
  rule(
    3,
    /ssl error (?:bad block padding|digest failure|mac computation|.{0,8}encryption failure)/,
    is.DECRYPT,
  ),
  rule(3, /ssl error bad cert status response/, is.OCSP),
  rule(2, /sec error cert not valid|ssl error bad certificate\b/, is.SOME_CERTIFICATE, 'server_certificates'),
  rule(1, /\b(?:net::err|err) (?:\w{1,12} )?cert(?:ificate)? \w/, is.SOME_CERTIFICATE, 'server_certificates'),
  rule(
    1,
    /\bssl error (?:rx|bad|missing|malformed|handshake|unexpected|key exchange|ech) \w/,
    is.SOME_MISBEHAVIOUR,
  ),
  rule(1, /\berr ssl \w/, is.SOME_HANDSHAKE, 'capture'),
];

const CURL: readonly TextRule[] = [
  rule(3, /expiration date (?:has passed|(?:verify )?failed)/, is.EXPIRED),
  rule(3, /certificate not activated yet|activation date (?:verify )?failed/, is.NOT_YET_VALID),
  rule(3, /issuer check (?:against .{0,24})?failed/, is.UNTRUSTED, 'server_certificates'),
  rule(3, /does not match pinned public key|pinned public key.{0,24}not match/, is.PINNED),
  rule(3, /failed to shut down the ssl connection|ssl shutdown timeout/, is.TRUNCATED),
  rule(1, /ssl peer certificate or ssh remote key was not ok/, is.SOME_CERTIFICATE, 'whole_message'),
];

export const CATALOGUE: readonly TextRule[] = [
  ...OPENSSL,
  ...GNUTLS,
  ...GO,
  ...JAVA,
  ...NSS,
  ...BROWSERS,
  ...CURL,
];

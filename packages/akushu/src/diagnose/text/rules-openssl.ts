/**
 * Phrases of OpenSSL, LibreSSL and BoringSSL, and so of all that print them: curl, Python, PHP, Ruby, Node, nginx,
 * Apache, HAProxy, Envoy, stunnel, PostgreSQL. Reasons are the same words in all spellings once a line is folded.
 */
import * as is from './guesses.js';
import { rule, sure, type TextRule } from './guesses.js';

/** What a verifier found (X509_V_ERR_…). */
const VERIFICATION: readonly TextRule[] = [
  rule(
    3,
    /self[- ]?signed certificate in (?:the )?certificate chain|self signed cert in chain|num=19:(?:self[- ]?signed certificate in certificate chain)?/,
    is.UNTRUSTED_ROOT,
    'server_certificates',
  ),
  rule(
    3,
    /depth zero self signed cert|(?<!(?:generat|creat|us|install|load|allow|trust|accept|writ|add|mak|sav|issu)\w{0,4} (?:(?:a|an|the|new|own|temporary) ){0,2})self[- ]?signed certificate|num=18:|18 \(self/,
    is.SELF_SIGNED,
  ),
  rule(
    3,
    /unable to verify the first certificate|unable to verify leaf signature|num=21:/,
    is.FIRST_ONLY,
    'server_certificates',
  ),
  rule(
    3,
    /depth ?[=:] ?0.{0,120}unable to get local issuer|^0:.{0,60}unable to get local issuer/,
    is.MISSING_INTERMEDIATE_LIKELY,
    'server_certificates',
  ),
  rule(3, /depth ?[=:] ?[1-9].{0,120}unable to get (?:local )?issuer/, is.UNKNOWN_ROOT),
  rule(
    2,
    /unable to get (?:local )?issuer cert(?:ificate)?(?: locally)?|num=20:|error 20 at/,
    is.NO_ISSUER,
    'server_certificates',
    'client_trust',
  ),
  rule(
    3,
    /certificate is not yet valid|cert not yet valid|num=9:|not valid yet|not yet activated/,
    is.NOT_YET_VALID,
    'client_clock',
  ),
  rule(3, /certificate has expired|cert has expired|num=10:|certificate (?:is )?expired/, is.EXPIRED),
  rule(3, /host ?name mismatch|ip address mismatch|email address mismatch|num=6[24]:/, is.HOSTNAME),
  rule(3, /certificate (?:has been |was |is )?revoked(?! or )|cert revoked|num=23:/, is.REVOKED),
  rule(
    3,
    /crl has expired|crl is not yet valid|unable to get certificate crl|ocsp verify (?:needed|failed)|ocsp response has expired|num=3:|crl not yet valid/,
    is.OCSP,
  ),
  rule(
    3,
    /(?:unsupported|unsuitable|inappropriate) certificate purpose|num=26:|'invalid purpose'|certificate.{0,24}invalid purpose|invalid ext key usage|(?:not|missing) include.{0,12}key usage|basic constraints (?:of ca cert )?(?:not|missing)|ca cert.{0,24}(?:not include|not marked)/,
    is.PURPOSE,
  ),
  rule(
    3,
    /invalid ca certificate|num=24:|num=79:|path length constraint exceeded|key usage does not include|keyusage.{0,40}not/,
    is.PURPOSE,
  ),
  rule(
    3,
    /(?:ee|ca) (?:key|certificate key) too (?:small|weak)|ca (?:md|signature digest algorithm) too weak|ee certificate key too weak/,
    is.WEAK,
  ),
  rule(2, /certificate signature failure|num=7:/, [
    ['unknown_ca', 'client', 0.45],
    ['tls_inspection', 'path', 0.2],
    ['wrong_chain_order', 'server', 0.15],
  ]),
  rule(2, /certificate chain too long|num=22:/, sure('wrong_chain_order', 'server', 0.6)),
  rule(2, /certificate not trusted|num=27:|certificate rejected|num=28:/, is.UNKNOWN_ROOT),
  rule(2, /permitted subtree violation|excluded subtree violation|num=4[789]:/, is.PURPOSE),
  rule(
    1,
    /certificate verify failed|peer certificate verification|unable to obtain common name from peer|couldn't understand the server certificate|certificate verification (?:failed|error)|ssl certificate problem|peer certificate cannot be authenticated|verify error\b/,
    is.SOME_CERTIFICATE,
    'whole_message',
    'server_certificates',
  ),
];

/** Of a server that asks for client certificates. */
const CLIENT_CERTIFICATES: readonly TextRule[] = [
  rule(
    3,
    /peer did not return a certificate|no required ssl certificate was sent|peer certificate is not present/,
    is.CLIENT_CERTIFICATE_MISSING,
  ),
  rule(3, /client ssl certificate verify error|ssl certificate error.{0,40}while reading client/, {
    client: [['client_certificate_rejected', 'client', 0.9]],
    server: [['client_certificate_rejected', 'client', 0.9]],
    unknown: [['client_certificate_rejected', 'client', 0.9]],
  }),
];

const NEGOTIATION: readonly TextRule[] = [
  rule(3, /unsafe legacy renegotiation disabled|unsafe legacy renegotiation/, is.LEGACY),
  rule(3, /inappropriate fallback/, is.FALLBACK),
  rule(
    3,
    /no shared cipher|no (?:tls |ssl )?cipher ?(?:s|suites?)?(?: suites?)? in common|no common (?:cipher|encryption algorithm)|no cipher overlap/,
    is.SUITES,
    'server_settings',
  ),
  rule(
    3,
    /no cipher match|no ciphers available|no cipher can be selected|no valid cipher|invalid cipher (?:list|string)|unknown cipher (?:suite )?name/,
    is.OWN_SUITES,
  ),
  rule(
    3,
    /no suitable key share|no shared groups?|unknown group|wrong curve|unsupported elliptic curve|missing supported groups|no shared curve|bad ecdh/,
    is.GROUP,
  ),
  rule(
    3,
    /no suitable signature algorithm|no shared (?:signature|sigature) algorithms?|wrong signature type|no common signature algorithms?|unsupported signature type/,
    is.SCHEME,
  ),
  rule(
    3,
    /no (?:application|(?:matching|common|shared|mutual|overlapping|supported) (?:application(?: layer)?|alpn)) protocol|no protocols? overlap|alpn.{0,30}(?:mismatch|no overlap|no match)/,
    is.ALPN,
  ),
  rule(
    3,
    /(?:routines|ssl|tls|handshak).{0,60}unsupported protocol|unsupported protocol.{0,30}(?:ssl|tls)|version too (?:low|high)|no protocols available|unsupported (?:ssl|tls) version|ssl routines.{0,60}unsupported version|no supported versions enabled|tls version.{0,30}not supported|unknown ssl version|(?:ssl|tls|protocol) version not supported|get client hello.{0,4}wrong version number/,
    is.VERSION,
  ),
  rule(
    3,
    /final server name:callback failed|tlsv1 unrecognized name|unrecognized name|clienthello tlsext.{0,20}name|no ssl.{0,10}ctx for (?:sni|name)/,
    is.NAME,
  ),
  rule(
    3,
    /dh key too small|dh key is too small|modulus too small|bad dh.{0,12}length|key size too small|dh prime too small/,
    is.WEAK,
  ),
  rule(
    3,
    /legacy sigalg disallowed|unsupported digest type|digest algorithm.{0,30}too weak|internal error.{0,4}choose sigalg|tls choose sigalg:internal error/,
    is.SCHEME,
  ),
  rule(
    3,
    /binder does not verify|psk identity not found|bad psk|no psk (?:client|server) cb|psk no (?:client|server) cb|psk.{0,20}mismatch/,
    is.PSK,
  ),
  rule(
    3,
    /no renegotiation|renegotiat\w{0,6} (?:is )?(?:not allowed|refused|disabled|mismatch|denied|encoding err)|ssl renegotiation disabled|attempted.{0,40}renegotiation|rejecting.{0,24}renegotiation/,
    is.RENEGOTIATION,
  ),
  rule(
    3,
    /ocsp (?:response|stapl\w{2,6}|status).{0,80}(?:fail|error|invalid|expired|missing|not found|unauthorized|revoked|no response|timed out)|invalid status response|no ocsp (?:response|stapl)|"?ssl stapling"? ignored|ocsp basic verify|ocsp routines|bad certificate status response|ocsp responder.{0,80}(?:failed|timed out|not)|ocsp server .{0,60}(?:error|fail)/,
    is.OCSP,
  ),
];

const OWN_KEY: readonly TextRule[] = [
  rule(
    3,
    /key values mismatch|no private key assigned|no certificate (?:assigned|set|configured)|private key does not match|key does not match (?:the )?cert|x509 check private key|unable to (?:load|read|use|set) (?:the )?(?:server |ssl |tls )?private key|cannot load (?:certificate )?key|unable to load certificate|failed to (?:load|parse|read).{0,24}(?:private )?key|could not load (?:private )?key|error loading private key|keys? do(?:es)? not match(?! pinned)|unable to load ssl private key|inconsistencies between private key|no ssl certificate (?:is )?(?:specified|defined|configured)|no "ssl certificate" is defined|server.{0,30}no certificate/,
    is.NO_KEY,
  ),
  rule(
    3,
    /(?:pem|evp).{0,60}(?:bad decrypt|bad password read|no start line|bad end line|bad base64 decode|problems getting password)|bad password read|cannot (?:get|load|read) (?:rsa |ec\w{0,4} |dsa )?(?:private key|certificate (?:and key|file|from file))|could not (?:read|load|find) (?:the )?(?:server |client )?(?:private )?key|no private key (?:found|available|set)|no key found, wrong pass ?phrase|pkcs12.{0,30}mac verify/,
    is.NO_KEY,
  ),
];

const RECORDS: readonly TextRule[] = [
  rule(
    3,
    /https? proxy request|:http request|ssl[: ].{0,60}\bhttp request\b|plain http request was sent to https|client sent an http request to an https server|speaking plain http to an ssl-enabled|http request to (?:an )?https|plaintext http.{0,40}tls|http[- ]?request received on https|http spoken on https/,
    is.HTTP_ON_TLS,
  ),
  rule(
    2,
    /wrong version number|wrong ssl version|ssl3 get record.{0,4}wrong version/,
    is.NOT_TLS,
    'plain_answer',
  ),
  rule(3, /tls get more records.{0,4}packet length too long/, is.NOT_TLS, 'plain_answer'),
  rule(2, /unknown ssl protocol error/, is.RESET_OR_CLOSED_OR, 'capture'),
  rule(2, /ssl23 get client hello.{0,4}unknown protocol/, is.VERSION_BY_CLIENT),
  rule(2, /unknown protocol(?! version)/, is.NOT_TLS, 'plain_answer'),
  rule(
    3,
    /decryption failed or bad record mac|bad record mac|bad decrypt|block cipher pad is wrong|digest check failed|bad mac (?:read|alert|record)|gcm tag verify|ciphertext.{0,20}(?:verif|auth)\w{2,10} fail/,
    is.DECRYPT,
  ),
  rule(3, /(?:routines|ssl|tls|key exchange).{0,60}bad signature/, is.BAD_SIGNATURE, 'capture'),
  rule(
    3,
    /packet length too long|encrypted length too long|data length too long|record too (?:large|long)|excessive message size|record overflow|oversized record|length too long/,
    is.OVERFLOW,
  ),
  rule(
    3,
    /bad (?:extension|packet|length|packet length|key share|change cipher spec|hello request|ecpoint|handshake|message type|protocol version number)|length (?:mismatch|too short)|unexpected (?:message|record|ccs message)|app data in handshake|ccs received early|unsolicited extension|missing sigalgs|(?:wrong|unknown) cipher returned|invalid (?:ccs|session id|alert|compression|config)|ssl routines.{0,60}inconsistent|tls.{0,24}decode error|ssl routines.{0,60}decode error|illegal padding|duplicate extension|unsupported extension|parse tlsext|too many warn alerts|invalid null cmd name|extra data in message|got a fin before a ccs/,
    is.MISBEHAVED,
  ),
  rule(2, /ssl do handshake\(\) failed.{0,120}unexpected eof/, is.CLOSED),
  rule(2, /ssl (?:read|shutdown|write)\(\) failed.{0,120}unexpected eof/, is.TRUNCATED),
  rule(2, /ssl (?:connect|accept).{0,80}unexpected eof|curl: \(35\).{0,120}unexpected eof/, is.CLOSED),
  rule(
    2,
    /unexpected eof(?: while reading)?|stream truncated|eof occurred in violation of protocol|eof was observed that violates the protocol/,
    is.EOF,
    'whole_message',
    'capture',
  ),
  rule(3, /(?:ssl|tls|crypto).{0,60}(?:malloc failure|out of memory)/, is.LIMIT),
  rule(2, /:internal error|ssl routines.{0,40}internal error/, is.INTERNAL, 'server_log'),
  rule(3, /(?:read|write):errno=104|syscall.{0,40}\berrno:? ?(?:104|10054|54)\b/, is.RESET, 'capture'),
  rule(
    2,
    /ssl syscall|syscall error|ssl error syscall|(?:read|write):errno=\d/,
    is.RESET_OR_CLOSED,
    'capture',
  ),
  rule(3, /read:errno=0/, is.CLOSED, 'capture'),
  rule(1, /ssl handshake has read 0 bytes/, is.CLOSED, 'capture'),
  rule(
    1,
    /ssl handshake (?:failure|failed)|(?<!(?:gssapi|ntlm|spnego|kerberos|websocket|sasl|socks5?|ssh|tcp|3-way) )handshake (?:failed|failure)|ssl connect error|tls handshake (?:failure|failed)/,
    is.SOME_HANDSHAKE,
    'whole_message',
    'capture',
  ),
  rule(1, /^ {0,60}(?:new|reused), (?:tlsv1(?:\.\d)?(?:\/sslv3)?), cipher is (?!\(none\))/, is.FINE),
  rule(
    1,
    /ssl connection using tlsv?\d|ssl-session established|handshake finished successfully|- handshake was completed/,
    is.FINE,
  ),
];

export const OPENSSL: readonly TextRule[] = [
  ...CLIENT_CERTIFICATES,
  ...VERIFICATION,
  ...NEGOTIATION,
  ...OWN_KEY,
  ...RECORDS,
];

/** Phrases of libraries other than OpenSSL: Schannel, with .NET above it, GnuTLS and rustls. */
import * as is from './guesses.js';
import { rule, type TextRule } from './guesses.js';

const SCHANNEL: readonly TextRule[] = [
  rule(
    3,
    /remotecertificatenamemismatch|sec e wrong principal|0x80090322|target principal name is incorrect|cert e cn no match|cert(?:ificate)? cn invalid|certgetnamestring\(\) failed to match|0x800b010f|cn name does not match/,
    is.HOSTNAME,
  ),
  rule(
    3,
    /partialchain|cert e chaining|0x800b010a|certificate chain could not be built/,
    is.NO_ISSUER,
    'server_certificates',
  ),
  rule(
    3,
    /untrustedroot|flag invalid ca\b|sec e untrusted root|0x80090325|cert e untrustedroot|0x800b0109|certificate chain was issued by an authority that is not trusted|root certificate which is not trusted/,
    is.UNKNOWN_ROOT,
  ),
  rule(
    3,
    /nottimevalid|flag cert date invalid|sec e cert expired|0x80090328|cert e expired|0x800b0101|received certificate has expired/,
    is.EXPIRED,
  ),
  rule(
    3,
    /crypt e no revocation check|0x80092012|crypt e revocation offline|0x80092013|revocation (?:function|server).{0,40}(?:unable|offline)/,
    is.OCSP,
  ),
  rule(
    3,
    /crypt e revoked|0x80092010|\brevoked\b.{0,20}certificate|x509chainstatusflags\.revoked|errors in the certificate chain: (?:\w{3,30}, )?revoked/,
    is.REVOKED,
  ),
  rule(3, /cert e wrong usage|0x800b0110|notvalidforusage|sec e cert wrong usage|0x80090349/, is.PURPOSE),
  rule(3, /sec e algorithm mismatch|0x80090331|do not possess a common algorithm/, is.VERSION_OR_SUITES),
  rule(
    3,
    /sec e unsupported function|0x80090302|the function requested is not supported|requested protocol version.{0,60}not supported/,
    is.VERSION,
  ),
  rule(
    3,
    /sec e no credentials|0x8009030e|no suitable (?:default )?server credential exists|no credentials are available in the security package|sec e internal error.{0,40}private key|fatal error occurred when attempting to access the .{0,40}private key|event\D{0,12}36870\b|schannel\D{0,12}36870\b|server mode ssl must use a certificate with the (?:associated|corresponding) private key/,
    is.NO_KEY,
  ),
  rule(
    3,
    /incomplete credentials|0x80090320|client certificate.{0,40}(?:required|not provided)|\b403\.7\b|remotecertificatenotavailable/,
    is.CLIENT_CERTIFICATE_MISSING,
  ),
  rule(
    3,
    /remote server has requested (?:tls|ssl) client authentication, but no suitable/,
    is.CLIENT_CERTIFICATE_MISSING,
  ),
  rule(
    3,
    /certificate received from the remote (?:server|client application) (?:has been|was) revoked/,
    is.REVOKED,
  ),
  rule(3, /no supported cipher suites were found/, is.OWN_SUITES),
  rule(3, /\b403\.1[67]\b/, is.CLIENT_CERTIFICATE_REJECTED),
  rule(
    3,
    /sec e decrypt failure|0x80090330|sec e message altered|0x8009030f|message (?:or signature )?supplied for verification has been altered/,
    is.DECRYPT,
  ),
  rule(
    2,
    /sec e invalid token|0x80090308|token supplied to the function is invalid/,
    is.NOT_TLS,
    'plain_answer',
  ),
  rule(
    2,
    /sec e illegal message|0x80090326|message received was unexpected or badly formatted/,
    is.HANDSHAKE_FAILURE,
    'server_log',
    'capture',
  ),
  rule(
    2,
    /handshake failed due to an unexpected packet format|cannot determine the frame size/,
    {
      client: [
        ['not_tls_server', 'server', 0.52],
        ['closed_after_client_hello', 'server', 0.38],
      ],
      unknown: [
        ['not_tls_server', 'server', 0.52],
        ['closed_after_client_hello', 'server', 0.38],
      ],
      server: is.MISBEHAVED as readonly is.Guess[],
    },
    'plain_answer',
  ),
  rule(
    2,
    /received an unexpected eof or 0 bytes/,
    [
      ['closed_after_client_hello', 'unknown', 0.55],
      ['not_tls_server', 'server', 0.28],
    ],
    'plain_answer',
    'capture',
  ),
  rule(2, /revocationstatusunknown|offlinerevocation/, is.OCSP),
  rule(
    1,
    /remotecertificatechainerrors|could not establish trust relationship|remote certificate is invalid (?:according to|because of errors)|remote certificate was rejected/,
    is.SOME_CERTIFICATE,
    'server_certificates',
  ),
  rule(
    2,
    /an error occurred (?:while making|during) the (?:http|ssl) ?request|secure channel support|0x80090304|an unexpected error occurred on a (?:send|receive)|(?:winhttp|wininet).{0,40}121(?:75|57)\b|security channel error|error winhttp secure failure|internal error state is|event ?id:? ?3687[14]/,
    is.SOME_HANDSHAKE,
    'capture',
  ),
  rule(3, /none of the cipher suites supported by the client/, is.SUITES),
];

const GNUTLS: readonly TextRule[] = [
  rule(
    3,
    /gnutls e premature termination|tls connection was non-properly terminated/,
    is.CLOSED_OR_TRUNCATED,
    'capture',
  ),
  rule(
    3,
    /unexpected tls packet was received|gnutls e unexpected packet length|tls packet with unexpected length/,
    is.NOT_TLS,
    'plain_answer',
  ),
  rule(
    3,
    /gnutls e unsupported version packet|unsupported version packet|illegal or unsupported version/,
    is.VERSION,
  ),
  rule(
    3,
    /no supported cipher suites (?:have been found|were found)|could not negotiate a supported cipher suite|gnutls e no cipher suites/,
    is.SUITES,
  ),
  rule(
    3,
    /no common key share|no or insufficient (?:priorities|curves)|common.{0,30}groups? .{0,20}not found/,
    is.GROUP,
  ),
  rule(
    3,
    /insufficient credentials for that request|no certificate (?:was|is) (?:found|set)|gnutls e insufficient credentials/,
    is.CLIENT_CERTIFICATE_OR_KEY,
  ),
  rule(
    3,
    /no certificate was (?:sent|found)|gnutls e no certificate found|certificate required but not/,
    is.CLIENT_CERTIFICATE_MISSING,
  ),
  rule(
    3,
    /certificate issuer is unknown|issuer is unknown|(?:can't|cannot|unable to) (?:locally )?verify the issuer/,
    is.UNTRUSTED,
    'server_certificates',
  ),
  rule(
    3,
    /certificate chain uses (?:expired|not yet valid) certificate.{0,4}not yet|chain uses not yet valid certificate/,
    is.NOT_YET_VALID,
  ),
  rule(3, /certificate chain uses expired certificate/, is.EXPIRED),
  rule(
    3,
    /certificate chain (?:uses )?insecure algorithm|prime.{0,40}(?:not acceptable|too small|acceptable by)|gnutls e dh prime unacceptable|insecure algorithm/,
    is.WEAK,
  ),
  rule(
    3,
    /name in the certificate does not match|certificate's owner does not match hostname|owner does not match|certificate common name|doesn't match requested host name|no certificate subject alternative name matches/,
    is.HOSTNAME,
  ),
  rule(3, /certificate chain (?:is )?revoked|chain is revoked/, is.REVOKED),
  rule(3, /key usage violation/, is.PURPOSE),
  rule(
    3,
    /decryption has failed|gnutls e decryption failed|mac verification failed|error in the finished/,
    is.DECRYPT,
  ),
  rule(
    3,
    /record packet with invalid length|gnutls e record overflow|record (?:packet )?was received with invalid length/,
    is.OVERFLOW,
  ),
  rule(3, /handshake data exceed|gnutls e handshake too large/, is.OVERFLOW),
  rule(3, /safe renegotiation failed|gnutls e safe renegotiation failed/, is.LEGACY),
  rule(3, /no common application protocol/, is.ALPN),
  rule(3, /error in the pull function|error in the push function/, is.RESET, 'capture'),
  rule(
    3,
    /ocsp.{0,40}(?:response is invalid|missing)|the certificate requires the server to include an ocsp|missing stapled ocsp/,
    is.OCSP,
  ),
  rule(
    3,
    /(?:illegal|disallowed) (?:parameter|extension).{0,20}received|unexpected (?:tls )?handshake packet|unexpected message has been received/,
    is.MISBEHAVED,
  ),
  rule(
    2,
    /certificate (?:is|was) not trusted|signer not found|error in the certificate\b/,
    is.SOME_CERTIFICATE,
    'server_certificates',
  ),
];

const RUSTLS: readonly TextRule[] = [
  rule(3, /unknownissuer/, is.UNTRUSTED, 'server_certificates', 'client_trust'),
  rule(3, /notvalidforname|certnotvalidforname|certificate not valid for name/, is.HOSTNAME),
  rule(
    3,
    /invalidcertificate\((?:expired|certexpired)|certexpired|invalid peer certificate: expired|certificate expired: verification time/,
    is.EXPIRED,
  ),
  rule(3, /notvalidyet/, is.NOT_YET_VALID),
  rule(3, /invalidcertificate\(revoked|certrevoked/, is.REVOKED),
  rule(
    3,
    /invalidpurpose|requiredekunotfound|caused as end entity|causedasendentity|ca ?used ?as ?end ?entity/,
    is.PURPOSE,
  ),
  rule(3, /unknownrevocationstatus|expiredrevocationlist/, is.OCSP),
  rule(3, /badsignature|unsupportedsignaturealgorithm/, is.SCHEME),
  rule(
    3,
    /peerincompatible.{0,30}(?:tls1[23]|version)|serverdoesnotsupporttls12or13|serverdoesnotsupporttls1[23]|tls12notoffered/,
    is.VERSION,
  ),
  rule(3, /nociphersuitesincommon/, is.SUITES),
  rule(3, /nokxgroupsincommon|noecpointformatsincommon/, is.GROUP),
  rule(3, /nosignatureschemesincommon|nocertificaterequestsignatureschemes/, is.SCHEME),
  rule(3, /noapplicationprotocol/, is.ALPN),
  rule(3, /nocertificatespresented/, is.CLIENT_CERTIFICATE_MISSING),
  rule(
    2,
    /invalidmessage\(invalidcontenttype|received corrupt message of type invalidcontenttype|invalidcontenttype/,
    is.NOT_TLS,
    'plain_answer',
  ),
  rule(3, /peersentoversizedrecord|messagetoolarge/, is.OVERFLOW),
  rule(3, /decrypterror|cannot decrypt peer's message/, is.DECRYPT),
  rule(3, /peer closed connection without sending tls close notify/, is.EOF, 'capture'),
  rule(
    3,
    /peermisbehaved|inappropriatehandshakemessage|inappropriatemessage|received unexpected message: got/,
    is.MISBEHAVED,
  ),
  rule(3, /tls handshake eof/, is.CLOSED),
  rule(1, /invalidcertificate|invalid peer certificate/, is.SOME_CERTIFICATE),
];

export const LIBRARIES: readonly TextRule[] = [...SCHANNEL, ...GNUTLS, ...RUSTLS];

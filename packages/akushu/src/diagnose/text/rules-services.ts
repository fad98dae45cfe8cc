/**
 * More phrases: Windows events, what browsers tell people, Apache's numbered messages, mail, databases, Erlang, mbed
 * TLS, gRPC, VPN clients; clocks and chains by any program.
 */
import * as is from './guesses.js';
import { rule, sure, type TextRule } from './guesses.js';

const WINDOWS: readonly TextRule[] = [
  rule(
    3,
    /(?:event\D{0,12}36871|creating a tls (?:client|server) credential).{0,120}10013|internal error state is 10013/,
    sure('protocol_version_mismatch', 'unknown', 0.7),
  ),
  rule(3, /either expired or is not yet valid/, is.OUT_OF_VALIDITY),
  rule(3, /issued by an untrusted certificate authority|(?:event|schannel)\D{0,12}36882\b/, is.UNKNOWN_ROOT),
  rule(3, /does not contain the expected name|(?:event|schannel)\D{0,12}36884\b/, is.HOSTNAME),
  rule(
    3,
    /does not have a private key information property|(?:event|schannel)\D{0,12}3686[89]\b|(?:event|schannel)\D{0,12}36886\b|sec e unknown credentials|0x8009030d|credentials supplied to the package were not recognized/,
    is.NO_KEY,
  ),
  rule(
    3,
    /remote party has closed the transport stream|remote party sent a tls alert: '?(?:close|user)/,
    is.CLOSED,
    'server_log',
  ),
  rule(2, /has not validated correctly|(?:event|schannel)\D{0,12}36876\b/, is.SOME_CERTIFICATE),
  rule(2, /could not create ssl\/tls secure channel/, is.OLD_CLIENT, 'capture', 'client_offer'),
];

const CLOCKS: readonly TextRule[] = [
  rule(
    3,
    /(?:err cert date invalid.{0,80})?your (?:computer's |device's |system )?clock is (?:ahead|behind|wrong|set)|(?:certificate is not yet valid.{0,40})?(?:your |system |client )clock (?:is |may be )(?:behind|ahead|wrong|incorrect|skewed)|(?:certif|ssl|tls).{0,80}(?:clock|time) skew|check (?:your|the) (?:computer's |system )?(?:clock|date and time)|system (?:clock|time|date) (?:is|may be) (?:wrong|incorrect|not set)|your computer thinks it is/,
    sure('client_clock_wrong', 'client', 0.92),
  ),
  rule(
    3,
    /(?:certificates?|chain|certs).{0,40}(?:in |is in |in the )?(?:wrong|incorrect) order|(?:wrong|incorrect) order.{0,24}(?:cert|chain)|chain issues.{0,40}order|out of order.{0,24}(?:cert|chain)|(?:cert|chain).{0,24}out of order|name chaining check failed/,
    sure('wrong_chain_order', 'server', 0.92),
  ),
];

const PEOPLE: readonly TextRule[] = [
  rule(
    3,
    /the certificate is only valid for (?:the following names|(?<presented>[\w.*-]{1,253}))|not valid for the name|is not valid for (?:this|that) (?:site|name|host)|wrong\.host|not the site you|name on the (?:security )?certificate is invalid|security certificate presented by this website was issued for a different website/,
    is.HOSTNAME,
  ),
  rule(3, /not trusted because it is self[- ]?signed|uses a self[- ]?signed certificate/, is.SELF_SIGNED),
  rule(
    3,
    /not trusted because the issuer certificate is (?:unknown|not trusted).{0,200}|(?:security certificate|certificate).{0,40}not issued by a trusted (?:certificate )?authority|security certificate is not trusted by/,
    is.UNTRUSTED,
    'server_certificates',
  ),
  rule(
    3,
    /certificate expired on|(?:security )?certificate (?:presented by this website )?has expired or is not yet valid/,
    is.EXPIRED,
  ),
  rule(3, /will not be valid until|certificate is from (?:the )?future/, is.NOT_YET_VALID, 'client_clock'),
  rule(
    3,
    /uses an unsupported protocol|might not support tls 1\.2|outdated (?:or unsafe )?tls|tls 1\.0 and (?:tls )?1\.1|(?:deprecated|unsupported|obsolete) (?:tls|ssl) (?:version|protocol)/,
    is.VERSION,
  ),
  rule(
    3,
    /security technology that is outdated and vulnerable|unsupported (?:ssl|tls)? ?cipher|rc4.{0,30}(?:not secure|unsupported|disabled)/,
    is.SUITES,
  ),
  rule(
    1,
    /your connection is not private|secure connection failed|warning: potential security risk/,
    is.SOME_CERTIFICATE,
  ),
  rule(
    3,
    /(?:combination of host and port|this port|port) requires tls|expected https|tls required on this port/,
    is.HTTP_ON_TLS,
  ),
  rule(
    3,
    /server not found.{0,40}firefox|can't find the server at|dns probe (?:finished|started)|dns (?:server|address) could not be found/,
    is.DNS,
  ),
];

const APACHE: readonly TextRule[] = [
  rule(3, /ssl proxy: peer certificate does not match/, is.HOSTNAME),
  rule(2, /ah02411/, is.HOSTNAME),
  rule(3, /ah02412|ssl proxy: peer certificate is expired|ah02004/, is.EXPIRED),
  rule(
    3,
    /ah0(?:2217|2604|1936|1937|1942|1946)|can't retrieve issuer certificate|unable to configure certificate .{0,120}for stapling/,
    is.OCSP,
  ),
  rule(3, /ah0(?:2240|2241|2238|2312|1903|1904)|should be ssl-aware but has no certificate/, is.NO_KEY),
  rule(3, /ah02040|certificate chain too long/, sure('client_certificate_rejected', 'client', 0.6)),
];

const SERVICES: readonly TextRule[] = [
  rule(3, /failed to connect to .{1,253} port \d{1,5}.{0,60}timed out/, is.CONNECT_TIMEOUT),
  rule(3, /(?:ssl )?error syscall.{0,60}errno 0/, is.CLOSED, 'capture'),
  rule(
    3,
    /certpathvalidator.{0,40}signature check failed|x509.{0,30}signature check failed/,
    is.UNKNOWN_ROOT,
    'server_certificates',
  ),
  rule(
    3,
    /chain (?:is |was |issues: )?incomplete|incomplete (?:certificate )?chain|missing intermediate|intermediate certificates? (?:is |are )?(?:missing|not (?:sent|found|installed))/,
    is.MISSING_INTERMEDIATE_LIKELY,
    'server_certificates',
  ),
  rule(3, /ssl routines.{0,40}callback failed/, is.NAME),
  rule(3, /-0x2700\b/, is.UNTRUSTED, 'server_certificates'),
  rule(3, /-0x7680\b/, sure('unknown_ca', 'client', 0.9)),
  rule(3, /-0x7180\b/, is.DECRYPT),
  rule(3, /-0x7700\b/, is.MISBEHAVED),
  rule(3, /-0x6e80\b/, is.VERSION),
  rule(3, /-0x6800\b/, is.HANDSHAKE_TIMEOUT),
  rule(2, /-0x0?050\b|-0x50\b/, is.RESET),
  rule(2, /0x7780\b|error (?:code )?-313\b|received alert fatal error/, is.HANDSHAKE_FAILURE, 'server_log'),
  // wolfSSL and mbed TLS have numbers
  rule(3, /asn no signer|(?:ssl connect|wolfssl).{0,40}-188\b/, is.UNTRUSTED, 'server_certificates'),
  rule(3, /asn after date|(?:ssl connect|wolfssl).{0,40}-151\b/, is.EXPIRED),
  rule(3, /asn before date|(?:ssl connect|wolfssl).{0,40}-150\b/, is.NOT_YET_VALID),
  rule(3, /domain name mismatch|(?:ssl connect|wolfssl).{0,40}-322\b/, is.HOSTNAME),
  rule(3, /-0x7380\b|no ciphersuites in common/, is.SUITES),
  rule(3, /-0x7480\b|no client certification received/, is.CLIENT_CERTIFICATE_MISSING),
  rule(3, /failed to negotiate cipher with server|no ?suitable ?ciphers/, is.SUITES),
  rule(2, /bad cert,[{ ]{0,2}invalid ext key usage/, is.PURPOSE),
  rule(2, /ssl accept failed, 5|timeoutbusy/, is.CLOSED, 'capture'),
  rule(
    3,
    /(?:ssl|tls|alert|fatal|handshake).{0,60}\bproto(?:col)?[- ]?version|protocol ?version.{0,40}(?:mismatch|not (?:supported|enabled|accepted|allowed)|ssl|tls|alert)|min(?:imum)? (?:tls|ssl) version|ssl min ver/,
    is.VERSION_TEXT,
  ),
  rule(
    3,
    /no supported (?:named )?(?:group|curve)|no common (?:named )?(?:group|curve)|unsupported (?:named )?(?:group|curve)/,
    is.GROUP,
  ),
  rule(
    3,
    /(?:no|none) (?:common|matching|mutual|shared) (?:cipher|ciphers|cipher ?suites?)|none of the common ciphersuites|cipher suites? (?:do not|don't) match|no matching cipher ?suites?|'cipher' is used inconsistently/,
    is.SUITES,
  ),
  rule(
    3,
    /decoder routines.{0,4}unsupported|err ossl unsupported|must be owned by|has group or world access|private key file.{0,80}(?:permission|access|not exist)|unrecoverablekeyexception|tls engine is unavailable|could not load server certificate|could not load (?:the )?certificate/,
    is.NO_KEY,
  ),
  rule(
    3,
    /root certificate file .{0,200}(?:does not exist|not found)|could not read root certificate|(?:load verify locations|cafile|ca file).{0,60}(?:failed|not found|no such)/,
    sure('unknown_ca', 'client', 0.9),
  ),
  rule(
    3,
    /fd limit|file descriptors?.{0,24}(?:limit|exhausted)|ulimit|out of (?:file )?descriptors|max(?:imum)? (?:connections|clients|sessions) (?:reached|exceeded)|too many open connections|session limit (?:reached|exceeded)/,
    is.LIMIT,
  ),
  rule(
    3,
    /need a client cert|ssl client certificate; none was configured|client cert(?:ificate)? (?:is )?(?:needed|mandatory|required|missing|not (?:present|sent|provided|supplied|found))|missing client cert|did not (?:send|present|provide|return) a (?:client )?certificate|no (?:client )?certificate (?:was )?(?:presented|sent|provided|supplied)|no certificate (?:from|by) (?:the )?client|peer did not provide/,
    is.CLIENT_CERTIFICATE_MISSING,
  ),
  rule(
    3,
    /client cert(?:ificate)? (?:verif\w{2,8}|validation|check|auth\w{0,12}) (?:failed|error)|client cert(?:ificate)?.{0,24}(?:untrusted|unknown|not (?:trusted|valid|accepted|authori[sz]ed)|rejected|refused|denied|expired|revoked)|certificate (?:rejected|refused) by (?:the )?server/,
    is.CLIENT_CERTIFICATE_REJECTED,
  ),
  rule(
    3,
    /starttls (?:is )?required|requires? starttls|must (?:use|issue) starttls|encryption required.{0,40}starttls|no starttls|starttls.{0,30}(?:not (?:offered|supported|available|advertised)|refused|failed|unsupported)|(?:ssl|tls) (?:is )?not (?:supported|enabled|available) (?:by|on) (?:the )?server|connection requires (?:ssl|tls)/,
    is.STARTTLS,
  ),
  rule(
    1,
    /was not able to establish a connection to the (?:specified )?(?:secure )?gateway/,
    is.CONNECT_TIMEOUT,
  ),
  rule(
    3,
    /x509name error|hostname verification (?:check )?failed|is not in peer certificate|hostname check failed|host name check failed|host name verification failed|name in peer certificate|certificate does not match (?:the )?(?:server|host) ?name|certificate different from the (?:configured|expected|requested)|subject alt name\(s\) or common name do not match|san mismatch|no matching host name|subject checks failed|(?:common name|cn|san).{0,24}(?:does not|doesn't|did not|not) match|certificate name (?:mismatch|does not)/,
    is.HOSTNAME,
  ),
  rule(
    3,
    /missing selected alpn|alpn negotiation failed|no overlap.{0,24}alpn|application protocol.{0,30}(?:mismatch|not (?:supported|negotiated))/,
    is.ALPN,
  ),
  rule(3, /bad cert,? ?cert expired|\{bad cert,cert expired|cert expired\b/, is.EXPIRED),
  rule(3, /selfsigned peer/, is.SELF_SIGNED),
  rule(
    3,
    /not correctly signed by the trusted ca|doesn't have a known issuer|does not have a known issuer|server certificate (?:is )?not trusted|untrusted (?:issuer|root|ca|authority|certificate)|certificate (?:is )?untrusted|unknown issuer|issuer unknown|ca (?:is )?not trusted|not signed by a (?:known|trusted)/,
    is.UNTRUSTED,
    'server_certificates',
  ),
  rule(
    3,
    /signed using an insecure algorithm|signature algorithm.{0,30}(?:weak|insecure|too weak|disabled|not allowed)|(?:\bkey|dh|modulus|prime)\b.{0,24}(?:too (?:weak|short|small))|does not comply to algorithm constraints|weak (?:key|cipher|dh|signature|certificate)/,
    is.WEAK,
  ),
  rule(
    3,
    /basic constraints check failed|not a ca certificate|usage constraints check failed|wrong (?:key )?usage|certificate purpose|not match the intended purpose|not (?:valid|allowed|suitable) for (?:server|client|ssl|tls) (?:auth|use)/,
    is.PURPOSE,
  ),
  rule(
    3,
    /invalid tls padding|(?:tls|ssl|handshake|key exchange|public key).{0,60}signature verification (?:has )?failed|public key signature verification|invalid (?:ecdh|dh|signature).{0,40}signature/,
    is.DECRYPT,
  ),
  rule(3, /insufficient buffer remaining for aead/, is.UNREADABLE, 'client_log', 'server_log'),
  rule(
    3,
    /srp\/psk username|psk identity.{0,24}(?:unknown|not found|mismatch)|pre-?shared key.{0,30}(?:mismatch|wrong|unknown|not found)|unknown psk|psk (?:mismatch|not found)/,
    is.PSK,
  ),
  rule(
    3,
    /without receiving (?:the |a )?close|without close notify|premature(?:ly)? (?:close|end)\w{0,8} (?:of|while reading).{0,24}(?:body|response|data)/,
    is.TRUNCATED,
  ),
  rule(
    2,
    /error decoding the received tls packet|0x7200|invalid (?:ssl|tls) record|not (?:a|an) (?:tls|ssl) (?:record|handshake|message|server)|plain ?text.{0,24}(?:instead of|where) tls/,
    is.NOT_TLS,
    'plain_answer',
  ),
  rule(
    2,
    /tls packet with unexpected length|0x7280|syscall returned=5 errno=0|peer suddenly disconnected|ssl accept.{0,60}lost connection|could not accept ssl connection: eof|ssl accept error.{0,80}: (?:-1|lost)|tls\/ssl connection has been closed/,
    is.CLOSED,
    'capture',
  ),
  rule(1, /handshake aborted/, is.CLOSED, 'capture'),
  rule(2, /closed before (?:the )?(?:ssl|tls) handshake|endofstreamexception/, is.CLOSED, 'capture'),
  rule(
    2,
    /handshake (?:stopped|aborted|interrupted|ended).{0,30}(?:connection|socket|stream) (?:was )?closed/,
    is.CLOSED,
    'capture',
  ),
  rule(2, /timeout specified has expired.{0,160}(?:ssl|tls|handshake)/, is.HANDSHAKE_TIMEOUT, 'capture'),
  rule(3, /secret is not supplied/, [
    ['internal_error', 'client', 0.5],
    ['client_certificate_required', 'client', 0.25],
  ]),
  rule(3, /timeoutconnect exceeded/, is.CONNECT_TIMEOUT),
  rule(
    3,
    /timeoutbusy exceeded|(?:tls|ssl) handshake error from .{0,120}i\/o timeout|handshake did not complete|handshake (?:was )?not completed|ssl-?handshake-?timeout/,
    is.HANDSHAKE_TIMEOUT,
    'capture',
  ),
  rule(2, /remotedisconnected|remote end closed connection/, is.CLOSED, 'capture'),
  rule(
    3,
    /no certificates? (?:configured |available |found )?for (?:sni|host|server ?name|domain|name)|no (?:virtual host|site|vhost).{0,30}(?:sni|name|host)|sni (?:required|rejected|not (?:allowed|recognized))|requested (?:server )?name.{0,30}(?:unknown|not)/,
    is.NAME,
  ),
  rule(
    3,
    /(?:firewall|proxy|middlebox|ids|ips|load balancer).{0,60}(?:drop|block|intoleran|strip|reset)\w{0,6}.{0,40}(?:hello|tls|handshake)|version interference|large clienthello|client hello.{0,30}too (?:large|big|long)/,
    sure('middlebox_intolerance', 'path', 0.85),
  ),
  rule(
    3,
    /(?:err )?(?:ssl|tls|cert)\w{0,12} known interception blocked|mitm (?:detected|proxy|attack)|intercept(?:ed|ion|ing) (?:proxy|certificate|tls|ssl|https)/,
    is.INSPECTED,
  ),
];

export const SERVICE_RULES: readonly TextRule[] = [...CLOCKS, ...WINDOWS, ...PEOPLE, ...APACHE, ...SERVICES];

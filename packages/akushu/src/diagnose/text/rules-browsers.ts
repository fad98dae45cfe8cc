/** Error codes of Chrome and its kin, of Firefox and Thunderbird (NSS, mozilla::pkix), of Safari and Secure Transport. */
import * as is from './guesses.js';
import { rule, sure, type TextRule } from './guesses.js';

const CHROME: readonly TextRule[] = [
  rule(3, /err cert common name invalid|err icann name collision/, is.HOSTNAME),
  rule(2, /err cert date invalid/, is.OUT_OF_VALIDITY),
  rule(2, /err cert authority invalid/, is.UNTRUSTED, 'server_certificates', 'client_trust'),
  rule(3, /err cert revoked/, is.REVOKED),
  rule(
    3,
    /err cert (?:weak signature algorithm|weak key)|err ssl server cert bad format.{0,8}weak|err ssl weak server ephemeral dh key/,
    is.WEAK,
  ),
  rule(3, /err cert (?:unable to check revocation|no revocation mechanism)/, is.OCSP),
  rule(3, /err ssl key usage incompatible|err cert name constraint violation/, is.PURPOSE),
  rule(2, /err cert (?:invalid|contains errors)/, is.SOME_CERTIFICATE),
  rule(
    3,
    /err cert(?:ificate)? transparency required|err cert validity too long|err cert symantec legacy/,
    sure('unknown_ca', 'server', 0.6),
  ),
  rule(3, /err ssl pinned key not in cert chain|known interception/, is.INSPECTED),
  rule(3, /err ssl version or cipher mismatch/, is.VERSION_OR_SUITES, 'probe'),
  rule(
    3,
    /err ssl (?:unsupported version|obsolete version|inappropriate fallback)|err ssl fallback beyond minimum version/,
    is.VERSION,
  ),
  rule(3, /err ssl unrecognized name alert/, is.NAME),
  rule(
    3,
    /err (?:bad )?ssl client auth cert (?:needed|no private key)|err ssl client auth cert needed/,
    is.CLIENT_CERTIFICATE_MISSING,
  ),
  rule(
    3,
    /err bad ssl client auth cert|err ssl client auth (?:signature failed|cert bad format|no common algorithms)/,
    is.CLIENT_CERTIFICATE_REJECTED,
  ),
  rule(3, /err ssl (?:bad record mac alert|decrypt error alert|decompression failure alert)/, is.DECRYPT),
  rule(3, /err ssl no renegotiation|err ssl renegotiation requested/, is.RENEGOTIATION),
  rule(3, /err ssl unsafe negotiation/, is.LEGACY),
  rule(3, /err alpn negotiation failed|err ssl no application protocol/, is.ALPN),
  rule(2, /err ssl protocol error/, is.PROTOCOL_ERROR, 'capture', 'probe'),
  rule(3, /err name not resolved|err name resolution failed|err dns timed out/, is.DNS),
  rule(3, /err connection refused/, is.REFUSED),
  rule(2, /err connection reset/, is.RESET, 'capture'),
  rule(2, /err connection closed|err empty response/, is.CLOSED, 'capture'),
  rule(2, /err connection timed out|err address unreachable|err timed out/, is.CONNECT_TIMEOUT),
  rule(3, /err (?:incomplete chunked encoding|content length mismatch)/, is.TRUNCATED),
];

/** Chrome's log has numbers for its codes. */
const NET_ERRORS: Readonly<Record<string, string>> = {
  100: 'connection closed',
  101: 'connection reset',
  102: 'connection refused',
  105: 'name not resolved',
  107: 'ssl protocol error',
  109: 'address unreachable',
  110: 'ssl client auth cert needed',
  113: 'ssl version or cipher mismatch',
  117: 'bad ssl client auth cert',
  118: 'connection timed out',
  123: 'ssl no renegotiation',
  125: 'ssl decompression failure alert',
  126: 'ssl bad record mac alert',
  129: 'ssl weak server ephemeral dh key',
  137: 'name resolution failed',
  141: 'ssl client auth signature failed',
  150: 'ssl pinned key not in cert chain',
  172: 'ssl obsolete version',
  181: 'ssl key usage incompatible',
  200: 'cert common name invalid',
  201: 'cert date invalid',
  202: 'cert authority invalid',
  203: 'cert contains errors',
  204: 'cert no revocation mechanism',
  205: 'cert unable to check revocation',
  206: 'cert revoked',
  207: 'cert invalid',
  208: 'cert weak signature algorithm',
  211: 'cert weak key',
  212: 'cert name constraint violation',
  213: 'cert validity too long',
  214: 'certificate transparency required',
  217: 'cert known interception blocked',
};

/** A number that stands for a name of Chrome's, and the name; null for none. */
export function spelledOut(folded: string): { name: string; start: number; end: number } | null {
  const match = /\bnet error[ :=]{0,3}-(\d{3})\b/.exec(folded);
  const name = match && NET_ERRORS[match[1]!];
  return name ? { name: `net::err ${name}`, start: match.index, end: match.index + match[0].length } : null;
}

const FIREFOX: readonly TextRule[] = [
  rule(2, /sec error unknown issuer/, is.UNTRUSTED, 'server_certificates'),
  rule(3, /mozilla pkix error mitm detected|mitm detected/, is.INSPECTED),
  rule(3, /sec error untrusted issuer|sec error untrusted cert|sec error ca cert invalid/, is.UNKNOWN_ROOT),
  rule(3, /sec error expired (?:issuer )?certificate/, is.EXPIRED),
  rule(3, /mozilla pkix error not yet valid (?:issuer )?certificate/, is.NOT_YET_VALID, 'client_clock'),
  rule(3, /mozilla pkix error self signed cert/, is.SELF_SIGNED),
  rule(3, /ssl error bad cert domain/, is.HOSTNAME),
  rule(3, /sec error revoked certificate/, is.REVOKED),
  rule(
    3,
    /sec error (?:inadequate (?:key usage|cert type)|cert usages? invalid)|mozilla pkix error (?:v1 cert used as ca|ca cert used as end entity)/,
    is.PURPOSE,
  ),
  rule(
    3,
    /sec error (?:cert signature algorithm disabled|invalid algorithm)|mozilla pkix error inadequate key size|ssl error weak server (?:ephemeral dh key|cert key)/,
    is.WEAK,
  ),
  rule(
    3,
    /sec error ocsp|mozilla pkix error (?:ocsp|required tls feature missing)|sec error revocation/,
    is.OCSP,
  ),
  rule(3, /ssl error no cypher overlap/, is.SUITES, 'probe'),
  rule(3, /ssl error (?:unsupported version|protocol version alert|ssl2 disabled|ssl disabled)/, is.VERSION),
  rule(3, /ssl error unsafe negotiation/, is.LEGACY),
  rule(3, /ssl error (?:renegotiation not allowed|no renegotiation alert)/, is.RENEGOTIATION),
  rule(3, /ssl error inappropriate fallback alert/, is.FALLBACK),
  rule(
    3,
    /(?:received a record that exceeded the maximum permissible length.{0,60})?ssl error rx record too long/,
    is.RECORD_TOO_LONG,
    'plain_answer',
  ),
  rule(3, /ssl error (?:next protocol no protocol|no application protocol|next protocol)/, is.ALPN),
  rule(
    3,
    /ssl error (?:bad mac read|bad mac alert|decryption failed alert|decrypt error alert|decryption failure)/,
    is.DECRYPT,
  ),
  rule(
    3,
    /ssl error (?:no certificate|rx certificate required alert|rx unexpected cert request)/,
    is.CLIENT_CERTIFICATE_MISSING,
  ),
  rule(
    2,
    /ssl error (?:bad cert alert|unknown ca alert|certificate unknown alert|revoked cert alert|expired cert alert|unsupported cert alert|bad certificate alert|access denied alert)|sec error bad cert alert/,
    is.CLIENT_CERTIFICATE_REJECTED,
  ),
  rule(3, /ssl error handshake failure alert/, is.HANDSHAKE_FAILURE, 'server_log'),
  rule(3, /ssl error unrecognized name alert/, is.NAME),
  rule(3, /ssl error internal error alert/, is.INTERNAL, 'server_log'),
  rule(
    3,
    /ssl error (?:rx (?:malformed|unexpected)|illegal parameter alert|decode error alert|bad server|feature not supported)/,
    is.MISBEHAVED,
  ),
  rule(3, /sec error (?:bad signature|bad der)/, [
    ['unknown_ca', 'server', 0.4],
    ['tls_inspection', 'path', 0.3],
  ]),
  rule(3, /sec error reused issuer and serial/, [
    ['self_signed', 'server', 0.5],
    ['unknown_ca', 'server', 0.3],
  ]),
  rule(2, /pr end of file error/, is.CLOSED, 'capture'),
  rule(2, /pr connect reset error/, is.RESET, 'capture'),
  rule(3, /pr connect refused error/, is.REFUSED),
  rule(2, /pr connect timeout error|pr io timeout error/, is.CONNECT_TIMEOUT),
  rule(3, /dns ?not ?found|unknown host|ns error unknown host/, is.DNS),
  rule(3, /ns error net interrupt|netinterrupt/, is.RESET),
];

/** A number of Apple's needs a word of Apple's before it: alone it may be any number. */
const apple = (numbers: string, words = ''): RegExp =>
  new RegExp(
    `(?:nsurl|nserror|cfnetwork|kcfstream|sslhandshake|osstatus|errssl|secure ?transport|ssl|code[= ]|error)[^\\n]{0,48}-(?:${numbers})\\b${words === '' ? '' : `|${words}`}`,
  );

const APPLE: readonly TextRule[] = [
  rule(3, apple('9843', 'errsslhostnamemismatch'), is.HOSTNAME),
  rule(3, apple('9814', 'errsslcertexpired|certificate for this server has expired'), is.EXPIRED),
  rule(
    3,
    apple('9815|1204', 'errsslcertnotyetvalid|nsurlerrorservercertificatenotyetvalid'),
    is.NOT_YET_VALID,
  ),
  rule(2, apple('1201', 'nsurlerrorservercertificatehasbaddate'), is.OUT_OF_VALIDITY),
  rule(
    3,
    apple('981[23]|1203', 'errsslunknownrootcert|errsslnorootcert|nsurlerrorservercertificatehasunknownroot'),
    is.UNKNOWN_ROOT,
  ),
  rule(
    2,
    apple(
      '9807|1202',
      'errsslxcertchaininvalid|nsurlerrorservercertificateuntrusted|invalid certificate chain|untrusted cert chain',
    ),
    is.UNTRUSTED,
    'server_certificates',
  ),
  rule(3, apple('9801', 'errsslnegotiation'), is.SUITES),
  rule(3, apple('9836|9830', 'errsslpeerprotocolversion'), is.VERSION),
  rule(
    3,
    apple('9805|9816|9806', 'errsslclosed(?:graceful|nonotify)|errsslclosedabort'),
    is.CLOSED,
    'capture',
  ),
  rule(3, apple('9824', 'errsslpeerhandshakefail'), is.HANDSHAKE_FAILURE, 'server_log'),
  rule(
    3,
    apple('982[5689]|9831|1205', 'errsslpeer(?:badcert|unknownca)|nsurlerrorclientcertificaterejected'),
    is.CLIENT_CERTIFICATE_REJECTED,
  ),
  rule(
    3,
    apple('1206|9842', 'nsurlerrorclientcertificaterequired|errsslclientcertrequested'),
    is.CLIENT_CERTIFICATE_MISSING,
  ),
  rule(3, apple('984[456]|9809|9820', 'errsslbadrecordmac'), is.DECRYPT),
  rule(3, apple('9847|9849', 'errsslrecordoverflow'), is.OVERFLOW),
  rule(
    3,
    apple('9850', 'errsslweakpeerephemeraldhkey|weak ephemeral dh|app transport security.{0,40}(?:weak|sha)'),
    is.WEAK,
  ),
  rule(
    2,
    apple(
      '980[02]|1200',
      "errsslprotocol|errsslfatalalert|nsurlerrorsecureconnectionfailed|a tls error caused the secure connection to fail|can't establish a secure connection|an ssl error has occurred",
    ),
    is.SOME_HANDSHAKE,
    'capture',
    'probe',
  ),
  rule(
    2,
    /certificate for this server is invalid|can't verify the identity of the (?:website|server)/,
    is.SOME_CERTIFICATE,
    'server_certificates',
  ),
  rule(
    3,
    apple('1022', 'app transport security (?:policy requires|has blocked a cleartext)'),
    is.HTTP_ON_TLS,
  ),
  rule(3, apple('1003', "nsurlerrorcannotfindhost|can't find the server"), is.DNS),
  rule(
    3,
    apple(
      '1004',
      "nsurlerrorcannotconnecttohost|could not connect to the server|can't connect to the server",
    ),
    is.REFUSED,
  ),
  rule(2, apple('1005', 'nsurlerrornetworkconnectionlost'), is.RESET),
];

export const BROWSERS: readonly TextRule[] = [...CHROME, ...FIREFOX, ...APPLE];

/** English (`akushu verify`). */
import type { VerifyWords } from './verify.js';

export const verifyEn: VerifyWords = {
  verdict: 'Verdict',
  valid: 'VALID',
  invalid: 'NOT VALID',
  rows: {
    leaf: 'certificate',
    host: 'for the host',
    purpose: 'as',
    time: 'at',
    profile: 'by the rules',
    roots: 'trusting',
    revocation: 'revocation',
    rule: 'rule',
    why: 'why',
    where: 'where',
  },
  purposes: { server: 'TLS server', client: 'TLS client' },
  profiles: {
    default: 'default: what endangers a user is refused, as Chrome and Go have it',
    rfc5280: 'rfc5280: RFC 5280 to the letter',
    webpki: 'webpki: RFC 5280 and the Baseline Requirements of public authorities, to the letter',
  },
  anyHost: 'any: no --host was given',
  roots: (count, sources) => `${count} ${count === 1 ? 'root' : 'roots'} (${sources})`,
  revocationNotAsked: 'not looked at: neither --crl nor --ocsp was given',
  revocationGood: 'by what was given, not revoked',
  acceptedPath: 'The path that is valid',
  failedPath: (number, of) => (of === 1 ? 'The path that failed' : `Path ${number} of ${of}: failed`),
  leafFailures: 'Wrong with the certificate by itself',
  unusable: (count) =>
    count === 1 ? 'A certificate that cannot be read' : 'Certificates that cannot be read',
  failsHere: '◀ fails here',
  anchor: '(trusted)',
  noIssuer: '(no issuer)',
  repairs: 'What would repair it',
  addIssuer: (issuer, below) =>
    `Add the certificate of ${issuer}, which issued ${below}: a server has to send it too.`,
  giveIssuer: 'To verify with it here: --intermediates FILE',
  fetchIssuer: (url) => `The certificate below says where it is: ${url}`,
  trustRoot: (subject) =>
    `If you know that it is the right one, trust ${subject}: --ca FILE with its certificate.`,
  dateOf: (kind) =>
    kind === 'renew'
      ? 'Renew the certificate that has expired.'
      : 'Wait until it begins, or check the clock.',
  noCertificate: (file) => `${file}: holds no certificate.`,
  notFirst:
    'The first certificate is that of an authority, and it is the one that was verified. The leaf goes first.',
  leafMoved:
    'The file does not begin with the leaf. It was found and verified; a server has to send it first.',
  reasons: {
    issuer_missing: 'The issuer of this certificate is not among those that were given.',
    key_usage: 'Its key usage allows no TLS handshake: the key may not sign one (digitalSignature).',
  },
  advice: {
    key_usage: 'Verify the certificate of the server or client, and not that of an authority.',
  },
  reissue: 'Have the certificate issued anew, without this fault. Other profiles may accept it.',
  unreadable: 'cannot be read',
  replaceIssuer: (issuer, below) =>
    `Add the renewed certificate of ${issuer}, which issued ${below}, in place of the expired one.`,
  badTime: (text) => `--at: "${text}" is no time. Expected: 2026-01-31 or 2026-01-31T12:00:00Z.`,
  badDepth: (text) => `--max-depth: "${text}" is not a number of intermediates from 0 to 100.`,
  itIs: (refusal, kind) => `${refusal} It is: ${kind}.`,
  badRevocation: (file, wanted) =>
    wanted === 'CRL'
      ? `--crl: ${file} holds no CRL that can be read.`
      : `--ocsp: ${file} is no OCSP response that can be read.`,
  help: {
    verify: 'Verify a certificate: every path to a root, and by which rule each fails.',
    files: 'the certificate first, then its chain, in any order and format; - for stdin',
    host: 'DNS name or address that the certificate has to be for',
    ca: 'trust the certificates in FILE, instead of the system’s; may be given several times',
    intermediates: 'more certificates that paths may use; may be given several times',
    crl: 'CRLs to look into (DER or PEM); may be given several times',
    ocsp: 'OCSP response about the certificate (DER or PEM); may be given several times',
    at: 'as if it were TIME: 2026-01-31, or 2026-01-31T12:00:00Z (default: now)',
    purpose: 'server or client (default server)',
    profile: 'default, rfc5280 or webpki (default: default)',
    maxDepth: 'at most N intermediates between the certificate and its root',
    passwordFile: 'the first line of FILE is the password of key stores',
    json: 'one JSON object in place of the explanation',
    more: `With --crl or --ocsp, what is given has to say that the certificate is not
revoked; of its authorities it is enough that nothing says that they are.

Examples:
  akushu verify --host example.com fullchain.pem
  akushu verify --ca root.pem --crl ca.crl --at 2027-01-01 server.crt

Exit codes: 0 valid, 1 not valid, 2 usage, or a file that cannot be read.`,
  },
};

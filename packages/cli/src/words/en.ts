/** English. */
import { ciphersEn } from './ciphers-en.js';
import { doctorWords } from './doctor.js';
import { explainEn } from './explain-en.js';
import { inspectEn } from './inspect-en.js';
import { sessionsEn } from './sessions-en.js';
import { verifyEn } from './verify-en.js';
import { whatIfWords } from './whatif.js';
import type { Words } from './words.js';

const days = (count: number): string => `${count} ${count === 1 ? 'day' : 'days'}`;

/** Why a file cannot be written, by the system's codes. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist (ENOENT)',
  ENOTDIR: 'its directory does not exist (ENOTDIR)',
  EISDIR: 'it is a directory (EISDIR)',
  EACCES: 'permission denied (EACCES)',
  EPERM: 'permission denied (EPERM)',
  EROFS: 'the file system is read-only (EROFS)',
  ENOSPC: 'no space is left (ENOSPC)',
};

export const en: Words = {
  sections: {
    negotiated: 'What was negotiated, and why',
    certificates: 'Who the server is',
    clientCertificates: 'Who the client is',
    secrets: 'Which secret protects what',
    keys: 'Which key protects what',
    weakPoints: 'What is weak',
    failed: 'It failed',
    tryNext: 'What to try next',
  },
  client: 'Client',
  server: 'Server',
  bytes: (count) => (count === '1' ? '1 byte' : `${count} bytes`),
  legend: '── client to server ─▶   ◀─ server to client ──   🔒 encrypted under',
  withAead: (protects, aead) => `${protects} (${aead})`,
  resolved: (host, address) => `DNS: ${host} is ${address}`,
  connected: (address) => `TCP: connected to ${address}`,
  established: (ms) => `Established after ${ms} ms: from here on, data travels encrypted.`,
  starttlsReady: (protocol) => `${protocol} makes way for TLS. Nothing above was protected.`,
  alert: (name) => `alert ${name}`,
  closed: 'closed',
  version: 'version',
  cipherSuite: 'cipher suite',
  group: 'group',
  signature: 'signature',
  alpn: 'application',
  resumption: 'session',
  none: 'none',
  resumed: 'resumed',
  fullHandshake: 'full handshake with certificate',
  subject: 'subject',
  issuer: 'issuer',
  validity: 'valid',
  key: 'key',
  names: 'names',
  signedWith: 'signed with',
  fingerprint: 'SHA-256',
  verdict: 'verdict',
  daysLeft: (count) => `${days(count)} left`,
  expiredFor: (count) => `expired ${days(count)} ago`,
  notYet: (count) => `begins in ${days(count)}`,
  selfSigned: 'the same: self-signed',
  verified: 'trusted: chain, dates, name and signature are right',
  verifiedClient: 'trusted: chain, dates and signature are right',
  notVerified: (why) => `NOT trusted: ${why}`,
  notChecked: 'not checked',
  unreadable: 'a certificate that cannot be read',
  more: (count) => `${count} more`,
  secretHeld: 'held by',
  details: {
    asksFor: (name) => `asks for ${name}`,
    suites: (count) => (count === 1 ? '1 cipher suite' : `${count} cipher suites`),
    groups: (count) => (count === 1 ? '1 group' : `${count} groups`),
    shares: (names) => `key shares: ${names}`,
    offersAlpn: (names) => `ALPN: ${names}`,
    noCertificate: 'an empty list: no certificate',
    unpacked: (size, algorithm) => `${size} before ${algorithm}`,
    primeBits: (bits) => `a prime of ${bits} bits`,
    lifetime: (seconds) => `good for ${seconds} s`,
  },
  talk: 'Connected. What you type is sent when you press Enter; Ctrl-D ends.',
  talkEnds: 'The server closed the connection in order.',
  truncated: 'The server closed without close_notify: the data may be incomplete.',
  tryThis: 'Try',
  files: {
    file_missing: (file) => `The file ${file} does not exist.`,
    file_unreadable: (file) => `The file ${file} cannot be read.`,
    not_a_certificate: (file) => `The file ${file} holds no certificate that can be read.`,
    not_a_key: (file) => `The file ${file} holds no private key that can be read.`,
    encrypted_key: (file) => `The private key in ${file} is encrypted with a password.`,
    unsupported_key: (file) => `The private key in ${file} is of a kind that is not supported.`,
    key_does_not_match: (file) => `The private key in ${file} does not belong to the certificate.`,
  },
  fileHelp: {
    file_missing: 'Check the path.',
    file_unreadable: 'Check the rights of the file, and that it is no directory.',
    not_a_certificate: 'A PEM file with BEGIN CERTIFICATE, or one certificate in DER, is expected.',
    not_a_key: 'A PEM file with BEGIN PRIVATE KEY is expected.',
    encrypted_key: 'Decrypt it first: openssl pkey -in FILE -out NEWFILE',
    unsupported_key: 'RSA, ECDSA, Ed25519, Ed448 and ML-DSA keys are supported.',
    key_does_not_match: 'Give the key that the certificate was issued for, and put that certificate first.',
  },
  contents: {
    certificate: 'It holds a certificate.',
    private_key: 'It holds a private key.',
    public_key: 'It holds a public key.',
    certificate_request: 'It holds a certificate request (CSR).',
    other_pem: 'It holds PEM of another kind.',
    broken_pem: 'Its PEM is damaged.',
    damaged: 'It is damaged.',
    crl: 'It holds a certificate revocation list (CRL).',
    key_store: 'It is a key store: akushu inspect shows what is in it.',
    ssh_key: 'It holds an SSH key, which TLS does not use.',
    html: 'It is HTML: maybe an error page that was saved in place of a file.',
    too_large: 'It is too large.',
    directory: 'It is a directory.',
    empty: 'It is empty.',
    unknown: 'It holds nothing that is known here.',
  },
  cannotWrite: (file, code) => `The file ${file} cannot be written: ${REASONS[code] ?? code}.`,
  sentences: (parts) => parts.join(' '),
  usage: {
    syntax: {
      'commander.unknownOption': (name) => `unknown option ${name}.`,
      'commander.unknownCommand': (name) => `unknown command "${name}".`,
      'commander.missingArgument': (name) => `missing required argument <${name}>.`,
      'commander.optionMissingArgument': (name) => `${name}: the value is missing.`,
      'commander.excessArguments': () => 'too many arguments.',
    },
    didYouMean: (names) => `Did you mean ${names}?`,
    unknownName: (option, name, nearest) => `${option}: "${name}" is not known. Nearest: ${nearest}.`,
    unusableName: (option, name, nearest) =>
      `${option}: "${name}" exists, but akushu does not speak it. Nearest: ${nearest}.`,
    needsPsk: (name) => `--ciphers: "${name}" needs a pre-shared key: --psk ID:HEX, of connect and serve.`,
    badHost: (text) => `"${text}" is not a host. Expected: HOST, HOST:PORT, [IPv6]:PORT or https://HOST.`,
    badPort: (text) => `"${text}" is not a port. Expected: a number up to 65535.`,
    badNumber: (option, text) => `${option}: "${text}" is not a number of seconds above 0.`,
    badChoice: (option, text, choices) => `${option}: "${text}" is not one of ${choices}.`,
    badAlpn: (text) => `--alpn: "${text}" is not a protocol name. Expected: 1 to 255 bytes.`,
    certAndKey:
      '--cert and --key belong together: as many of the one as of the other, in the same order, or --cert alone with files that hold both.',
    badVersion: (option, text) =>
      `${option}: "${text}" is no version that akushu speaks. Expected: 1.3, 1.2, 1.1 or 1.0.`,
    versionsTwice: 'Give either --min and --max, or exact versions (--tls12, …), not both.',
    minAboveMax: '--min is above --max.',
    noSuiteLeft: '--ciphers: akushu speaks none of the suites that the string asks for.',
    suitesForNoVersion: (versions) => `--ciphers: none of the suites goes with ${versions}.`,
    clientAuthNeedsCa:
      '--client-auth needs --ca FILE: the authorities whose client certificates are accepted.',
    seeHelp: (command) => `See: ${command} --help`,
  },
  notes: {
    deprecated: (versions) =>
      `${versions}: deprecated (RFC 8996). Use it for tests, and for peers that have nothing else.`,
    notSpoken: (count, suites) =>
      `--ciphers: ${count} left out, which akushu does not speak or which need a pre-shared key: ${suites}.`,
    belowLevel: (level, suites) => `--ciphers: left out by @SECLEVEL=${level}: ${suites}.`,
    suitesOnly:
      '--ciphers: of a priority string only the cipher suites count. For the rest there are --min, --max, --groups and --sigalgs.',
    versionWithoutSuite: (versions) => `--ciphers has no suite for ${versions}, so that is left out.`,
    orderIsTheServers: '--cipher-order: without effect here. The server chooses by whichever order it likes.',
    idleSuites: (suites) => `--ciphers: without effect in the versions asked for: ${suites}.`,
  },
  serve: {
    listening: (address) => `listening on ${address}`,
    madeCertificate:
      'No certificate was given, so one for localhost was made in memory. It is valid for 30 days.',
    fingerprint: (digest) => `SHA-256 ${digest}`,
    saved: (file, port) => `Saved to ${file}. Now: akushu connect localhost:${port} --ca ${file}`,
    howToTrust:
      'Clients do not trust it yet. --save-cert FILE writes it to a file that clients can be given as their CA (akushu connect --ca FILE, curl --cacert FILE).',
    httpAt: (url) => `Page: ${url}`,
    connection: (number, address) => `Connection ${number} from ${address}`,
    stop: 'Ctrl-C ends.',
  },
  demo: {
    title: 'akushu: a TLS handshake, explained',
    intro:
      'Below, two programs meet over a real TCP connection on this machine: our server and our client. Every message is real.',
    data: (text) => `Then data: the client sent “${text}”, and the server sent it back.`,
    next: [
      ['npm start -- connect example.com', 'a handshake with a server on the internet'],
      ['npm start -- connect example.com --once --json', 'the same for programs'],
      ['npm start -- explain FILE', 'why it failed: a capture, a log or an error in quotes'],
      ['npm start -- doctor example.com', 'why a server cannot be reached, by trying'],
      ['npm start -- serve --http', 'a page that shows your browser’s handshake'],
      ['npm start -- demo --tls12', 'the handshake of TLS 1.2, with Diffie-Hellman'],
      ['npm start -- demo --ciphers AES128-SHA', 'the old RSA handshake, and what is weak about it'],
      ['npm start -- connect HOST --pcap FILE', 'a capture that Wireshark opens decrypted'],
      ['npm start -- --lang ja', 'this page in Japanese'],
    ],
  },
  cipherList: ciphersEn,
  doctor: doctorWords.en,
  whatif: whatIfWords.en,
  explain: explainEn,
  inspect: inspectEn,
  verify: verifyEn,
  sessions: sessionsEn,
  page: {
    title: 'Your TLS handshake',
    intro: 'This is how your browser and this server agreed on a connection.',
    time: 'Time',
    from: 'From',
    message: 'Message',
    size: 'Size',
    protection: 'Protected by',
    clear: 'nothing: in the clear',
  },
  helpTitles: {},
  help: {
    program: 'Make, serve and explain TLS connections.',
    connect: 'Connect to a TLS server and explain the handshake.',
    serve: 'Serve TLS and explain every handshake.',
    demo: 'Show a handshake between our own client and server.',
    host: 'HOST, HOST:PORT (default 443), [IPv6]:PORT or a URL',
    servername: 'name to ask for and to verify (default: HOST)',
    starttls:
      'begin in the clear, as: smtp, imap, pop3, ftp, xmpp, ldap, postgres or mysql (the port is then that protocol’s)',
    alpn: 'application protocols to offer, such as h2,http/1.1',
    ca: 'trust the certificates in FILE, instead of the system’s',
    cert: 'client certificate chain (PEM)',
    key: 'private key of --cert (PEM)',
    tls13: 'TLS 1.3; with others of these, exactly those versions',
    tls12: 'TLS 1.2',
    tls11: 'TLS 1.1 (deprecated)',
    tls10: 'TLS 1.0 (deprecated)',
    min: 'lowest version: 1.3, 1.2, 1.1 or 1.0 (default 1.2)',
    max: 'highest version (default 1.3)',
    cipherOrder: 'whose order of suites and groups counts: server or client (default server)',
    clientCipherOrder: 'as with serve; without effect, since the server decides',
    groups: 'key exchange groups, most preferred first',
    ciphers:
      'cipher suites by any name, most preferred first, and no others; or a cipher string of OpenSSL or GnuTLS',
    sigalgs: 'signature schemes, most preferred first',
    keylog: 'append the secrets to FILE (SSLKEYLOGFILE format)',
    pcap: 'write the connection, decryptable, to FILE (pcapng)',
    json: 'one JSON object in place of the explanation',
    lang: 'language: en or ja (default: from the locale)',
    insecure: 'go on although the certificate is not trusted',
    once: 'end after the handshake',
    timeout: 'time limit for the handshake (default 10)',
    port: 'port to listen on; 0: a free one (default 4433)',
    listenHost: 'address to listen on (default: all)',
    serveCert:
      'certificate chain (PEM; default: made for localhost); may be given several times, for keys of several kinds',
    serveKey: 'private key of --cert (PEM); as often as --cert, in the same order',
    http: 'serve a page that shows the visitor’s own handshake',
    serveCa: 'authorities for client certificates (PEM)',
    clientAuth: 'ask clients for a certificate: request or require',
    serveJson: 'one JSON line per connection on stdout',
    serveOnce: 'end after the first connection',
    saveCert: 'write the certificate in use to FILE (PEM)',
    help: 'show this help',
    showVersion: 'show the version',
    connectMore: `What goes where:
  --once, or on a terminal: the explanation goes to stdout.
  With a pipe or file as stdin: the explanation goes to stderr, so that
  stdout has nothing but the server's data. End of input sends close_notify
  and waits for the server's.
  With SSLKEYLOGFILE set, secrets are appended to that file as well.

Exit codes: 0 connected, 1 TLS failure, 2 usage, 3 network failure.`,
    serveMore: `Without --http the server sends back what it gets (echo).
With --json the line "listening on ..." goes to stderr.

Exit codes: 0 ended, 1 TLS failure (with --once), 2 usage, 3 cannot listen.`,
  },
};

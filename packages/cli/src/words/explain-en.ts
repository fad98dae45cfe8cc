/** English (`akushu explain`). */
import type { ExplainWords } from './explain.js';

const plural = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;

export const explainEn: ExplainWords = {
  outcomes: { established: 'it worked', failed: 'it failed', incomplete: 'cannot be told' },
  connection: (number) => `Connection ${number}`,
  lookup: (name) => `DNS: ${name}`,
  lookups: {
    nxdomain: 'the name does not exist',
    servfail: 'the resolver failed',
    refused: 'the resolver refused',
    no_addresses: 'the name exists, but has no address',
    no_answer: 'no answer came',
    unreachable: 'the resolver cannot be reached',
  },
  message: (program) => (program === null ? 'What the text says' : `What ${program} says`),
  times: (count) => `${count.toLocaleString('en-US')} times`,
  line: (number) => `line ${number}`,
  rows: {
    client: 'client',
    server: 'server',
    name: 'name',
    version: 'version',
    outcome: 'outcome',
    problem: 'problem',
  },
  opening: {
    complete: 'TCP: open',
    half: 'TCP: half open; the client never answered',
    refused: 'TCP: refused by the server (RST)',
    unreachable: 'TCP: the network says that the host cannot be reached (ICMP)',
    no_answer: 'TCP: no answer to the attempt to connect',
    unseen: 'The capture begins in the middle of this connection',
  },
  unread: (records) => `not readable, ${plural(records, 'record', 'records')}`,
  encrypted: (records) => `encrypted, ${plural(records, 'record', 'records')}`,
  hidden: '(encrypted)',
  data: 'application data',
  plain: 'in the clear',
  more: (count) => `${count.toLocaleString('en-US')} more`,
  reset: 'resets the connection (RST)',
  closes: 'closes TCP (FIN)',
  silence: (seconds) => `silence for ${seconds} s`,
  verdict: (title) => `Verdict: ${title}`,
  likely: (title) => `Not certain, most likely: ${title}`,
  sure: (percent, side) => `${percent} % sure · fault: ${side}`,
  because: 'because',
  also: 'or else',
  other: (percent, title, cause) => `${percent} %  ${title} (${cause})`,
  settles: 'to be sure',
  fix: 'What to change',
  nothingKnown: 'There is not enough of the connection to say what came of it.',
  notTls: 'There is no TLS on this connection.',
  unknownText: 'Nothing in this text is known here, so there is no verdict.',
  unknownHelp:
    'Give the whole message with the lines around it. Or capture the connection and give the capture: tcpdump -s 0 -w failure.pcap',
  moreSnippets: 'For Caddy, Node, Java, Go and more: --stream N, --json or --html.',
  summary: 'The capture',
  cutPackets: (packets, cut, bytes) =>
    `${cut.toLocaleString('en-US')} of ${plural(packets, 'packet', 'packets')} ${cut === 1 ? 'was' : 'were'} cut at ${plural(bytes, 'byte', 'bytes')}. What stood behind is not known: capture with tcpdump -s 0.`,
  counts: (connections, packets, lookups) =>
    [
      plural(packets, 'packet', 'packets'),
      plural(connections, 'TCP connection', 'TCP connections'),
      ...(lookups > 0 ? [plural(lookups, 'failed name look-up', 'failed name look-ups')] : []),
    ].join(' · '),
  noTls: 'There is no TLS in this capture.',
  noConnection: 'There is no TCP connection in this capture.',
  sawInstead: (what) => `What it has: ${what}.`,
  noneFailed: 'No connection failed.',
  noSuchStream: (number) => `There is no connection ${number} in this capture.`,
  captureProblems: {
    truncated: 'the file ends in the middle of a packet',
    corrupt: 'the file is damaged; nothing after this place can be read',
    gzip_corrupt: 'the compressed data is damaged',
    gzip_truncated: 'the compressed data ends too early',
    unknown_interface: 'packets of an interface that is not described',
    unsupported_link_type: 'packets of a kind of network that is not known here',
    bad_packet: 'packets that cannot be read',
    bad_secrets: 'secrets that cannot be read',
    limit_reached: 'a limit was reached; the rest is left out',
  },
  connectionProblems: {
    lost_bytes: 'bytes are missing from the capture',
    not_a_record: 'bytes that are no TLS record',
    malformed_message: 'a message that cannot be read',
    record_too_long: 'a record that is too long',
    message_too_long: 'a message that is too long',
    undecryptable_record: 'a record that its key does not open',
    unfit_secret: 'a secret that does not fit',
    unsupported_cipher: 'a cipher that cannot be decrypted here',
    unsupported_compression: 'compression that cannot be undone here',
    incomplete_message: 'a message that does not end',
    limit_reached: 'a limit was reached; the rest is left out',
  },
  atByte: (what, offset, count) => `${what}, at byte ${offset}${count > 1 ? ` (${count} times)` : ''}`,
  shortened: 'Connections after the first ones have a line each. --stream N shows one in full.',
  tooLong: 'The text is longer than is read. Its end was left out.',
  written: (file) => `Report: ${file}`,
  badStream: (text) => `--stream: "${text}" is no number of a connection.`,
  notForText: (option) => `${option} goes with a capture; this is text.`,
  noSecrets: (file) => `--keylog: ${file} holds no secret in the format of SSLKEYLOGFILE.`,
  notRsa: (file) =>
    `--rsa-key: ${file} is no RSA key. Only RSA key exchange can be opened with a server’s key.`,
  exists: (file) => `--html: ${file} exists already and is no report. --force overwrites it.`,
  forceNeedsHtml: '--force goes with --html OUT.',
  empty: 'There is nothing in it.',
  compressed: (how) => `It is compressed (${how}). Decompress it first; only gzip is read here.`,
  notACapture: (looksLike) =>
    `This is neither a capture (pcap, pcapng) nor text${looksLike === null ? '' : `, but ${looksLike}`}. Nothing can be read from it.`,
  tlsBytes:
    'These are bytes of TLS without the packets around them, so nobody can tell what came of them. akushu whatif runs a recorded ClientHello against a server.',
  badKeyLogLines: (count) => `${plural(count, 'line', 'lines')} of the key log cannot be read`,
  html: { title: 'TLS connections explained', made: 'Made by akushu explain.' },
  progress: (percent, megabytes, connections) =>
    `${percent} ${megabytes} MB, ${plural(connections, 'connection', 'connections')}`,
  help: {
    explain: 'Say why a connection failed: from a capture, a log or an error message.',
    what: 'a capture (pcap, pcapng), a log, - for stdin, or the text itself in quotes',
    keylog: 'decrypt with the secrets in FILE (SSLKEYLOGFILE format)',
    rsaKey: 'decrypt with the server’s RSA key (PEM; TLS 1.2 without forward secrecy)',
    stream: 'only connection N, in full; several times for several',
    failed: 'only connections that failed',
    json: 'one JSON object in place of the explanation',
    html: 'also write a report to OUT, one file that needs nothing else',
    force: 'let --html overwrite a file that is no report',
    redact: 'blot out private addresses, and names',
    more: `Examples:
  akushu explain failure.pcapng --keylog keys.log
  akushu explain "curl: (35) wrong version number"
  tail -100 /var/log/nginx/error.log | akushu explain -

Exit codes: 0 read and explained, 1 damaged, or nothing in it is known,
2 usage or no such file.`,
  },
};

/** English: sessions, early data, pre-shared keys. */
import type { SessionWords } from './sessions.js';

export const sessionsEn: SessionWords = {
  title: 'Session',
  rows: { session: 'session', kept: 'kept', earlyData: 'early data', psk: 'pre-shared key' },
  outcome: {
    resumed: (file) => `offered from ${file}, and resumed`,
    none_found: (file) => `${file} has none for this server yet: a full handshake`,
    refused: (file) =>
      `offered from ${file}, but the server did not take it: spent, expired, or its keys are others by now`,
  },
  notOffered: (why) => `not offered: ${why}`,
  kept: (count, file) =>
    count === 0
      ? 'the server gave no session for the next connection'
      : `${count} ${count === 1 ? 'session' : 'sessions'} for the next connection, in ${file}`,
  inMemory: 'memory',
  byPsk: 'no certificate: both sides have the same pre-shared key',
  early: {
    accepted: (bytes) => `${bytes} went as 0-RTT: before the server’s first answer`,
    sent_late: (bytes) => `${bytes} went after the handshake: no session allowed more, or the server refused`,
    withheld: (bytes) => `${bytes} not sent: the server chose another protocol than in the session`,
  },
  replayable:
    'Whoever recorded it can send it again, and it has no forward secrecy: only for requests that may arrive twice.',
  verifiedBefore: 'trusted: verified in the full handshake that the session comes from',
  pskTaken: 'offered, and taken by the server',
  pskNotTaken:
    'offered, but the server did not take it: it does not know the identity, or not for this suite',
  wrongPsk: {
    what: 'The two sides have different pre-shared keys under the same identity: the proof of the key is wrong.',
    tryThis: 'Compare the key of --psk on both sides, byte for byte. The identity is right.',
  },
  unknownPsk: {
    what: 'The server took no pre-shared key, and has no certificate in its place: most likely it does not know the identity.',
    tryThis: 'Compare the identity of --psk on both sides; upper and lower case differ.',
  },
  corrupt: (file, problem, aside) =>
    `the session file ${file} ${problem}. It was set aside as ${aside}; the handshake is a full one.`,
  problems: {
    cut: 'is cut off',
    changed: 'was changed by something else',
    other_format: 'has another format',
    other_key: 'is sealed under another key',
  },
  corruptKey: (file, aside) => `the key ${file} has not 32 bytes. It was set aside as ${aside}.`,
  cannotKeep: (file, reason) => `sessions cannot be kept in ${file}: ${reason}.`,
  locked: 'another process is using it',
  usage: {
    notASessionFile: (file) =>
      `--session: ${file} holds something else than sessions. It was left as it is; give a file of its own.`,
    badPsk:
      '--psk: expected ID:HEX, such as sensor-7:0011…ff; the colon is missing, or nothing is before it.',
    badPskHex: '--psk: the key after the last colon has to be hexadecimal digits, two for each byte.',
    badPskLength: '--psk: expected a key of 1 to 64 bytes, and an identity of at most 128.',
    samePsk: '--psk: the same identity twice.',
    badReconnect: (text, most) => `--reconnect: "${text}" is not a number of connections, 1 to ${most}.`,
    badEarlyBytes: (text) => `--early-data: "${text}" is not a number of bytes, 1 to 4294967295.`,
    earlyTooLarge: (file, most) => `--early-data: ${file} has more than ${most}.`,
    earlyNeedsTickets: '--early-data needs tickets: leave out --tickets off.',
    redisNeedsTickets: '--redis shares tickets: leave out --tickets off.',
    redisNeedsKey:
      '--redis needs --ticket-key-file FILE: a key that all servers have, and Redis has not. To make one: openssl rand -out FILE 32',
    onlyWithRedis: (option) => `${option} has an effect only with --redis URL.`,
    badRedisUrl: '--redis: expected redis://HOST:PORT or rediss://HOST:PORT, with a password if need be.',
    noRedisClient: '--redis: the package ioredis is not installed. Install it: npm install ioredis',
    badTicketKey: (file) =>
      `The file ${file} holds no key: 32 bytes or more are expected, as they are or in hex or base64. To make one: openssl rand -out FILE 32`,
  },
  reconnect: {
    title: 'What resumption saved',
    columns: {
      number: '#',
      kind: 'kind',
      time: 'time',
      sent: 'sent',
      received: 'received',
      saved: 'saved',
      keys: 'own keys',
    },
    kinds: { full: 'full', resumed: 'resumed', '0-rtt': '0-RTT', failed: 'failed' },
    yes: 'yes',
    no: 'NO',
    bytes: (count) => `${count} B`,
    average: (time, bytes, count) =>
      `On average of ${count} resumed: ${time} less, and ${bytes} less on the wire.`,
    nothingResumed: 'Nothing was resumed: the server gave no tickets, or takes none.',
    about:
      'Time is from the open TCP connection to the end of the handshake, bytes are those of its records. Own keys: the secrets that protect the data occur in no other of these connections. The first also pays for the start of this program.',
    sameMaster:
      'Before TLS 1.3 a resumed session goes on with the same master secret; its keys differ by the randoms.',
  },
  serve: {
    tickets: {
      on: 'Tickets: under keys of this server that change by themselves.',
      off: 'Tickets: off. Every handshake is a full one.',
      once: 'Tickets: each good for one connection.',
    },
    earlyData: (bytes) => `Early data: up to ${bytes}, each flight taken once.`,
    pskOnly: 'No certificate: only clients with a pre-shared key get in. --cert adds one.',
    redis: (address) => `Sessions are shared through Redis at ${address}.`,
    redisAway: (reason) => `Redis is away: ${reason}. Handshakes go on; early data is refused.`,
    redisBack: 'Redis is back.',
    foreignKey:
      'Redis holds ticket keys that --ticket-key-file does not open: another server has another key. No tickets here until they agree.',
    marksUnsafe: (reason) => `Redis cannot vouch against replays: ${reason}. Early data is refused.`,
  },
  page: {
    early:
      'This request came as early data (Early-Data: 1): it was answered before the handshake was done, and could have been a replay. Only safe methods are answered so.',
    notEarly: 'This request came after the handshake.',
  },
  help: {
    session: 'resume a session from FILE, and keep the new ones in it',
    earlyData:
      'send FILE (- is stdin) as 0-RTT if a session allows it, else after the handshake; can be replayed!',
    psk: 'pre-shared key, for SHA-256; may be given several times',
    reconnect: 'then connect N times more, each resuming the last, and compare',
    tickets: 'on (default), off, or once: each ticket is good for one connection',
    noTickets: 'no resumption',
    serveEarlyData: 'accept early data (0-RTT), up to BYTES (default 16384)',
    servePsk:
      'pre-shared key, for SHA-256; may be given several times; without --cert there is then no certificate',
    redis: 'share tickets and marks against replay with other servers',
    ticketKeyFile: 'with --redis: the key of all servers, 32 bytes',
    redisAway: 'while Redis is away resume never or stateless (default)',
  },
};

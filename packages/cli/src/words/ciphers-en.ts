/** English, for `akushu ciphers`. */
import type { CipherWords } from './ciphers.js';

const suites = (count: number): string => `${count} ${count === 1 ? 'cipher suite' : 'cipher suites'}`;

export const ciphersEn: CipherWords = {
  exchange: {
    title: 'key exchange',
    meaning: {
      any: 'TLS 1.3 negotiates the key exchange apart, by groups and pre-shared keys.',
      RSA: 'The client picks the secret and encrypts it to the RSA key of the certificate. Whoever gets that key later can decrypt what was recorded before.',
      DHE: 'Both sides make fresh Diffie-Hellman keys for this connection, and forget them. Before TLS 1.3 the server alone picks the group.',
      ECDHE: 'Both sides make fresh keys on an elliptic curve for this connection, and forget them.',
      DH: 'The certificate holds a Diffie-Hellman key that is the same for every connection.',
      ECDH: 'The certificate holds a key on an elliptic curve that is the same for every connection.',
      PSK: 'A secret that both sides were given beforehand, and nothing else.',
      DHE_PSK: 'A secret that both sides were given beforehand, with fresh Diffie-Hellman keys.',
      ECDHE_PSK: 'A secret that both sides were given beforehand, with fresh keys on an elliptic curve.',
      RSA_PSK:
        'A secret that both sides were given beforehand, with one that the client encrypts to the RSA key of the certificate.',
      SRP: 'A password (RFC 5054) that the server need not know itself.',
      NULL: 'None: the state before the first handshake.',
      other: 'A key exchange of a special field of use.',
    },
  },
  authentication: {
    title: 'authentication',
    meaning: {
      any: 'TLS 1.3 negotiates the signature apart.',
      RSA: 'The server proves itself with the RSA key of its certificate.',
      ECDSA:
        'The server proves itself with the key on an elliptic curve of its certificate: ECDSA, or EdDSA (RFC 8422).',
      DSS: 'The server proves itself with a DSA key. Almost nobody has such a certificate.',
      anon: 'Nobody proves who they are: whoever is in between can read and change everything.',
      PSK: 'Each side proves that it knows the pre-shared key.',
      SRP: 'Each side proves that it knows the password, or what was made from it.',
      NULL: 'None.',
      other: 'An authentication of a special field of use.',
    },
  },
  encryption: {
    title: 'encryption',
    meaning: {
      GCM: 'Encrypts and authenticates in one (AEAD); fast where the processor helps.',
      CCM: 'Encrypts and authenticates in one (AEAD); small in code, made for devices.',
      'CCM-8': 'As CCM, with a tag of 8 bytes instead of 16: easier to forge.',
      CHACHA20: 'Encrypts and authenticates in one (AEAD); fast without help from the processor.',
      CBC: 'A block cipher that needs a MAC beside it. The order of the two in TLS has let plaintext out again and again.',
      '3DES': 'Blocks of 64 bits, slow, and only 112 bits strong.',
      DES: 'A key of 56 bits, or less: found in hours.',
      RC4: 'A stream cipher with a bias that gives plaintext away. RFC 7465 forbids it.',
      RC2: 'An old cipher with blocks of 64 bits.',
      NULL: 'No encryption: everybody on the way can read along.',
      other: 'A cipher of a country or a special field of use.',
    },
  },
  integrity: {
    title: 'integrity (MAC)',
    meaning: {
      AEAD: 'Built into the encryption: no separate MAC.',
      MD5: 'HMAC with MD5, whose hash is broken.',
      SHA1: 'HMAC with SHA-1: as a MAC not broken, but old.',
      SHA2: 'HMAC with a hash of the SHA-2 family.',
      NULL: 'None: everybody on the way can change what is sent.',
      other: 'A MAC of a country or a special field of use.',
    },
  },
  keyDerivation: 'key derivation',
  bits: (count) => `${count} bits`,
  versions: 'versions',
  noVersion: 'none of TLS',
  forwardSecrecy: 'forward secrecy',
  forwardSecret: { yes: 'forward secrecy', no: 'no forward secrecy' },
  forwardSecretMeaning: {
    yes: 'Yes: who steals the long-term key later cannot decrypt what was recorded before.',
    no: 'No: who steals the long-term key later can decrypt what was recorded before.',
  },
  weaknesses: 'why discouraged',
  why: {
    null: 'It does not encrypt.',
    export: 'Made weak on purpose for the export rules of the nineties (FREAK, Logjam).',
    anonymous: 'Nobody is authenticated, so anybody can sit in between.',
    rc4: 'RC4 gives plaintext away (RFC 7465).',
    rc2: 'RC2 is obsolete.',
    des: 'DES is broken by trying all keys.',
    '3des': '3DES is obsolete: 64-bit blocks and 112 bits.',
    idea: 'IDEA is obsolete; TLS 1.2 dropped it (RFC 5469).',
    md5: 'MD5 is broken.',
    cbc: 'CBC with the MAC inside: padding oracles (POODLE, Lucky 13).',
    block64: 'Blocks of 64 bits repeat in long connections (Sweet32).',
    short_tag: 'A tag of 64 bits: fine for small devices, too short for everyone else.',
    static_rsa: 'RSA key exchange: no forward secrecy, and Bleichenbacher’s attack (ROBOT).',
    static_dh: 'Static DH: no forward secrecy (Raccoon).',
    static_ecdh: 'Static ECDH: no forward secrecy.',
    static_key: 'A long-term secret alone: no forward secrecy.',
    finite_field_dh: 'The server alone picks the DH group, often a weak one (Logjam).',
    broken_kem: 'Its post-quantum part was superseded or broken.',
  },
  recommended: 'IANA says',
  recommendation: {
    Y: 'recommended',
    N: 'not recommended, or never evaluated',
    D: 'discouraged',
  },
  unregistered: 'not registered',
  byDefault: 'akushu',
  offered: { yes: 'offers it by default', no: 'does not offer it by default' },
  code: 'code',
  noName: 'no name',
  sections: {
    suites: 'Cipher suites, most preferred first',
    parts: 'What the parts mean',
    names: 'Its names',
    madeOf: 'What it is made of',
    absent: 'What is not in the list',
    alsoSays: 'What the string says besides',
  },
  defaults: (count) =>
    `The ${suites(count)} that akushu itself offers by default. Give a STRING to read a cipher string of OpenSSL or GnuTLS.`,
  readAs: {
    openssl: (text, count) =>
      `${text}: a cipher string of OpenSSL. OpenSSL 3.0, as Debian builds it, makes ${suites(count)} of it.`,
    gnutls: (text, count) => `${text}: a priority string. GnuTLS 3.7 makes ${suites(count)} of it.`,
    iana: (text, count) => `${text}: a list of names, with ${suites(count)}.`,
  },
  refusedAtLevel: (level, why) => `OpenSSL does not use it at security level ${level}: ${why}.`,
  objections: {
    strength: 'too few bits',
    anonymous: 'anonymous',
    md5: 'MD5',
    sha1: 'SHA-1',
    rc4: 'RC4',
    no_forward_secrecy: 'no forward secrecy',
  },
  dropped: {
    excluded: 'struck out by !',
    removed: 'taken out by -',
    not_compiled_in: 'not in this OpenSSL',
    security_level: 'security level',
    duplicate: 'named twice',
  },
  idle: 'without effect',
  groups: 'groups',
  signatures: 'signatures',
  flags: 'flags',
  more: (count) => `${count} more`,
  unknown: {
    unknown: (word, at) => `"${word}" at character ${at} is not known; it is passed over.`,
    former: (word, at) =>
      `"${word}" at character ${at} is a word of older releases; today it selects nothing.`,
    iana_name: (word, at) =>
      `"${word}" at character ${at} names a suite, but this OpenSSL does not read that name; it is passed over. --iana reads it.`,
    only_first: (word, at) => `"${word}" at character ${at} counts only at the beginning; it is passed over.`,
    after_suite_b: (word, at) => `"${word}" at character ${at} stands behind SUITEB…, and is not read.`,
    signalling: (word, at) => `"${word}" at character ${at} is a signal, not a cipher suite.`,
    no_code_point: (word, at) => `"${word}" at character ${at} has no number in TLS.`,
    system: (word, at) =>
      `"${word}" at character ${at} stands for a setting of a machine, which cannot be known here.`,
  },
  refused: {
    no_suite: () => 'The string leaves no cipher suite (those of TLS 1.3 do not count): it would be refused.',
    bad_character: (word, at) =>
      `"${word}" at character ${at} cannot be read: OpenSSL refuses the whole string.`,
    bad_command: (word, at) =>
      `"${word}" at character ${at} is not a command: OpenSSL refuses the whole string. Expected: @STRENGTH or @SECLEVEL=0 to 5.`,
    unknown_word: (word, at) => `"${word}" at character ${at} is not known: GnuTLS refuses the whole string.`,
    system: (word) => `"${word}" stands for a setting of a machine, so the list cannot be told.`,
  },
  noSuchSuite: (name, nearest) => `--name: "${name}" is not known. Nearest: ${nearest}.`,
  nameStandsAlone: 'Give either STRING or --name, not both.',
  oneLanguage: 'Give only one of --openssl, --gnutls and --iana.',
  help: {
    ciphers: 'Read a cipher string, and explain its cipher suites.',
    string:
      'cipher string of OpenSSL, priority string of GnuTLS, or list of names (default: what akushu offers)',
    name: 'explain one cipher suite, by any of its names or its code (0xC02F)',
    json: 'a JSON array in place of the explanation',
    openssl: 'read STRING as a cipher string of OpenSSL',
    gnutls: 'read STRING as a priority string of GnuTLS',
    iana: 'read STRING as a list of names',
    more: `Examples:
  akushu ciphers 'HIGH:!aNULL:@STRENGTH'
  akushu ciphers 'NORMAL:-VERS-TLS1.0' --json
  akushu ciphers --name ECDHE-RSA-AES128-GCM-SHA256

Exit codes: 0 read, 2 usage, an unknown word, or a string that is refused.`,
  },
};

/**
 * The runner's flags. What a flag means is decided in `settings.mjs`, `exchange.mjs` and `checks.mjs`; here is only
 * which flags are known and what they take. A flag that is not in the tables needs something the engine has not.
 */

/** Ends the shim with the code that means "not implemented" to the runner. */
export class Unimplemented extends Error {}

const SWITCHES = new Set([
  'allow-false-start-without-alpn',
  'async',
  'cbc-record-splitting',
  'check-close-notify',
  'decline-alpn',
  'decline-ocsp-callback',
  'enable-early-data',
  'enable-grease',
  'enable-ocsp-stapling',
  'enable-signed-cert-timestamps',
  'expect-accept-early-data',
  'expect-extended-master-secret',
  'expect-hrr',
  'expect-no-hrr',
  'expect-no-offer-early-data',
  'expect-no-peer-cert',
  'expect-no-secure-renegotiation',
  'expect-no-server-name',
  'expect-no-session',
  'expect-no-session-id',
  'expect-reject-early-data',
  'expect-secure-renegotiation',
  'expect-session-id',
  'expect-session-miss',
  'expect-ticket-renewal',
  'expect-ticket-supports-early-data',
  'expect-verify-result',
  'export-traffic-secrets',
  'fail-cert-callback',
  'fail-ddos-callback',
  'fail-ocsp-callback',
  'fallback-scsv',
  'false-start',
  'forbid-renegotiation-after-handshake',
  'handshake-never-done',
  'handshake-twice',
  'implicit-handshake',
  'install-ddos-callback',
  'ipv6',
  'key-update',
  'key-update-before-read',
  'must-match-issuer',
  'no-key-shares',
  'no-legacy-server-connect',
  'no-op-extra-handshake',
  'no-server-name-ack',
  'no-ticket',
  'no-tls1',
  'no-tls11',
  'no-tls12',
  'no-tls13',
  'partial-write',
  'peek-then-read',
  'permute-extensions',
  'psk-importer-sha256',
  'psk-importer-sha384',
  'reject-alpn',
  'renegotiate-freely',
  'renegotiate-ignore',
  'renegotiate-once',
  'renew-ticket',
  'require-any-client-certificate',
  'reverify-on-resume',
  'select-empty-alpn',
  'server',
  'server-preference',
  'set-ocsp-in-callback',
  'shim-shuts-down',
  'shim-writes-first',
  'skip-ticket',
  'tls-unique',
  'use-custom-verify-callback',
  'use-early-callback',
  'use-export-context',
  'use-exporter-between-reads',
  'use-ocsp-callback',
  'use-old-client-cert-callback',
  'use-ticket-aead-callback',
  'use-ticket-callback',
  'verify-fail',
  'verify-peer',
  'write-different-record-sizes',
]);

const NUMBERS = new Set([
  'expect-cipher',
  'expect-cipher-aes',
  'expect-cipher-no-aes',
  'expect-curve-id',
  'expect-peer-certificate-type',
  'expect-peer-signature-algorithm',
  'expect-selected-credential',
  'expect-ticket-age-skew',
  'expect-total-renegotiations',
  'expect-version',
  'export-keying-material',
  'max-cert-list',
  'max-send-fragment',
  'max-version',
  'min-version',
  'port',
  'private-key-delay-ms',
  'read-size',
  'repeat-shim-initial-write',
  'resume-count',
  'resumption-delay',
]);

const NUMBER_LISTS = new Set([
  'accepted-peer-cert-types',
  'available-client-cert-types',
  'curves',
  'expect-peer-verify-pref',
  'key-shares',
  'signing-prefs',
  'verify-prefs',
]);

const TEXTS = new Set([
  'advertise-alpn',
  'cert-file',
  'cipher',
  'expect-advertised-alpn',
  'expect-alpn',
  'expect-client-ca-list',
  'expect-early-data-reason',
  'expect-msg-callback',
  'expect-peer-cert-file',
  'expect-server-name',
  'export-context',
  'export-label',
  'host-name',
  'key-file',
  'psk',
  'psk-identity',
  'select-alpn',
  'shim-id',
  'shim-initial-write',
  'trust-cert',
  'use-client-ca-list',
]);

const BASE64 = new Set([
  'expect-certificate-types',
  'expect-ocsp-response',
  'expect-peer-rpk-sha256',
  'expect-signed-cert-timestamps',
  'ocsp-response',
  'psk-importer-context',
  'psk-importer-identity',
  'psk-importer-key',
  'signed-cert-timestamps',
  'ticket-key',
]);

/** A credential is introduced by one of these and described by the flags that follow. */
const NEW_CREDENTIAL = new Map([
  ['new-x509-credential', 'x509'],
  ['new-psk-credential', 'psk'],
  ['new-rpk-credential', 'rpk'],
]);

const OF_CREDENTIAL = new Set([
  'cert-file',
  'key-file',
  'must-match-issuer',
  'ocsp-response',
  'psk-importer-context',
  'psk-importer-identity',
  'psk-importer-key',
  'psk-importer-sha256',
  'psk-importer-sha384',
  'signed-cert-timestamps',
  'signing-prefs',
]);

function emptySettings() {
  return { credentials: [] };
}

function readValue(name, next) {
  if (SWITCHES.has(name)) return true;
  if (NUMBERS.has(name) || NUMBER_LISTS.has(name)) return Number(next());
  if (TEXTS.has(name)) return next();
  if (BASE64.has(name)) return new Uint8Array(Buffer.from(next(), 'base64'));
  throw new Unimplemented(`-${name}`);
}

function store(settings, name, value) {
  const kind = NEW_CREDENTIAL.get(name);
  if (kind) {
    settings.credentials.push({ kind });
    return;
  }
  const last = settings.credentials.at(-1);
  const place = last && OF_CREDENTIAL.has(name) ? last : settings;
  if (NUMBER_LISTS.has(name)) place[name] = [...(place[name] ?? []), value];
  else place[name] = value;
}

/** Settings for the first connection, the later ones, and what comes after early data was refused. */
export function parseFlags(argv) {
  const initial = emptySettings();
  const resume = emptySettings();
  const retry = emptySettings();
  for (let i = 0; i < argv.length; i++) {
    let name = argv[i].replace(/^-/, '').replace(/^on-shim-/, '');
    if (name.startsWith('on-handshaker-')) throw new Unimplemented(name);
    let targets = [initial, resume, retry];
    const prefix = /^on-(initial|resume|retry)-/.exec(name);
    if (prefix) {
      name = name.slice(prefix[0].length);
      targets = [{ initial, resume, retry }[prefix[1]]];
    }
    const value = NEW_CREDENTIAL.has(name) ? true : readValue(name, () => argv[++i]);
    for (const target of targets) store(target, name, value);
  }
  return { initial, resume, retry };
}

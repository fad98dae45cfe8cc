/** How gnutls-serv and gnutls-cli are started. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { callWith, exchangeWithEcho, serviceOf } from './command-line.js';
import { PSK_HEX, PSK_IDENTITY } from './older.js';
import type { Call, CallOptions, PeerService, ServeOptions, Terms } from './peer.js';
import { certFile, keyFile } from './pki.js';
import { type Cleaner, freePort, PeerProcess, untilListening } from './processes.js';
import { tool } from './tools.js';
import type { Wire } from './wire.js';

const pki = { dir: inject('prepared').pkiDir };

const VERSIONS: Readonly<Record<string, string>> = {
  'TLSv1.2': 'TLS1.2',
  'TLSv1.1': 'TLS1.1',
  TLSv1: 'TLS1.0',
};

const KEY_EXCHANGES = '+ECDHE-ECDSA:+ECDHE-RSA:+DHE-RSA:+RSA';
const CIPHERS =
  '+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-CCM:+AES-256-CCM:+AES-128-CCM-8:+AES-256-CCM-8:' +
  '+AES-128-CBC:+AES-256-CBC:+CAMELLIA-128-CBC:+CAMELLIA-256-CBC:+3DES-CBC:+NULL';
const PSK_KEY_EXCHANGES = '+PSK:+ECDHE-PSK:+DHE-PSK:+RSA-PSK';

export function priority(terms: Terms): string {
  const { version = 'TLSv1.3', psk, extendedMasterSecret, encryptThenMac, safeRenegotiation } = terms;
  if (version === 'TLSv1.3') {
    const all = 'NORMAL:-VERS-ALL:+VERS-TLS1.3:+AES-128-CCM:+AES-128-CCM-8:+GROUP-ALL:+SIGN-ALL';
    return psk ? `${all}:+ECDHE-PSK:+DHE-PSK` : all;
  }
  const words = ['NONE', `+VERS-${VERSIONS[version]}`, KEY_EXCHANGES];
  if (psk) words.push(PSK_KEY_EXCHANGES);
  words.push(CIPHERS, '+AEAD:+SHA1:+SHA256:+SHA384:+MD5', '+COMP-NULL');
  words.push('+GROUP-ALL', '+SIGN-ALL:+SIGN-RSA-SHA1:+SIGN-ECDSA-SHA1', '%ALLOW_SMALL_RECORDS');
  if (extendedMasterSecret === false) words.push('%NO_SESSION_HASH');
  if (encryptThenMac === false) words.push('%NO_ETM');
  if (safeRenegotiation === false) words.push('%DISABLE_SAFE_RENEGOTIATION');
  return words.join(':');
}

/** Its echo server cannot ask for certificates; then it is an HTTP server. */
async function exchangeHttp(wire: Wire): Promise<void> {
  wire.send('GET / HTTP/1.0\r\n\r\n');
  await wire.readThrough('200 OK');
}

export interface Running extends PeerService {
  readonly peer: PeerProcess;
}

export async function serve(
  clean: Cleaner,
  options: ServeOptions,
  more: readonly string[] = [],
): Promise<Running> {
  const port = await freePort();
  const args = ['--port', String(port), '--priority', priority(options)];
  for (const name of [options.credential, options.also ?? []].flat())
    args.push('--x509certfile', certFile(pki, name), '--x509keyfile', keyFile(pki, name));
  if (options.clientAuth) args.push('--http', '--verify-client-cert', '--x509cafile', certFile(pki, 'ca'));
  else args.push('--echo', '--disable-client-cert');
  if (options.clientAuth === true) args.push('--require-client-cert');
  for (const protocol of options.alpn ?? []) args.push('--alpn', protocol);
  if (options.exporter) args.push('--keymatexport', options.exporter, '--keymatexportsize', '32');
  if (options.psk) args.push('--pskpasswd', passwordFile());
  const peer = new PeerProcess(tool('gnutls-serv'), [...args, ...more], clean, {
    ...(options.lifetime && { lifetime: options.lifetime }),
  });
  await untilListening(peer, port);
  return { peer, ...serviceOf(peer, port, options.clientAuth ? exchangeHttp : exchangeWithEcho) };
}

function passwordFile(): string {
  const file = join(inject('prepared').dir, 'gnutls-psk.txt');
  writeFileSync(file, `${PSK_IDENTITY}:${PSK_HEX}\n`);
  return file;
}

export function clientArguments(options: CallOptions): string[] {
  const args = ['127.0.0.1', '--port', String(options.port), '--priority', priority(options)];
  args.push('--sni-hostname', 'localhost', '--verify-hostname', 'localhost');
  args.push('--x509cafile', certFile(pki, options.ca));
  if (options.credential)
    args.push(
      ...['--x509certfile', certFile(pki, options.credential)],
      ...['--x509keyfile', keyFile(pki, options.credential)],
    );
  for (const protocol of options.alpn ?? []) args.push('--alpn', protocol);
  if (options.exporter) args.push('--keymatexport', options.exporter, '--keymatexportsize', '32');
  if (options.psk) args.push('--pskusername', PSK_IDENTITY, '--pskkey', PSK_HEX);
  if (options.connections === 2) args.push('--resume');
  if (options.connections === 2 && options.version === undefined) args.push('--waitresumption');
  return args;
}

export async function call(
  clean: Cleaner,
  options: CallOptions,
  more: readonly string[] = [],
): Promise<Call> {
  return callWith(clean, options, {
    command: tool('gnutls-cli'),
    runs: [[...clientArguments(options), ...more]],
    secure: options.connections === 2 ? /This is a resumed session/ : /Simple Client Mode/,
    quit: (peer) => peer.endInput(),
  });
}

export const TRUNCATED = /TLS connection was non-properly terminated|Error in the pull function/;
export const EXPORTED = /Key material: ([0-9a-f]{64})/;

/** How OpenSSL's s_server and s_client are started. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { callWith, exchangeThroughPipes, serviceOf } from './command-line.js';
import { PSK_HEX, PSK_IDENTITY } from './older.js';
import type { Call, CallOptions, PeerService, ServeOptions, Terms } from './peer.js';
import { certFile, dhFile, keyFile } from './pki.js';
import { type Cleaner, freePort, PeerProcess, untilListening } from './processes.js';
import { missingTools, tool } from './tools.js';

const pki = { dir: inject('prepared').pkiDir };

export const SUITES_13 = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_CCM_SHA256',
  'TLS_AES_128_CCM_8_SHA256',
] as const;

/** Level 0 is what it takes for SHA-1 and MD5 in signatures, thus for TLS 1.1 and 1.0. */
export const ALL_CIPHERS = 'ALL:COMPLEMENTOFALL:@SECLEVEL=0';

/** Code points of the suites before TLS 1.3 that the system's OpenSSL is compiled with. Empty where there is none. */
export function compiledIn(): readonly string[] {
  if (missingTools('openssl')) return [];
  const args = ['ciphers', '-V', '-psk', ALL_CIPHERS];
  const list = execFileSync(tool('openssl'), args, { encoding: 'utf8' });
  return list.match(/0x[0-9A-F]{2},0x[0-9A-F]{2}/g) ?? [];
}

const FLAGS: Readonly<Record<string, string>> = {
  'TLSv1.3': '-tls1_3',
  'TLSv1.2': '-tls1_2',
  'TLSv1.1': '-tls1_1',
  TLSv1: '-tls1',
};

function termArguments({ version = 'TLSv1.3', psk, encryptThenMac }: Terms): string[] {
  const args = [FLAGS[version]!];
  if (version === 'TLSv1.3') args.push('-ciphersuites', SUITES_13.join(':'));
  else args.push('-cipher', ALL_CIPHERS);
  if (psk) args.push('-psk_identity', PSK_IDENTITY, '-psk', PSK_HEX);
  if (encryptThenMac === false) args.push('-no_etm');
  return args;
}

/** There is no option for it on the command line. */
function environment({ extendedMasterSecret }: Terms): Record<string, string> {
  if (extendedMasterSecret !== false) return {};
  const file = join(inject('prepared').dir, 'openssl-no-ems.cnf');
  const lines = [
    'openssl_conf = init',
    '[init]',
    'ssl_conf = ssl',
    '[ssl]',
    'system_default = terms',
    '[terms]',
    'Options = -ExtendedMasterSecret',
    '',
  ];
  writeFileSync(file, lines.join('\n'));
  return { OPENSSL_CONF: file };
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
  const args = ['s_server', '-accept', `127.0.0.1:${port}`, ...termArguments(options)];
  args.push('-cert', certFile(pki, options.credential), '-key', keyFile(pki, options.credential));
  if (options.also) args.push('-dcert', certFile(pki, options.also), '-dkey', keyFile(pki, options.also));
  if (options.clientAuth === true) args.push('-Verify', '1');
  if (options.clientAuth === 'request') args.push('-verify', '1');
  if (options.clientAuth) args.push('-verify_return_error', '-CAfile', certFile(pki, 'ca'));
  if (options.alpn) args.push('-alpn', options.alpn.join(','));
  if (options.exporter) args.push('-keymatexport', options.exporter, '-keymatexportlen', '32');
  // Left alone, it takes 1,024 bits for DHE_PSK with 128-bit ciphers, which we refuse.
  if (options.psk) args.push('-dhparam', dhFile(pki));
  const peer = new PeerProcess(tool('openssl'), [...args, ...more], clean, {
    env: environment(options),
    ...(options.lifetime && { lifetime: options.lifetime }),
  });
  await untilListening(peer, port);
  return { peer, ...serviceOf(peer, port, (wire, size) => exchangeThroughPipes(peer, wire, size)) };
}

export function clientArguments(options: CallOptions): string[] {
  const args = ['s_client', '-connect', `127.0.0.1:${options.port}`, '-servername', 'localhost'];
  args.push(...termArguments(options));
  args.push('-CAfile', certFile(pki, options.ca), '-verify_return_error', '-verify_hostname', 'localhost');
  if (options.credential)
    args.push('-cert', certFile(pki, options.credential), '-key', keyFile(pki, options.credential));
  if (options.alpn) args.push('-alpn', options.alpn.join(','));
  if (options.exporter) args.push('-keymatexport', options.exporter, '-keymatexportlen', '32');
  return args;
}

let sessions = 0;

export async function call(
  clean: Cleaner,
  options: CallOptions,
  more: readonly string[] = [],
): Promise<Call> {
  const args = [...clientArguments(options), ...more];
  const session = join(inject('prepared').dir, `openssl-session-${process.pid}-${++sessions}.pem`);
  return callWith(clean, options, {
    command: tool('openssl'),
    options: { env: environment(options) },
    runs:
      options.connections === 2
        ? [
            [...args, '-sess_out', session],
            [...args, '-sess_in', session],
          ]
        : [args],
    secure: /Verify return code/,
    quit: (peer) => peer.write('Q\n'),
  });
}

export const EXPORTED = /Keying material: ([0-9A-F]{64})/;
export const TRUNCATED = /unexpected eof while reading/;

let responses = 0;

/** For the certificate `p256`, signed by the authority, as a responder of its own would; the file with it. */
export function makeOcspResponse(): string {
  const { dir } = inject('prepared');
  const name = join(dir, `openssl-ocsp-${process.pid}-${++responses}`);
  writeFileSync(`${name}.txt`, '');
  const ca = certFile(pki, 'ca');
  const args = ['ocsp', '-index', `${name}.txt`, '-CA', ca, '-rsigner', ca, '-rkey', keyFile(pki, 'ca')];
  args.push('-issuer', ca, '-cert', certFile(pki, 'p256'), '-respout', `${name}.der`, '-ndays', '1');
  execFileSync(tool('openssl'), [...args, '-noverify'], { stdio: 'pipe' });
  return `${name}.der`;
}

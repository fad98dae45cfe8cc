/** Peers that are small programs of ours in C over somebody's library (`interop/peers/c`). */
import { inject } from 'vitest';
import { callWith, exchangeWithEcho, serviceOf } from './command-line.js';
import { PSK_HEX } from './older.js';
import type { Call, CallOptions, PeerService, ServeOptions, Terms } from './peer.js';
import { certFile, dhFile, keyFile } from './pki.js';
import { type Cleaner, freePort, PeerProcess, untilListening } from './processes.js';

const pki = { dir: inject('prepared').pkiDir };

type Words = Readonly<Record<string, string | number | false | undefined>>;

function words(fields: Words): string[] {
  return Object.entries(fields).flatMap(([name, value]) => (value ? [`${name}=${value}`] : []));
}

function termWords(terms: Terms): Words {
  return {
    version: terms.version === 'TLSv1' ? '1.0' : terms.version?.slice('TLSv'.length),
    psk: terms.psk && PSK_HEX,
    // The words are there, or not.
    ems: terms.extendedMasterSecret === false ? 'off' : undefined,
    etm: terms.encryptThenMac === false ? 'off' : undefined,
  };
}

export async function serveInC(path: string, clean: Cleaner, options: ServeOptions): Promise<PeerService> {
  const port = await freePort();
  const names = [options.credential, options.also ?? []].flat();
  const args = words({
    role: 'server',
    port,
    cert: names.map((name) => certFile(pki, name)).join(','),
    key: names.map((name) => keyFile(pki, name)).join(','),
    dh: dhFile(pki),
    ca: options.clientAuth && certFile(pki, 'ca'),
    ask: options.clientAuth === 'request' && 1,
    alpn: options.alpn?.[0],
    exporter: options.exporter,
    ...termWords(options),
  });
  const peer = new PeerProcess(path, args, clean, {
    ...(options.lifetime && { lifetime: options.lifetime }),
  });
  await untilListening(peer, port);
  return serviceOf(peer, port, exchangeWithEcho);
}

export async function callInC(path: string, clean: Cleaner, options: CallOptions): Promise<Call> {
  const { credential } = options;
  const args = words({
    role: 'client',
    port: options.port,
    ca: certFile(pki, options.ca),
    cert: credential && certFile(pki, credential),
    key: credential && keyFile(pki, credential),
    alpn: options.alpn?.[0],
    exporter: options.exporter,
    resume: options.connections === 2 && 1,
    ...termWords(options),
  });
  return callWith(clean, options, {
    command: path,
    runs: [args],
    secure: /^secure/m,
    quit: (peer) => peer.endInput(),
  });
}

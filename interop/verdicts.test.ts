/**
 * Failing pairs of OpenSSL with itself, recorded on the way between the two, and what is said of them: from the capture
 * with its keys, from the capture alone where that can be told, and from what the client printed.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeProvider } from 'akushu/crypto/node';
import { type Cause, diagnoseConnection, diagnoseText } from 'akushu/diagnose';
import { type CaptureEvent, type ObservedConnection, observeAll, writePcapng } from 'akushu/observe';
import { describe, expect, inject, test } from 'vitest';
import { certFile, keyFile } from './support/pki.js';
import { type Cleaner, PeerProcess } from './support/processes.js';
import { missingTools, tool } from './support/tools.js';

interface Recorded {
  readonly events: readonly CaptureEvent[];
  readonly keyLog: string;
  /** What the client printed. */
  readonly text: string;
}

const file = (name: string): string => certFile({ dir: inject('prepared').pkiDir }, name);
const key = (name: string): string => keyFile({ dir: inject('prepared').pkiDir }, name);
const identity = (name: string): string[] => ['-cert', file(name), '-key', key(name)];

/** Passes bytes on, and writes down what went which way and when. */
function relay(to: number, events: CaptureEvent[], clean: Cleaner): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const onward = tcpConnect({ port: to, host: '127.0.0.1', allowHalfOpen: true });
    const sides = [
      ['client', client, onward],
      ['server', onward, client],
    ] as const;
    for (const [from, source, sink] of sides) {
      source.on('data', (bytes) => {
        events.push({ t: Date.now(), from, bytes: new Uint8Array(bytes) });
        sink.write(bytes);
      });
      source.on('end', () => {
        events.push({ t: Date.now(), from, end: true });
        sink.end();
      });
      source.on('error', () => sink.destroy());
    }
  });
  clean(() => void server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function record(
  serverArgs: readonly string[],
  clientArgs: readonly string[],
  clean: Cleaner,
): Promise<Recorded> {
  const directory = mkdtempSync(join(tmpdir(), 'akushu-verdicts-'));
  clean(() => rmSync(directory, { recursive: true, force: true }));
  const keys = join(directory, 'keys.log');
  const server = new PeerProcess(tool('openssl'), ['s_server', '-accept', '0', ...serverArgs], clean);
  const listening = await server.until('a port', () => /ACCEPT \S*:(\d+)/.exec(server.stdout)?.[1]);
  const events: CaptureEvent[] = [];
  const port = await relay(Number(listening), events, clean);
  const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-keylogfile', keys, ...clientArgs];
  const client = spawn(tool('openssl'), args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [client.stdout, client.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  // A refusal of TLS 1.3 comes after the client believes that it is done.
  setTimeout(() => client.stdin.end('Q\n'), 700);
  client.stdin.on('error', () => {});
  await new Promise((resolve) => client.once('close', resolve));
  return { events, text, keyLog: existsSync(keys) ? readFileSync(keys, 'utf8') : '' };
}

async function observed({ events, keyLog }: Recorded, withKeys: boolean): Promise<ObservedConnection> {
  const client = { address: '192.0.2.1', port: 50_000 };
  const server = { address: '192.0.2.2', port: 443 };
  const capture = writePcapng([{ client, server, events, ...(withKeys && { keyLog }) }]);
  const all = await observeAll(capture, { provider: nodeProvider });
  return all.find((one) => one.kind === 'connection')!;
}

interface Case {
  readonly name: string;
  readonly cause: Cause;
  readonly server: () => readonly string[];
  readonly client: () => readonly string[];
  /** Whether the capture without keys is enough. */
  readonly open: boolean;
}

const trusting = (...more: string[]): string[] => [
  ...['-CAfile', file('ca'), '-verify_return_error', '-verify_hostname', 'localhost'],
  ...['-servername', 'localhost', ...more],
];

function casesFor(version: string): Case[] {
  const old = version === '-tls1_2';
  const of = (
    name: string,
    cause: Cause,
    server: () => readonly string[],
    client: () => readonly string[] = () => trusting(),
    open = true,
  ): Case => ({
    name: `${name} (${version.slice(1)})`,
    cause,
    server: () => [...server(), version],
    client,
    open,
  });
  return [
    of('a certificate that has expired', 'certificate_expired', () => identity('expired')),
    of('a certificate for another name', 'hostname_mismatch', () => identity('wrong-host')),
    of('an unknown authority that signs directly', 'unknown_ca', () => identity('untrusted'), undefined, old),
    of('no client certificate', 'client_certificate_required', () => [
      ...identity('p256'),
      '-Verify',
      '1',
      '-CAfile',
      file('ca'),
      '-verify_return_error',
    ]),
    of(
      'a client certificate of an unknown authority',
      'client_certificate_rejected',
      () => [...identity('p256'), '-Verify', '1', '-CAfile', file('ca'), '-verify_return_error'],
      () => trusting(...identity('other-client')),
    ),
    of('a name that the server refuses', 'unrecognized_server_name', () => [
      ...identity('p256'),
      '-servername',
      'a.example',
      '-servername_fatal',
      '-cert2',
      file('p256'),
      '-key2',
      key('p256'),
    ]),
    of(
      'no application protocol in common',
      'no_shared_alpn',
      () => [...identity('p256'), '-alpn', 'foo'],
      () => trusting('-alpn', 'bar'),
    ),
    of(
      'versions that do not meet',
      'protocol_version_mismatch',
      () => identity('p256'),
      () => trusting(old ? '-tls1_3' : '-tls1_2'),
    ),
    of(
      'groups that do not meet',
      'no_shared_group',
      () => [...identity('p256'), '-groups', 'X25519'],
      () => trusting('-groups', 'P-521', ...(old ? ['-cipher', 'ECDHE'] : [])),
    ),
    of(
      'suites that do not meet',
      'no_shared_cipher_suite',
      () => [
        ...identity('p256'),
        ...(old ? ['-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256'] : ['-ciphersuites', 'TLS_AES_128_GCM_SHA256']),
      ],
      () =>
        trusting(
          version,
          ...(old
            ? ['-cipher', 'ECDHE-ECDSA-AES256-GCM-SHA384']
            : ['-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256']),
        ),
    ),
    of('a connection that works', 'none', () => identity('p256')),
  ];
}

const why = missingTools('openssl');

describe.skipIf(why !== null)(`verdicts on pairs of OpenSSL${why === null ? '' : ` (${why})`}`, () => {
  for (const { name, cause, server, client, open } of ['-tls1_2', '-tls1_3'].flatMap(casesFor)) {
    test(`${name}: ${cause}`, async ({ onTestFinished }) => {
      const recorded = await record(server(), client(), onTestFinished);
      const withKeys = diagnoseConnection(await observed(recorded, true), { provider: nodeProvider });
      expect(withKeys.verdicts[0]?.cause).toBe(cause);
      expect(withKeys.verdicts[0]!.confidence).toBeGreaterThan(0.4);
      if (open) {
        const without = diagnoseConnection(await observed(recorded, false), { provider: nodeProvider });
        expect(without.verdicts.slice(0, 2).map((verdict) => verdict.cause)).toContain(cause);
      }
      const said = diagnoseText(recorded.text).incidents.flatMap(({ verdicts }) => verdicts);
      if (cause !== 'none') expect(said.length).toBeGreaterThan(0);
    });
  }
});

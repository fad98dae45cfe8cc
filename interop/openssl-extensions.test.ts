/** What OpenSSL, and for a few things GnuTLS, NSS and Go, can show of extensions and of choosing a version before TLS 1.3. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentialFrom, type ServerOptions } from 'akushu/node';
import { expect, inject } from 'vitest';
import { textPayload } from './support/command-line.js';
import * as gnutls from './support/gnutls.js';
import { type PeerRole, shows } from './support/matrix.js';
import { olderClient, olderServer, withPsk } from './support/older.js';
import { ALL_CIPHERS, clientArguments, makeOcspResponse, serve } from './support/openssl.js';
import type { CallOptions } from './support/peer.js';
import { certFile, keyFile } from './support/pki.js';
import { type Cleaner, freePort, PeerProcess, untilListening } from './support/processes.js';
import { echo } from './support/suite-client.js';
import { pem, pemPair } from './support/suite-server.js';
import { missingTools, tool } from './support/tools.js';
import { failureOf, open, Service, type Wire } from './support/wire.js';

const { dir, pkiDir } = inject('prepared');
const pki = { dir: pkiDir };
const version = 'TLSv1.2';
const APPLICATION_DATA = 23;

const show = (role: PeerRole, title: string, run: Parameters<typeof shows>[3]): void =>
  shows({ peer: 'OpenSSL', role, feature: 'extras', version }, title, missingTools('openssl'), run);
const showGnutls = (role: PeerRole, title: string, run: Parameters<typeof shows>[3]): void =>
  shows(
    { peer: 'GnuTLS', role, feature: 'extras', version },
    title,
    missingTools('gnutls-serv', 'gnutls-cli'),
    run,
  );

/** Lengths of the records with data that a side has sent, without headers. */
const records = (wire: Wire, from: 'client' | 'server'): number[] =>
  wire.events.flatMap((e) =>
    e.kind === 'record' && e.from === from && e.type === APPLICATION_DATA ? [e.length - 5] : [],
  );

/** s_client in conversation with a server of ours. */
async function called(
  clean: Cleaner,
  options: ServerOptions,
  more: readonly string[],
  call: Partial<CallOptions> = {},
): Promise<{ wire: Wire; peer: PeerProcess }> {
  const service = await Service.start(clean, options);
  const args = clientArguments({ port: service.port, ca: 'ca', size: 0, version, ...call });
  const peer = new PeerProcess(tool('openssl'), [...args, ...more], clean);
  const wire = await service.next();
  await peer.says(/Verify return code/);
  return { wire, peer };
}

/** AES-GCM: explicit nonce and tag. */
const EXPANSION = 24;

show('server', 'keeps to the fragments that we ask for', async ({ onTestFinished }) => {
  const service = await serve(onTestFinished, { version, credential: 'p256' });
  const options = olderClient(version, { tls: { maxFragmentLength: 512 } });
  const wire = await open(onTestFinished, service.port, options);
  await service.exchange(wire, 5000);
  expect(Math.max(...records(wire, 'server'))).toBe(512 + EXPANSION);
  expect(Math.max(...records(wire, 'client'))).toBe(512 + EXPANSION);
  expect(await wire.close()).toBeNull();
});

show('client', 'gets fragments of the length that it asks for', async ({ onTestFinished }) => {
  const { wire, peer } = await called(onTestFinished, olderServer(version, pemPair('p256')), [
    ...['-maxfraglen', '1024'],
  ]);
  const text = textPayload(5000);
  peer.write(text);
  await echo(wire, text.length);
  await peer.until('what it sent', () => peer.hasSaid(text));
  expect(Math.max(...records(wire, 'server'))).toBe(1024 + EXPANSION);
  expect(Math.max(...records(wire, 'client'))).toBe(1024 + EXPANSION);
});

showGnutls('server', 'keeps to the record size that we ask for', async ({ onTestFinished }) => {
  const service = await gnutls.serve(onTestFinished, { version, credential: 'p256' });
  const options = olderClient(version, { tls: { recordSizeLimit: 700 } });
  const wire = await open(onTestFinished, service.port, options);
  await service.exchange(wire, 5000);
  expect(Math.max(...records(wire, 'server'))).toBeLessThanOrEqual(700 + EXPANSION);
  expect(await wire.close()).toBeNull();
});

showGnutls('server', 'gets records of the size that it asks for', async ({ onTestFinished }) => {
  const service = await gnutls.serve(onTestFinished, { version, credential: 'p256' }, [
    '--recordsize',
    '600',
  ]);
  const options = olderClient(version, { tls: { recordSizeLimit: 16_384 } });
  const wire = await open(onTestFinished, service.port, options);
  await service.exchange(wire, 5000);
  expect(Math.max(...records(wire, 'client'))).toBe(600 + EXPANSION);
  expect(await wire.close()).toBeNull();
});

showGnutls('client', 'gets records of the size that it asks for', async ({ onTestFinished }) => {
  const options = olderServer(version, { ...pemPair('p256'), tls: { recordSizeLimit: 16_384 } });
  const service = await Service.start(onTestFinished, options);
  const args = gnutls.clientArguments({ port: service.port, ca: 'ca', size: 0, version });
  const peer = new PeerProcess(tool('gnutls-cli'), [...args, '--recordsize', '600'], onTestFinished);
  const wire = await service.next();
  await peer.says(/Simple Client Mode/);
  const text = textPayload(5000);
  wire.send(text);
  await peer.until('what we sent', () => peer.hasSaid(text));
  expect(Math.max(...records(wire, 'server'))).toBe(600 + EXPANSION);
});

show('server', 'staples an OCSP response that we get as it is', async ({ onTestFinished }) => {
  const file = makeOcspResponse();
  const service = await serve(onTestFinished, { version, credential: 'p256' }, ['-status_file', file]);
  const wire = await open(onTestFinished, service.port, olderClient(version, { tls: { requestOcsp: true } }));
  expect(wire.hasMessage('server', 'CertificateStatus')).toBe(true);
  expect(Buffer.from(wire.handshake.ocsp!).equals(readFileSync(file))).toBe(true);
  expect(await wire.close()).toBeNull();
});

show('client', 'gets the OCSP response that we staple', async ({ onTestFinished }) => {
  const { cert, key } = pemPair('p256');
  const ocsp = new Uint8Array(readFileSync(makeOcspResponse()));
  const credentials = [{ ...credentialFrom(cert, key), ocsp }];
  const { wire, peer } = await called(onTestFinished, olderServer(version, { credentials }), ['-status']);
  await peer.says(/OCSP Response Status: successful/);
  expect(wire.hasMessage('server', 'CertificateStatus')).toBe(true);
});

/** Nobody looks into it here: it goes and comes as it is. */
const SCT = Buffer.from('akushu interop: some bytes in the place of a timestamp');
const SCT_LIST = Buffer.concat([Buffer.from([0, SCT.length + 2, 0, SCT.length]), SCT]);

show('server', 'sends SCTs that we get as they are', async ({ onTestFinished }) => {
  const file = join(dir, 'openssl-sct.pem');
  // An extension as s_server reads it: type 18, length, body.
  const info = Buffer.concat([Buffer.from([0, 18, 0, SCT_LIST.length]), SCT_LIST]);
  const words = 'SERVERINFO FOR SCT';
  writeFileSync(file, `-----BEGIN ${words}-----\n${info.toString('base64')}\n-----END ${words}-----\n`);
  const service = await serve(onTestFinished, { version, credential: 'p256' }, ['-serverinfo', file]);
  const wire = await open(onTestFinished, service.port, olderClient(version, { tls: { requestScts: true } }));
  expect(wire.handshake.scts.map((sct) => Buffer.from(sct))).toEqual([SCT]);
  expect(await wire.close()).toBeNull();
});

show('client', 'gets the SCTs that we send', async ({ onTestFinished }) => {
  const { cert, key } = pemPair('p256');
  const credentials = [{ ...credentialFrom(cert, key), scts: [SCT] }];
  const { peer } = await called(onTestFinished, olderServer(version, { credentials }), ['-serverinfo', '18']);
  const [, base64] = await peer.says(/BEGIN SERVERINFO FOR EXTENSION 18-----\r?\n([^-]+)-----END/);
  expect(Buffer.from(base64!, 'base64').subarray(4).equals(SCT_LIST)).toBe(true);
});

/** RFC 7918: our first data goes before the server's Finished comes. */
function sentBeforeFinished(wire: Wire): boolean {
  const data = wire.events.findIndex(
    (e) => e.kind === 'record' && e.from === 'client' && e.type === APPLICATION_DATA,
  );
  const finished = wire.events.findIndex(
    (e) => e.kind === 'message' && e.from === 'server' && e.type === 'Finished',
  );
  return data >= 0 && data < finished;
}

for (const falseStart of [true, false]) {
  const title = falseStart
    ? 'gets our data before its Finished (False Start)'
    : 'gets our data after its Finished where False Start is off';
  const options = olderClient(version, { tls: { falseStart } });
  show('server', title, async ({ onTestFinished }) => {
    const service = await serve(onTestFinished, { version, credential: 'p256' });
    const early = textPayload(100);
    const wire = await open(onTestFinished, service.port, options, early);
    await service.peer.until('our data', () => service.peer.hasSaid(early));
    expect(sentBeforeFinished(wire)).toBe(falseStart);
    await service.exchange(wire, 1000);
    expect(await wire.close()).toBeNull();
  });
  showGnutls('server', title, async ({ onTestFinished }) => {
    const service = await gnutls.serve(onTestFinished, { version, credential: 'p256' });
    const early = Buffer.concat([textPayload(100), Buffer.from('\n')]);
    const wire = await open(onTestFinished, service.port, options, early);
    expect(await wire.read(early.length)).toEqual(early);
    expect(sentBeforeFinished(wire)).toBe(falseStart);
    await service.exchange(wire, 1000);
    expect(await wire.close()).toBeNull();
  });
}

show('server', 'gets no early data with a suite too weak for False Start', async ({ onTestFinished }) => {
  const service = await serve(onTestFinished, { version, credential: 'rsa' });
  for (const suite of ['AES128-GCM-SHA256', 'ECDHE-RSA-AES128-SHA']) {
    const options = olderClient(version, { ciphers: [suite], tls: { falseStart: true } });
    const wire = await open(onTestFinished, service.port, options, textPayload(100));
    await service.exchange(wire, 100);
    expect(sentBeforeFinished(wire)).toBe(false);
    expect(await wire.close()).toBeNull();
  }
});

show('server', 'is met at its version by a client with the defaults', async ({ onTestFinished }) => {
  const service = await serve(onTestFinished, { version, credential: 'p256' });
  const wire = await open(onTestFinished, service.port, { ca: pem('ca') });
  expect(wire.handshake.version).toBe('TLSv1.2');
  expect(wire.handshake.why.version).toMatchObject({ reason: 'chosen_by_server', chosen: 'TLSv1.2' });
  await service.exchange(wire, 100);
});

show('client', 'is met at its version, and warned of a downgrade', async ({ onTestFinished }) => {
  const { wire } = await called(onTestFinished, pemPair('p256'), []);
  expect(wire.handshake.version).toBe('TLSv1.2');
  expect(wire.handshake.why.version).toMatchObject({ reason: 'highest_shared' });
  const hello = wire.events.find((e) => e.kind === 'message' && e.type === 'ServerHello');
  // RFC 9846 §4.2.3: the end of the random, where we could have done TLS 1.3.
  const random = Buffer.from((hello as { bytes: Uint8Array }).bytes).subarray(6, 38);
  expect(random.subarray(24).toString('latin1')).toBe('DOWNGRD\x01');
});

const OLD_AND_NEW = ['TLSv1.2', 'TLSv1.1'] as const;

show('client', 'is refused when it falls back although we have more', async ({ onTestFinished }) => {
  const service = await Service.start(onTestFinished, { ...pemPair('p256'), versions: OLD_AND_NEW });
  const args = clientArguments({ port: service.port, ca: 'ca', size: 0, version: 'TLSv1.1' });
  const peer = new PeerProcess(tool('openssl'), [...args, '-fallback_scsv'], onTestFinished);
  expect(await service.nextFailure()).toMatchObject({
    code: 'inappropriate_fallback',
    alert: 'inappropriate_fallback',
    sentBy: 'server',
    facts: { chosen: 'TLSv1.1', best: 'TLSv1.2' },
  });
  await peer.says(/inappropriate fallback/);
});

show('server', 'refuses us when we fall back although it has more', async ({ onTestFinished }) => {
  const port = await freePort();
  const args = ['s_server', '-accept', `127.0.0.1:${port}`, '-no_tls1_3'];
  args.push('-cert', certFile(pki, 'p256'), '-key', keyFile(pki, 'p256'));
  const peer = new PeerProcess(tool('openssl'), [...args, '-cipher', ALL_CIPHERS], onTestFinished);
  await untilListening(peer, port);
  const options = olderClient('TLSv1.1', { tls: { fallback: true } });
  expect(await failureOf(onTestFinished, port, options)).toMatchObject({
    code: 'peer_alert',
    alert: 'inappropriate_fallback',
    sentBy: 'server',
  });
  // The same without the signal is served.
  const wire = await open(onTestFinished, port, olderClient('TLSv1.1'));
  expect(wire.handshake.version).toBe('TLSv1.1');
});

show('server', 'is refused with a finite field of 1,024 bits', async ({ onTestFinished }) => {
  const psk = ['-psk_identity', 'interop', '-psk', Buffer.from(withPsk.externalPsks[0].key).toString('hex')];
  const service = await serve(onTestFinished, { version, credential: 'p256' }, psk);
  const ciphers = ['DHE-PSK-AES128-GCM-SHA256'];
  expect(
    await failureOf(onTestFinished, service.port, olderClient(version, { ciphers, tls: withPsk })),
  ).toMatchObject({
    code: 'weak_dh_group',
    alert: 'insufficient_security',
    sentBy: 'client',
    facts: { bits: 1024 },
  });
  await service.says(/insufficient security/);
});

show('server', 'shares no group with us', async ({ onTestFinished }) => {
  const service = await serve(onTestFinished, { version, credential: 'p256' }, ['-groups', 'P-384']);
  const error = await failureOf(onTestFinished, service.port, olderClient(version, { groups: ['x25519'] }));
  expect(error).toMatchObject({ code: 'peer_alert', alert: 'handshake_failure', sentBy: 'server' });
});

show('client', 'shares no group with us', async ({ onTestFinished }) => {
  const options = olderServer(version, { ...pemPair('p256'), groups: ['secp384r1'] });
  const service = await Service.start(onTestFinished, options);
  const args = clientArguments({ port: service.port, ca: 'ca', size: 0, version });
  const peer = new PeerProcess(tool('openssl'), [...args, '-groups', 'X25519'], onTestFinished);
  expect(await service.nextFailure()).toMatchObject({
    code: 'no_shared_group',
    alert: 'handshake_failure',
    facts: { offered: ['x25519'], supported: ['secp384r1'] },
  });
  await peer.says(/alert handshake failure/);
});

show('client', 'shares no scheme with us', async ({ onTestFinished }) => {
  const service = await Service.start(onTestFinished, olderServer(version, pemPair('p256')));
  const args = clientArguments({ port: service.port, ca: 'ca', size: 0, version });
  const peer = new PeerProcess(tool('openssl'), [...args, '-sigalgs', 'RSA+SHA256'], onTestFinished);
  const error = await service.nextFailure();
  expect(error.alert).toBe('handshake_failure');
  expect(error.code).toMatch(/^(no_shared_signature_scheme|no_certificate_for_suite)$/);
  await peer.says(/alert handshake failure/);
});

show('server', 'shares no application protocol with us', async ({ onTestFinished }) => {
  const service = await serve(onTestFinished, { version, credential: 'p256', alpn: ['http/1.1'] });
  const options = olderClient(version, { ALPNProtocols: ['foo'] });
  expect(await failureOf(onTestFinished, service.port, options)).toMatchObject({
    code: 'peer_alert',
    alert: 'no_application_protocol',
    sentBy: 'server',
  });
});

show('client', 'shares no application protocol with us', async ({ onTestFinished }) => {
  const options = olderServer(version, { ...pemPair('p256'), ALPNProtocols: ['http/1.1'] });
  const service = await Service.start(onTestFinished, options);
  const args = clientArguments({ port: service.port, ca: 'ca', size: 0, version, alpn: ['foo'] });
  const peer = new PeerProcess(tool('openssl'), args, onTestFinished);
  expect(await service.nextFailure()).toMatchObject({
    code: 'no_shared_alpn',
    alert: 'no_application_protocol',
    facts: { offered: ['foo'], supported: ['http/1.1'] },
  });
  await peer.says(/alert no application protocol/);
});

show('client', 'shares no suite with us', async ({ onTestFinished }) => {
  const ciphers = ['ECDHE-ECDSA-AES256-GCM-SHA384'];
  const service = await Service.start(onTestFinished, olderServer(version, { ...pemPair('p256'), ciphers }));
  const args = clientArguments({ port: service.port, ca: 'ca', size: 0, version });
  const only = ['-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256'];
  const peer = new PeerProcess(tool('openssl'), [...args, ...only], onTestFinished);
  const error = await service.nextFailure();
  expect(error).toMatchObject({
    code: 'no_shared_cipher_suite',
    alert: 'handshake_failure',
    sentBy: 'server',
    facts: { supported: ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'] },
  });
  expect(error.facts.offered).toContain('TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256');
  await peer.says(/alert handshake failure/);
});

show('server', 'shares no suite with us', async ({ onTestFinished }) => {
  const only = ['-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256'];
  const service = await serve(onTestFinished, { version, credential: 'p256' }, only);
  const ciphers = ['ECDHE-ECDSA-AES256-GCM-SHA384'];
  expect(await failureOf(onTestFinished, service.port, olderClient(version, { ciphers }))).toMatchObject({
    code: 'peer_alert',
    alert: 'handshake_failure',
    sentBy: 'server',
  });
  await service.says(/no shared cipher/);
});

/** A new handshake on the same connection before TLS 1.3 (RFC 5246 §7.4.1.1), only as RFC 5746 makes it safe: with OpenSSL, and GnuTLS without it. */
import { once } from 'node:events';
import { expect, inject } from 'vitest';
import { textPayload } from './support/command-line.js';
import * as gnutls from './support/gnutls.js';
import { type Feature, type PeerRole, shows } from './support/matrix.js';
import { OLDER_VERSIONS, type OlderVersion, olderClient, olderServer } from './support/older.js';
import { clientArguments, type Running, serve } from './support/openssl.js';
import { certFile } from './support/pki.js';
import { type Cleaner, PeerProcess } from './support/processes.js';
import { echo } from './support/suite-client.js';
import { pem, pemPair } from './support/suite-server.js';
import { missingTools, tool } from './support/tools.js';
import { failureOf, open, Service, type Wire } from './support/wire.js';

const pki = { dir: inject('prepared').pkiDir };
const feature: Feature = 'renegotiation';
const show = (role: PeerRole, version: OlderVersion, title: string, run: Parameters<typeof shows>[3]): void =>
  shows({ peer: 'OpenSSL', role, feature, version }, title, missingTools('openssl'), run);

const hellos = (wire: Wire): number =>
  wire.events.filter((e) => e.kind === 'message' && e.type === 'ServerHello').length;

/** Fails where the connection does. */
async function renegotiated(wire: Wire): Promise<void> {
  const failed = wire.ended.then((error) => Promise.reject(error ?? new Error('closed')));
  await Promise.race([once(wire.socket, 'renegotiated'), failed]);
}

const LEGACY = ['-legacy_renegotiation', '-client_renegotiation'];
const serveAs = (clean: Cleaner, version: OlderVersion, more: readonly string[] = []): Promise<Running> =>
  serve(clean, { version, credential: 'rsa' }, more);

for (const version of OLDER_VERSIONS) {
  show('server', version, 'begins one, and we follow', async ({ onTestFinished }) => {
    const service = await serveAs(onTestFinished, version);
    const wire = await open(
      onTestFinished,
      service.port,
      olderClient(version, { tls: { renegotiations: 1 } }),
    );
    await service.exchange(wire, 100);
    const done = renegotiated(wire);
    service.peer.write('r\n');
    await done;
    expect(hellos(wire)).toBe(2);
    expect(wire.handshake.version).toBe(version);
    await service.exchange(wire, 1000);
    expect(await wire.close()).toBeNull();
  });

  show('server', version, 'follows where we begin one', async ({ onTestFinished }) => {
    const service = await serveAs(onTestFinished, version, ['-client_renegotiation']);
    const wire = await open(onTestFinished, service.port, olderClient(version));
    await service.exchange(wire, 100);
    const done = renegotiated(wire);
    wire.socket.renegotiate();
    await done;
    expect(hellos(wire)).toBe(2);
    await service.exchange(wire, 1000);
    expect(await wire.close()).toBeNull();
  });

  show('client', version, 'begins one, and we follow', async ({ onTestFinished }) => {
    const { wire, peer } = await called(onTestFinished, version, { renegotiations: 1 });
    const done = renegotiated(wire);
    peer.write('R\n');
    await done;
    expect(hellos(wire)).toBe(2);
    await exchange(wire, peer);
  });

  show('client', version, 'follows where we begin one', async ({ onTestFinished }) => {
    const { wire, peer } = await called(onTestFinished, version, {});
    const done = renegotiated(wire);
    wire.socket.renegotiate();
    await done;
    expect(hellos(wire)).toBe(2);
    await exchange(wire, peer);
  });
}

const V12 = 'TLSv1.2';

show('server', V12, 'asks for our certificate in the second handshake', async ({ onTestFinished }) => {
  const service = await serveAs(onTestFinished, V12, ['-CAfile', certFile(pki, 'ca')]);
  const options = olderClient(V12, { ...pemPair('client'), tls: { renegotiations: 1 } });
  const wire = await open(onTestFinished, service.port, options);
  expect(wire.hasMessage('server', 'CertificateRequest')).toBe(false);
  const done = renegotiated(wire);
  service.peer.write('R\n');
  await done;
  expect(wire.hasMessage('client', 'CertificateVerify')).toBe(true);
  await service.exchange(wire, 100);
  expect(await wire.close()).toBeNull();
});

show('server', V12, 'is refused where we allow none, which is the default', async ({ onTestFinished }) => {
  const service = await serveAs(onTestFinished, V12);
  const wire = await open(onTestFinished, service.port, olderClient(V12));
  await service.exchange(wire, 100);
  service.peer.write('r\n');
  expect(await wire.ended).toMatchObject({
    code: 'renegotiation_refused',
    alert: 'no_renegotiation',
    sentBy: 'client',
    facts: { limit: 0 },
  });
  await service.says(/no renegotiation/);
});

show('server', V12, 'is refused when it begins once more than we allow', async ({ onTestFinished }) => {
  const service = await serveAs(onTestFinished, V12);
  const wire = await open(onTestFinished, service.port, olderClient(V12, { tls: { renegotiations: 1 } }));
  const done = renegotiated(wire);
  service.peer.write('r\n');
  await done;
  await service.exchange(wire, 100);
  service.peer.write('r\n');
  expect(await wire.ended).toMatchObject({ code: 'renegotiation_refused', facts: { limit: 1 } });
});

show('server', V12, 'refuses ours, and we say that it did', async ({ onTestFinished }) => {
  const service = await serveAs(onTestFinished, V12);
  const wire = await open(onTestFinished, service.port, olderClient(V12));
  wire.socket.renegotiate();
  expect(await wire.ended).toMatchObject({
    code: 'peer_alert',
    alert: 'no_renegotiation',
    sentBy: 'server',
  });
});

show('client', V12, 'is refused where we allow none, which is the default', async ({ onTestFinished }) => {
  const { wire, peer } = await called(onTestFinished, V12, {});
  peer.write('R\n');
  expect(await wire.ended).toMatchObject({
    code: 'renegotiation_refused',
    alert: 'no_renegotiation',
    sentBy: 'server',
    facts: { limit: 0 },
  });
  await peer.says(/no renegotiation/);
});

show('client', V12, 'is refused when it begins once more than we allow', async ({ onTestFinished }) => {
  const { wire, peer } = await called(onTestFinished, V12, { renegotiations: 1 });
  const done = renegotiated(wire);
  peer.write('R\n');
  await done;
  await exchange(wire, peer);
  peer.write('R\n');
  expect(await wire.ended).toMatchObject({ code: 'renegotiation_refused', facts: { limit: 1 } });
});

show('client', V12, 'declines ours, and the connection goes on', async ({ onTestFinished }) => {
  const { wire, peer } = await called(onTestFinished, V12, {}, ['-no_renegotiation']);
  wire.socket.renegotiate();
  await wire.traced(
    'the answer no',
    (e) => e.kind === 'alert' && e.from === 'client' && e.description === 'no_renegotiation',
  );
  await exchange(wire, peer);
  expect(hellos(wire)).toBe(1);
});

show(
  'server',
  V12,
  'renegotiates safely with us although it would do it unsafely',
  async ({ onTestFinished }) => {
    const service = await serveAs(onTestFinished, V12, LEGACY);
    const options = olderClient(V12, { tls: { requireSecureRenegotiation: true } });
    const wire = await open(onTestFinished, service.port, options);
    expect(wire.handshake.why.secureRenegotiation?.chosen).toBe('renegotiation_info');
    const done = renegotiated(wire);
    wire.socket.renegotiate();
    await done;
    await service.exchange(wire, 100);
  },
);

/** GnuTLS can be told to know nothing of RFC 5746. */
const UNSAFE = { peer: 'GnuTLS', feature, version: V12 } as const;
const TERMS = { version: V12, safeRenegotiation: false } as const;
const noGnutls = missingTools('gnutls-serv', 'gnutls-cli');

shows(
  { ...UNSAFE, role: 'server' },
  'is served by us without safe renegotiation, and never renegotiated with',
  noGnutls,
  async ({ onTestFinished }) => {
    const service = await gnutls.serve(onTestFinished, { ...TERMS, credential: 'rsa' });
    const wire = await open(onTestFinished, service.port, olderClient(V12, { tls: { renegotiations: 1 } }));
    expect(wire.handshake.why.secureRenegotiation?.chosen).toBeNull();
    expect(() => wire.socket.renegotiate()).toThrow(/RFC 5746/);
    await service.exchange(wire, 100);
  },
);

shows(
  { ...UNSAFE, role: 'server' },
  'is refused without safe renegotiation where we demand it',
  noGnutls,
  async ({ onTestFinished }) => {
    const service = await gnutls.serve(onTestFinished, { ...TERMS, credential: 'rsa' });
    const options = olderClient(V12, { tls: { requireSecureRenegotiation: true } });
    expect(await failureOf(onTestFinished, service.port, options)).toMatchObject({
      code: 'no_secure_renegotiation',
      alert: 'handshake_failure',
      sentBy: 'client',
    });
  },
);

shows(
  { ...UNSAFE, role: 'client' },
  'is refused when it begins an unsafe one',
  noGnutls,
  async ({ onTestFinished }) => {
    const options = olderServer(V12, { ...pemPair('rsa'), tls: { renegotiations: 1 } });
    const service = await Service.start(onTestFinished, options);
    const call = { ...TERMS, port: service.port, ca: 'ca', size: 0 };
    const peer = new PeerProcess(
      tool('gnutls-cli'),
      [...gnutls.clientArguments(call), '--rehandshake'],
      onTestFinished,
    );
    const wire = await service.next();
    expect(wire.handshake.why.secureRenegotiation?.chosen).toBeNull();
    expect(await wire.ended).toMatchObject({ code: 'renegotiation_refused', facts: { secure: false } });
    await peer.says(/renegotiation/i);
  },
);

shows(
  { ...UNSAFE, role: 'client' },
  'begins a safe one, and we follow',
  noGnutls,
  async ({ onTestFinished }) => {
    const options = olderServer(V12, { ...pemPair('rsa'), tls: { renegotiations: 1 } });
    const service = await Service.start(onTestFinished, options);
    const call = { version: V12, port: service.port, ca: 'ca', size: 0 } as const;
    const peer = new PeerProcess(
      tool('gnutls-cli'),
      [...gnutls.clientArguments(call), '--rehandshake'],
      onTestFinished,
    );
    const wire = await service.next();
    await renegotiated(wire);
    expect(hellos(wire)).toBe(2);
    await peer.says(/Simple Client Mode[\s\S]*Certificate\[0\] info/);
  },
);

async function called(
  clean: Cleaner,
  version: OlderVersion,
  tls: { readonly renegotiations?: number },
  more: readonly string[] = [],
): Promise<{ wire: Wire; peer: PeerProcess }> {
  const service = await Service.start(clean, olderServer(version, { ...pemPair('rsa'), ca: pem('ca'), tls }));
  const args = [...clientArguments({ port: service.port, ca: 'ca', size: 0, version }), ...more];
  const peer = new PeerProcess(tool('openssl'), args, clean);
  const wire = await service.next();
  await peer.says(/Verify return code/);
  await exchange(wire, peer);
  return { wire, peer };
}

async function exchange(wire: Wire, peer: PeerProcess): Promise<void> {
  const text = textPayload(200);
  peer.write(text);
  await echo(wire, text.length);
  await peer.until('what it sent', () => peer.hasSaid(text));
}

/** What every client of TLS 1.2, 1.1 or 1.0 that connects to us has to show. */
import { type CipherSuite, findGroup } from 'akushu';
import type { ServerOptions } from 'akushu/node';
import { expect } from 'vitest';
import { type Feature, shows } from './matrix.js';
import { credentialFor, isCbc, type OlderVersion, olderServer, usesPsk, withPsk } from './older.js';
import { clientProduct } from './older-product.js';
import type { CallOptions, OlderClientPeer } from './peer.js';
import { echo } from './suite-client.js';
import { EXPORTER_LABEL, pem, pemPair } from './suite-server.js';
import {
  credentialsIn,
  NO_ENCRYPT_THEN_MAC,
  neverRun,
  oneOfEachCipher,
  spokenSuites,
} from './suite-server-older.js';
import { MEBIBYTE, Service, type Wire } from './wire.js';

const FULL = process.env.AKUSHU_FULL === '1';

export function olderClientSuite(peer: OlderClientPeer): void {
  for (const version of peer.versions) versionSuite(peer, version);
}

function versionSuite(peer: OlderClientPeer, version: OlderVersion): void {
  const answer = peer.answer ?? echo;
  const suites = spokenSuites(peer, version);
  const show = (
    feature: Feature,
    title: string,
    run: Parameters<typeof shows>[3],
    skip: string | null | undefined = null,
  ): void =>
    shows(
      { peer: peer.name, role: 'client', feature, version },
      title,
      peer.why ?? peer.without?.[feature] ?? skip,
      run,
    );

  /** One connection, from the call to both orderly ends. */
  const once = (
    feature: Feature,
    title: string,
    options: () => ServerOptions,
    check: (wire: Wire) => void,
    more: Partial<CallOptions> = {},
    skip: string | null | undefined = null,
  ): void =>
    show(
      feature,
      title,
      async ({ onTestFinished }) => {
        const { size = 1000 } = more;
        const service = await Service.start(onTestFinished, olderServer(version, options()));
        const call = await peer.call(onTestFinished, {
          ca: 'ca',
          version,
          ...more,
          size,
          port: service.port,
        });
        const wire = await service.next();
        expect(wire.handshake.version).toBe(version);
        check(wire);
        await answer(wire, size);
        expect(await call.outcome()).toMatchObject({ ok: true });
        if (!peer.neverCloses) expect(await wire.ended).toBeNull();
      },
      skip,
    );

  for (const suite of suites) {
    if (peer.fallsAfter?.includes(suite.kx)) {
      show('suites', `shakes hands with ${suite.iana}, and is gone`, async ({ onTestFinished }) => {
        const service = await Service.start(onTestFinished, olderServer(version, speaking(suite)));
        const terms = { version, psk: true } as const;
        await peer.call(onTestFinished, { port: service.port, ca: 'ca', size: 0, ...terms });
        // Its Finished has come and is right.
        expect((await service.next()).handshake.cipherSuite.iana).toBe(suite.iana);
      });
      continue;
    }
    once(
      'suites',
      `speaks ${suite.iana}`,
      () => ({ ...speaking(suite), ...(suite.kx === 'ECDHE_PSK' && { groups: peer.pskGroups }) }),
      (wire) => expect(wire.handshake.cipherSuite.iana).toBe(suite.iana),
      { psk: usesPsk(suite), size: FULL ? 20_000 : 300 },
    );
  }
  if (peer.withoutPsk) show('suites', 'speaks suites with pre-shared keys', neverRun, peer.withoutPsk);

  const ephemeral = (kx: string): readonly string[] =>
    suites.filter((suite) => suite.kx === kx && suite.auth === 'RSA').map((suite) => suite.iana);
  for (const [kx, groups] of [
    ['ECDHE', peer.groups],
    ['DHE', peer.finiteFields ?? []],
  ] as const) {
    for (const group of groups) {
      once(
        'groups',
        `agrees on a key with ${group}`,
        () => ({ ...pemPair('rsa'), groups: [group], ciphers: ephemeral(kx) }),
        (wire) => expect(wire.handshake.group?.iana).toBe(findGroup(group)!.iana),
      );
    }
  }

  for (const credential of credentialsIn(version, peer.credentials)) {
    once(
      'certificates',
      `accepts our certificate for ${credential}`,
      () => pemPair(credential),
      (wire) => expect(wire.hasMessage('server', 'ServerKeyExchange')).toBe(true),
    );
  }
  once(
    'certificates',
    'gets the one of two that its suite needs',
    () => ({
      cert: [pem('p256'), pem('rsa')],
      key: [pemPair('p256').key, pemPair('rsa').key],
      ciphers: ephemeral('ECDHE'),
    }),
    (wire) => expect(wire.handshake.cipherSuite.auth).toBe('RSA'),
  );

  for (const credential of ['client', 'client-rsa']) {
    once(
      'client certificate',
      `proves itself with its certificate ${credential}`,
      () => ({ ...pemPair('p256'), requestCert: true, ca: pem('ca') }),
      (wire) => {
        expect(wire.socket.authorized).toBe(true);
        expect(wire.socket.getPeerCertificates()[0]?.subject.text).toContain(credential);
      },
      { credential },
    );
  }
  once(
    'client certificate',
    'is served without one where we only ask',
    () => ({ ...pemPair('p256'), requestCert: true, rejectUnauthorized: false, ca: pem('ca') }),
    (wire) => {
      expect(wire.hasMessage('server', 'CertificateRequest')).toBe(true);
      expect(wire.socket.authorized).toBe(false);
    },
  );
  show('client certificate', 'is refused without a certificate', async ({ onTestFinished }) => {
    const options = olderServer(version, { ...pemPair('p256'), requestCert: true, ca: pem('ca') });
    const service = await Service.start(onTestFinished, options);
    const call = await peer.call(onTestFinished, { port: service.port, ca: 'ca', size: 100, version });
    // RFC 5246 §7.4.6: certificate_required came with TLS 1.3.
    expect(await service.nextFailure()).toMatchObject({
      code: 'no_peer_certificate',
      alert: 'handshake_failure',
      sentBy: 'server',
    });
    expect(await call.outcome()).toMatchObject({ ok: false });
  });

  show('client certificate', 'is refused with one of an unknown authority', async ({ onTestFinished }) => {
    const options = olderServer(version, { ...pemPair('p256'), requestCert: true, ca: pem('ca') });
    const service = await Service.start(onTestFinished, options);
    const terms = { version, credential: 'other-client' } as const;
    const call = await peer.call(onTestFinished, { port: service.port, ca: 'ca', size: 100, ...terms });
    const error = await service.nextFailure();
    // Some send none where no certificate is of an authority that we named.
    expect(error.code).toMatch(/^(unknown_ca|missing_intermediate|no_peer_certificate)$/);
    expect(error.sentBy).toBe('server');
    expect(await call.outcome()).toMatchObject({ ok: false });
  });

  once(
    'alpn',
    'gets the protocol that both speak',
    () => ({ ...pemPair('p256'), ALPNProtocols: ['http/1.1', 'other'] }),
    (wire) => expect(wire.handshake.alpn).toBe('http/1.1'),
    { alpn: ['http/1.1'] },
  );

  once(
    '1 MiB',
    'brings 1 MiB each way',
    () => pemPair('p256'),
    () => {},
    { size: MEBIBYTE },
  );
  const lasting = suites.filter((suite) => !peer.fallsAfter?.includes(suite.kx));
  for (const suite of FULL ? oneOfEachCipher(lasting) : []) {
    once(
      '1 MiB',
      `brings 1 MiB each way with ${suite.iana}`,
      () => speaking(suite),
      () => {},
      { size: MEBIBYTE, psk: usesPsk(suite) },
    );
  }

  show('close', 'takes our close_notify for an orderly end', async ({ onTestFinished }) => {
    const service = await Service.start(onTestFinished, olderServer(version, pemPair('p256')));
    const call = await peer.call(onTestFinished, {
      port: service.port,
      ca: 'ca',
      size: 100,
      hold: true,
      version,
    });
    const wire = await service.next();
    await answer(wire, 100);
    wire.socket.end();
    const outcome = await call.outcome();
    expect(outcome).toMatchObject({ ok: true });
    if (peer.truncated) expect(outcome.text).not.toMatch(peer.truncated);
    if (peer.hangsUp) expect(await wire.ended).toMatchObject({ code: 'truncated_close' });
    else expect(await wire.ended).toBeNull();
  });

  show('truncation', 'is caught when it ends without close_notify', async ({ onTestFinished }) => {
    const service = await Service.start(onTestFinished, olderServer(version, pemPair('p256')));
    const call = await peer.call(onTestFinished, {
      port: service.port,
      ca: 'ca',
      size: 100,
      hold: true,
      version,
    });
    const wire = await service.next();
    await answer(wire, 100);
    await call.says(/exchanged/);
    await call.cut();
    expect(await wire.ended).toMatchObject({ code: 'truncated_close', sentBy: null });
  });

  show('resumption', 'resumes our session by a ticket', async ({ onTestFinished }) => {
    const service = await Service.start(onTestFinished, olderServer(version, pemPair('p256')));
    const call = await peer.call(onTestFinished, {
      port: service.port,
      ca: 'ca',
      size: 100,
      connections: 2,
      version,
    });
    for (const resumed of [false, true]) {
      const wire = await service.next();
      expect(wire.handshake.resumed).toBe(resumed);
      expect(wire.hasMessage('server', 'Certificate')).toBe(!resumed);
      if (resumed || !peer.idleBeforeResumption) await answer(wire, 100);
      expect(await wire.ended).toBeNull();
    }
    expect(await call.outcome()).toMatchObject({ ok: true });
  });

  show(
    'exporter',
    'exports the same keying material',
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, olderServer(version, pemPair('p256')));
      const options = { port: service.port, ca: 'ca', size: 100, exporter: EXPORTER_LABEL, version };
      const call = await peer.call(onTestFinished, options);
      const wire = await service.next();
      const ours = wire.socket.exportKeyingMaterial(32, EXPORTER_LABEL).toString('hex');
      await answer(wire, 100);
      const [, hex] = await call.says(peer.exported!);
      expect(hex!.replace(/[^0-9a-f]/gi, '').toLowerCase()).toBe(ours);
    },
    peer.exported ? null : 'the peer has no exporter',
  );

  once(
    'master secret',
    'binds it to the handshake',
    () => ({ ...pemPair('p256'), tls: { requireExtendedMasterSecret: true } }),
    (wire) => expect(wire.handshake.why.extendedMasterSecret?.chosen).toBe('extended_master_secret'),
  );
  const noPlain = peer.plainMasterSecret ? null : 'it cannot do without extended_master_secret';
  once(
    'master secret',
    'makes the plain one where it is told to',
    () => pemPair('p256'),
    (wire) => expect(wire.handshake.why.extendedMasterSecret?.chosen).toBeNull(),
    { extendedMasterSecret: false },
    noPlain,
  );
  show(
    'master secret',
    'is refused with the plain one where we demand the other',
    async ({ onTestFinished }) => {
      const options = { ...pemPair('p256'), tls: { requireExtendedMasterSecret: true } };
      const service = await Service.start(onTestFinished, olderServer(version, options));
      const terms = { version, extendedMasterSecret: false } as const;
      const call = await peer.call(onTestFinished, { port: service.port, ca: 'ca', size: 100, ...terms });
      expect(await service.nextFailure()).toMatchObject({
        code: 'extended_master_secret_missing',
        alert: 'handshake_failure',
        sentBy: 'server',
      });
      expect(await call.outcome()).toMatchObject({ ok: false });
    },
    noPlain,
  );

  const cbc = suites.filter((suite) => isCbc(suite) && suite.kx === 'ECDHE' && suite.auth === 'RSA');
  if (!peer.encryptThenMac)
    show('encrypt-then-mac', 'encrypts before the MAC', neverRun, NO_ENCRYPT_THEN_MAC);
  for (const suite of peer.encryptThenMac ? cbc : []) {
    for (const [title, ours, theirs] of [
      ['where both want it', true, true],
      ['not where we do not want it', false, true],
      ['not where it does not want it', true, false],
    ] as const) {
      once(
        'encrypt-then-mac',
        `${title}, with ${suite.iana}`,
        () => ({ ...speaking(suite), tls: { encryptThenMac: ours } }),
        (wire) =>
          expect(wire.handshake.why.encryptThenMac?.chosen).toBe(ours && theirs ? 'encrypt_then_mac' : null),
        theirs ? {} : { encryptThenMac: false },
      );
    }
  }

  if (FULL && version === 'TLSv1.2') clientProduct(peer, suites);
  refusals(peer, version, show, ephemeral('ECDHE'));
}

function refusals(
  peer: OlderClientPeer,
  version: OlderVersion,
  show: (feature: Feature, title: string, run: Parameters<typeof shows>[3]) => void,
  rsaSuites: readonly string[],
): void {
  show(
    'refusal',
    'refuses our certificate of an authority it does not know, and we say that the client did',
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, olderServer(version, pemPair('p256')));
      const call = await peer.call(onTestFinished, {
        port: service.port,
        ca: 'other-ca',
        size: 100,
        version,
      });
      const error = await service.nextFailure();
      if (peer.refusalAlerts.length > 0) {
        expect(error).toMatchObject({ code: 'peer_alert', sentBy: 'client' });
        expect(peer.refusalAlerts).toContain(error.alert);
      } else {
        expect(error.code).toMatch(/^(closed_during_handshake|truncated_close)$/);
      }
      expect(await call.outcome()).toMatchObject({ ok: false });
    },
  );

  show(
    'refusal',
    'is told that no version is shared with a server of TLS 1.3 only',
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, olderServer('TLSv1.3', pemPair('p256')));
      const call = await peer.call(onTestFinished, { port: service.port, ca: 'ca', size: 100, version });
      expect(await service.nextFailure()).toMatchObject({
        code: 'no_shared_version',
        alert: 'protocol_version',
        sentBy: 'server',
        facts: { supported: ['TLSv1.3'] },
      });
      const outcome = await call.outcome();
      expect(outcome.ok).toBe(false);
      if (peer.saysNoSharedVersion) expect(outcome.text).toMatch(peer.saysNoSharedVersion);
    },
  );

  show(
    'refusal',
    'is told that we have no certificate for the suites that are shared',
    async ({ onTestFinished }) => {
      const options = olderServer(version, { ...pemPair('p256'), ciphers: rsaSuites });
      const service = await Service.start(onTestFinished, options);
      const call = await peer.call(onTestFinished, { port: service.port, ca: 'ca', size: 100, version });
      expect(await service.nextFailure()).toMatchObject({
        code: 'no_certificate_for_suite',
        alert: 'handshake_failure',
        sentBy: 'server',
      });
      const outcome = await call.outcome();
      expect(outcome.ok).toBe(false);
      if (peer.saysNoSharedSuite) expect(outcome.text).toMatch(peer.saysNoSharedSuite);
    },
  );
}

/** Options of a server for one suite and what it needs. */
function speaking(suite: CipherSuite): ServerOptions {
  return {
    ...pemPair(credentialFor(suite)),
    ciphers: [suite.iana],
    ...(usesPsk(suite) && { tls: withPsk }),
  };
}

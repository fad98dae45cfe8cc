/** What every client that connects to us has to show. */
import type { ServerOptions } from 'akushu/node';
import { expect } from 'vitest';
import { type Feature, shows } from './matrix.js';
import type { ClientPeer } from './peer.js';
import { EXPORTER_LABEL, pem, pemPair } from './suite-server.js';
import { MEBIBYTE, Service, type Wire } from './wire.js';

const FULL = process.env.AKUSHU_FULL === '1';

/** Reads what the client sends and gives it back. */
export async function echo(wire: Wire, size: number, between?: () => void): Promise<void> {
  const bytes = await wire.read(size);
  between?.();
  wire.send(bytes);
}

export function clientSuite(peer: ClientPeer): void {
  const answer = peer.answer ?? echo;
  const show = (
    feature: Feature,
    title: string,
    run: Parameters<typeof shows>[3],
    skip: string | null = null,
  ): void =>
    shows(
      { peer: peer.name, role: 'client', feature },
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
    more: { size?: number; credential?: string; alpn?: readonly string[] } = {},
  ): void => {
    const { size = 1000, ...callOptions } = more;
    show(feature, title, async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, { ...pemPair('p256'), ...options() });
      const call = await peer.call(onTestFinished, { port: service.port, ca: 'ca', size, ...callOptions });
      const wire = await service.next();
      check(wire);
      await answer(wire, size);
      expect(await call.outcome()).toMatchObject({ ok: true });
      if (!peer.neverCloses) expect(await wire.ended).toBeNull();
    });
  };

  for (const suite of peer.suites) {
    once(
      'suites',
      `speaks ${suite}`,
      () => ({ ciphers: [suite] }),
      (wire) => expect(wire.handshake.cipherSuite.iana).toBe(suite),
    );
  }
  for (const group of peer.groups) {
    once(
      'groups',
      `agrees on a key with ${group}`,
      () => ({ groups: [group] }),
      (wire) => expect(wire.handshake.group?.iana).toBe(group),
    );
  }
  for (const credential of peer.credentials) {
    once(
      'certificates',
      `accepts our certificate for ${credential}`,
      () => pemPair(credential),
      (wire) => expect(wire.hasMessage('server', 'CertificateVerify')).toBe(true),
    );
  }
  once(
    'retry',
    `sends a share for ${peer.retryGroup} when asked in a HelloRetryRequest`,
    () => ({ groups: [peer.retryGroup] }),
    (wire) => {
      expect(wire.hasMessage('server', 'HelloRetryRequest')).toBe(true);
      expect(wire.handshake.group?.iana).toBe(peer.retryGroup);
    },
  );
  once(
    'client certificate',
    'proves itself with its certificate',
    () => ({ requestCert: true, ca: pem('ca') }),
    (wire) => {
      expect(wire.socket.authorized).toBe(true);
      expect(wire.socket.getPeerCertificates()[0]?.subject.text).toContain('client');
    },
    { credential: 'client' },
  );

  show('client certificate', 'is refused without a certificate', async ({ onTestFinished }) => {
    const service = await Service.start(onTestFinished, {
      ...pemPair('p256'),
      requestCert: true,
      ca: pem('ca'),
    });
    const call = await peer.call(onTestFinished, { port: service.port, ca: 'ca', size: 100 });
    expect(await service.nextFailure()).toMatchObject({
      code: 'no_peer_certificate',
      alert: 'certificate_required',
      sentBy: 'server',
    });
    expect(await call.outcome()).toMatchObject({ ok: false });
  });

  show(
    'client certificate',
    'is refused with a certificate of an unknown authority',
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, {
        ...pemPair('p256'),
        requestCert: true,
        ca: pem('ca'),
      });
      const call = await peer.call(onTestFinished, {
        port: service.port,
        ca: 'ca',
        size: 100,
        credential: 'other-client',
      });
      const error = await service.nextFailure();
      // Some send none where no certificate is of an authority that we named; others send what they have.
      expect(['unknown_ca', 'missing_intermediate', 'no_peer_certificate']).toContain(error.code);
      expect(error.sentBy).toBe('server');
      expect(await call.outcome()).toMatchObject({ ok: false });
    },
  );

  once(
    'alpn',
    'gets the protocol that both speak',
    () => ({ ALPNProtocols: ['http/1.1', 'other'] }),
    (wire) => expect(wire.handshake.alpn).toBe('http/1.1'),
    { alpn: ['http/1.1'] },
  );

  show(
    'alpn',
    'is refused with no_application_protocol where nothing is shared',
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, { ...pemPair('p256'), ALPNProtocols: ['other'] });
      const call = await peer.call(onTestFinished, {
        port: service.port,
        ca: 'ca',
        size: 100,
        alpn: ['http/1.1'],
      });
      expect(await service.nextFailure()).toMatchObject({
        code: 'no_shared_alpn',
        alert: 'no_application_protocol',
        sentBy: 'server',
      });
      const outcome = await call.outcome();
      expect(outcome.ok).toBe(false);
      if (peer.alpnRefused) expect(outcome.text).toMatch(peer.alpnRefused);
    },
  );

  show(
    'key update',
    'follows our KeyUpdate and answers the request with its own',
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, pemPair('p256'));
      const call = await peer.call(onTestFinished, { port: service.port, ca: 'ca', size: 1000, rounds: 2 });
      const wire = await service.next();
      await answer(wire, 1000, () => wire.socket.updateKeys({ requestPeer: true }));
      await answer(wire, 1000);
      await wire.traced(
        'KeyUpdate of the client',
        (event) => event.kind === 'message' && event.from === 'client' && event.type === 'KeyUpdate',
      );
      expect(await call.outcome()).toMatchObject({ ok: true });
      if (!peer.neverCloses) expect(await wire.ended).toBeNull();
    },
  );

  once(
    '1 MiB',
    'brings 1 MiB each way',
    () => ({}),
    () => {},
    { size: MEBIBYTE },
  );

  show('close', 'takes our close_notify for an orderly end', async ({ onTestFinished }) => {
    const service = await Service.start(onTestFinished, pemPair('p256'));
    const call = await peer.call(onTestFinished, { port: service.port, ca: 'ca', size: 100, hold: true });
    const wire = await service.next();
    await answer(wire, 100);
    wire.socket.end();
    const outcome = await call.outcome();
    expect(outcome).toMatchObject({ ok: true });
    if (peer.truncated) expect(outcome.text).not.toMatch(peer.truncated);
    // RFC 9846 §6.1: each side owes a close_notify before it closes its own direction.
    if (peer.hangsUp) expect(await wire.ended).toMatchObject({ code: 'truncated_close' });
    else expect(await wire.ended).toBeNull();
  });

  show('truncation', 'is caught when it ends without close_notify', async ({ onTestFinished }) => {
    const service = await Service.start(onTestFinished, pemPair('p256'));
    const call = await peer.call(onTestFinished, { port: service.port, ca: 'ca', size: 100, hold: true });
    const wire = await service.next();
    await answer(wire, 100);
    await call.says(/exchanged/);
    await call.cut();
    expect(await wire.ended).toMatchObject({ code: 'truncated_close', sentBy: null });
  });

  show(
    'truncation',
    'notices when we end without close_notify',
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, pemPair('p256'));
      const call = await peer.call(onTestFinished, { port: service.port, ca: 'ca', size: 100, hold: true });
      const wire = await service.next();
      await answer(wire, 100);
      await call.says(/exchanged/);
      wire.cut();
      expect((await call.outcome()).text).toMatch(peer.truncated!);
    },
    peer.truncated ? null : 'the peer does not tell a cut from an end',
  );

  show('resumption', 'resumes our session', async ({ onTestFinished }) => {
    const service = await Service.start(onTestFinished, pemPair('p256'));
    const call = await peer.call(onTestFinished, { port: service.port, ca: 'ca', size: 100, connections: 2 });
    for (const resumed of [false, true]) {
      const wire = await service.next();
      expect(wire.handshake.resumed).toBe(resumed);
      if (resumed || !peer.idleBeforeResumption) await answer(wire, 100);
      expect(await wire.ended).toBeNull();
    }
    expect(await call.outcome()).toMatchObject({ ok: true });
  });

  show(
    'exporter',
    'exports the same keying material',
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, pemPair('p256'));
      const call = await peer.call(onTestFinished, {
        port: service.port,
        ca: 'ca',
        size: 100,
        exporter: EXPORTER_LABEL,
      });
      const wire = await service.next();
      const ours = wire.socket.exportKeyingMaterial(32, EXPORTER_LABEL).toString('hex');
      await answer(wire, 100);
      const [, hex] = await call.says(peer.exported!);
      expect(hex!.replace(/[^0-9a-f]/gi, '').toLowerCase()).toBe(ours);
    },
    peer.exported ? null : 'the peer has no exporter',
  );

  show(
    'refusal',
    'refuses our certificate of an authority it does not know, and we say that the client did',
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, pemPair('p256'));
      const call = await peer.call(onTestFinished, { port: service.port, ca: 'other-ca', size: 100 });
      const error = await service.nextFailure();
      if (peer.refusalAlerts.length > 0) {
        expect(error).toMatchObject({ code: 'peer_alert', sentBy: 'client' });
        expect(peer.refusalAlerts).toContain(error.alert);
      } else {
        expect(error.code).toMatch(/^(closed_during_handshake|truncated_close)$/);
        expect(error.sentBy).toBeNull();
      }
      expect(await call.outcome()).toMatchObject({ ok: false });
    },
  );

  if (FULL) fullProduct(peer);
}

/** Every suite with every group and every certificate. */
function fullProduct(peer: ClientPeer): void {
  const answer = peer.answer ?? echo;
  for (const credential of peer.credentials) {
    for (const suite of peer.suites) {
      const cell = { peer: peer.name, role: 'client', feature: 'extras' } as const;
      shows(cell, `${credential}, ${suite}, every group`, peer.why, async ({ onTestFinished }) => {
        for (const group of peer.groups) {
          const options = { ...pemPair(credential), ciphers: [suite], groups: [group] };
          const service = await Service.start(onTestFinished, options);
          const call = await peer.call(onTestFinished, { port: service.port, ca: 'ca', size: 100 });
          const wire = await service.next();
          expect([wire.handshake.cipherSuite.iana, wire.handshake.group?.iana]).toEqual([suite, group]);
          await answer(wire, 100);
          expect(await call.outcome()).toMatchObject({ ok: true });
        }
      });
    }
  }
}

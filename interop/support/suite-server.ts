/** What every server that we connect to has to show. */
import { readFileSync } from 'node:fs';
import { findGroup, Suite } from 'akushu';
import type { ConnectOptions } from 'akushu/node';
import { expect, inject } from 'vitest';
import { type Feature, shows } from './matrix.js';
import type { ServerPeer } from './peer.js';
import { type CredentialName, certFile, keyFile } from './pki.js';
import { failureOf, MEBIBYTE, open, type Wire } from './wire.js';

const SIGNATURES: Readonly<Record<CredentialName, RegExp>> = {
  p256: /^ecdsa_secp256r1_sha256$/,
  p384: /^ecdsa_secp384r1_sha384$/,
  p521: /^ecdsa_secp521r1_sha512$/,
  ed25519: /^ed25519$/,
  ed448: /^ed448$/,
  rsa: /^rsa_pss_rsae_/,
  'rsa-pss': /^rsa_pss_pss_/,
};

export const EXPORTER_LABEL = 'EXPORTER-akushu-interop';
const FULL = process.env.AKUSHU_FULL === '1';
/** All that we have, so that a peer's own choice can be tested. */
const ALL_SUITES = Object.keys(Suite).filter(
  (name) => /^TLS_(AES|CHACHA20)_/.test(name) && !name.includes('_WITH_'),
);

export function pem(name: string): Buffer {
  return readFileSync(certFile({ dir: inject('prepared').pkiDir }, name));
}

export function pemPair(name: string): { cert: Buffer; key: Buffer } {
  return { cert: pem(name), key: readFileSync(keyFile({ dir: inject('prepared').pkiDir }, name)) };
}

/** Options of a client that trusts our authority and takes every suite. */
export function trusting(more: ConnectOptions = {}): ConnectOptions {
  return { ca: pem('ca'), ciphers: ALL_SUITES, ...more };
}

export function serverSuite(peer: ServerPeer): void {
  const show = (
    feature: Feature,
    title: string,
    run: Parameters<typeof shows>[3],
    skip: string | null = null,
  ): void =>
    shows(
      { peer: peer.name, role: 'server', feature },
      title,
      peer.why ?? peer.without?.[feature] ?? skip,
      run,
    );

  /** Closes, and judges how the peer does. RFC 9846 §6.1: each side owes a close_notify before it closes its own direction. */
  const leave = async (wire: Wire): Promise<void> => {
    if (peer.hangsUp) expect(await wire.close()).toMatchObject({ code: 'truncated_close' });
    else expect(await wire.close()).toBeNull();
  };

  for (const suite of peer.suites) {
    show('suites', `speaks ${suite}`, async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { credential: 'p256' });
      const wire = await open(onTestFinished, service.port, trusting({ ciphers: [suite] }));
      expect(wire.handshake.cipherSuite.iana).toBe(suite);
      await service.exchange(wire, 1000);
      await leave(wire);
    });
  }

  for (const group of peer.groups) {
    show('groups', `agrees on a key with ${group}`, async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { credential: 'p256' });
      const wire = await open(onTestFinished, service.port, trusting({ groups: [group] }));
      expect(wire.handshake.group?.iana).toBe(group);
      await service.exchange(wire, 100);
      await leave(wire);
    });
  }

  for (const credential of peer.credentials) {
    show('certificates', `proves itself with a certificate for ${credential}`, async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { credential });
      const wire = await open(onTestFinished, service.port, trusting());
      expect(wire.handshake.signatureScheme?.iana).toMatch(SIGNATURES[credential]);
      await service.exchange(wire, 100);
      await leave(wire);
    });
  }

  show('retry', 'asks for a share in a HelloRetryRequest where none came', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { credential: 'p256' });
    const wire = await open(onTestFinished, service.port, trusting({ tls: { keyShares: [] } }));
    expect(wire.hasMessage('server', 'HelloRetryRequest')).toBe(true);
    await service.exchange(wire, 100);
    await leave(wire);
  });

  show('client certificate', 'accepts our certificate', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { credential: 'p256', clientAuth: true });
    const wire = await open(onTestFinished, service.port, trusting(pemPair('client')));
    expect(wire.hasMessage('server', 'CertificateRequest')).toBe(true);
    await service.exchange(wire, 100);
    await leave(wire);
  });

  show(
    'client certificate',
    'refuses us without a certificate, and we say that it did',
    async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { credential: 'p256', clientAuth: true });
      const error = await failureOf(onTestFinished, service.port, trusting());
      expect(error).toMatchObject({ code: 'peer_alert', alert: peer.noCertificateAlert, sentBy: 'server' });
    },
  );

  show('alpn', 'chooses a protocol that both speak', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { credential: 'p256', alpn: ['http/1.1'] });
    const wire = await open(onTestFinished, service.port, trusting({ ALPNProtocols: ['foo', 'http/1.1'] }));
    expect(wire.handshake.alpn).toBe('http/1.1');
    await service.exchange(wire, 100);
    await leave(wire);
  });

  show(
    'alpn',
    `${peer.alpnMismatch}s an offer without a protocol that both speak`,
    async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { credential: 'p256', alpn: ['http/1.1'] });
      const options = trusting({ ALPNProtocols: ['foo'] });
      if (peer.alpnMismatch === 'ignore') {
        const wire = await open(onTestFinished, service.port, options);
        expect(wire.handshake.alpn).toBeNull();
        await leave(wire);
      } else {
        const error = await failureOf(onTestFinished, service.port, options);
        expect(error).toMatchObject({
          code: 'peer_alert',
          alert: 'no_application_protocol',
          sentBy: 'server',
        });
      }
    },
  );

  show(
    'key update',
    'follows our KeyUpdate and answers the request with its own',
    async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { credential: 'p256' });
      const wire = await open(onTestFinished, service.port, trusting());
      await service.exchange(wire, 1000);
      wire.socket.updateKeys({ requestPeer: true });
      await service.exchange(wire, 1000);
      await wire.traced(
        'KeyUpdate of the server',
        (event) => event.kind === 'message' && event.from === 'server' && event.type === 'KeyUpdate',
      );
      await service.exchange(wire, 1000);
      await leave(wire);
    },
  );

  show('1 MiB', 'brings 1 MiB each way', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { credential: 'p256' });
    const wire = await open(onTestFinished, service.port, trusting());
    await service.exchange(wire, MEBIBYTE);
    await leave(wire);
  });

  show('close', 'takes our close_notify for an orderly end', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { credential: 'p256' });
    const wire = await open(onTestFinished, service.port, trusting());
    await service.exchange(wire, 100);
    await leave(wire);
    if (peer.orderly) await service.says(peer.orderly);
  });

  show('truncation', 'is caught when it ends without close_notify', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { credential: 'p256' });
    const wire = await open(onTestFinished, service.port, trusting());
    await service.exchange(wire, 100);
    await service.cut();
    expect(await wire.ended).toMatchObject({ code: 'truncated_close', sentBy: null });
  });

  show(
    'truncation',
    'notices when we end without close_notify',
    async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { credential: 'p256' });
      const wire = await open(onTestFinished, service.port, trusting());
      await service.exchange(wire, 100);
      wire.cut();
      await service.says(peer.truncated!);
    },
    peer.truncated ? null : 'the peer does not tell a cut from an end',
  );

  show('resumption', 'resumes its session', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { credential: 'p256' });
    const first = await open(onTestFinished, service.port, trusting());
    expect(first.handshake.resumed).toBe(false);
    await service.exchange(first, 100);
    const session = await first.session();
    await leave(first);
    const second = await open(onTestFinished, service.port, trusting({ session }));
    expect(second.handshake.resumed).toBe(true);
    expect(second.hasMessage('server', 'Certificate')).toBe(false);
    await service.exchange(second, 100);
    await leave(second);
  });

  show(
    'exporter',
    'exports the same keying material',
    async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { credential: 'p256', exporter: EXPORTER_LABEL });
      const wire = await open(onTestFinished, service.port, trusting());
      // Now: a connection that has ended exports nothing.
      const ours = wire.socket.exportKeyingMaterial(32, EXPORTER_LABEL).toString('hex');
      await service.exchange(wire, 100);
      const [, hex] = await service.says(peer.exported!);
      expect(hex!.replace(/[^0-9a-f]/gi, '').toLowerCase()).toBe(ours);
    },
    peer.exported ? null : 'the peer has no exporter',
  );

  show('refusal', 'is told unknown_ca where we do not know its authority', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { credential: 'untrusted' });
    const error = await failureOf(onTestFinished, service.port, trusting());
    expect(error.code).toMatch(/^(unknown_ca|missing_intermediate)$/);
    expect(error).toMatchObject({ alert: 'unknown_ca', sentBy: 'client' });
    if (peer.refused) await service.says(peer.refused);
  });

  show('refusal', 'is refused with an expired certificate', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { credential: 'expired' });
    const error = await failureOf(onTestFinished, service.port, trusting());
    expect(error).toMatchObject({
      code: 'certificate_expired',
      alert: 'certificate_expired',
      sentBy: 'client',
    });
  });

  show('refusal', 'is refused with a certificate for another name', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { credential: 'wrong-host' });
    const error = await failureOf(onTestFinished, service.port, trusting());
    expect(error).toMatchObject({ code: 'hostname_mismatch', alert: 'bad_certificate', sentBy: 'client' });
  });

  if (FULL) fullProduct(peer);
}

/** Every suite with every group and every certificate. */
function fullProduct(peer: ServerPeer): void {
  for (const credential of peer.credentials) {
    for (const suite of peer.suites) {
      const cell = { peer: peer.name, role: 'server', feature: 'extras' } as const;
      shows(cell, `${credential}, ${suite}, every group`, peer.why, async ({ onTestFinished }) => {
        const service = await peer.serve(onTestFinished, { credential });
        for (const group of peer.groups) {
          const wire = await open(
            onTestFinished,
            service.port,
            trusting({ ciphers: [suite], groups: [group] }),
          );
          expect([wire.handshake.cipherSuite.iana, wire.handshake.group?.iana]).toEqual([
            suite,
            findGroup(group)?.iana,
          ]);
          await service.exchange(wire, 100);
          await wire.close();
        }
      });
    }
  }
}

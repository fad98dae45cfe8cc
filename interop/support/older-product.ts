/** With AKUSHU_FULL=1: every suite of ECDHE in TLS 1.2 with every certificate that fits and every group. */
import type { CipherSuite } from 'akushu';
import { expect } from 'vitest';
import { shows } from './matrix.js';
import { olderClient, olderServer } from './older.js';
import type { OlderClientPeer, OlderServerPeer } from './peer.js';
import type { CredentialName } from './pki.js';
import { echo } from './suite-client.js';
import { pemPair } from './suite-server.js';
import { open, Service } from './wire.js';

const CURVES: Readonly<Partial<Record<CredentialName, readonly string[]>>> = {
  p256: ['secp256r1'],
  p384: ['secp384r1'],
  p521: ['secp521r1'],
};

/** RFC 8422 §2.2: keys of EdDSA go with the suites of ECDSA. */
const fits = (credential: CredentialName, suite: CipherSuite): boolean =>
  credential.startsWith('rsa') === (suite.auth === 'RSA');

export function serverProduct(peer: OlderServerPeer, suites: readonly CipherSuite[]): void {
  const version = 'TLSv1.2';
  for (const credential of peer.credentials) {
    for (const suite of suites.filter((it) => it.kx === 'ECDHE' && fits(credential, it))) {
      const cell = { peer: peer.name, role: 'server', feature: 'extras', version } as const;
      shows(cell, `${credential}, ${suite.iana}, every group`, peer.why, async ({ onTestFinished }) => {
        const service = await peer.serve(onTestFinished, { version, credential });
        for (const group of peer.groups) {
          // Before RFC 9846 the curve of the key has to be among the groups, too (RFC 8422 §5.1.1).
          const groups = [...new Set([group, ...(CURVES[credential] ?? [])])];
          const options = olderClient(version, { ciphers: [suite.iana], groups });
          const wire = await open(onTestFinished, service.port, options);
          expect(wire.handshake.cipherSuite.iana).toBe(suite.iana);
          await service.exchange(wire, 100);
          await wire.close();
        }
      });
    }
  }
}

export function clientProduct(peer: OlderClientPeer, suites: readonly CipherSuite[]): void {
  const answer = peer.answer ?? echo;
  const version = 'TLSv1.2';
  for (const credential of peer.credentials) {
    for (const suite of suites.filter((it) => it.kx === 'ECDHE' && fits(credential, it))) {
      const cell = { peer: peer.name, role: 'client', feature: 'extras', version } as const;
      shows(cell, `${credential}, ${suite.iana}, every group`, peer.why, async ({ onTestFinished }) => {
        for (const group of peer.groups) {
          const options = { ...pemPair(credential), ciphers: [suite.iana], groups: [group] };
          const service = await Service.start(onTestFinished, olderServer(version, options));
          const call = await peer.call(onTestFinished, { port: service.port, ca: 'ca', size: 100, version });
          const wire = await service.next();
          expect([wire.handshake.cipherSuite.iana, wire.handshake.group?.iana]).toEqual([suite.iana, group]);
          await answer(wire, 100);
          expect(await call.outcome()).toMatchObject({ ok: true });
        }
      });
    }
  }
}

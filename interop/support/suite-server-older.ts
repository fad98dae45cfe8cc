/** What every server of TLS 1.2, 1.1 or 1.0 that we connect to has to show. */
import { type CipherSuite, findGroup } from 'akushu';
import type { ConnectOptions } from 'akushu/node';
import { expect } from 'vitest';
import { type Feature, shows } from './matrix.js';
import {
  credentialFor,
  isCbc,
  type OlderVersion,
  olderClient,
  suitesIn,
  usesPsk,
  withoutTickets,
  withPsk,
} from './older.js';
import { serverProduct } from './older-product.js';
import type { OlderAbilities, OlderServerPeer, PeerService, ServeOptions } from './peer.js';
import type { CredentialName } from './pki.js';
import { cleanerAfterAll } from './processes.js';
import { EXPORTER_LABEL, pemPair } from './suite-server.js';
import { failureOf, MEBIBYTE, open, type Wire } from './wire.js';

const FULL = process.env.AKUSHU_FULL === '1';
const LIFETIME = 600_000;
/** Around the blocks of ciphers and the lengths of MACs, and more than one record. */
const SIZES = [1, 15, 16, 17, 300, 20_000] as const;

/** In TLS 1.2; before it there was no choice (RFC 5246 §7.4.1.4.1). */
const SIGNATURES: Readonly<Record<CredentialName, RegExp>> = {
  p256: /^ecdsa_/,
  p384: /^ecdsa_/,
  p521: /^ecdsa_/,
  ed25519: /^ed25519$/,
  ed448: /^ed448$/,
  rsa: /^rsa_/,
  'rsa-pss': /^rsa_pss_pss_/,
};

/** Before TLS 1.2 signatures are of MD5 and SHA-1 by RSA, or of SHA-1 by ECDSA (RFC 4346 §7.4.3, RFC 8422 §5.10). */
export function credentialsIn(
  version: OlderVersion,
  all: readonly CredentialName[],
): readonly CredentialName[] {
  return version === 'TLSv1.2' ? all : all.filter((name) => /^(p\d+|rsa)$/.test(name));
}

export function olderServerSuite(peer: OlderServerPeer): void {
  for (const version of peer.versions) versionSuite(peer, version);
}

/** Servers that several tests use, one after the other. A test that fails takes its server with it. */
class Shared {
  private readonly running = new Map<string, Promise<PeerService>>();
  private readonly clean = cleanerAfterAll();

  constructor(private readonly peer: OlderServerPeer) {}

  async use(options: ServeOptions, run: (service: PeerService) => Promise<void>): Promise<void> {
    const key = JSON.stringify(options);
    const service = this.running.get(key) ?? this.peer.serve(this.clean, { ...options, lifetime: LIFETIME });
    this.running.set(key, service);
    try {
      await run(await service);
    } catch (error) {
      this.running.delete(key);
      throw error;
    }
  }
}

function versionSuite(peer: OlderServerPeer, version: OlderVersion): void {
  const shared = new Shared(peer);
  const show = (
    feature: Feature,
    title: string,
    run: Parameters<typeof shows>[3],
    skip: string | null | undefined = null,
  ): void =>
    shows(
      { peer: peer.name, role: 'server', feature, version },
      title,
      peer.why ?? peer.without?.[feature] ?? skip,
      run,
    );
  const leave = async (wire: Wire): Promise<void> => {
    if (peer.hangsUp) expect(await wire.close()).toMatchObject({ code: 'truncated_close' });
    else expect(await wire.close()).toBeNull();
  };
  const suites = spokenSuites(peer, version);
  const terms = { version, credential: 'rsa', ...(!peer.oneCertificate && { also: 'p256' }) };

  for (const suite of suites) {
    show('suites', `speaks ${suite.iana}`, async ({ onTestFinished }) => {
      const certificates = peer.oneCertificate ? { version, credential: credentialFor(suite) } : terms;
      await shared.use({ ...certificates, psk: usesPsk(suite) }, async (service) => {
        const wire = await open(onTestFinished, service.port, olderClient(version, speaking(suite)));
        expect(wire.handshake).toMatchObject({ version, cipherSuite: { iana: suite.iana } });
        for (const size of FULL && !peer.answersOnce ? SIZES : [300]) await service.exchange(wire, size);
        await leave(wire);
      });
    });
  }
  if (peer.withoutPsk) show('suites', 'speaks suites with pre-shared keys', neverRun, peer.withoutPsk);

  const ephemeral = (kx: string): readonly string[] =>
    suites.filter((suite) => suite.kx === kx && suite.auth === 'RSA').map((suite) => suite.iana);
  for (const [kx, groups] of [
    ['ECDHE', peer.groups],
    ['DHE', peer.finiteFields ?? []],
  ] as const) {
    for (const group of groups) {
      show('groups', `agrees on a key with ${group}`, async ({ onTestFinished }) => {
        await shared.use(terms, async (service) => {
          const options = olderClient(version, { groups: [group], ciphers: ephemeral(kx) });
          const wire = await open(onTestFinished, service.port, options);
          expect(wire.handshake.group?.iana).toBe(findGroup(group)!.iana);
          await service.exchange(wire, 100);
          await leave(wire);
        });
      });
    }
  }

  for (const credential of credentialsIn(version, peer.credentials)) {
    show('certificates', `proves itself with a certificate for ${credential}`, async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { version, credential });
      const wire = await open(onTestFinished, service.port, olderClient(version));
      expect(wire.hasMessage('server', 'ServerKeyExchange')).toBe(true);
      if (version === 'TLSv1.2') expect(wire.handshake.signatureScheme?.iana).toMatch(SIGNATURES[credential]);
      await service.exchange(wire, 100);
      await leave(wire);
    });
  }

  for (const [own, credential] of [
    ['client', 'p256'],
    // Some ask for the kind of certificate that they have themselves.
    ['client-rsa', 'rsa'],
  ] as const) {
    show('client certificate', `accepts our certificate ${own}`, async ({ onTestFinished }) => {
      await shared.use({ version, credential, clientAuth: true }, async (service) => {
        const wire = await open(onTestFinished, service.port, olderClient(version, pemPair(own)));
        expect(wire.hasMessage('server', 'CertificateRequest')).toBe(true);
        expect(wire.hasMessage('client', 'CertificateVerify')).toBe(true);
        await service.exchange(wire, 100);
        await leave(wire);
      });
    });
  }

  show(
    'client certificate',
    'refuses us without a certificate, and we say that it did',
    async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { version, credential: 'p256', clientAuth: true });
      const error = await failureOf(onTestFinished, service.port, olderClient(version));
      expect(error).toMatchObject(
        peer.noCertificateAlert === null
          ? { code: 'closed_during_handshake', alert: null, sentBy: null }
          : { code: 'peer_alert', alert: peer.noCertificateAlert, sentBy: 'server' },
      );
    },
    peer.refusesAbove ? 'it says so above TLS' : null,
  );

  show(
    'client certificate',
    'goes on without one where it only asked',
    async ({ onTestFinished }) => {
      const options = { version, credential: 'p256', clientAuth: 'request' } as const;
      const service = await peer.serve(onTestFinished, options);
      const wire = await open(onTestFinished, service.port, olderClient(version));
      expect(wire.hasMessage('server', 'CertificateRequest')).toBe(true);
      expect(wire.hasMessage('client', 'CertificateVerify')).toBe(false);
      await service.exchange(wire, 100);
      await leave(wire);
    },
    peer.asksOnly ? null : 'it cannot ask without demanding',
  );

  show('alpn', 'chooses a protocol that both speak', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { version, credential: 'p256', alpn: ['http/1.1'] });
    const options = olderClient(version, { ALPNProtocols: ['foo', 'http/1.1'] });
    const wire = await open(onTestFinished, service.port, options);
    expect(wire.handshake.alpn).toBe('http/1.1');
    await service.exchange(wire, 100);
    await leave(wire);
  });

  show('1 MiB', 'brings 1 MiB each way', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { version, credential: 'p256' });
    const wire = await open(onTestFinished, service.port, olderClient(version));
    await service.exchange(wire, MEBIBYTE);
    await leave(wire);
  });

  for (const suite of FULL ? oneOfEachCipher(suites) : []) {
    show('1 MiB', `brings 1 MiB each way with ${suite.iana}`, async ({ onTestFinished }) => {
      const certificates = peer.oneCertificate ? { version, credential: credentialFor(suite) } : terms;
      const service = await peer.serve(onTestFinished, { ...certificates, psk: usesPsk(suite) });
      const wire = await open(onTestFinished, service.port, olderClient(version, speaking(suite)));
      await service.exchange(wire, MEBIBYTE);
      await leave(wire);
    });
  }

  show('truncation', 'is caught when it ends without close_notify', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { version, credential: 'p256' });
    const wire = await open(onTestFinished, service.port, olderClient(version));
    await service.exchange(wire, 100);
    await service.cut();
    expect(await wire.ended).toMatchObject({ code: 'truncated_close', sentBy: null });
  });

  show(
    'truncation',
    'notices when we end without close_notify',
    async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { version, credential: 'p256' });
      const wire = await open(onTestFinished, service.port, olderClient(version));
      await service.exchange(wire, 100);
      wire.cut();
      await service.says(peer.truncated!);
    },
    peer.truncated ? null : 'the peer does not tell a cut from an end',
  );

  show('resumption', 'resumes its session by a ticket', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { version, credential: 'p256' });
    const first = await open(onTestFinished, service.port, olderClient(version));
    expect(first.handshake.resumed).toBe(false);
    expect(first.hasMessage('server', 'NewSessionTicket')).toBe(true);
    await service.exchange(first, 100);
    const session = await first.session();
    await leave(first);
    const proven = first.handshake.peerCertificates;
    const second = await open(onTestFinished, service.port, olderClient(version, { session }));
    expect(second.handshake.resumed).toBe(true);
    expect(second.hasMessage('server', 'Certificate')).toBe(false);
    expect(second.handshake.peerCertificates).toEqual(proven);
    await service.exchange(second, 100);
    await leave(second);
  });

  show(
    'resumption',
    'resumes its session by its id where we have no tickets',
    async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { version, credential: 'p256' });
      const first = await open(onTestFinished, service.port, olderClient(version, { tls: withoutTickets }));
      await service.exchange(first, 100);
      const session = await first.session();
      expect([session.ticket.length, session.sessionId?.length]).toEqual([0, 32]);
      await leave(first);
      const options = olderClient(version, { session, tls: withoutTickets });
      const second = await open(onTestFinished, service.port, options);
      expect([second.handshake.resumed, second.hasMessage('server', 'Certificate')]).toEqual([true, false]);
      await service.exchange(second, 100);
      await leave(second);
    },
    peer.withoutSessionIds ?? null,
  );

  show(
    'exporter',
    'exports the same keying material',
    async ({ onTestFinished }) => {
      const options = { version, credential: 'p256', exporter: EXPORTER_LABEL };
      const service = await peer.serve(onTestFinished, options);
      const wire = await open(onTestFinished, service.port, olderClient(version));
      const ours = wire.socket.exportKeyingMaterial(32, EXPORTER_LABEL).toString('hex');
      await service.exchange(wire, 100);
      const [, hex] = await service.says(peer.exported!);
      expect(hex!.replace(/[^0-9a-f]/gi, '').toLowerCase()).toBe(ours);
    },
    peer.exported ? null : 'the peer has no exporter',
  );

  show('master secret', 'binds it to the handshake', async ({ onTestFinished }) => {
    await shared.use(terms, async (service) => {
      const options = olderClient(version, { tls: { requireExtendedMasterSecret: true } });
      const wire = await open(onTestFinished, service.port, options);
      expect(wire.handshake.why.extendedMasterSecret?.chosen).toBe('extended_master_secret');
      await leave(wire);
    });
  });
  const noPlain = peer.plainMasterSecret ? null : 'it cannot do without extended_master_secret';
  show(
    'master secret',
    'makes the plain one where it is told to',
    async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { ...terms, extendedMasterSecret: false });
      const wire = await open(onTestFinished, service.port, olderClient(version));
      expect(wire.handshake.why.extendedMasterSecret?.chosen).toBeNull();
      await service.exchange(wire, 100);
      await leave(wire);
    },
    noPlain,
  );
  show(
    'master secret',
    'is refused with the plain one where we demand the other',
    async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { ...terms, extendedMasterSecret: false });
      const options = olderClient(version, { tls: { requireExtendedMasterSecret: true } });
      const error = await failureOf(onTestFinished, service.port, options);
      expect(error).toMatchObject({
        code: 'extended_master_secret_missing',
        alert: 'handshake_failure',
        sentBy: 'client',
      });
    },
    noPlain,
  );

  if (FULL && version === 'TLSv1.2') serverProduct(peer, suites);
  macOrders(peer, suites, show, (options, run) => shared.use({ ...terms, ...options }, run), version);

  show('refusal', 'is told unknown_ca where we do not know its authority', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { version, credential: 'untrusted' });
    const error = await failureOf(onTestFinished, service.port, olderClient(version));
    expect(error.code).toMatch(/^(unknown_ca|missing_intermediate)$/);
    expect(error).toMatchObject({ alert: 'unknown_ca', sentBy: 'client' });
  });

  show('refusal', 'shares no version with us where we are of TLS 1.3 only', async ({ onTestFinished }) => {
    const service = await peer.serve(onTestFinished, { version, credential: 'p256' });
    const error = await failureOf(onTestFinished, service.port, olderClient('TLSv1.3'));
    expect(error).toMatchObject({ code: 'peer_alert', alert: peer.noSharedVersion, sentBy: 'server' });
    if (peer.saysNoSharedVersion) await service.says(peer.saysNoSharedVersion);
  });

  show(
    'refusal',
    'shares no suite with us where its certificate is for another kind',
    async ({ onTestFinished }) => {
      const service = await peer.serve(onTestFinished, { version, credential: 'p256' });
      const ciphers = ephemeral('ECDHE');
      const error = await failureOf(onTestFinished, service.port, olderClient(version, { ciphers }));
      expect(error).toMatchObject({ code: 'peer_alert', alert: peer.noSharedSuite, sentBy: 'server' });
      if (peer.saysNoSharedSuite) await service.says(peer.saysNoSharedSuite);
    },
  );
}

/** RFC 7366: on where both want it, off where one does not. */
function macOrders(
  peer: OlderServerPeer,
  suites: readonly CipherSuite[],
  show: (feature: Feature, title: string, run: Parameters<typeof shows>[3], skip?: string | null) => void,
  use: (options: Partial<ServeOptions>, run: (service: PeerService) => Promise<void>) => Promise<void>,
  version: OlderVersion,
): void {
  if (!peer.encryptThenMac) {
    show('encrypt-then-mac', 'encrypts before the MAC', neverRun, NO_ENCRYPT_THEN_MAC);
    return;
  }
  const kinds = suites.filter((suite) => isCbc(suite) && suite.kx === 'ECDHE' && suite.auth === 'RSA');
  for (const suite of kinds) {
    for (const [title, ours, theirs] of [
      ['where both want it', true, true],
      ['not where we do not want it', false, true],
      ['not where it does not want it', true, false],
    ] as const) {
      show('encrypt-then-mac', `${title}, with ${suite.iana}`, async ({ onTestFinished }) => {
        await use(theirs ? {} : { encryptThenMac: false }, async (service) => {
          const base = speaking(suite);
          const options = olderClient(version, { ...base, tls: { ...base.tls, encryptThenMac: ours } });
          const wire = await open(onTestFinished, service.port, options);
          const expected = ours && theirs ? 'encrypt_then_mac' : null;
          expect(wire.handshake.why.encryptThenMac?.chosen).toBe(expected);
          for (const size of SIZES) await service.exchange(wire, size);
          await wire.close();
        });
      });
    }
  }
}

export const NO_ENCRYPT_THEN_MAC = 'it has no encrypt_then_mac, or cannot do without';

/** What is only there to be skipped with its reason. */
export async function neverRun(): Promise<void> {
  throw new Error('not to be run');
}

/** Suites of the peer that we have to speak with it. */
export function spokenSuites(peer: OlderAbilities, version: OlderVersion): readonly CipherSuite[] {
  const suites = suitesIn(version, peer.suites(version));
  return peer.withoutPsk ? suites.filter((suite) => !usesPsk(suite)) : suites;
}

/** Options of a client for one suite and what it needs. */
function speaking(suite: CipherSuite): ConnectOptions {
  return { ciphers: [suite.iana], ...(usesPsk(suite) && { tls: withPsk }) };
}

/** The first suite for each cipher with its MAC, whatever the key exchange. */
export function oneOfEachCipher(suites: readonly CipherSuite[]): readonly CipherSuite[] {
  const found = new Map<string, CipherSuite>();
  for (const suite of suites) {
    const cipher = `${suite.enc} ${suite.mac}`;
    if (!found.has(cipher)) found.set(cipher, suite);
  }
  return [...found.values()];
}

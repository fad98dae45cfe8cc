/** Our client with our server in TLS 1.2, 1.1 and 1.0: everything that can be negotiated, in every splitting. */
import { getDiffieHellman } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromHex, fromUtf8, toHex, toLatin1 } from '../src/bytes/index.js';
import { nodeProvider } from '../src/crypto/node.js';
import { portableProvider } from '../src/crypto/portable.js';
import type { PrivateKey, Provider } from '../src/crypto/provider.js';
import type { ClientConfig, Credential, PeerPresentation, ServerConfig } from '../src/handshake/index.js';
import { speaks } from '../src/handshake/suites.js';
import { prfOf } from '../src/keys/index.js';
import type { ClientHello, ServerHello } from '../src/messages/index.js';
import { cipherSuites, Group, groupName, Suite, Version } from '../src/registry/index.js';
import { type ExternalPsk, SelfEncryptedTickets, type Session } from '../src/session/index.js';
import { type CredentialKind, KINDS, trustAll } from './support/credentials.js';
import { type Cut, type End, every, Pair, sizes, whole } from './support/pair.js';
import {
  client,
  codes,
  expectAgreement,
  expectRefusal,
  makeCredentials,
  meet,
  NOW,
  OLD,
  own,
  sentBy,
  server,
  sessionsFrom,
  V10,
  V11,
  V12,
} from './support/pairs12.js';

beforeAll(makeCredentials);

const none = new Uint8Array(0);
const psk: ExternalPsk = {
  identity: fromUtf8('Client_identity'),
  key: fromUtf8('a secret key'),
  hash: 'sha256',
};

/** Takes extensions out of a ClientHello or a ServerHello. */
const without =
  (...names: readonly string[]) =>
  <T extends ClientHello | ServerHello>(hello: T): T => {
    const kept = Object.entries(hello.extensions ?? {}).filter(([name]) => !names.includes(name));
    return { ...hello, extensions: Object.fromEntries(kept) };
  };

describe.each([
  ['TLS 1.2', V12],
  ['TLS 1.1', V11],
  ['TLS 1.0', V10],
] as const)('%s', (_, versions) => {
  const suites = cipherSuites().filter((suite) => speaks(nodeProvider, suite, versions[0]!));

  test('has suites of each key exchange', () => {
    const kinds = new Set(suites.map((suite) => suite.kx));
    expect(kinds).toEqual(new Set(['ECDHE', 'DHE', 'RSA', 'PSK', 'ECDHE_PSK', 'DHE_PSK', 'RSA_PSK']));
  });

  test.each(suites)('$iana', ({ code, forwardSecret, kx }) => {
    const ours = { versions, cipherSuites: [code], externalPsks: [psk] };
    const pair = expectAgreement(meet(ours, ours));
    const summary = pair.client.summaries[0]!;
    expect([summary.version, summary.cipherSuite.code]).toEqual([
      ['TLSv1', 'TLSv1.1', 'TLSv1.2'][versions[0]! - Version.TLSv1],
      code,
    ]);
    expect(summary.group !== null).toBe(forwardSecret);
    expect(summary.peerCertificates.length).toBe(/^(PSK|ECDHE_PSK|DHE_PSK)$/.test(kx) ? 0 : 1);
    expect(sentBy(pair.server).includes('ServerKeyExchange')).toBe(/DHE/.test(kx));
  });
});

test('the portable provider agrees with that of Node, in both directions', () => {
  for (const [ours, theirs] of [
    [nodeProvider, portableProvider],
    [portableProvider, nodeProvider],
  ] as const) {
    for (const [code, versions] of [
      [Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, V12],
      [Suite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, V12],
      [Suite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, V10],
      [0x009c, V12],
      [0x002f, V11],
      [0x009e, V12],
    ] as const) {
      const more = { versions, cipherSuites: [code] };
      expectAgreement(meet({ ...more, provider: ours }, { ...more, provider: theirs }));
    }
  }
});

describe('versions', () => {
  const of = (pair: Pair) => expectAgreement(pair).client.summaries[0]?.version;

  test('the highest shared one is taken, whatever else is offered', () => {
    const all = [Version['TLSv1.3'], ...OLD];
    for (const [ours, theirs, expected] of [
      [all, all, 'TLSv1.3'],
      [OLD, all, 'TLSv1.2'],
      [all, OLD, 'TLSv1.2'],
      [V11, all, 'TLSv1.1'],
      [all, V11, 'TLSv1.1'],
      [V10, OLD, 'TLSv1'],
      [OLD, V10, 'TLSv1'],
      [[Version['TLSv1.3'], ...V10], [...V11, ...V10], 'TLSv1'],
    ] as const)
      expect(of(meet({ versions: ours }, { versions: theirs }))).toBe(expected);
  });

  test('the default is TLS 1.3 and 1.2', () => {
    const { versions: _, ...ours } = client();
    const { versions: __, ...theirs } = server();
    expect(of(new Pair(ours, theirs))).toBe('TLSv1.3');
    expect(of(new Pair(ours, server()))).toBe('TLSv1.2');
    expect(of(new Pair(client(), theirs))).toBe('TLSv1.2');
    expectRefusal(
      new Pair(ours, server({ versions: V11 })),
      'server',
      'no_shared_version',
      'protocol_version',
    );
    expectRefusal(
      new Pair(client({ versions: V11 }), theirs),
      'server',
      'no_shared_version',
      'protocol_version',
    );
  });

  test('a version without a suite is not offered, and not chosen', () => {
    const both = [Version['TLSv1.3'], Version['TLSv1.2']];
    const old = { versions: both, cipherSuites: [Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256] };
    expect(of(meet(old, { versions: both }))).toBe('TLSv1.2');
    expect(of(meet({ versions: both }, old))).toBe('TLSv1.2');
    expect(of(meet(old, old))).toBe('TLSv1.2');
    const modern = { versions: both, cipherSuites: [Suite.TLS_AES_128_GCM_SHA256] };
    expect(of(meet(modern, { versions: both }))).toBe('TLSv1.3');
    expectRefusal(meet(modern, { versions: V12 }), 'server', 'no_shared_version', 'protocol_version');
    expectRefusal(meet({ versions: V12 }, modern), 'server', 'no_shared_version', 'protocol_version');
  });

  test('TLS 1.1 and 1.0 have suites when they are asked for', () => {
    for (const versions of [V11, V10]) {
      const pair = meet({ versions }, { versions });
      expect(expectAgreement(pair).client.summaries[0]?.cipherSuite.mac).toBe('SHA1');
    }
  });

  test('are told with what was passed over', () => {
    const pair = expectAgreement(meet({ versions: V11 }, { versions: OLD }));
    expect(pair.server.summaries[0]?.why.version).toMatchObject({
      chosen: 'TLSv1.1',
      reason: 'highest_shared',
      alternatives: [
        { value: 'TLSv1', reason: 'lower_version' },
        { value: 'TLSv1.2', reason: 'not_offered_by_client' },
      ],
    });
  });

  test('a fallback is refused by a server that can do better, and by no other', () => {
    const more = { versions: V12, fallback: true };
    const both = [Version['TLSv1.3'], ...V12];
    expectRefusal(
      meet(more, { versions: both }),
      'server',
      'inappropriate_fallback',
      'inappropriate_fallback',
    );
    expectAgreement(meet(more, { versions: V12 }));
    expectAgreement(meet(more, { versions: OLD }));
    const old = { versions: V10, fallback: true };
    expectRefusal(meet(old, { versions: OLD }), 'server', 'inappropriate_fallback', 'inappropriate_fallback');
  });
});

describe('a downgrade on the way', () => {
  const randomOf = (pair: Pair): string => {
    const hello = pair.client.events.find(
      (event) => event.kind === 'message' && event.type === 'ServerHello',
    );
    return toLatin1((hello as { bytes: Uint8Array }).bytes.subarray(30, 38));
  };
  const both = [Version['TLSv1.3'], ...V12];

  test('from TLS 1.3 to 1.2 is seen by the client', () => {
    const shapeHello = without('supportedVersions', 'keyShare', 'pskKeyExchangeModes');
    const pair = meet({ versions: both, shapeHello }, { versions: both });
    expectRefusal(pair, 'client', 'downgrade_detected', 'illegal_parameter');
  });

  test('from TLS 1.2 to 1.1 or 1.0 is seen by the client', () => {
    const cipherSuites = [Suite.TLS_AES_128_GCM_SHA256, Suite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA];
    for (const versions of [OLD, both]) {
      for (const legacyVersion of [Version['TLSv1.1'], Version.TLSv1]) {
        const shapeHello = (hello: ClientHello): ClientHello => ({
          ...without('supportedVersions', 'keyShare', 'pskKeyExchangeModes')(hello),
          legacyVersion,
        });
        const theirs = { versions: [Version['TLSv1.3'], ...OLD], cipherSuites };
        const pair = meet({ versions, cipherSuites, shapeHello }, theirs);
        expectRefusal(pair, 'client', 'downgrade_detected', 'illegal_parameter');
      }
    }
  });

  test('is signalled by every server that could have done better', () => {
    for (const [ours, theirs, tail] of [
      [V12, both, 'DOWNGRD\u0001'],
      [V11, [...both, ...V11], 'DOWNGRD\u0000'],
      [V11, OLD, 'DOWNGRD\u0000'],
      [V10, OLD, 'DOWNGRD\u0000'],
    ] as const)
      expect(randomOf(expectAgreement(meet({ versions: ours }, { versions: theirs })))).toBe(tail);
  });

  test('is not signalled by a server that did its best', () => {
    for (const [ours, theirs] of [
      [both, V12],
      [OLD, V11],
      [V10, V10],
      [V10, [...V11, ...V10]],
    ] as const)
      expect(randomOf(expectAgreement(meet({ versions: ours }, { versions: theirs })))).not.toMatch(
        /DOWNGRD/,
      );
  });
});

describe('certificates', () => {
  const usable: Readonly<Record<CredentialKind, boolean>> = {
    'P-256': true,
    'P-384': true,
    Ed25519: true,
    RSA: true,
    'RSA-PSS': true,
    'ML-DSA-44': false,
  };
  const before12 = ['P-256', 'P-384', 'RSA'];

  test.each(KINDS)('a server with a key of kind %s', (kind) => {
    const credentials = [own(kind)];
    for (const versions of [V12, V11, V10]) {
      // RFC 8422 §5.1: the groups name the curves of certificates too.
      const groups = [Group.x25519, Group.secp256r1, Group.secp384r1];
      const pair = meet({ versions, groups }, { versions, groups, credentials });
      if (versions === V12 ? usable[kind] : before12.includes(kind)) {
        expectAgreement(pair);
        expect(pair.client.summaries[0]?.peerCertificates).toEqual(own(kind).chain);
      } else {
        expectRefusal(pair, 'server', 'no_certificate_for_suite', 'handshake_failure');
      }
    }
  });

  test.each(KINDS)('a client with a key of kind %s', (kind) => {
    const credentials = [own(kind)];
    for (const versions of [V12, V11, V10]) {
      const works = versions === V12 ? usable[kind] : before12.includes(kind);
      const asked = expectAgreement(meet({ versions, credentials }, { versions, clientAuth: 'request' }));
      expect(asked.server.summaries[0]?.peerCertificates).toEqual(works ? own(kind).chain : []);
      expect(sentBy(asked.client).includes('CertificateVerify')).toBe(works);
      const required = meet({ versions, credentials }, { versions, clientAuth: 'require' });
      if (works) expectAgreement(required);
      else expectRefusal(required, 'server', 'no_peer_certificate', 'handshake_failure');
      const unasked = expectAgreement(meet({ versions, credentials }, { versions }));
      expect(unasked.server.summaries[0]?.peerCertificates).toEqual([]);
      expect(unasked.client.summaries[0]?.why.clientCertificate?.reason).toBe('not_requested');
    }
  });

  test('a client without one is let in where it is asked, and not where it must have one', () => {
    for (const versions of [V12, V11, V10]) {
      const pair = expectAgreement(meet({ versions }, { versions, clientAuth: 'request' }));
      expect(sentBy(pair.client)).toEqual([
        'ClientHello',
        'Certificate',
        'ClientKeyExchange',
        'ChangeCipherSpec',
        'Finished',
      ]);
      const required = meet({ versions }, { versions, clientAuth: 'require' });
      expectRefusal(required, 'server', 'no_peer_certificate', 'handshake_failure');
    }
  });

  test('a server asks for none under a PSK', () => {
    const more = { externalPsks: [psk], cipherSuites: [0xc037] };
    const pair = expectAgreement(meet({ ...more, credentials: [own()] }, { ...more, clientAuth: 'request' }));
    expect(sentBy(pair.server)).not.toContain('CertificateRequest');
  });

  test('what the peer stapled comes to the verifier, where it was asked for', () => {
    const ocsp = Uint8Array.of(0x30, 1, 2, 3);
    const scts = [Uint8Array.of(1, 1), Uint8Array.of(2, 2, 2)];
    const stapling: Credential = { ...own(), ocsp, scts };
    for (const versions of [V12, V10]) {
      for (const [requestOcsp, requestScts] of [
        [true, true],
        [true, false],
        [false, true],
        [false, false],
      ] as const) {
        const seen: PeerPresentation[] = [];
        const verifyPeer = (peer: PeerPresentation) => {
          seen.push(peer);
          return { trusted: true } as const;
        };
        const pair = meet(
          { versions, requestOcsp, requestScts, verifyPeer },
          { versions, credentials: [stapling] },
        );
        expectAgreement(pair);
        expect([seen[0]?.ocsp, seen[0]?.scts]).toEqual([requestOcsp ? ocsp : null, requestScts ? scts : []]);
        expect(sentBy(pair.server).includes('CertificateStatus')).toBe(requestOcsp);
        expect([pair.client.summaries[0]?.ocsp, pair.client.summaries[0]?.scts]).toEqual([
          requestOcsp ? ocsp : null,
          requestScts ? scts : [],
        ]);
      }
    }
  });

  test('a peer that is not trusted is told why', () => {
    const verifyPeer = () => ({ trusted: false, code: 'certificate_expired' }) as const;
    expectRefusal(meet({ verifyPeer }), 'client', 'certificate_expired', 'certificate_expired');
    const asking = { clientAuth: 'request', verifyPeer } as const;
    expectRefusal(
      meet({ credentials: [own('RSA')] }, asking),
      'server',
      'certificate_expired',
      'certificate_expired',
    );
    const { verifyPeer: _, ...unsure } = client();
    expectRefusal(new Pair(unsure, server()), 'client', 'certificate_refused', 'certificate_unknown');
  });

  test('RSA keys decrypt only where they may', () => {
    const { decryptRaw: _, ...signer } = own('RSA').key;
    const signing: Credential = { chain: own('RSA').chain, key: { ...signer, sign: own('RSA').key.sign } };
    const more = { cipherSuites: [0x009c] };
    expectAgreement(meet(more, { ...more, credentials: [own('RSA')] }));
    const pair = meet(more, { ...more, credentials: [signing] });
    expectRefusal(pair, 'server', 'no_certificate_for_suite', 'handshake_failure');
    expectAgreement(meet({}, { credentials: [signing] }));
    const restricted = meet(more, { ...more, credentials: [own('RSA-PSS')] });
    expectRefusal(restricted, 'server', 'no_certificate_for_suite', 'handshake_failure');
  });
});

describe('extensions', () => {
  test('ALPN is agreed upon in the server’s order, and refused where nothing is shared', () => {
    const pair = meet({ alpn: ['http/1.1', 'h2'] }, { alpn: ['h2', 'http/1.1'] });
    expect(expectAgreement(pair).client.summaries[0]?.alpn).toBe('h2');
    expectRefusal(
      meet({ alpn: ['h2'] }, { alpn: ['smtp'] }),
      'server',
      'no_shared_alpn',
      'no_application_protocol',
    );
    const lenient = meet({ alpn: ['h2'] }, { alpn: ['smtp'], strictAlpn: false });
    expect(expectAgreement(lenient).client.summaries[0]?.alpn).toBeNull();
    expect(expectAgreement(meet({ alpn: ['h2'] })).client.summaries[0]?.alpn).toBeNull();
  });

  /** Plaintext of the largest data record that each side sent, as AES-GCM has 24 bytes more and a header. */
  const largest = (end: End): number =>
    Math.max(
      ...end.events.flatMap((event) =>
        event.kind === 'record' && event.from === end.connection.role && event.innerType === 23
          ? [event.length - 29]
          : [],
      ),
    );
  const sendMuch = (pair: Pair): readonly [number, number] => {
    expectAgreement(pair);
    for (const end of [pair.client, pair.server]) end.connection.write(new Uint8Array(20_000));
    pair.pump();
    expect([pair.client.errors, pair.server.errors]).toEqual([[], []]);
    expect([pair.client.text().length, pair.server.text().length]).toEqual([20_004, 20_004]);
    return [largest(pair.client), largest(pair.server)];
  };

  test.each([512, 1024, 2048, 4096] as const)(
    'max_fragment_length of %s binds both sides',
    (maxFragmentLength) => {
      expect(sendMuch(meet({ maxFragmentLength }))).toEqual([maxFragmentLength, maxFragmentLength]);
    },
  );

  test('record_size_limit binds whoever did not ask for it', () => {
    expect(sendMuch(meet())).toEqual([16_384, 16_384]);
    expect(sendMuch(meet({ recordSizeLimit: 100 }))).toEqual([16_384, 16_384]);
    expect(sendMuch(meet({ recordSizeLimit: 100 }, { recordSizeLimit: 2000 }))).toEqual([2000, 100]);
    expect(sendMuch(meet({ recordSizeLimit: 16_385 }, { recordSizeLimit: 64 }))).toEqual([64, 16_384]);
  });

  test('record_size_limit goes before max_fragment_length (RFC 8449 §5)', () => {
    const pair = meet({ recordSizeLimit: 700, maxFragmentLength: 512 }, { recordSizeLimit: 900 });
    expect(sendMuch(pair)).toEqual([900, 700]);
    expect(sendMuch(meet({ recordSizeLimit: 700, maxFragmentLength: 512 }))).toEqual([512, 512]);
  });

  const emsOf = (pair: Pair) => expectAgreement(pair).client.summaries[0]?.why.extendedMasterSecret?.chosen;

  test('the extended master secret is used where both know it', () => {
    for (const versions of [V12, V11, V10]) {
      expect(emsOf(meet({ versions }, { versions }))).toBe('extended_master_secret');
      const shapeHello = without('extendedMasterSecret');
      expect(emsOf(meet({ versions, shapeHello }, { versions }))).toBeNull();
    }
  });

  test('the extended master secret can be required on either side', () => {
    const shapeHello = without('extendedMasterSecret');
    const required = { requireExtendedMasterSecret: true };
    expect(emsOf(meet(required, required))).toBe('extended_master_secret');
    expectRefusal(
      meet({ shapeHello }, required),
      'server',
      'extended_master_secret_missing',
      'handshake_failure',
    );
    expectRefusal(
      meet(required, { shapeHello }),
      'client',
      'extended_master_secret_missing',
      'handshake_failure',
    );
  });

  test('secure renegotiation can be required on either side', () => {
    const shapeHello = without('renegotiationInfo');
    const required = { requireSecureRenegotiation: true };
    expectAgreement(meet(required, required));
    expectAgreement(meet({ shapeHello }));
    expectRefusal(meet({ shapeHello }, required), 'server', 'no_secure_renegotiation', 'handshake_failure');
    expectRefusal(meet(required, { shapeHello }), 'client', 'no_secure_renegotiation', 'handshake_failure');
  });

  const etmOf = (pair: Pair) => {
    const why = expectAgreement(pair).server.summaries[0]?.why.encryptThenMac;
    return why && [why.chosen, why.reason];
  };

  test('encrypt-then-MAC is used with block ciphers where both want it', () => {
    for (const versions of [V12, V11, V10]) {
      const cbc = { versions, cipherSuites: [Suite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA] };
      const off = { ...cbc, encryptThenMac: false };
      expect(etmOf(meet(cbc, cbc))).toEqual(['encrypt_then_mac', 'accepted']);
      expect(etmOf(meet(off, cbc))).toEqual([null, 'not_offered_by_client']);
      expect(etmOf(meet(cbc, off))).toEqual([null, 'disabled']);
      expect(etmOf(meet(off, off))).toEqual([null, 'not_offered_by_client']);
    }
    expect(etmOf(meet())).toBeUndefined();
  });

  test('a client without any extension is served', () => {
    const bare = (hello: ClientHello): ClientHello => ({ ...hello, extensions: undefined });
    for (const versions of [V12, V11, V10]) {
      for (const cipherSuites of [[0x002f], [Suite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA], [0x0033]]) {
        // RFC 5246 §7.4.1.4.1: it is taken to know SHA-1 alone, which is ours only where it is named.
        const signatureSchemes = [0x0401, 0x0201, 0x0203];
        const more = { versions, cipherSuites, signatureSchemes };
        const { serverName: _, ...unnamed } = client({ ...more, shapeHello: bare });
        const pair = expectAgreement(new Pair(unnamed, server(more)));
        const [hello] = pair.server.events.filter(
          (event) => event.kind === 'message' && event.type === 'ServerHello',
        );
        // Version, random, empty session id, suite, compression; not a byte more.
        expect((hello as { bytes: Uint8Array }).bytes.length).toBe(4 + 2 + 32 + 1 + 2 + 1);
      }
    }
  });
});

describe('finite-field Diffie-Hellman', () => {
  const dhe = { cipherSuites: [0x009e] };
  const modp = (bits: 1024 | 1536 | 2048 | 3072): ServerConfig['dhGroup'] => {
    const name = { 1024: 'modp2', 1536: 'modp5', 2048: 'modp14', 3072: 'modp15' }[bits];
    const group = getDiffieHellman(name);
    return { prime: new Uint8Array(group.getPrime()), generator: new Uint8Array(group.getGenerator()) };
  };

  test('runs over ffdhe2048 where the client names no group', () => {
    const pair = expectAgreement(meet(dhe, dhe));
    expect(pair.client.summaries[0]?.group?.iana).toBe('ffdhe2048');
    expect(pair.server.summaries[0]?.why.group?.reason).toBe('default_group');
  });

  test.each([Group.ffdhe2048, Group.ffdhe3072, Group.ffdhe4096])(
    'runs over group %i where both name it',
    (code) => {
      const groups = [Group.x25519, code];
      const pair = expectAgreement(meet({ ...dhe, groups }, { ...dhe, groups }));
      expect(pair.client.summaries[0]?.group?.iana).toBe(groupName(code));
      expect(pair.server.summaries[0]?.why.group?.reason).toBe('first_shared_in_server_order');
    },
  );

  test('goes without where both name groups and share none (RFC 7919 §4)', () => {
    const ours = { ...dhe, groups: [Group.ffdhe3072] };
    const theirs = { ...dhe, groups: [Group.x25519, Group.ffdhe2048] };
    expectRefusal(meet(ours, theirs), 'server', 'no_shared_group', 'handshake_failure');
    const cipherSuites = [0x009e, Suite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256];
    const pair = meet(
      { cipherSuites, groups: [Group.ffdhe3072, Group.x25519] },
      { cipherSuites, groups: theirs.groups },
    );
    expect(expectAgreement(pair).client.summaries[0]?.group?.iana).toBe('x25519');
    expect(pair.server.summaries[0]?.why.cipherSuite?.alternatives).toContainEqual({
      value: 'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256',
      reason: 'no_shared_group',
    });
  });

  test('runs over the server’s own group, if it is large enough and safe', () => {
    for (const bits of [2048, 3072] as const) {
      const pair = expectAgreement(meet(dhe, { ...dhe, dhGroup: modp(bits)! }));
      expect(pair.client.summaries[0]?.group).toBeNull();
      expect(pair.client.summaries[0]?.why.group).toMatchObject({ chosen: `${bits} bits`, facts: { bits } });
    }
  });

  test('refuses a group that is too small, too large or of no safe prime', () => {
    for (const bits of [1024, 1536] as const)
      expectRefusal(
        meet(dhe, { ...dhe, dhGroup: modp(bits)! }),
        'client',
        'weak_dh_group',
        'insufficient_security',
      );
    const lenient = { ...dhe, limits: { dhBits: { min: 1024, max: 2048 } } };
    expectAgreement(meet(lenient, { ...dhe, dhGroup: modp(1024)! }));
    expectRefusal(
      meet(lenient, { ...dhe, dhGroup: modp(3072)! }),
      'client',
      'unsafe_dh_group',
      'illegal_parameter',
    );
    const prime = modp(2048)!.prime.slice();
    prime[prime.length - 1]! ^= 0x40;
    expectRefusal(
      meet(dhe, { ...dhe, dhGroup: { prime, generator: Uint8Array.of(2) } }),
      'client',
      'unsafe_dh_group',
      'illegal_parameter',
    );
  });

  test('leaves out the zeros in front of the secret (RFC 5246 §8.1.2)', () => {
    // A safe prime of 521 bits: every other secret begins with a zero.
    const prime = fromHex(
      '01865c07acf423681784c1bc5ef57a127f2a6a0ae772571d94d2ce55b13a118038ddb7053d141efc8b284ff882dd00551d1dc3fb21e19f1ac37d3d7de84d45691e43',
    );
    const secrets: Uint8Array[] = [];
    const provider: Provider = {
      ...nodeProvider,
      finiteField(...group) {
        const field = nodeProvider.finiteField(...group);
        return {
          publicLength: field.publicLength,
          ciphertextLength: field.ciphertextLength,
          encapsulate: (...args) => field.encapsulate(...args),
          generate(random) {
            const share = field.generate(random);
            return {
              publicKey: share.publicKey,
              decapsulate(ciphertext) {
                const secret = share.decapsulate(ciphertext);
                secrets.push(secret.slice());
                return secret;
              },
            };
          },
        };
      },
    };
    const limits = { dhBits: { min: 512, max: 8192 } };
    for (const versions of [V12, V10]) {
      const more = { versions, cipherSuites: [versions === V12 ? 0x009e : 0x0033] };
      for (let i = 0; i < 40; i++) {
        const pair = meet(
          { ...more, limits, shapeHello: without('extendedMasterSecret') },
          { ...more, provider, dhGroup: { prime, generator: Uint8Array.of(2) } },
        );
        pair.pump();
        expect([codes(pair.client), codes(pair.server)]).toEqual([[], []]);
        const secret = secrets.at(-1)!;
        expect(secret.length).toBe(prime.length);
        const bare = secret.subarray(secret.findIndex((byte) => byte !== 0));
        const [hello] = pair.client.events.filter((e) => e.kind === 'message' && e.type === 'ClientHello');
        const [answer] = pair.client.events.filter((e) => e.kind === 'message' && e.type === 'ServerHello');
        const randomOf = (event: typeof hello) => (event as { bytes: Uint8Array }).bytes.subarray(6, 38);
        const suite = pair.client.summaries[0]!.cipherSuite;
        const prf = prfOf(nodeProvider, versions[0]!, suite);
        const master = prf(bare, 'master secret', concat(randomOf(hello), randomOf(answer)), 48);
        expect(pair.client.keyLog).toEqual([`CLIENT_RANDOM ${toHex(randomOf(hello))} ${toHex(master)}`]);
      }
    }
    expect(new Set(secrets.map((secret) => secret[0]))).toEqual(new Set([0, 1]));
  });
});

describe('pre-shared keys', () => {
  const KX = { PSK: 0x00a8, ECDHE_PSK: 0xc037, DHE_PSK: 0x00aa, RSA_PSK: 0x00ac };
  const hint = fromUtf8('which one?');

  test.each(Object.entries(KX))('%s carries the hint, and the client chooses by it', (_, code) => {
    const hints: (string | null)[] = [];
    const ours: Partial<ClientConfig> = {
      cipherSuites: [code],
      choosePsk: (given) => {
        hints.push(given && Buffer.from(given).toString());
        return psk;
      },
    };
    const theirs: Partial<ServerConfig> = { cipherSuites: [code], externalPsks: [psk] };
    expectAgreement(meet(ours, { ...theirs, pskIdentityHint: hint }));
    expectAgreement(meet(ours, theirs));
    // Where the message has to be sent for its parameters, no hint is an empty one.
    const without = code === KX.ECDHE_PSK || code === KX.DHE_PSK ? '' : null;
    expect(hints).toEqual(['which one?', without]);
  });

  test.each(Object.entries(KX))('%s: a server looks up what the client names', (_, code) => {
    const asked: string[] = [];
    const theirs: Partial<ServerConfig> = {
      cipherSuites: [code],
      findPsk: (identity) => {
        asked.push(Buffer.from(identity).toString());
        return psk;
      },
    };
    expectAgreement(meet({ cipherSuites: [code], externalPsks: [psk] }, theirs));
    expect(asked).toEqual(['Client_identity']);
    expectRefusal(
      meet({ cipherSuites: [code], externalPsks: [psk] }, { cipherSuites: [code], findPsk: () => null }),
      'server',
      'unknown_psk_identity',
      'unknown_psk_identity',
    );
  });

  test.each(Object.entries(KX))('%s: another key fails at Finished', (_, code) => {
    const other: ExternalPsk = { ...psk, key: fromUtf8('another key') };
    const pair = meet(
      { cipherSuites: [code], externalPsks: [other] },
      { cipherSuites: [code], externalPsks: [psk] },
    );
    expectRefusal(pair, 'server', 'bad_record_mac', 'bad_record_mac');
  });

  test('a client without a key does not offer such suites, and one that chooses none ends it', () => {
    const cipherSuites = [KX.PSK, Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];
    const theirs = { cipherSuites, externalPsks: [psk] };
    expect(expectAgreement(meet({ cipherSuites }, theirs)).client.summaries[0]?.cipherSuite.kx).toBe('ECDHE');
    const pair = meet({ cipherSuites, choosePsk: () => null }, theirs);
    expectRefusal(pair, 'client', 'no_psk', 'handshake_failure');
  });

  test('keys and identities may be long', () => {
    const long: ExternalPsk = {
      identity: new Uint8Array(1000).fill(0x61),
      key: new Uint8Array(5000).fill(7),
      hash: 'sha256',
    };
    for (const code of Object.values(KX)) {
      const more = { cipherSuites: [code], externalPsks: [long] };
      expectAgreement(meet(more, more));
    }
  });
});

describe('resumption by ticket', () => {
  const tickets = () => ({ tickets: new SelfEncryptedTickets(nodeProvider) });

  test.each([
    ['TLS 1.2', V12],
    ['TLS 1.1', V11],
    ['TLS 1.0', V10],
  ] as const)('works in %s, and carries the identity of the server', (_, versions) => {
    const theirs = { versions, ...tickets() };
    const [session] = sessionsFrom({ versions }, theirs);
    for (let again = 0; again < 2; again++) {
      const pair = expectAgreement(meet({ versions, session: session! }, theirs));
      expect(pair.client.summaries[0]).toMatchObject({ resumed: true, peerCertificates: own().chain });
      expect(sentBy(pair.server).slice(0, 3)).toEqual(['ServerHello', 'ChangeCipherSpec', 'Finished']);
      expect(sentBy(pair.client)).toEqual(['ClientHello', 'ChangeCipherSpec', 'Finished']);
    }
  });

  test('works with every kind of cipher and key exchange', () => {
    for (const code of [0xc02b, 0xcca9, 0xc009, 0xc0ac, 0x009c, 0x009e, 0x003c, 0x000a]) {
      const theirs = { cipherSuites: [code], ...tickets() };
      const [session] = sessionsFrom({ cipherSuites: [code] }, theirs);
      const pair = expectAgreement(meet({ cipherSuites: [code], session: session! }, theirs));
      expect(pair.client.summaries[0]?.resumed).toBe(true);
    }
  });

  test('keeps who the client was', () => {
    const theirs = { clientAuth: 'require', ...tickets() } as const;
    const credentials = [own('Ed25519')];
    const [session] = sessionsFrom({ credentials }, theirs);
    const pair = expectAgreement(meet({ credentials, session: session! }, theirs));
    expect(pair.server.summaries[0]).toMatchObject({ resumed: true, peerCertificates: own('Ed25519').chain });
  });

  test('keeps to its version: a session of one is none of another', () => {
    const keeper = tickets();
    const all = [Version['TLSv1.3'], ...OLD];
    const [session] = sessionsFrom({ versions: V11 }, { versions: all, ...keeper });
    const pair = meet({ versions: [...V12, ...V11], session: session! }, { versions: all, ...keeper });
    const summary = expectAgreement(pair).client.summaries[0];
    expect([summary?.version, summary?.resumed]).toEqual(['TLSv1.2', false]);
    const [of12] = sessionsFrom({}, { versions: all, ...keeper });
    const modern = expectAgreement(meet({ versions: all, session: of12! }, { versions: all, ...keeper }));
    expect([modern.client.summaries[0]?.version, modern.client.summaries[0]?.resumed]).toEqual([
      'TLSv1.3',
      false,
    ]);
    const [of13] = sessionsFrom({ versions: all }, { versions: all, ...keeper });
    const old = expectAgreement(meet({ session: of13! }, keeper));
    expect([old.client.summaries[0]?.version, old.client.summaries[0]?.resumed]).toEqual(['TLSv1.2', false]);
  });

  test('is a full handshake where the ticket is unknown, changed, too old, of another name or suite', () => {
    const theirs = tickets();
    const [session] = sessionsFrom({}, theirs);
    const changed: Session = {
      ...session!,
      ticket: session!.ticket.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
    };
    const cases: readonly (readonly [string, Partial<ClientConfig>, Partial<ServerConfig>])[] = [
      ['another keeper', { session: session! }, tickets()],
      ['no keeper', { session: session! }, {}],
      ['a changed ticket', { session: changed }, theirs],
      ['too old for the server', { session: session! }, { ...theirs, now: () => NOW + 7_201_000 }],
      ['too old for the client', { session: session!, now: () => NOW + 7_201_000 }, theirs],
      ['another name', { session: session!, serverName: 'other.example' }, theirs],
      [
        'another suite of the client',
        { session: session!, cipherSuites: [Suite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384] },
        theirs,
      ],
      [
        'another suite of the server',
        { session: session! },
        { ...theirs, cipherSuites: [Suite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384] },
      ],
      [
        'a server that wants a certificate now',
        { session: session!, credentials: [own()] },
        { ...theirs, clientAuth: 'require' },
      ],
    ];
    for (const [what, ours, others] of cases) {
      const pair = expectAgreement(meet(ours, others));
      expect([what, pair.client.summaries[0]?.resumed]).toEqual([what, false]);
    }
  });

  test('never loses the extended master secret (RFC 7627 §5.3)', () => {
    const theirs = tickets();
    const shapeHello = without('extendedMasterSecret');
    const [extended] = sessionsFrom({}, theirs);
    const [plain] = sessionsFrom({ shapeHello }, theirs);
    expect([extended?.extendedMasterSecret, plain?.extendedMasterSecret]).toEqual([true, false]);
    expectRefusal(
      meet({ session: extended!, shapeHello }, theirs),
      'server',
      'extended_master_secret_missing',
      'handshake_failure',
    );
    const again = expectAgreement(meet({ session: plain! }, theirs));
    expect(again.client.summaries[0]?.resumed).toBe(false);
    const kept = expectAgreement(meet({ session: plain!, shapeHello }, theirs));
    expect(kept.client.summaries[0]?.resumed).toBe(true);
    const required = meet({ session: plain!, shapeHello }, { ...theirs, requireExtendedMasterSecret: true });
    expectRefusal(required, 'server', 'extended_master_secret_missing', 'handshake_failure');
  });

  test('a server that has no ticket to give after all sends an empty one', () => {
    const given: Session[] = [];
    const pair = meet(
      { onSession: (session) => given.push(session) },
      { tickets: { seal: () => null, open: () => null } },
    );
    expectAgreement(pair);
    expect(sentBy(pair.server)).toContain('NewSessionTicket');
    expect(given).toEqual([]);
  });

  test('a session lives as long as the server says, a day at most, two hours by default', () => {
    for (const [ticketLifetime, expected] of [
      [100, 100],
      [604_800, 86_400],
    ] as const)
      expect(sessionsFrom({}, { ...tickets(), ticketLifetime })[0]?.lifetime).toBe(expected);
  });

  test('a session that was kept works after the connection that gave it is gone', () => {
    const theirs = tickets();
    const given: Session[] = [];
    const pair = expectAgreement(meet({ onSession: (session) => given.push(session) }, theirs));
    pair.client.connection.close();
    pair.pump();
    pair.server.connection.close();
    pair.pump();
    expect(pair.client.connection.isDead).toBe(true);
    expect(given[0]?.psk.some((byte) => byte !== 0)).toBe(true);
    expect(expectAgreement(meet({ session: given[0]! }, theirs)).client.summaries[0]?.resumed).toBe(true);
  });
});

describe('exporters', () => {
  test('tell no context from an empty one before TLS 1.3', () => {
    const { connection } = expectAgreement(meet()).client;
    const key = (context: Uint8Array | null) => toHex(connection.exportKeyingMaterial('label', context, 32));
    expect(key(null)).not.toBe(key(none));
    expect(key(none)).not.toBe(key(Uint8Array.of(0)));
    expect(key(null)).toBe(key(null));
  });

  test('are not there before the handshake is done', () => {
    const pair = meet();
    expect(() => pair.client.connection.exportKeyingMaterial('label', null, 32)).toThrow(/not done/);
  });

  test.each(['close', 'abort'] as const)('never give another key after %s', (how) => {
    const pair = expectAgreement(meet());
    const { connection } = pair.client;
    const before = toHex(connection.exportKeyingMaterial('label', null, 32));
    if (how === 'abort') connection.abort('canceled');
    else {
      connection.close();
      pair.pump();
      pair.server.connection.close();
      pair.pump();
    }
    expect(connection.isDead).toBe(true);
    let after = before;
    try {
      after = toHex(connection.exportKeyingMaterial('label', null, 32));
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
    expect(after).toBe(before);
  });
});

/** The same key, whose answers take their time. */
function slow(key: PrivateKey): PrivateKey {
  const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(value), 1));
  return {
    schemes: key.schemes,
    spki: key.spki,
    sign: async (scheme, message) => later(await key.sign(scheme, message)),
    ...(key.decryptRaw && { decryptRaw: async (block) => later(await key.decryptRaw!(block)) }),
  };
}

interface Scenario {
  readonly name: string;
  readonly ours?: () => Partial<ClientConfig>;
  readonly theirs?: () => Partial<ServerConfig>;
}

const both = (more: Partial<ClientConfig> & Partial<ServerConfig>) => ({
  ours: () => more,
  theirs: () => more,
});

const SCENARIOS: readonly Scenario[] = [
  { name: 'ECDHE with AES-GCM' },
  { name: 'ECDHE with CBC in TLS 1.0', ...both({ versions: V10 }) },
  { name: 'DHE', ...both({ cipherSuites: [0x009e] }) },
  { name: 'static RSA', ...both({ cipherSuites: [0x009c] }) },
  { name: 'RSA_PSK', ...both({ cipherSuites: [0x00ac], externalPsks: [psk] }) },
  {
    name: 'a certificate on both sides, stapled and named',
    ours: () => ({ credentials: [own('RSA')], alpn: ['h2'], requestOcsp: true, requestScts: true }),
    theirs: () => ({
      clientAuth: 'require',
      alpn: ['h2'],
      credentials: [{ ...own(), ocsp: Uint8Array.of(1), scts: [Uint8Array.of(2)] }],
      tickets: new SelfEncryptedTickets(nodeProvider),
    }),
  },
  {
    name: 'fragments of 512 bytes',
    ours: () => ({ maxFragmentLength: 512, versions: V11 }),
    theirs: () => ({ versions: V11 }),
  },
];

const CUTS: readonly (readonly [string, Cut])[] = [
  ['whole', whole],
  ['a byte at a time', every(1)],
  ['7 bytes at a time', every(7)],
  ['in odd pieces', sizes([1, 3, 100, 2, 4, 5, 1000])],
];

describe.each(CUTS)('bytes that come %s', (_, cut) => {
  test.each(SCENARIOS)('$name', ({ ours, theirs }) => {
    expectAgreement(meet(ours?.(), theirs?.(), cut));
  });

  test.each(SCENARIOS)('$name, with answers that take their time', async ({ ours, theirs }) => {
    const lateClient = ours?.() ?? {};
    const lateServer = theirs?.() ?? {};
    const credentials = (lateServer.credentials ?? [own(), own('RSA')]).map((one) => ({
      ...one,
      key: slow(one.key),
    }));
    const verifyPeer = async () => trustAll();
    const pair = meet(
      {
        ...lateClient,
        verifyPeer,
        ...(lateClient.credentials && {
          chooseCredential: async () => ({ ...own('RSA'), key: slow(own('RSA').key) }),
        }),
        ...(lateClient.externalPsks && { choosePsk: async () => psk }),
      },
      {
        ...lateServer,
        verifyPeer,
        credentials,
        ...(lateServer.externalPsks && { externalPsks: [], findPsk: async () => psk }),
        ...(lateServer.alpn && { chooseAlpn: async () => 'h2' }),
      },
      cut,
    );
    await pair.settle();
    expectAgreement(pair);
  });
});

test('an answer that fails ends the handshake as our failure, not the peer’s', async () => {
  const failing = (what: 'sign' | 'decryptRaw'): Credential => ({
    chain: own('RSA').chain,
    key: { ...slow(own('RSA').key), [what]: () => Promise.reject(new Error('the module is gone')) },
  });
  for (const [what, code] of [
    ['sign', Suite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256],
    ['decryptRaw', 0x009c],
  ] as const) {
    const pair = meet({ cipherSuites: [code] }, { cipherSuites: [code], credentials: [failing(what)] });
    await pair.settle();
    expectRefusal(pair, 'server', 'callback_failed', 'internal_error');
  }
});

test('a signature that came back wrong is never sent', () => {
  const key = own().key;
  const wrong: Credential = {
    chain: own().chain,
    key: { schemes: key.schemes, spki: key.spki, sign: (scheme) => key.sign(scheme, none) },
  };
  expectRefusal(meet({}, { credentials: [wrong] }), 'server', 'own_signature_invalid', 'internal_error');
  const asking = { clientAuth: 'request' } as const;
  expectRefusal(meet({ credentials: [wrong] }, asking), 'client', 'own_signature_invalid', 'internal_error');
});

/** What a server decides before TLS 1.3 and why it passed over everything else: version, suite, group, certificate, scheme. */
import { beforeAll, describe, expect, test } from 'vitest';
import { nodeProvider as provider } from '../src/crypto/node.js';
import type { ClientConfig, Credential, ServerConfig } from '../src/handshake/index.js';
import { cipherSuiteName, Group, Scheme, Scsv, Suite, Version } from '../src/registry/index.js';
import type { DecisionEvent, DecisionReason, DecisionTopic } from '../src/trace/index.js';
import { createCertificate } from '../src/x509/index.js';
import { credential } from './support/credentials.js';
import type { End, Pair } from './support/pair.js';
import { End as ServerEnd } from './support/pair.js';
import {
  expectAgreement,
  expectRefusal,
  makeCredentials,
  meet,
  own,
  server,
  V12,
} from './support/pairs12.js';
import { type ClientScript12, ScriptedClient12 } from './support/scripted-client12.js';
import { PSK } from './support/scripted-peer12.js';

beforeAll(makeCredentials);

const ECDSA = Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
const ECDSA_256 = Suite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384;
const ECDSA_CHACHA = Suite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
const RSA = Suite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
const DHE = 0x009e;
const STATIC_RSA = 0x009c;
const ALL_GROUPS = [Group.x25519, Group.secp256r1, Group.secp384r1];

const decision = (end: End, about: DecisionTopic): DecisionEvent =>
  end.events.filter((event) => event.kind === 'decision' && event.about === about).at(-1) as DecisionEvent;

/** Reasons by value, of what was not taken. */
const reasons = (event: DecisionEvent): Readonly<Record<string, DecisionReason>> =>
  Object.fromEntries(event.alternatives.map(({ value, reason }) => [value, reason]));

const chosenSuite = (pair: Pair): number => expectAgreement(pair).server.summaries[0]!.cipherSuite.code;

describe('the version', () => {
  const all = [Version['TLSv1.3'], Version['TLSv1.2'], Version['TLSv1.1'], Version.TLSv1];

  function decide(versions: readonly number[], script: ClientScript12): DecisionEvent {
    const cipherSuites = [0x1301, ECDSA, Suite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA];
    const end = new ServerEnd('server', server({ versions, cipherSuites }));
    const client = new ScriptedClient12(script);
    end.connection.start();
    client.start();
    end.connection.receive(client.take());
    return decision(end, 'version');
  }

  test.each<readonly [string, readonly number[], number, readonly number[] | undefined, string | null]>([
    ['1.2 by the old field', all, 0x0303, undefined, 'TLSv1.2'],
    ['1.1 by the old field', all, 0x0302, undefined, 'TLSv1.1'],
    ['1.0 by the old field', all, 0x0301, undefined, 'TLSv1'],
    ['a later version by the old field', all, 0x03ff, undefined, 'TLSv1.2'],
    ['1.3 by the old field, which it cannot say', all, 0x0304, undefined, 'TLSv1.2'],
    ['1.2 by the old field, of a server of 1.3', [0x0304], 0x0303, undefined, null],
    ['1.2 by the old field, of a server of 1.0', [0x0301], 0x0303, undefined, 'TLSv1'],
    ['1.0, of a server of 1.2', [0x0303], 0x0301, undefined, null],
    ['a list', all, 0x0303, [0x0302, 0x0303], 'TLSv1.2'],
    ['a list with a gap', [0x0303, 0x0301], 0x0303, [0x0304, 0x0302, 0x0301], 'TLSv1'],
    ['a list of nothing we know', all, 0x0303, [0x2a2a, 0x7f1c], null],
    ['a list that says less than the field', all, 0x0303, [0x0301], 'TLSv1'],
    ['a list that says more than the field', [0x0303], 0x0301, [0x0303], 'TLSv1.2'],
    ['SSL 3.0', all, 0x0300, undefined, null],
    ['SSL 3.0 with a list', all, 0x0300, [0x0304, 0x0303], null],
  ])('%s', (_, versions, legacyVersion, supportedVersions, chosen) => {
    const event = decide(versions, { hello: { legacyVersion }, extensions: { supportedVersions } });
    expect([event.chosen, event.reason]).toEqual([chosen, chosen === null ? 'refused' : 'highest_shared']);
    expect(event.alternatives.some(({ value }) => value === chosen)).toBe(false);
  });

  test('is told with everything that was passed over', () => {
    const event = decide([0x0303, 0x0302], {
      extensions: { supportedVersions: [0x3a3a, 0x0304, 0x0303, 0x0301] },
    });
    expect(event.alternatives.map(({ reason }) => reason)).toEqual([
      'grease',
      'not_supported_by_server',
      'not_supported_by_server',
      'not_offered_by_client',
    ]);
    expect(event.alternatives.map(({ value }) => value).slice(1)).toEqual(['TLSv1.3', 'TLSv1', 'TLSv1.1']);
  });

  test('without a suite is none, and the decision says so', () => {
    const end = new ServerEnd('server', server({ versions: [0x0304, 0x0303], cipherSuites: [ECDSA] }));
    const client = new ScriptedClient12({ extensions: { supportedVersions: [0x0304, 0x0303] } });
    client.start();
    end.connection.receive(client.take());
    const event = decision(end, 'version');
    expect(event.chosen).toBe('TLSv1.2');
    expect(event.alternatives).toContainEqual({ value: 'TLSv1.3', reason: 'not_configured' });
  });
});

describe('the suite', () => {
  test('is told with the reason against each other one', () => {
    const cipherSuites = [0x1301, ECDSA, DHE, 0xc037, RSA, STATIC_RSA, 0xc014, 0x00a8];
    const pair = meet(
      {
        versions: V12,
        cipherSuites: [0x009f, ...cipherSuites.slice(1, -1)],
        groups: [Group.x25519, Group.ffdhe3072],
        externalPsks: [PSK],
        shapeHello: (hello) => ({ ...hello, cipherSuites: [0x1a1a, 0x1301, ...hello.cipherSuites] }),
      },
      {
        versions: [Version['TLSv1.3'], ...V12],
        cipherSuites,
        groups: [Group.x25519, Group.ffdhe2048],
        credentials: [own('RSA')],
      },
    );
    expectAgreement(pair);
    const event = decision(pair.server, 'cipher_suite');
    expect([event.chosen, event.reason]).toEqual([cipherSuiteName(RSA), 'first_shared_in_server_order']);
    expect(reasons(event)).toEqual({
      TLS_AES_128_GCM_SHA256: 'not_for_this_version',
      [cipherSuiteName(ECDSA)]: 'no_certificate_for_it',
      [cipherSuiteName(DHE)]: 'no_shared_group',
      [cipherSuiteName(0xc037)]: expect.stringMatching(/^(no_psk|not_for_this_version)$/),
      [cipherSuiteName(STATIC_RSA)]: 'less_preferred',
      [cipherSuiteName(0xc014)]: 'less_preferred',
      [cipherSuiteName(0x00a8)]: 'not_offered_by_client',
      [cipherSuiteName(0x009f)]: 'not_supported_by_server',
      [cipherSuiteName(0x1a1a)]: 'grease',
    });
    expect(pair.server.summaries[0]?.why.cipherSuite).toEqual(event);
  });

  test('falls on one without a signature where no scheme is shared', () => {
    const cipherSuites = [RSA, DHE, STATIC_RSA];
    const pair = meet(
      {
        cipherSuites,
        groups: [Group.x25519, Group.ffdhe2048],
        signatureSchemes: [Scheme.ecdsa_secp256r1_sha256],
      },
      { cipherSuites, groups: [Group.x25519, Group.ffdhe2048] },
    );
    expect(chosenSuite(pair)).toBe(STATIC_RSA);
    expect(reasons(decision(pair.server, 'cipher_suite'))).toEqual({
      [cipherSuiteName(RSA)]: 'no_shared_signature_scheme',
      [cipherSuiteName(DHE)]: 'no_shared_signature_scheme',
    });
  });

  test.each<readonly [string, string, Partial<ClientConfig>, Partial<ServerConfig>]>([
    ['nothing is shared', 'no_shared_cipher_suite', { cipherSuites: [ECDSA] }, { cipherSuites: [RSA] }],
    [
      'nothing is shared but a group is missing',
      'no_shared_group',
      { groups: [Group.secp384r1] },
      { groups: [Group.x25519] },
    ],
    [
      'there is no certificate for it',
      'no_certificate_for_suite',
      { cipherSuites: [RSA] },
      { cipherSuites: [RSA], credentials: [] as Credential[], chooseCredential: () => own('P-256') },
    ],
    ['no scheme is shared', 'no_shared_signature_scheme', { signatureSchemes: [Scheme.ed25519] }, {}],
    ['there is no private key at all', 'no_credential', {}, { credentials: [] }],
  ])('is none where %s, and both sides are told', (_, code, ours, theirs) => {
    const pair = meet(ours, theirs);
    expectRefusal(pair, 'server', code as never, 'handshake_failure');
    expect(decision(pair.server, 'cipher_suite')).toMatchObject({ chosen: null, reason: 'refused' });
    expect(pair.server.errors[0]?.facts).not.toEqual({});
  });

  const three = [ECDSA, ECDSA_256, ECDSA_CHACHA];

  test('is the first of the server’s, or of the client’s where that is wanted', () => {
    const theirs = { cipherSuites: three };
    const ours = { cipherSuites: three.toReversed().slice(1) };
    expect(chosenSuite(meet(ours, theirs))).toBe(ECDSA);
    expect(chosenSuite(meet(ours, { ...theirs, preference: 'client' }))).toBe(ECDSA_256);
  });

  test('is ChaCha20 where the client puts it first: it has no AES in hardware', () => {
    const theirs = { cipherSuites: three };
    const first = [ECDSA_CHACHA, ECDSA, ECDSA_256];
    expect(chosenSuite(meet({ cipherSuites: first }, theirs))).toBe(ECDSA_CHACHA);
    expect(chosenSuite(meet({ cipherSuites: three }, theirs))).toBe(ECDSA);
    expect(chosenSuite(meet({ cipherSuites: [ECDSA_256, ECDSA_CHACHA] }, theirs))).toBe(ECDSA_256);
    // What it cannot mean does not count as the first.
    for (const before of [0x1a1a, Scsv.TLS_EMPTY_RENEGOTIATION_INFO_SCSV, 0x1301, 0x009f]) {
      const shapeHello: ClientConfig['shapeHello'] = (hello) => ({
        ...hello,
        cipherSuites: [before, ...hello.cipherSuites],
      });
      expect([before, chosenSuite(meet({ cipherSuites: first, shapeHello }, theirs))]).toEqual([
        before,
        ECDSA_CHACHA,
      ]);
    }
    expect(chosenSuite(meet({ cipherSuites: first }, { cipherSuites: [ECDSA, ECDSA_256] }))).toBe(ECDSA);
  });
});

describe('the group', () => {
  test('is the first of the server’s, or of the client’s where that is wanted (CVE-2026-2673)', () => {
    const ours = { groups: [Group.secp256r1, Group.x25519] };
    const theirs = { groups: [Group.secp384r1, Group.x25519, Group.secp256r1] };
    for (const [preference, expected] of [
      ['server', 'x25519'],
      ['client', 'secp256r1'],
    ] as const) {
      const pair = expectAgreement(meet(ours, { ...theirs, preference }));
      expect(pair.server.summaries[0]?.group?.iana).toBe(expected);
      expect(reasons(decision(pair.server, 'group'))).toMatchObject({
        secp384r1: 'not_offered_by_client',
        [expected === 'x25519' ? 'secp256r1' : 'x25519']: 'less_preferred',
      });
    }
  });

  test('is never one of TLS 1.3 alone', () => {
    const groups = [Group.X25519MLKEM768, Group.ffdhe2048, Group.secp256r1];
    const versions = [Version['TLSv1.3'], ...V12];
    const pair = expectAgreement(meet({ versions, groups }, { versions: V12, groups }));
    expect(pair.server.summaries[0]?.group?.iana).toBe('secp256r1');
    expect(reasons(decision(pair.server, 'group'))).toEqual({
      X25519MLKEM768: 'not_for_this_version',
      ffdhe2048: 'not_for_this_version',
    });
  });

  test('is P-256 for a client that names none', () => {
    const pair = meet(
      {
        groups: ALL_GROUPS,
        shapeHello: (hello) => {
          const { supportedGroups: _, ...kept } = hello.extensions!;
          return { ...hello, extensions: kept };
        },
      },
      { groups: ALL_GROUPS },
    );
    pair.pump();
    expect(decision(pair.server, 'group')).toMatchObject({ chosen: 'secp256r1', reason: 'default_group' });
  });
});

describe('certificates side by side', () => {
  const all = (): Credential[] => [
    own('ML-DSA-44'),
    own('Ed25519'),
    own('P-384'),
    own('P-256'),
    own('RSA-PSS'),
    own('RSA'),
  ];
  const chainOf = (pair: Pair) => expectAgreement(pair).client.summaries[0]?.peerCertificates;

  test.each<readonly [string, 'Ed25519' | 'P-384' | 'P-256' | 'RSA-PSS' | 'RSA', Partial<ClientConfig>]>([
    ['that has everything', 'Ed25519', {}],
    [
      'without EdDSA',
      'P-384',
      {
        signatureSchemes: [
          Scheme.ecdsa_secp256r1_sha256,
          Scheme.ecdsa_secp384r1_sha384,
          Scheme.rsa_pss_rsae_sha256,
        ],
      },
    ],
    [
      'without P-384',
      'P-256',
      { signatureSchemes: [Scheme.ecdsa_secp256r1_sha256], groups: [Group.x25519, Group.secp256r1] },
    ],
    ['with suites of RSA alone', 'RSA-PSS', { cipherSuites: [RSA] }],
    ['with plain RSA alone', 'RSA', { cipherSuites: [RSA], signatureSchemes: [Scheme.rsa_pkcs1_sha256] }],
    [
      'with PSS over plain keys alone',
      'RSA',
      { cipherSuites: [RSA], signatureSchemes: [Scheme.rsa_pss_rsae_sha256] },
    ],
    ['with static RSA alone', 'RSA', { cipherSuites: [STATIC_RSA] }],
  ])('a client %s gets the one of %s', (_, kind, more) => {
    const pair = meet(
      { groups: ALL_GROUPS, ...more },
      { groups: ALL_GROUPS, credentials: all(), cipherSuites: [ECDSA, RSA, STATIC_RSA] },
    );
    expect(chainOf(pair)).toEqual(own(kind).chain);
    const event = decision(pair.server, 'credential');
    expect(event.alternatives.length).toBe(5);
    expect(new Set([event.chosen, ...event.alternatives.map(({ value }) => value)]).size).toBe(6);
  });

  test('a client of TLS 1.1 gets one that it knows, without a word about schemes', () => {
    const versions = [Version['TLSv1.1']];
    const groups = ALL_GROUPS;
    const pair = meet({ versions, groups }, { versions, groups, credentials: all() });
    expect(chainOf(pair)).toEqual(own('P-384').chain);
    const rsa = { versions, groups, cipherSuites: [Suite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA] };
    expect(chainOf(meet(rsa, { ...rsa, credentials: all() }))).toEqual(own('RSA').chain);
  });

  test('each is told with the reason against it', () => {
    const credentials = [own('RSA'), own('Ed25519'), own('P-256')];
    const pair = meet(
      { cipherSuites: [ECDSA], signatureSchemes: [Scheme.ecdsa_secp256r1_sha256] },
      { credentials },
    );
    expectAgreement(pair);
    const event = decision(pair.server, 'credential');
    expect(event.chosen).toBe('credential 2');
    expect(reasons(event)).toEqual({
      'credential 0': 'no_certificate_for_it',
      'credential 1': 'no_shared_signature_scheme',
    });
    expect(decision(pair.server, 'signature_scheme').chosen).toBe('ecdsa_secp256r1_sha256');
  });
});

describe('the name that the client asks for', () => {
  const names: Readonly<Record<string, Credential>> = {};
  beforeAll(async () => {
    const { key } = own();
    for (const name of ['exact.example', '*.wild.example', 'default.example']) {
      const chain = await createCertificate({
        provider,
        subject: name,
        key,
        altNames: [name],
        notBefore: Date.UTC(2020, 0, 1),
        notAfter: Date.UTC(2060, 0, 1),
      });
      (names as Record<string, Credential>)[name] = { chain: [chain], key };
    }
  });
  const all = () => ['default.example', 'exact.example', '*.wild.example'].map((name) => names[name]!);

  test.each([
    ['exact.example', 'exact.example', 'matches_server_name'],
    ['EXACT.example', 'exact.example', 'matches_server_name'],
    ['a.wild.example', '*.wild.example', 'matches_server_name'],
    ['a.b.wild.example', 'default.example', 'default_credential'],
    ['wild.example', 'default.example', 'default_credential'],
    ['else.example', 'default.example', 'default_credential'],
    ['not-exact.example', 'default.example', 'default_credential'],
  ])('%s is answered by %s', (serverName, expected, reason) => {
    const pair = expectAgreement(meet({ serverName }, { credentials: all() }));
    expect(pair.client.summaries[0]?.peerCertificates).toEqual(names[expected]!.chain);
    const event = decision(pair.server, 'credential');
    expect(event.reason).toBe(reason);
    if (reason === 'matches_server_name')
      expect(Object.values(reasons(event))).toEqual(['name_does_not_match', 'name_does_not_match']);
  });

  test('that nobody answers to can be refused', () => {
    const theirs = () => ({ credentials: all(), unknownServerName: 'refuse' as const });
    expectAgreement(meet({ serverName: 'a.wild.example' }, theirs()));
    const pair = meet({ serverName: 'else.example' }, theirs());
    expectRefusal(pair, 'server', 'unrecognized_server_name', 'unrecognized_name');
  });

  test('can be left to a callback, which may take its time', async () => {
    const asked: (string | null)[] = [];
    for (const late of [false, true]) {
      const chooseCredential: ServerConfig['chooseCredential'] = (hello) => {
        asked.push(hello.serverName);
        const found = names[hello.serverName ?? ''] ?? null;
        return late ? Promise.resolve(found) : found;
      };
      const theirs = { credentials: all(), chooseCredential };
      const pair = await meet({ serverName: 'exact.example' }, theirs).settle();
      expectAgreement(pair);
      expect(pair.client.summaries[0]?.peerCertificates).toEqual(names['exact.example']!.chain);
      expect(decision(pair.server, 'credential').reason).toBe('chosen_by_callback');
      const refused = await meet({ serverName: 'else.example' }, theirs).settle();
      expectRefusal(refused, 'server', 'unrecognized_server_name', 'unrecognized_name');
    }
    expect(asked).toEqual(['exact.example', 'else.example', 'exact.example', 'else.example']);
  });

  test('a callback that fails is our failure', async () => {
    for (const chooseCredential of [
      () => {
        throw new Error('no store');
      },
      () => Promise.reject(new Error('no store')),
    ]) {
      const pair = await meet({}, { chooseCredential }).settle();
      expectRefusal(pair, 'server', 'callback_failed', 'internal_error');
    }
    const wrong = await credential('RSA');
    const pair = meet({ cipherSuites: [ECDSA] }, { chooseCredential: () => wrong });
    expectRefusal(pair, 'server', 'no_certificate_for_suite', 'handshake_failure');
  });
});

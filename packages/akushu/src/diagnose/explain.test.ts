import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Connection } from '../connection/index.js';
import { nodeProvider } from '../crypto/node.js';
import { ERRORS, TlsError, tlsError } from '../errors.js';
import {
  alerts,
  cipherSuites,
  Group,
  handshakeTypes,
  namedGroups,
  Suite,
  signatureSchemes,
} from '../registry/index.js';
import type { DecisionEvent, DecisionReason, KeyEvent, TraceEvent } from '../trace/index.js';
import { createCertificate } from '../x509/index.js';
import { en } from './en/index.js';
import {
  explainAlert,
  explainDecision,
  explainError,
  explainGroup,
  explainKey,
  explainMessage,
  explainScheme,
  explainSuite,
  printable,
} from './index.js';
import { ja } from './ja/index.js';

const LANGUAGES = ['en', 'ja'] as const;
const JAPANESE = /[\u3040-\u30ff\u4e00-\u9fff]/;

function everyText(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(everyText);
}

function decision(over: Partial<DecisionEvent>): DecisionEvent {
  return {
    kind: 'decision',
    t: 0,
    about: 'cipher_suite',
    by: 'server',
    chosen: 'TLS_AES_128_GCM_SHA256',
    reason: 'first_shared_in_server_order',
    alternatives: [],
    ...over,
  };
}

async function traceOfHandshake(): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  const now = () => 1_800_000_000_000;
  const key = await nodeProvider.importPrivateKey(await nodeProvider.generatePrivateKey('secp256r1'));
  const certificate = await createCertificate({
    provider: nodeProvider,
    subject: 'localhost',
    altNames: ['localhost'],
    key,
    notBefore: now() - 1000,
    notAfter: now() + 1_000_000,
  });
  await new Promise<void>((resolve, reject) => {
    const common = { provider: nodeProvider, now, trace: (event: TraceEvent) => events.push(event) };
    const client: Connection = new Connection(
      'client',
      { ...common, serverName: 'localhost', alpn: ['h2', 'http/1.1'], verifyPeer: () => ({ trusted: true }) },
      {
        output: (pieces) => {
          for (const piece of pieces) queueMicrotask(() => server.receive(piece));
        },
        established: () => resolve(),
        error: reject,
      },
    );
    const server: Connection = new Connection(
      'server',
      {
        ...common,
        alpn: ['http/1.1'],
        groups: [Group.secp384r1],
        credentials: [{ chain: [certificate], key }],
      },
      {
        output: (pieces) => {
          for (const piece of pieces) queueMicrotask(() => client.receive(piece));
        },
        error: reject,
      },
    );
    client.start();
  });
  return events;
}

describe('the two languages', () => {
  test('leave nothing empty, and every sentence of advice ends as a sentence', () => {
    for (const texts of [en, ja]) {
      for (const text of everyText(texts)) expect(text.trim()).not.toBe('');
      const advice = [texts.errors, texts.alerts, texts.network, texts.weakPoints].flatMap((table) =>
        everyText(table),
      );
      for (const text of advice) expect(text).toMatch(/[.。?]$/);
    }
  });

  test('differ: no English sentence was left in the Japanese', () => {
    const words = [
      ...[ja.messages, ja.before13, ja.alerts, ja.errors, ja.network, ja.topics, ja.keys],
      ...[ja.writeKeyHolders, ja.keyDescent, ja.privateKeyUse, ja.protections, ja.weakPoints],
    ].flatMap((table) => everyText(table));
    const left = words.filter((text) => !JAPANESE.test(text) && text !== 'HelloRetryRequest');
    expect(left).toEqual([]);
    expect(everyText(en).filter((text) => JAPANESE.test(text))).toEqual([]);
  });

  test('use one voice: Japanese errors and alerts are polite, and no English text has a straight apostrophe', () => {
    const polite = /(です|ます|ません|ました|でした|ください|多いです)(（[^）]*）)?。$/;
    const advice = [ja.errors, ja.alerts, ja.network, ja.weakPoints].flatMap((table) => everyText(table));
    expect(advice.filter((text) => !polite.test(text))).toEqual([]);
    expect(everyText(en).filter((text) => /\w'\w/.test(text))).toEqual([]);
  });

  test('short texts fit on one line of a timeline', () => {
    const enMessages = [...Object.values(en.messages), ...Object.values(en.before13)];
    for (const { short } of enMessages) expect(short.length).toBeLessThanOrEqual(64);
    const jaMessages = [...Object.values(ja.messages), ...Object.values(ja.before13)];
    for (const { short } of jaMessages) expect(short.length).toBeLessThanOrEqual(32);
  });

  test('know every row of the registries', () => {
    for (const language of LANGUAGES) {
      const unknown = explainMessage('no such message', language);
      for (const { message } of handshakeTypes)
        expect(explainMessage(message, language)).not.toEqual(unknown);
      const unknownAlert = explainAlert('alert_255', language);
      for (const { name, code } of alerts()) {
        expect(explainAlert(name, language)).not.toEqual(unknownAlert);
        expect(explainAlert(code, language)).toEqual(explainAlert(name, language));
      }
      const unknownName = explainGroup('no such group', language);
      for (const row of namedGroups()) expect(explainGroup(row.iana, language)).not.toBe(unknownName);
      for (const row of cipherSuites()) expect(explainSuite(row.iana, language)).not.toBe(unknownName);
      for (const row of signatureSchemes()) expect(explainScheme(row.iana, language)).not.toBe(unknownName);
      for (const code of Object.keys(ERRORS)) {
        const { what, tryThis } = explainError({ code }, language);
        expect([what, tryThis]).not.toContain('');
      }
    }
  });
});

describe('decisions', () => {
  test('name the value, the reason with its count, and what was passed over', () => {
    const event = decision({
      alternatives: [
        { value: 'TLS_AES_256_GCM_SHA384', reason: 'less_preferred' },
        { value: 'TLS_CHACHA20_POLY1305_SHA256', reason: 'less_preferred' },
        { value: 'GREASE (0x1a1a)', reason: 'grease' },
        { value: 'TLS_AES_128_CCM_SHA256', reason: 'not_supported_by_server' },
      ],
    });
    expect(explainDecision(event, 'en')).toBe(
      'TLS_AES_128_GCM_SHA256: first of 3 shared cipher suites in the server’s order; shared but less preferred: ' +
        'TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256; the client also offered, but the server lacks: TLS_AES_128_CCM_SHA256.',
    );
    expect(explainDecision(event, 'ja')).toBe(
      'TLS_AES_128_GCM_SHA256: 双方に共通する暗号スイート3個のうち、サーバーの優先順で先頭。共通だが優先度が低い: ' +
        'TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256。クライアントが提示したがサーバーは未対応: TLS_AES_128_CCM_SHA256。',
    );
  });

  test('say that nothing is shared where nothing was chosen', () => {
    const event = decision({
      chosen: null,
      alternatives: [{ value: 'x', reason: 'not_supported_by_server' }],
    });
    expect(explainDecision(event, 'en')).toMatch(
      /^no cipher suite: the two sides share none of their cipher suites; /,
    );
  });

  test('say what the server does with early data that it accepts', () => {
    const event = decision({ about: 'early_data', chosen: 'accepted', reason: 'accepted', alternatives: [] });
    expect(explainDecision(event, 'en')).toBe(
      'accepted: the server reads it before the handshake is complete.',
    );
    expect(explainDecision(event, 'ja')).toBe('受け入れ: サーバーがハンドシェイクの完了前に読む。');
  });

  test('tell the server’s choice, of which the client knows only what it offered, from its own', () => {
    const event = decision({
      reason: 'chosen_by_server',
      alternatives: [{ value: 'B', reason: 'less_preferred' }],
    });
    expect(explainDecision(event, 'en')).toBe(
      'TLS_AES_128_GCM_SHA256: the server chose it out of the 2 cipher suites on offer; the client also offered: B.',
    );
  });

  test('say of what was not agreed on who lacks it and what follows', () => {
    const event = decision({
      about: 'extended_master_secret',
      reason: 'not_supported_by_server',
      chosen: null,
    });
    expect(explainDecision(event, 'en')).toMatch(
      /^not in use: the server does not have it; the keys are bound/,
    );
    const used = decision({ about: 'encrypt_then_mac', chosen: 'encrypt_then_mac', reason: 'accepted' });
    expect(explainDecision(used, 'en')).toMatch(/^in use: the MAC is over the encrypted record/);
    const lacking = decision({
      about: 'secure_renegotiation',
      reason: 'not_offered_by_client',
      chosen: null,
    });
    expect(explainDecision(lacking, 'ja')).toMatch(/^不使用: クライアントが提示しなかった。/);
  });

  test('tell sharing nothing from sharing what cannot be used', () => {
    const refused = (reason: DecisionReason) =>
      explainDecision(
        decision({
          chosen: null,
          reason: 'refused',
          alternatives: [
            { value: 'y', reason: 'not_offered_by_client' },
            { value: 'x', reason },
          ],
        }),
        'en',
      );
    expect(refused('not_supported_by_server')).toMatch(/^no cipher suite: the two sides share none/);
    expect(refused('no_certificate_for_it')).toBe(
      'no cipher suite: none of the shared cipher suites can be used; shared, but no certificate has a key for: x; not offered by the client: y.',
    );
  });

  test('of a real handshake with a retry are sentences in both languages', async () => {
    const events = await traceOfHandshake();
    const decisions = events.filter((event): event is DecisionEvent => event.kind === 'decision');
    expect(decisions.map(({ about }) => about)).toContain('hello_retry_request');
    for (const event of decisions) {
      expect(explainDecision(event, 'en')).toMatch(/^.+: .+\.$/);
      expect(explainDecision(event, 'ja')).toMatch(/^.+: .+。$/);
    }
    for (const event of events.filter((one): one is KeyEvent => one.kind === 'key')) {
      expect(explainKey(event, 'en')).toMatch(/^\S.* secret: protects .*\. .*\.$/);
      expect(explainKey(event, 'ja')).toMatch(JAPANESE);
    }
  });

  test('on a certificate that was let through unverified say what is wrong with it', () => {
    const event = decision({
      about: 'peer_certificate',
      chosen: 'trusted',
      reason: 'verified',
      facts: { ignored: 'certificate_expired' },
    });
    expect(explainDecision(event, 'en')).toContain(
      'something is wrong: A certificate of the chain has expired.',
    );
    expect(explainDecision(event, 'ja')).toContain('有効期限の切れた証明書');
  });

  test('have words for every reason, whatever the topic', () => {
    for (const language of LANGUAGES) {
      for (const reason of Object.keys(en.reasons) as DecisionReason[]) {
        for (const about of Object.keys(en.topics) as DecisionEvent['about'][]) {
          for (const chosen of ['x', null]) {
            const text = explainDecision(
              decision({ about, reason, chosen, alternatives: [{ value: 'y', reason }] }),
              language,
            );
            expect(text).not.toMatch(/undefined|\[object|NaN/);
          }
        }
      }
    }
  });
});

describe('errors', () => {
  test('tell with their facts what both sides have', () => {
    const error = tlsError('no_shared_cipher_suite', { offered: ['A', 'B'], supported: ['C'] });
    const { what, tryThis } = explainError(error, 'en');
    expect(what).toBe('The two sides have no cipher suite in common. Offered: A, B. Supported: C.');
    expect(tryThis).toContain('TLS_AES_128_GCM_SHA256');
    expect(explainError(error, 'ja').what).toBe(
      '双方に共通する暗号スイートがありません。提示: A, B。対応: C。',
    );
  });

  test('of the peer name the alert and who sent it', () => {
    const error = new TlsError('peer_alert', { peerAlert: 'unknown_ca' });
    error.sentBy = 'server';
    expect(explainError(error, 'en').what).toMatch(
      /^The server ended the connection with the alert unknown_ca\. /,
    );
    expect(explainError(error, 'ja').what).toMatch(/^サーバーがアラート unknown_ca を送って/);
  });

  test('show dates as dates', () => {
    const { what } = explainError(tlsError('certificate_expired', { notAfter: Date.UTC(2026, 0, 31) }), 'en');
    expect(what).toContain('Valid until: 2026-01-31 00:00:00 UTC.');
  });

  test('of a chain tell what belongs to the code, not everything that was looked at', () => {
    const facts = {
      host: 'a.example',
      presented: ['b.example'],
      notAfter: 0,
      subject: 'CN=b',
      issuer: 'CN=ca',
      rule: 'x',
    };
    const { what } = explainError(tlsError('hostname_mismatch', facts), 'en');
    expect(what).toMatch(/this one\. Wanted: a\.example\. Names in the certificate: b\.example\.$/);
  });

  test('with an unknown code do not invent a cause', () => {
    expect(explainError({ code: 'toString' }, 'en').what).toBe(
      'The connection failed for an unknown reason.',
    );
  });

  test('never put a peer’s bytes on the terminal raw, whatever the facts hold', () => {
    const anything = fc.record({
      serverName: fc.string({ unit: 'binary' }),
      presented: fc.array(fc.string({ unit: 'binary' }), { maxLength: 12 }),
      notAfter: fc.double(),
      got: fc.anything(),
    });
    fc.assert(
      fc.property(anything, fc.constantFrom(...LANGUAGES), (facts, language) => {
        const { what } = explainError(tlsError('hostname_mismatch', facts), language);
        return !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(what);
      }),
    );
  });
});

describe('printable text', () => {
  test('escapes what acts on a terminal or hides, and leaves the rest', () => {
    expect(printable('\u001b[2Jexample.com\r\n')).toBe('\\x1b[2Jexample.com\\x0d\\x0a');
    expect(printable('a\u202eb\u200bc\u009bd')).toBe('a\\u{202e}b\\u{200b}c\\x9bd');
    expect(printable('日本語.example é 👍')).toBe('日本語.example é 👍');
    expect(printable('\ud800')).toBe('\\u{d800}');
  });

  test('bounds the length, and never cuts a character in two', () => {
    expect(printable('x'.repeat(1000), 10)).toBe(`${'x'.repeat(10)}…`);
    expect(printable('👍👍👍', 3)).not.toMatch(/\\u\{d/);
  });
});

describe('names', () => {
  test('of groups, suites and schemes are explained by what an operator asks for', () => {
    expect(explainGroup('X25519MLKEM768', 'en')).toContain('quantum');
    expect(explainGroup('x25519', 'en')).toContain('could break recorded traffic');
    expect(explainGroup('2048 bits', 'en')).toContain('that the server chose itself, 2048 bits');
    expect(explainScheme('rsa_pkcs1_md5_sha1', 'en')).toContain('MD5 and SHA-1');
    expect(explainSuite('TLS_RSA_WITH_AES_128_CBC_SHA', 'en')).toContain('no forward secrecy');
    expect(explainSuite('AES128-SHA', 'ja')).toContain('前方秘匿性なし');
    expect(explainScheme('mldsa44', 'en')).toContain('Post-quantum');
    expect(Suite.TLS_AES_128_GCM_SHA256).toBe(0x1301);
  });
});

import type { AnnotatedNode, MessageEvent } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import { localhostCredential } from 'akushu/node';
import { createCertificate } from 'akushu/x509';
import { beforeAll, describe, expect, test } from 'vitest';
import { handshakePage } from '../src/http/page.js';
import { storyJson } from '../src/json.js';
import { styleFor } from '../src/output.js';
import { storyLines } from '../src/render/story.js';
import { Story } from '../src/story.js';
import { type Words, wordsOf } from '../src/words/index.js';
import { LANGUAGES, meet, plainStyle, type Stories, tooWide } from './support.js';

const NOW = Date.now();
const JAPANESE = /[\u3040-\u30ff\u4e00-\u9fff]/;

/** What the tests look into. */
interface Shown {
  readonly messages: readonly { readonly type: string }[];
  readonly certificates: readonly unknown[];
  readonly timings: object;
}

let plain: Stories;
let retried: Stories;
let refused: Stories;
let mutual: Stories;
let noGroup: Stories;
let ecdhe: Stories;
let rsa: Stories;
let old: Stories;
let noCertificate: Stories;

beforeAll(async () => {
  const key = await nodeProvider.importPrivateKey(await nodeProvider.generatePrivateKey('secp256r1'));
  const client = await createCertificate({
    provider: nodeProvider,
    subject: { CN: 'クライアント証明書の長い名前'.repeat(4), O: 'x'.repeat(60) },
    key,
    altNames: Array.from({ length: 20 }, (_, i) => `name-${i}.example.com`),
    notBefore: NOW - 1000,
    notAfter: NOW + 3 * 86_400_000,
  });
  plain = await meet({ ALPNProtocols: ['h2', 'http/1.1'] }, { ALPNProtocols: ['http/1.1'] });
  retried = await meet({ groups: ['x25519', 'secp384r1'] }, { groups: ['secp384r1'] });
  refused = await meet({ ca: [] });
  mutual = await meet(
    { credentials: [{ chain: [client], key }] },
    { requestCert: true, rejectUnauthorized: false },
  );
  const server = await localhostCredential(undefined, undefined, 'rsa-2048');
  const versions = ['TLSv1.2'] as const;
  ecdhe = await meet({ versions });
  rsa = await meet(
    { versions, ciphers: ['AES128-SHA'], ca: server.certificatePem },
    { credentials: [server], ciphers: ['AES128-SHA'], tls: { encryptThenMac: false } },
  );
  old = await meet(
    { versions: ['TLSv1'], ca: server.certificatePem },
    { credentials: [server], minVersion: 'TLSv1' },
  );
  noCertificate = await meet({ versions, ciphers: ['ECDHE-RSA-AES128-GCM-SHA256'] });
  noGroup = await meet({ groups: ['x25519'] }, { groups: ['secp384r1'] });
});

const everyStory = (): Story[] =>
  [plain, retried, refused, mutual, noGroup, ecdhe, rsa, old, noCertificate].flatMap(({ client, server }) => [
    client,
    server,
  ]);

describe('the explanation', () => {
  test('is never wider than 80 columns, in either language, whatever happened', () => {
    for (const story of everyStory()) {
      for (const language of LANGUAGES) {
        const lines = storyLines(story, plainStyle(language), NOW);
        expect(lines.length).toBeGreaterThan(10);
        expect(tooWide(lines)).toEqual([]);
        expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
      }
    }
  });

  test('shows every message of both directions with its size and, where there is one, its secret', () => {
    const { client } = plain;
    const text = storyLines(client, plainStyle('en'), NOW).join('\n');
    for (const { type } of client.messages) expect(text).toContain(` ${type} `);
    expect(text).toMatch(/─── ClientHello ─+▶ +1,\d{3} bytes/);
    expect(text).toMatch(/◀── CompressedCertificate 🔒 server handshake secret ─+ +\d+ bytes/);
    expect(text).toMatch(/─── Finished 🔒 client handshake secret ─+▶/);
    expect(text).toContain('DNS: localhost is 127.0.0.1');
  });

  test('says what was negotiated and why', () => {
    const client = storyLines(plain.client, plainStyle('en'), NOW).join(' ').replace(/\s+/g, ' ');
    expect(client).toMatch(
      /The server chose it out of the \d+ cipher suites on offer; not for the version in use: TLS_ECDHE_[^;]+; the client also offered: TLS_AES_256_GCM_SHA384/,
    );
    const server = storyLines(plain.server, plainStyle('en'), NOW).join(' ').replace(/\s+/g, ' ');
    expect(server).toContain('First of 3 shared cipher suites in the server’s order');
    expect(server).toContain('the client also offered, but the server lacks: h2.');
  });

  test('shows how TLS 1.2 agrees on keys by Diffie-Hellman, and what they protect', () => {
    const text = storyLines(ecdhe.client, plainStyle('en'), NOW).join('\n');
    expect(text).toMatch(
      /◀── ServerKeyExchange ─+ .*\n +The server’s half of Diffie-Hellman, signed with its key\./,
    );
    expect(text).toMatch(/─── ClientKeyExchange ─+▶ .*\n +The client’s half of Diffie-Hellman\./);
    expect(text).toMatch(
      /─── ChangeCipherSpec ─+▶ .*\n +From here on the sender encrypts with the new keys\./,
    );
    expect(text).toMatch(/─── Finished 🔒 client write key ─+▶/);
    expect(text).toMatch(/◀── Finished 🔒 server write key ─+/);
    expect(text).toContain('x25519 · ecdsa_secp256r1_sha256');
    expect(text).toMatch(/extended master secret {2}in use: /);
    expect(text).toMatch(/secure renegotiation +in use: /);
    expect(text).toContain('Which key protects what');
    expect(text.replace(/\s+/g, ' ')).toContain(
      'not even with the certificate’s private key later: forward secrecy.',
    );
    expect(text).not.toContain('What is weak');
  });

  test('shows the RSA handshake: who encrypts what to whom, who proves what, and what is weak', () => {
    const text = storyLines(rsa.client, plainStyle('en'), NOW).join('\n');
    expect(rsa.client.messages.map(({ type }) => type)).not.toContain('ServerKeyExchange');
    expect(text).toContain('The server’s certificate: its public key will encrypt a secret.');
    expect(text).toContain('The pre-master secret, encrypted to the server’s public key.');
    expect(text).toContain('Proves that the server could decrypt: it has the private key.');
    expect(text).toContain('CN=localhost');
    const plainText = text.replace(/\s+/g, ' ');
    expect(plainText).toContain('encrypt-then-MAC not in use: ');
    expect(plainText).toMatch(
      /What is weak ─+ ! No forward secrecy: .* ! CBC with the MAC inside .* → Put ECDHE suites first/,
    );
    expect(plainText).toContain('It decrypted the pre-master secret');
    const japanese = storyLines(rsa.client, plainStyle('ja'), NOW).join('').replace(/\s+/g, '');
    expect(japanese).toContain('前方秘匿性がありません');
    expect(japanese).toContain('公開鍵で暗号化したプリマスターシークレット。');
  });

  test('warns of an old version, and names a signature that has no number', () => {
    const text = storyLines(old.client, plainStyle('en'), NOW).join('\n');
    expect(text).toContain('! TLS 1.1 and 1.0 are deprecated (RFC 8996)');
    expect(text).toMatch(/signature +rsa_pkcs1_md5_sha1\n +RSA with the old padding over MD5 and SHA-1/);
  });

  test('of suites without a certificate says so on the server, and shows each of them', () => {
    expect(noCertificate.server.failure?.code).toBe('no_certificate_for_suite');
    const text = storyLines(noCertificate.server, plainStyle('en'), NOW).join(' ').replace(/\s+/g, ' ');
    expect(text).toContain(
      'none of the shared cipher suites can be used; shared, but no certificate has a key for: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    );
    expect(text).toContain('the other kind of key (RSA or ECDSA), side by side');
  });

  test('tells of a HelloRetryRequest and why it was needed', () => {
    const text = storyLines(retried.client, plainStyle('en'), NOW).join(' ').replace(/\s+/g, ' ');
    expect(text).toContain('◀── HelloRetryRequest');
    expect(text).toContain(
      'secp384r1: the client had not sent a key share for it; one more round trip; shares had come for: x25519.',
    );
  });

  test('of a failure shows how far it came, the certificates, the code, and what to try', () => {
    const { client, server } = refused;
    expect(client.failure?.code).toBe('self_signed_certificate');
    const text = storyLines(client, plainStyle('en'), NOW).join('\n');
    expect(text).toMatch(/◀── (Compressed)?Certificate /);
    expect(text).toContain('CN=localhost');
    expect(text).toContain('NOT trusted');
    expect(text).toContain('It failed: self_signed_certificate');
    expect(text).toMatch(/Try: {2}If it is yours, name it with --ca FILE\./);
    expect(storyLines(server, plainStyle('en'), NOW).join('\n')).toContain(
      'The client ended the connection with the alert unknown_ca.',
    );
  });

  test('warns of days left, and of a certificate that is not trusted', () => {
    const text = storyLines(mutual.server, plainStyle('en'), NOW).join('\n');
    expect(text).toContain('Who the client is');
    expect(text).toMatch(/, [23] days left/);
    expect(text).toContain('12 more');
    expect(text).toContain('NOT trusted');
  });

  test('in Japanese leaves no sentence in English', () => {
    for (const { client } of [plain, refused]) {
      const words = storyLines(client, plainStyle('ja'), NOW).filter((line) =>
        /\b(the|is|are|of|and)\b/i.test(line),
      );
      expect(words.filter((line) => !JAPANESE.test(line))).toEqual([]);
    }
  });

  test('has no escape sequences where the stream is no terminal, or NO_COLOR is set', () => {
    const terminal = Object.assign(process.stdout, {});
    const tty = { isTTY: true, columns: 200 } as unknown as typeof terminal;
    const file = { isTTY: false } as unknown as typeof terminal;
    expect(styleFor(file, 'en', {}).colors.red('x')).toBe('x');
    expect(styleFor(tty, 'en', { NO_COLOR: '1' }).colors.red('x')).toBe('x');
    expect(styleFor(tty, 'en', {}).colors.red('x')).not.toBe('x');
    expect(styleFor(tty, 'en', {}).width).toBe(80);
    const text = storyLines(plain.client, plainStyle('en'), NOW).join('\n');
    expect(text).not.toContain('\u001b');
  });

  test('never writes raw what a peer sent', () => {
    const story = new Story('server', 0, null);
    const evil = '\u001b[2J\u202e\r\nevil';
    const node = (name: string, value: string, children: AnnotatedNode[] = []): AnnotatedNode => ({
      name,
      type: 'x',
      start: 0,
      end: 4,
      value,
      children,
    });
    const hello: MessageEvent = {
      kind: 'message',
      t: 1,
      from: 'client',
      type: 'ClientHello',
      bytes: new Uint8Array(8),
      protectedBy: null,
      annotate: () =>
        node('x', '', [
          node('host_name', evil),
          node('application_layer_protocol_negotiation', '', [node('0', evil)]),
        ]),
    };
    story.trace(hello);
    story.trace({
      kind: 'decision',
      t: 2,
      about: 'alpn',
      by: 'client',
      chosen: evil,
      reason: 'accepted',
      alternatives: [{ value: evil, reason: 'refused' }],
    });
    for (const language of LANGUAGES) {
      const text = storyLines(story, plainStyle(language), NOW).join('');
      expect(text).toContain('evil');
      expect(text).not.toMatch(/[\u001b\u202e\r]/);
      expect(handshakePage(story, language, false)).not.toMatch(/[\u001b\u202e\r]/);
    }
  });
});

describe('the JSON', () => {
  test('of a connection has the fields that programs rely on', () => {
    const json = storyJson(plain.client, 'en', NOW) as unknown as Shown;
    expect(json).toMatchObject({
      ok: true,
      error: null,
      negotiated: {
        version: 'TLSv1.3',
        cipherSuite: 'TLS_AES_128_GCM_SHA256',
        group: 'X25519MLKEM768',
        signatureScheme: 'ecdsa_secp256r1_sha256',
        alpn: 'http/1.1',
        resumed: false,
      },
      trusted: true,
    });
    expect(json.messages[0]).toMatchObject({
      from: 'client',
      type: 'ClientHello',
      bytes: expect.any(Number),
      t: expect.any(Number),
    });
    expect(json.certificates).toHaveLength(1);
    expect(Object.keys(json.timings)).toEqual(['dns', 'tcp', 'tls', 'total']);
  });

  test('of a failure has the code, the alert, who sent it, and the messages so far', () => {
    const json = storyJson(noGroup.client, 'ja', NOW) as unknown as Shown;
    expect(json).toMatchObject({
      ok: false,
      error: { code: 'peer_alert', alert: 'handshake_failure', sentBy: 'server' },
      negotiated: null,
      certificates: [],
    });
    expect(json.messages.map(({ type }) => type)).toEqual(['ClientHello']);
    expect(storyJson(noGroup.server, 'en', NOW)).toMatchObject({
      error: { code: 'no_shared_group', alert: 'handshake_failure', sentBy: 'server' },
    });
    expect(storyJson(refused.client, 'en', NOW)).toMatchObject({
      error: { code: 'self_signed_certificate', alert: 'unknown_ca', sentBy: 'client' },
      trusted: false,
    });
  });

  test('of TLS 1.2 names the write keys, and what is weak', () => {
    const json = storyJson(rsa.client, 'en', NOW) as unknown as Shown;
    expect(json).toMatchObject({
      negotiated: { version: 'TLSv1.2', cipherSuite: 'TLS_RSA_WITH_AES_128_CBC_SHA', group: null },
      weakPoints: ['no_forward_secrecy', 'mac_then_encrypt'],
    });
    expect(json.messages.at(-1)).toMatchObject({ type: 'Finished', protectedBy: 'server_write_key' });
    expect(json.certificates).toHaveLength(1);
    expect(storyJson(plain.client, 'en', NOW)).toMatchObject({ weakPoints: [] });
  });

  test('survives being written and read', () => {
    for (const story of everyStory()) {
      const json = storyJson(story, 'en', NOW);
      expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    }
  });
});

test('the page shows the visitor’s handshake in both languages', () => {
  expect(handshakePage(plain.server, 'en', false)).toContain('first of 3 shared');
  expect(handshakePage(plain.server, 'ja', false)).toContain('双方に共通する');
});

test('the command’s own words leave nothing empty in either language', () => {
  const texts = (value: unknown): string[] => {
    if (typeof value === 'string') return [value];
    return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
  };
  for (const language of LANGUAGES) {
    const words: Words = wordsOf(language);
    expect(texts(words).filter((text) => text.trim() === '')).toEqual([]);
  }
});

import { describe, expect, test } from 'vitest';
import { messageBytes } from '../messages/index.js';
import { findCipherSuite, Version } from '../registry/index.js';
import {
  explainKey,
  explainKeyDescent,
  explainMessage,
  explainPrivateKey,
  isBefore13,
  NO_SETTING,
  type Setting,
  settingAfter,
} from './index.js';

const RANDOM = new Uint8Array(32).fill(1);
const ID = new Uint8Array(32).fill(2);

const hello = (extensions?: object): { type: string; bytes: Uint8Array } => ({
  type: 'ClientHello',
  bytes: messageBytes('ClientHello', {
    legacyVersion: Version['TLSv1.2'],
    random: RANDOM,
    legacySessionId: ID,
    cipherSuites: [0x1301],
    legacyCompressionMethods: [0],
    extensions,
  }),
});

const answer = (suite: string, sessionId: Uint8Array, extensions?: object) => ({
  type: 'ServerHello',
  bytes: messageBytes('ServerHello', {
    legacyVersion: Version['TLSv1.2'],
    random: RANDOM,
    legacySessionIdEcho: sessionId,
    cipherSuite: findCipherSuite(suite)!.code,
    legacyCompressionMethod: 0,
    extensions: extensions as never,
  }),
});

const NONE = new Uint8Array(0);
const setting = (suite: string, id = NONE): Setting =>
  settingAfter(settingAfter(NO_SETTING, hello()), answer(suite, id));

const RSA = setting('TLS_RSA_WITH_AES_128_CBC_SHA');
const ECDHE = setting('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256');
const PSK = setting('TLS_PSK_WITH_AES_128_GCM_SHA256');
const ECDHE_PSK = setting('TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256');

describe('the setting', () => {
  test('is read off the hellos: version, key exchange, resumption', () => {
    expect(ECDHE).toMatchObject({ version: 'TLSv1.2', keyExchange: 'ECDHE', resumed: false });
    expect(RSA).toMatchObject({ keyExchange: 'RSA' });
    expect(setting('TLS_RSA_WITH_AES_128_CBC_SHA', ID)).toMatchObject({ resumed: true });
    expect(isBefore13(ECDHE)).toBe(true);
    expect(isBefore13(NO_SETTING)).toBe(false);
  });

  test('follows supported_versions, and does not take the echo of TLS 1.3 for a resumption', () => {
    const after = settingAfter(
      settingAfter(NO_SETTING, hello({ keyShare: [] })),
      answer('TLS_AES_128_GCM_SHA256', ID, { supportedVersions: Version['TLSv1.3'] }),
    );
    expect(after).toMatchObject({ version: 'TLSv1.3', keyExchange: 'any', resumed: false, keyShares: true });
    expect(isBefore13(after)).toBe(false);
  });

  test('is left as it was by other messages, and by hellos that cannot be read', () => {
    expect(settingAfter(RSA, { type: 'Finished', bytes: NONE })).toBe(RSA);
    expect(settingAfter(RSA, { type: 'ServerHello', bytes: Uint8Array.of(2, 0, 0, 9, 1) })).toBe(RSA);
    expect(settingAfter(RSA, { type: 'ClientHello', bytes: new Uint8Array(8) })).toBe(RSA);
  });
});

describe('messages before TLS 1.3', () => {
  const short = (type: string, at: Setting, from: 'client' | 'server' = 'client') =>
    explainMessage({ type, from }, 'en', at).short;

  test('say of ClientKeyExchange what travels in it', () => {
    expect(short('ClientKeyExchange', RSA)).toBe(
      'The pre-master secret, encrypted to the server’s public key.',
    );
    expect(explainMessage({ type: 'ClientKeyExchange', from: 'client' }, 'ja', RSA).does).toContain(
      '前方秘匿性はなく',
    );
    expect(short('ClientKeyExchange', ECDHE)).toBe('The client’s half of Diffie-Hellman.');
    expect(short('ClientKeyExchange', PSK)).toContain('pre-shared key');
    expect(short('ClientKeyExchange', ECDHE_PSK)).toContain('half of Diffie-Hellman, and');
  });

  test('say where the server’s proof of its private key is', () => {
    expect(short('ServerKeyExchange', ECDHE, 'server')).toContain('signed with its key');
    expect(short('ServerKeyExchange', ECDHE_PSK, 'server')).toContain('not signed');
    expect(short('ServerKeyExchange', PSK, 'server')).toContain('hint');
    expect(short('Finished', RSA, 'server')).toContain('it has the private key');
    expect(short('Finished', RSA, 'client')).toBe(short('Finished', ECDHE, 'server'));
    expect(short('Certificate', RSA, 'server')).toContain('will encrypt');
    expect(short('Certificate', RSA, 'client')).toContain('client’s certificate');
  });

  test('say that ChangeCipherSpec changes keys, which it does not in TLS 1.3', () => {
    expect(short('ChangeCipherSpec', ECDHE)).toContain('new keys');
    expect(explainMessage('ChangeCipherSpec', 'en').short).toContain('Means nothing in TLS 1.3');
  });

  test('say of a hello without key shares that the key exchange comes later', () => {
    const without = settingAfter(NO_SETTING, hello());
    expect(short('ClientHello', without)).not.toContain('key share');
    expect(short('ClientHello', NO_SETTING)).toContain('key shares');
  });
});

describe('keys before TLS 1.3', () => {
  const key = { label: 'client_write_key', generation: 0, aead: 'aes-128-cbc hmac-sha1' } as const;

  test('are held by whoever the key exchange lets hold them', () => {
    expect(explainKey(key, 'en', ECDHE)).toMatch(
      /^Client write key: protects .*Finished.* \(AES-128-CBC HMAC-SHA1\)\. .*: forward secrecy\.$/,
    );
    expect(explainKey(key, 'en', RSA)).toContain('no forward secrecy');
    expect(explainKey(key, 'ja', PSK)).toContain('事前共有鍵');
    expect(explainKey(key, 'en', { ...ECDHE, resumed: true })).toContain('earlier session');
    expect(explainKey(key, 'en')).not.toContain('forward secrecy');
  });

  test('come from the whole handshake, or from two random values alone', () => {
    expect(explainKeyDescent(ECDHE, true, 'en')).toContain('whole handshake');
    expect(explainKeyDescent(ECDHE, false, 'en')).toContain('server random');
    expect(explainKeyDescent(NO_SETTING, false, 'en')).toContain('The next one follows');
  });

  test('depend on the private key where it decrypted, not where it signed', () => {
    expect(explainPrivateKey(RSA, false, 'en')).toContain('It decrypted');
    expect(explainPrivateKey(ECDHE, false, 'en')).toContain('protects no data');
    expect(explainPrivateKey(PSK, false, 'en')).toContain('No private key');
    expect(explainPrivateKey(RSA, true, 'ja')).toContain('使っていない');
  });
});

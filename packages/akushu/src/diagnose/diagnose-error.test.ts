import { expect, test } from 'vitest';
import { credential, trustAll } from '../../test/support/credentials.js';
import { Pair } from '../../test/support/pair.js';
import { fromLatin1 } from '../bytes/index.js';
import { nodeProvider } from '../crypto/node.js';
import { ERRORS, type ErrorCode, TlsError } from '../errors.js';
import type { ClientConfig, ServerConfig } from '../handshake/index.js';
import { RecordReader } from '../record/framing.js';
import { Group, Suite, Version } from '../registry/index.js';
import type { Cause } from './cause.js';
import { diagnoseError } from './diagnose-error.js';
import { explainError } from './explain.js';
import { TEXTS } from './languages.js';

test('every error of the engine and of the network has a verdict on either side', () => {
  const codes = [...(Object.keys(ERRORS) as ErrorCode[]), ...Object.keys(TEXTS.en.network)];
  for (const code of codes.filter((one) => one !== 'peer_alert')) {
    for (const role of ['client', 'server'] as const) {
      const verdicts = diagnoseError({ code }, { role });
      expect([code, verdicts.length > 0]).toEqual([code, true]);
      expect(verdicts.reduce((sum, { confidence }) => sum + confidence, 0)).toBeLessThanOrEqual(1.001);
    }
  }
});

test('a peer’s alert is judged by what had been sent', () => {
  const [verdict] = diagnoseError(
    { code: 'peer_alert', alert: 'unrecognized_name', sentBy: 'server' },
    { role: 'client', host: 'a.example' },
  );
  expect([verdict!.cause, verdict!.side]).toEqual(['unrecognized_server_name', 'server']);
  expect(verdict!.explanation.ja).toContain('a.example');
});

function tlsErrorOf(bytes: Uint8Array): TlsError {
  const reader = new RecordReader();
  reader.push(bytes);
  try {
    reader.next();
  } catch (error) {
    if (error instanceof TlsError) return error;
    throw error;
  }
  throw new Error('it passes for TLS');
}

const system = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code });

test.each([
  ['ENOTFOUND', 'dns_failure'],
  ['EAI_AGAIN', 'dns_failure'],
  ['ECONNREFUSED', 'connection_refused'],
  ['ETIMEDOUT', 'connect_timeout'],
  ['EHOSTUNREACH', 'connect_timeout'],
  ['ECONNRESET', 'reset_after_client_hello'],
  ['EPIPE', 'reset_after_client_hello'],
])('an error of the system, %s, is %s', (code, cause) => {
  const around = { role: 'client', host: 'a.example', port: 443 } as const;
  for (const error of [
    system(code),
    { code },
    new AggregateError([system(code), system('EPERM')], 'all failed'),
  ])
    expect(diagnoseError(error, around)[0]?.cause).toBe(cause);
});

test('an error of the system is a reset in the middle once the peer has spoken, and a truncation after the handshake', async () => {
  const credentials = [await credential()];
  const pair = new Pair(
    { provider: nodeProvider, serverName: 'localhost', verifyPeer: trustAll },
    { provider: nodeProvider, credentials },
  );
  pair.pump();
  const { events } = pair.client;
  const spoken = events.slice(
    0,
    1 + events.findIndex((event) => event.kind === 'message' && event.from === 'server'),
  );
  const first = (seen: typeof events) =>
    diagnoseError(system('ECONNRESET'), { role: 'client', events: seen })[0]?.cause;
  expect(first([])).toBe('reset_after_client_hello');
  expect(first(spoken)).toBe('closed_after_client_hello');
  expect(first(events)).toBe('truncated_close');
});

test('a deadline that ended before TCP was open is none of TLS', () => {
  const late = (phase: string, host: string) =>
    diagnoseError({ code: 'handshake_timeout', facts: { phase } }, { role: 'client', host })[0]?.cause;
  expect(late('lookup', 'a.example')).toBe('dns_failure');
  expect(late('lookup', '192.0.2.1')).toBe('connect_timeout');
  expect(late('connect', 'a.example')).toBe('connect_timeout');
  expect(late('handshake', 'a.example')).toBe('silence_after_client_hello');
});

test('an error without a code that is known gets no verdict', () => {
  expect(diagnoseError(new Error('no'), { role: 'client' })).toEqual([]);
  const circle = Object.assign(new Error('round'), { errors: [] as unknown[] });
  circle.errors.push(circle);
  expect(diagnoseError(circle, { role: 'client' })).toEqual([]);
});

test('a code that is not known gets no verdict', () => {
  expect(diagnoseError({ code: 'nonsense' }, { role: 'client' })).toEqual([]);
});

test.each([
  ['<!DOCTYPE HTML>\r\n<html', 'HTTP', ['not_tls_server']],
  ['HTTP/1.1 400 Bad Request\r\n', 'HTTP', ['not_tls_server']],
  ['HTTP/', 'HTTP', ['not_tls_server']],
  ['220 mail.example ESMTP Postfix\r\n', 'SMTP', ['not_tls_server', 'starttls_expected']],
  ['* OK ready\r\n', 'IMAP', ['not_tls_server', 'starttls_expected']],
  ['SSH-2.0-OpenSSH_9.2p1\r\n', 'SSH', ['not_tls_server']],
  ['good day, stranger\r\n', 'good day, stranger', ['not_tls_server']],
])('%j where TLS was expected: it says what answers', (start, answer, causes) => {
  const { code } = tlsErrorOf(fromLatin1(start));
  const verdicts = diagnoseError({ code, facts: { start } }, { role: 'client' });
  expect(verdicts.map(({ cause }) => cause)).toEqual(causes);
  expect(verdicts[0]!.explanation.en).toContain(`What answers: ${answer}.`);
});

test('what is not TLS is quoted by its first line', () => {
  const explained = explainError({ code: 'not_tls', facts: { start: 'good day\r\nstranger' } }, 'en');
  expect(explained.what).toMatch(/It begins with: good day\.$/);
});

test('a hello that names its highest version alone is quoted as it stands', async () => {
  const credentials = [await credential()];
  const joined = new Pair(
    { provider: nodeProvider, serverName: 'localhost', verifyPeer: trustAll, versions: [Version['TLSv1.2']] },
    { provider: nodeProvider, credentials, versions: [Version['TLSv1.3']] },
  );
  await joined.settle();
  for (const role of ['client', 'server'] as const) {
    const { errors, events } = joined[role];
    const [verdict] = diagnoseError(errors[0]!, { role, events });
    const quoted = verdict!.evidence.find(({ message }) => message === 'ClientHello');
    expect(quoted).toMatchObject({ field: 'legacy_version', value: 'TLS 1.2', bytes: { start: 4, end: 6 } });
    expect(verdict!.explanation.en).toContain('Offered: TLS 1.2 or older.');
    expect(verdict!.explanation.ja).toContain('TLS 1.2 以前');
    expect(verdict!.explanation.en).not.toContain('TLS 1.1');
  }
});

interface Case {
  readonly name: string;
  readonly client: Partial<ClientConfig>;
  readonly server: Partial<ServerConfig>;
  readonly cause: Cause;
}

const suite = (name: keyof typeof Suite) => Suite[name];
const refuse = (code: ErrorCode) => () => ({ trusted: false as const, code });

const CASES: readonly Case[] = [
  {
    name: 'versions',
    client: { versions: [Version['TLSv1.2']] },
    server: { versions: [Version['TLSv1.3']] },
    cause: 'protocol_version_mismatch',
  },
  {
    name: 'suites',
    client: {
      versions: [Version['TLSv1.2']],
      cipherSuites: [suite('TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256')],
    },
    server: { cipherSuites: [suite('TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384')] },
    cause: 'no_shared_cipher_suite',
  },
  {
    name: 'groups',
    client: { groups: [Group.secp521r1] },
    server: { groups: [Group.x25519] },
    cause: 'no_shared_group',
  },
  { name: 'ALPN', client: { alpn: ['h2'] }, server: { alpn: ['http/1.1'] }, cause: 'no_shared_alpn' },
  {
    name: 'a client certificate that is missing',
    client: {},
    server: { clientAuth: 'require' },
    cause: 'client_certificate_required',
  },
  {
    name: 'an authority that the client does not trust',
    client: { verifyPeer: refuse('self_signed_certificate') },
    server: {},
    cause: 'self_signed',
  },
  {
    name: 'the same, with a compressed certificate',
    client: { verifyPeer: refuse('self_signed_certificate'), certificateCompression: ['zlib'] },
    server: { certificateCompression: ['zlib'] },
    cause: 'self_signed',
  },
];

for (const { name, client, server, cause } of CASES) {
  test(`${name}: both sides of a failing connection see the same cause first`, async () => {
    const credentials = [await credential()];
    const joined = new Pair(
      { provider: nodeProvider, serverName: 'localhost', verifyPeer: trustAll, ...client },
      { provider: nodeProvider, credentials, verifyPeer: trustAll, ...server },
    );
    await joined.settle();
    for (const role of ['client', 'server'] as const) {
      const { errors, events } = joined[role];
      const verdicts = diagnoseError(errors[0]!, { role, events, time: Date.now(), provider: nodeProvider });
      expect([role, verdicts[0]?.cause]).toEqual([role, cause]);
    }
  });
}

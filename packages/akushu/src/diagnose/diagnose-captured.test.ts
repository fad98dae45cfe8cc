/** Verdicts on connections of our own that were written as captures: what bytes and their order alone tell. */
import { beforeAll, describe, expect, test } from 'vitest';
import { client, makeCredentials, server, V12 } from '../../test/support/pairs12.js';
import { captureOf, WatchedPair, watch } from '../../test/support/watched.js';
import { fromUtf8 } from '../bytes/index.js';
import { nodeProvider } from '../crypto/node.js';
import type { CaptureEvent } from '../observe/index.js';
import { type ConnectionDiagnosis, diagnoseConnection } from './diagnose-connection.js';

beforeAll(makeCredentials);

async function judge(
  events: readonly CaptureEvent[],
  keyLog?: readonly string[],
): Promise<ConnectionDiagnosis> {
  const { connections } = await watch(captureOf(events, 40_000, keyLog));
  return diagnoseConnection(connections[0]!, { provider: nodeProvider });
}

const first = ({ outcome, verdicts: [verdict] }: ConnectionDiagnosis) => [
  outcome,
  verdict?.cause,
  verdict?.side,
];

/** Words in the clear, one side after the other, a second apart. */
const said = (...turns: readonly (readonly ['client' | 'server', string])[]): CaptureEvent[] =>
  turns.map(([from, text], i) => ({ t: i * 1000, from, bytes: fromUtf8(text) }));

describe('the end of a connection that worked', () => {
  test.each([0x0303, 0x0304])(
    'is a truncation in the middle of a record, and none between two (%i)',
    async (version) => {
      const pair = new WatchedPair(client({ versions: [version] }), server({ versions: [version] }));
      pair.pump();
      pair.client.connection.write(fromUtf8('ping'));
      pair.pump();
      pair.server.connection.write(new Uint8Array(5_000));
      pair.pump();
      const { wire } = pair;
      const last = wire.at(-1)! as CaptureEvent & { readonly bytes: Uint8Array };
      const end: CaptureEvent = { t: last.t + 1, from: 'server', end: true };
      const half: CaptureEvent = { ...last, bytes: last.bytes.subarray(0, -100) };
      for (const keyLog of [undefined, pair.client.keyLog]) {
        const whole = await judge([...wire, end], keyLog);
        expect(first(whole)).toEqual(['established', 'none', 'unknown']);
        for (const { confidence } of whole.verdicts.slice(1)) expect(confidence).toBeLessThan(0.1);
        expect(first(await judge([...wire.slice(0, -1), half, end], keyLog))).toEqual([
          'failed',
          'truncated_close',
          'server',
        ]);
      }
    },
  );
});

describe('a server that wants TLS is told by its words', () => {
  const GET = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n';
  const answers = (body: string): string =>
    `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\r\n${body}\n`;

  test.each([
    'The plain HTTP request was sent to HTTPS port',
    'You’re speaking plain HTTP to an SSL-enabled server port.',
    'Client sent an HTTP request to an HTTPS server.',
    'This combination of host and port requires TLS.',
  ])('of HTTP, on any port: %s', async (body) => {
    const { connections } = await watch(captureOf(said(['client', GET], ['server', answers(body)])));
    const elsewhere = { ...connections[0]!, server: { ...connections[0]!.server, port: 9000 } };
    const diagnosis = diagnoseConnection(elsewhere);
    expect(first(diagnosis)).toEqual(['failed', 'http_to_tls_port', 'client']);
    expect(diagnosis.verdicts[0]!.confidence).toBeGreaterThan(0.9);
  });

  test('and not by another answer', async () => {
    const { connections } = await watch(captureOf(said(['client', GET], ['server', answers('bad cookie')])));
    const elsewhere = { ...connections[0]!, server: { ...connections[0]!.server, port: 9000 } };
    expect(diagnoseConnection(elsewhere)).toEqual({ outcome: 'incomplete', verdicts: [], missing: [] });
  });

  test.each([
    '530 5.7.0 Must issue a STARTTLS command first',
    '530 TLS encryption is required',
    '554 5.7.1 Session encryption is required',
  ])('of SMTP: %s', async (line) => {
    const diagnosis = await judge(
      said(
        ['server', '220 mail.example ESMTP\r\n'],
        ['client', 'EHLO a\r\n'],
        ['server', '250 mail.example\r\n'],
        ['client', 'MAIL FROM:<a@example>\r\n'],
        ['server', `${line}\r\n`],
      ),
    );
    expect(first(diagnosis)).toEqual(['failed', 'starttls_expected', 'client']);
  });
});

test('a new handshake that the server refuses shows by its records, without keys', async () => {
  const pair = new WatchedPair(client({ versions: V12 }), server({ versions: V12 }));
  pair.pump();
  pair.client.connection.write(fromUtf8('ping'));
  pair.pump();
  pair.client.connection.renegotiate();
  pair.pump();
  for (const keyLog of [undefined, pair.client.keyLog])
    expect(first(await judge(pair.wire, keyLog))).toEqual(['failed', 'renegotiation_refused', 'client']);
});

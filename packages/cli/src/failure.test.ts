import { TlsError } from 'akushu';
import { describe, expect, test } from 'vitest';
import { failureOf } from './failure.js';

const seen = { host: 'example.com', heardFromPeer: false, established: false };
const system = (code: string) => Object.assign(new Error(code), { code });

describe('a failure', () => {
  test.each([
    ['ENOTFOUND', 'dns_failure'],
    ['EAI_AGAIN', 'dns_failure'],
    ['ECONNREFUSED', 'connection_refused'],
    ['ETIMEDOUT', 'connect_timeout'],
    ['EHOSTUNREACH', 'host_unreachable'],
    ['ECONNRESET', 'connection_reset'],
    ['EWHATEVER', 'network_error'],
  ])('%s is the network’s: %s, exit code 3', (code, expected) => {
    expect(failureOf(system(code), seen)).toMatchObject({
      code: expected,
      exitCode: 3,
      alert: null,
      sentBy: null,
    });
  });

  test('of several attempts is the first one’s', () => {
    const error = new AggregateError([system('ECONNREFUSED'), system('ENETUNREACH')]);
    expect(failureOf(error, seen).code).toBe('connection_refused');
  });

  test('by a reset is TLS’s once the peer has spoken', () => {
    const reset = system('ECONNRESET');
    expect(failureOf(reset, { ...seen, heardFromPeer: true })).toMatchObject({
      code: 'closed_during_handshake',
      exitCode: 1,
    });
    expect(failureOf(reset, { ...seen, heardFromPeer: true, established: true })).toMatchObject({
      code: 'truncated_close',
      exitCode: 1,
    });
  });

  test('by the deadline is the network’s until TCP is open, and the resolver’s where a name was looked up', () => {
    const late = (phase: string) => new TlsError('handshake_timeout', { facts: { phase } });
    expect(failureOf(late('handshake'), seen)).toMatchObject({ code: 'handshake_timeout', exitCode: 1 });
    expect(failureOf(late('connect'), seen)).toMatchObject({ code: 'connect_timeout', exitCode: 3 });
    expect(failureOf(late('lookup'), seen)).toMatchObject({ code: 'dns_failure', exitCode: 3 });
    expect(failureOf(late('lookup'), { ...seen, host: '192.0.2.1' })).toMatchObject({
      code: 'connect_timeout',
    });
  });

  test('of TLS keeps its code, its alert and who sent it', () => {
    const error = new TlsError('peer_alert', { peerAlert: 'unknown_ca' });
    error.sentBy = 'server';
    expect(failureOf(error, seen)).toMatchObject({
      code: 'peer_alert',
      alert: 'unknown_ca',
      sentBy: 'server',
      exitCode: 1,
    });
  });
});

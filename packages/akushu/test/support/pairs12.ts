/** What tests of our client with our server before TLS 1.3 have in common: configurations, and what agreement means. */
import { expect } from 'vitest';
import { fromUtf8, toHex } from '../../src/bytes/index.js';
import { nodeProvider } from '../../src/crypto/node.js';
import type { ErrorCode } from '../../src/errors.js';
import type { ClientConfig, Credential, ServerConfig } from '../../src/handshake/index.js';
import { Group, Version } from '../../src/registry/index.js';
import type { Session } from '../../src/session/index.js';
import { type CredentialKind, credential, KINDS, trustAll } from './credentials.js';
import { type Cut, type End, Pair } from './pair.js';

export const NOW = 1_800_000_000_000;
export const V10 = [Version.TLSv1];
export const V11 = [Version['TLSv1.1']];
export const V12 = [Version['TLSv1.2']];
export const OLD = [Version['TLSv1.2'], Version['TLSv1.1'], Version.TLSv1];

const made = new Map<CredentialKind, Credential>();

/** To be called before `own`. */
export async function makeCredentials(): Promise<void> {
  for (const kind of KINDS) made.set(kind, await credential(kind));
}
export const own = (kind: CredentialKind = 'P-256'): Credential => made.get(kind)!;

const base = {
  provider: nodeProvider,
  versions: V12,
  groups: [Group.x25519, Group.secp256r1],
  now: () => NOW,
  verifyPeer: trustAll,
};

export const client = (more: Partial<ClientConfig> = {}): ClientConfig => ({
  ...base,
  serverName: 'localhost',
  ...more,
});

export const server = (more: Partial<ServerConfig> = {}): ServerConfig => ({
  ...base,
  credentials: [own(), own('RSA')],
  ...more,
});

export const meet = (ours: Partial<ClientConfig> = {}, theirs: Partial<ServerConfig> = {}, cut?: Cut): Pair =>
  new Pair(client(ours), server(theirs), cut);

export const codes = (end: End): string[] => end.errors.map((error) => error.code);

/** Messages in the order in which this side sent them, as its own trace has them. */
export const sentBy = (end: End): string[] =>
  end.events.flatMap((event) =>
    event.kind === 'message' && event.from === end.connection.role ? [event.type] : [],
  );

/** Both sides are there, agree on everything, and data flows both ways. */
export function expectAgreement(pair: Pair): Pair {
  pair.pump();
  expect([codes(pair.client), codes(pair.server)]).toEqual([[], []]);
  const [a, b] = [pair.client.connection.summary!, pair.server.connection.summary!];
  const what = (summary: typeof a) => ({
    version: summary.version,
    suite: summary.cipherSuite.iana,
    group: summary.group?.iana ?? null,
    alpn: summary.alpn,
    serverName: summary.serverName,
    resumed: summary.resumed,
    signatureScheme: summary.signatureScheme?.iana ?? null,
    extendedMasterSecret: summary.why.extendedMasterSecret?.chosen,
    secureRenegotiation: summary.why.secureRenegotiation?.chosen,
  });
  expect(what(a)).toEqual(what(b));
  const [up, down] = [pair.server.text(), pair.client.text()];
  expect(pair.exchange()).toEqual({ toServer: `${up}ping`, toClient: `${down}pong` });
  for (const context of [null, new Uint8Array(0), fromUtf8('here')]) {
    const [ours, theirs] = [pair.client, pair.server].map((end) =>
      toHex(end.connection.exportKeyingMaterial('EXPERIMENTAL-one', context, 40)),
    );
    expect(ours).toBe(theirs);
  }
  expect(pair.client.keyLog.toSorted()).toEqual(pair.server.keyLog.toSorted());
  return pair;
}

/** The handshake fails with this code on this side; the other is told by the alert, or sees nothing but the end. */
export function expectRefusal(
  pair: Pair,
  side: 'client' | 'server',
  code: ErrorCode,
  alert: string | null,
): void {
  pair.pump();
  const [raised, told] = side === 'client' ? [pair.client, pair.server] : [pair.server, pair.client];
  expect(raised.errors.map((error) => [error.code, error.alert])).toEqual([[code, alert]]);
  if (alert) expect(told.errors.map((error) => [error.code, error.alert])).toEqual([['peer_alert', alert]]);
  expect([pair.client.summaries, pair.server.summaries].map((summaries) => summaries.length)).not.toContain(
    2,
  );
  expect(raised.connection.isDead).toBe(true);
}

/** Sessions that a client was given in a handshake that worked. */
export function sessionsFrom(ours: Partial<ClientConfig>, theirs: Partial<ServerConfig>): Session[] {
  const sessions: Session[] = [];
  expectAgreement(meet({ ...ours, onSession: (session) => sessions.push(session) }, theirs));
  return sessions;
}

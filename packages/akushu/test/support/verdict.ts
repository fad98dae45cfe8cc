/** How a test says that a connection died in the right way. */
import { expect } from 'vitest';
import { ERRORS, type ErrorCode, OLDER_ALERTS } from '../../src/errors.js';
import type { End } from './pair.js';
import type { SeenAlert } from './scripted-peer.js';

/** A scripted peer of any version, as far as it is judged here. */
export interface Witness {
  readonly alerts: readonly SeenAlert[];
  readonly afterAlert: number;
  readonly unreadable: number;
  take(): Uint8Array;
  receive(bytes: Uint8Array): void;
}

/** Carries bytes between an engine and a scripted peer until both are silent. */
export function converse(end: End, peer: Witness, chunk = Number.POSITIVE_INFINITY): void {
  for (let rounds = 0; rounds < 100; rounds++) {
    const up = end.take();
    const down = peer.take();
    if (up.length + down.length === 0) return;
    peer.receive(up);
    for (let at = 0; at < down.length; at += chunk) {
      end.connection.receive(down.slice(at, Math.min(down.length, at + chunk)));
    }
  }
  throw new Error('the two sides never stop talking');
}

/**
 * The engine raised `code` once; the peer got exactly one alert, that of the error table, fatal, and nothing after it;
 * the engine is dead and stays dead. `before13`: an older version was agreed upon, in which some alerts have another name.
 */
export function expectDeath(end: End, peer: Witness, code: ErrorCode, before13 = false): void {
  expect(end.errors.map((error) => error.code)).toEqual([code]);
  const { connection } = end;
  const named = ERRORS[code].alert;
  const alert = (before13 && named && OLDER_ALERTS[named]) || named;
  expect(peer.alerts.map(({ level, description }) => [level, description])).toEqual(
    alert ? [[2, alert]] : [],
  );
  expect([peer.afterAlert, peer.unreadable]).toEqual([0, 0]);
  expect(end.errors[0]?.sentBy).toBe(alert ? connection.role : null);
  expectDead(end);
}

/** Nothing that comes from now on has any effect. */
export function expectDead(end: End): void {
  const { connection } = end;
  expect(connection.isDead).toBe(true);
  const before = [end.errors.length, end.summaries.length, end.received.length, end.events.length];
  connection.receive(Uint8Array.of(22, 3, 3, 0, 4, 20, 0, 0, 0));
  connection.endOfInput();
  connection.close();
  connection.abort('canceled');
  expect(end.take().length).toBe(0);
  expect([end.errors.length, end.summaries.length, end.received.length, end.events.length]).toEqual(before);
  expect(() => connection.write(new Uint8Array(1))).toThrow(/write_after_close/);
}

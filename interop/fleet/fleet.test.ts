/**
 * Four servers behind one port, as processes, with one Redis: sessions are resumed across them, 0-RTT data is taken
 * once by all of them, keys change and Redis goes away under load. `npm run fleet` does it in the numbers of a fleet.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from 'akushu';
import { connect } from 'akushu/node';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { certFile } from '../support/pki.js';
import { cleanerAfterAll } from '../support/processes.js';
import { whyNoRedis } from '../support/redis.js';
import { type ClientProcess, Fleet, type LoadReport, merged, together } from './fleet.js';
import { replay } from './replay.js';

const FULL = process.env.AKUSHU_FULL === '1';
const CONNECTIONS = FULL ? 10_000 : 1_000;
const REPLAYS = FULL ? 1_000 : 200;
/** Connections before, between and after what happens to Redis. */
const STRETCH = FULL ? 1_000 : 150;
const MINUTES = 60_000;
const PATIENCE = 5 * MINUTES;

const ca = readFileSync(certFile({ dir: inject('prepared').pkiDir }, 'ca'));
const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, n) => sum + n, 0);

let number = 0;
const unique = (): string => `text ${++number}`;

function dial(port: number, text: string, session?: Session) {
  const earlyData = { replayable: Buffer.from(text) };
  return connect({ host: '127.0.0.1', port, servername: 'localhost', ca, session, earlyData });
}

/** In figures, for who runs it in full. */
function tell(what: string, { connections, resumed, crossed, early, failures }: LoadReport): void {
  if (FULL)
    console.log(
      `${what}: ${connections} connections, ${resumed} resumed, ${crossed} of them by another server, ${early} with 0-RTT data, ${total(failures)} failed`,
    );
}

/** One connection: what became of its early data, and the next one's session. */
async function converse(port: number, text: string, session?: Session) {
  const socket = dial(port, text, session).resume();
  let next: Session | undefined;
  socket.on('session', (one) => {
    next = one;
  });
  await once(socket, 'close');
  if (!next) throw new Error('the server gave no ticket');
  return { early: socket.earlyData, next };
}

/** A session under which 0-RTT data is accepted: servers that just met their Redis wait for a window first. */
async function trustedSession(fleet: Fleet): Promise<Session> {
  const { port } = fleet.balancer;
  const deadline = Date.now() + MINUTES;
  let { next } = await converse(port, unique());
  while (Date.now() < deadline) {
    const answer = await converse(port, unique(), next);
    next = answer.next;
    if (answer.early === 'accepted') return next;
    await sleep(200);
  }
  throw new Error('0-RTT data was never accepted');
}

/** Waits until each of them has that many connections behind it, and none has failed. */
async function untilEachHas(count: number, loads: readonly ClientProcess[]): Promise<void> {
  const least = async (): Promise<number> => {
    const reports = await Promise.all(loads.map((load) => load.report()));
    expect(together(reports).failures).toEqual({});
    return Math.min(...reports.map(({ connections }) => connections));
  };
  await expect.poll(least, { timeout: PATIENCE, interval: 250 }).toBeGreaterThanOrEqual(count);
}

describe.skipIf(whyNoRedis)(`a fleet${whyNoRedis ? ` (${whyNoRedis})` : ''}`, () => {
  let fleet: Fleet;
  const cleanUp = cleanerAfterAll();
  beforeAll(async () => {
    fleet = await Fleet.start(cleanUp, { rotation: 10 * MINUTES });
    // The first mark that is asked for begins the window after which there are any.
    const { next } = await converse(fleet.balancer.port, unique());
    await converse(fleet.balancer.port, unique(), next);
  });

  test(
    `resumes ${CONNECTIONS} connections across processes`,
    async () => {
      const loads = [1, 2].map(() => fleet.clients({ count: CONNECTIONS / 2 }));
      const report = together(await Promise.all(loads.map((load) => load.done())));
      tell('across processes', report);
      expect(report.failures).toEqual({});
      expect(report.connections).toBe(CONNECTIONS);
      expect(report.resumed / report.connections).toBeGreaterThan(0.99);
      // Three of four, by chance.
      expect(report.crossed / report.resumed).toBeGreaterThan(0.6);
    },
    PATIENCE,
  );

  test(
    `takes one of ${REPLAYS} copies of a flight with 0-RTT data, whatever server gets them`,
    async () => {
      const session = await trustedSession(fleet);
      const intercepted = fleet.balancer.intercept();
      const victim = dial(fleet.balancer.port, 'pay once', session);
      victim.on('error', () => {});
      const flight = await intercepted;
      const resumed = await replay(new Array<Buffer>(REPLAYS).fill(flight), fleet.ports);
      // All of them hold a good ticket. That is not it.
      expect(resumed).toBe(REPLAYS);
      const { early, late } = await fleet.report();
      expect([early['pay once'], late['pay once']]).toEqual([1, undefined]);
    },
    PATIENCE,
  );

  test(
    'loses no handshake and accepts no replay while Redis is killed and started again',
    async () => {
      await trustedSession(fleet);
      const before = await fleet.report();
      const loads = [1, 2].map(() => fleet.clients({ early: true }));
      const playAll = async (): Promise<void> => {
        const flights = fleet.balancer.recorded.flatMap((flight) => Array<Buffer>(4).fill(flight));
        expect(flights.length).toBeGreaterThan(0);
        expect(await replay(flights, fleet.ports)).toBeGreaterThan(0);
      };

      await untilEachHas(STRETCH, loads);
      await playAll();
      const known = await fleet.report();
      expect(total(known.early)).toBeGreaterThan(total(before.early));

      await fleet.redis.kill();
      await playAll();
      await untilEachHas(2 * STRETCH, loads);
      const away = await fleet.report();
      await fleet.redis.start();
      await playAll();
      await untilEachHas(3 * STRETCH, loads);
      await playAll();
      const report = together(await Promise.all(loads.map((load) => load.stop())));

      tell('while Redis was killed and started again', report);
      expect(report.failures).toEqual({});
      expect(report.resumed / report.resumable).toBeGreaterThan(0.99);
      const { early, late, troubles } = await fleet.report();
      // Each was delivered, and none twice.
      const texts = merged([early, late]);
      expect(Object.entries(texts).filter(([, n]) => n !== 1)).toEqual([]);
      expect(total(texts) - total(before.early) - total(before.late)).toBe(report.connections);
      expect(total(early)).toBe(total(away.early));
      expect(troubles.back).toBeGreaterThan(0);
      if (FULL) await trustedSession(fleet);
    },
    PATIENCE,
  );

  test(
    'waits for a Redis that hangs, but not for long',
    async () => {
      const loads = [1, 2].map(() => fleet.clients({ early: true }));
      await untilEachHas(STRETCH, loads);
      fleet.redis.freeze();
      await untilEachHas(2 * STRETCH, loads);
      fleet.redis.resume();
      await untilEachHas(3 * STRETCH, loads);
      const report = together(await Promise.all(loads.map((load) => load.stop())));
      tell('while Redis hung', report);
      expect(report.failures).toEqual({});
      expect(report.resumed / report.resumable).toBeGreaterThan(0.99);
      const { early, late, troubles } = await fleet.report();
      expect(Object.entries(merged([early, late])).filter(([, n]) => n !== 1)).toEqual([]);
      expect(Object.keys(troubles).join('\n')).toContain('timeout');
    },
    PATIENCE,
  );
});

describe.skipIf(whyNoRedis)('a fleet whose ticket keys change every two seconds', () => {
  const rotation = 2000;

  test(
    'changes them under load without a failed or a full handshake',
    async ({ onTestFinished }) => {
      const fleet = await Fleet.start(onTestFinished, { rotation });
      const turn = (): number => Math.floor(Date.now() / rotation);
      const first = turn();
      const loads = [1, 2].map(() => fleet.clients());
      const keys = async (): Promise<number> =>
        Object.keys(together(await Promise.all(loads.map((load) => load.report()))).keys).length;
      await expect.poll(keys, { timeout: MINUTES, interval: 250 }).toBeGreaterThanOrEqual(4);
      await untilEachHas(STRETCH, loads);
      const report = together(await Promise.all(loads.map((load) => load.stop())));
      tell(`under ${Object.keys(report.keys).length} keys`, report);
      expect(report.failures).toEqual({});
      expect(report.resumed / report.resumable).toBeGreaterThan(0.99);
      // One for each turn: all servers have the same.
      expect(Object.keys(report.keys).length).toBeLessThanOrEqual(turn() - first + 1);
    },
    PATIENCE,
  );
});

/** Runs the pairs while `tcpdump` listens, and collects what is said of each from every point of view. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Side } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import {
  type ConnectionDiagnosis,
  diagnoseConnection,
  diagnoseError,
  diagnoseText,
  type Verdict,
} from 'akushu/diagnose';
import { type ObservedConnection, observeAll } from 'akushu/observe';
import type { Cleaner } from '../support/processes.js';
import { startCapture } from './capture.js';
import type { Case } from './case.js';
import { type Drivers, keyLog, type Met, ownKeys } from './peers.js';

interface Ran {
  readonly port: number;
  /** Ports are used again: only what began in this time belongs here. */
  readonly from: number;
  readonly to: number;
  readonly serverSaid: string;
  readonly clientSaid: string;
  readonly met: { readonly role: Side; readonly met: Met }[];
}

/** All points of view on one pair. */
export interface Judged extends Ran {
  readonly case: Case;
  readonly name: string;
  readonly keyed: readonly ConnectionDiagnosis[];
  readonly bare: readonly ConnectionDiagnosis[];
  readonly live: readonly (readonly Verdict[])[];
  readonly texts: readonly { readonly role: Side; readonly said: string; readonly verdict: Verdict | null }[];
}

export const nameOf = ({ cause, what, client, server }: Case): string =>
  `${cause}: ${client.peer} to ${server.peer}, ${what}`;

async function run(one: Case, drivers: Drivers): Promise<Ran> {
  const cleaners: (() => void | Promise<void>)[] = [];
  const clean: Cleaner = (end) => void cleaners.push(end);
  try {
    const from = Date.now();
    const served = await one.server.serve(clean, drivers);
    const called = await one.client.call(clean, served.port, drivers);
    // What the server has to say about it may come a moment later.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const met: Ran['met'] = [];
    if (called.met) met.push({ role: 'client', met: called.met });
    const own = served.met?.();
    if (own) met.push({ role: 'server', met: own });
    return {
      port: served.port,
      from,
      to: Date.now(),
      serverSaid: served.said(),
      clientSaid: called.said,
      met,
    };
  } finally {
    for (const end of cleaners.reverse()) await end();
  }
}

/** Several at once: most of the time is waiting. */
async function runAll(cases: readonly Case[], drivers: Drivers): Promise<Ran[]> {
  const ran: Ran[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < cases.length; i = next++) {
      const one = cases[i]!;
      try {
        ran[i] = await run(one, drivers);
      } catch (error) {
        throw new Error(`${nameOf(one)}: ${String(error)}`, { cause: error });
      }
    }
  };
  await Promise.all(Array.from({ length: 6 }, work));
  return ran;
}

const first = (text: string): Verdict | null =>
  diagnoseText(text).incidents.flatMap(({ verdicts }) => verdicts.slice(0, 1))[0] ?? null;

export async function judgeAll(cases: readonly Case[], drivers: Drivers, clean: Cleaner): Promise<Judged[]> {
  const capture = await startCapture(clean);
  const ran = await runAll(cases, drivers);
  const bytes = await capture.stop();
  appendFileSync(keyLog(), ownKeys.map((line) => `${line}\n`).join(''));
  const log = existsSync(keyLog()) ? readFileSync(keyLog(), 'latin1') : '';
  const connections = async (keys?: string): Promise<ObservedConnection[]> => {
    const all = await observeAll(bytes, { provider: nodeProvider, ...(keys && { keyLog: keys }) });
    return all.filter((one) => one.kind === 'connection');
  };
  const [keyed, bare] = [await connections(log), await connections()];
  const of = (list: readonly ObservedConnection[], { port, from, to }: Ran): ConnectionDiagnosis[] =>
    list
      .filter(({ server, start }) => server.port === port && start >= from && start <= to)
      .map((one) => diagnoseConnection(one, { provider: nodeProvider }));
  return ran.map((one, i) => ({
    ...one,
    case: cases[i]!,
    name: nameOf(cases[i]!),
    keyed: of(keyed, one),
    bare: of(bare, one),
    live: one.met.map(({ role, met }) =>
      diagnoseError(met.error, {
        role,
        events: met.events,
        host: 'localhost',
        port: one.port,
        time: Date.now(),
        provider: nodeProvider,
      }),
    ),
    texts: [
      { role: 'client', said: one.clientSaid, verdict: first(one.clientSaid) },
      { role: 'server', said: one.serverSaid, verdict: first(one.serverSaid) },
    ],
  }));
}

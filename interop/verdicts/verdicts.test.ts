/**
 * The bar of verdicts: failing pairs of OpenSSL, GnuTLS, Go, Java, nginx, curl and our own engine, captured with
 * `tcpdump` while they run. Each is judged from the capture with keys and without, from our own error where we are a
 * side, and from what the peers printed. Pairs that get on with each other are judged as well: nothing is wrong there.
 */
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { Driver } from '../support/driver.js';
import { cleanerAfterAll } from '../support/processes.js';
import { missingTools, tool } from '../support/tools.js';
import { whyNoCapture } from './capture.js';
import type { Case } from './case.js';
import { ofCertificates } from './certificates.js';
import { healthy } from './healthy.js';
import { type Judged, judgeAll, nameOf } from './judged.js';
import { ofNegotiation } from './negotiation.js';
import { makeFaultyPki } from './pki.js';
import { onTheRoad } from './roads.js';
import { whyVague } from './texts.js';

const { go, java } = inject('prepared');
const why = whyNoCapture();
const MISSING: Readonly<Record<string, string | null>> = {
  OpenSSL: missingTools('openssl'),
  GnuTLS: missingTools('gnutls-cli', 'gnutls-serv'),
  nginx: missingTools('nginx'),
  curl: missingTools('curl'),
  Go: go.why,
  Java: java.why,
};
const reasonOf = ({ client, server }: Case): string | null =>
  why ?? MISSING[client.peer] ?? MISSING[server.peer] ?? null;

const FAILING = [...ofCertificates(), ...ofNegotiation(), ...onTheRoad()];
const HEALTHY = healthy();
const able = [...FAILING, ...HEALTHY].filter((one) => reasonOf(one) === null);
const found = new Map<string, Judged>();
const clean = cleanerAfterAll();

beforeAll(async () => {
  if (able.length === 0) return;
  await makeFaultyPki();
  const driver = (reason: string | null, command: () => string, args: string[]): Driver | null =>
    reason === null ? new Driver(command(), args, clean) : null;
  const drivers = {
    go: driver(go.why, () => go.path, []),
    java: driver(java.why, () => tool('java'), [
      ...['-Xmx256m', '-Dcom.sun.net.ssl.requireCloseNotify=true', '-cp', java.path, 'Peer'],
    ]),
  };
  await Promise.all([drivers.go?.ready(), drivers.java?.ready()]);
  for (const judged of await judgeAll(able, drivers, clean)) found.set(judged.name, judged);
}, 180_000);

/** Several are possible, and the capture shows only what was offered. */
const NEVER_SURE: ReadonlySet<string> = new Set([
  'no_shared_cipher_suite',
  'no_shared_group',
  'no_shared_signature_scheme',
  'no_certificate_for_suite',
]);

const skipped = (one: Case): string => {
  const reason = reasonOf(one);
  return reason === null ? '' : ` (${reason})`;
};

/** Of every connection, the first verdict and with whom the fault lies. */
const seen = (list: Judged['keyed']) => list.map(({ verdicts: [first] }) => [first?.cause, first?.side]);

const right = ({ case: { cause, side } }: Judged, list: Judged['keyed']): boolean =>
  list.length > 0 && list.every(({ verdicts: [first] }) => first?.cause === cause && first.side === side);

describe('what fails', () => {
  for (const one of FAILING) {
    test.skipIf(reasonOf(one) !== null)(`${nameOf(one)}${skipped(one)}`, () => {
      const judged = found.get(nameOf(one))!;
      const { cause, side, doubt } = one;
      expect(seen(judged.keyed)).toEqual([[cause, side]]);
      expect(judged.keyed[0]!.outcome).toBe('failed');
      if (!NEVER_SURE.has(cause) && doubt?.needs !== 'more')
        expect(judged.keyed[0]!.verdicts[0]!.confidence).toBeGreaterThan(0.7);
      if (doubt?.needs !== 'keys') expect(judged.bare[0]!.outcome).toBe('failed');
      for (const [first] of judged.live) expect([first?.cause, first?.side]).toEqual([cause, side]);
      for (const { verdict, said } of judged.texts)
        if (verdict && !whyVague(said)) expect([verdict.cause, said]).toEqual([cause, said]);
    });
  }
});

describe('what works gets none', () => {
  for (const one of HEALTHY) {
    test.skipIf(reasonOf(one) !== null)(`${nameOf(one)}${skipped(one)}`, () => {
      const judged = found.get(nameOf(one))!;
      expect(judged.keyed.length).toBeGreaterThan(0);
      expect(judged.live).toEqual([]);
      for (const { outcome, verdicts } of [...judged.keyed, ...judged.bare]) {
        expect([outcome, verdicts[0]?.cause]).toEqual(['established', 'none']);
        // A server that leaves without close_notify, as nginx does, is worth a word and no more.
        for (const { confidence } of verdicts.slice(1)) expect(confidence).toBeLessThanOrEqual(0.05);
      }
    });
  }
});

const mark = (good: boolean | null): string => (good === null ? '·' : good ? '✓' : '✗');

/** A dot: it cannot be told from there. */
function row(judged: Judged): string {
  const { case: one, name } = judged;
  const live = judged.live.map(([first]) => first?.cause === one.cause);
  const [client, server] = (['client', 'server'] as const).map((role) => {
    const told = judged.texts.find((text) => text.role === role);
    if (!told?.verdict) return null;
    const good = told.verdict.cause === one.cause;
    return good || !whyVague(told.said) ? good : null;
  });
  const marks = [
    right(judged, judged.keyed),
    one.doubt?.needs === 'keys' ? null : right(judged, judged.bare),
    live[0] ?? null,
  ];
  return `${[...marks, client!, server!].map((good) => mark(good).padEnd(6)).join(' ')} ${name}`;
}

describe.skipIf(why !== null)(`the bar${why === null ? '' : ` (${why})`}`, () => {
  test('all with keys, 38 of 40 without where that is possible, and no two alike', () => {
    const all = [...found.values()].filter(({ case: { cause } }) => cause !== 'none');
    const open = all.filter(({ case: { doubt } }) => doubt?.needs !== 'keys');
    const counts = {
      cases: all.length,
      keyed: all.filter((one) => right(one, one.keyed)).length,
      open: open.length,
      bare: open.filter((one) => right(one, one.bare)).length,
    };
    const told = all.flatMap(({ texts, case: { cause } }) =>
      texts.filter(({ verdict }) => verdict?.cause === cause),
    );
    console.log(
      [
        'keys   none   ours   client server',
        ...all.map(row),
        `${counts.keyed} of ${counts.cases} with keys, ${counts.bare} of ${counts.open} without, ${told.length} texts`,
      ].join('\n'),
    );
    expect(counts.keyed).toBe(counts.cases);
    expect(counts.bare / counts.open).toBeGreaterThanOrEqual(38 / 40);
    expect(new Set(FAILING.map(nameOf)).size).toBe(FAILING.length);
    // Where every peer is there.
    if (able.length === FAILING.length + HEALTHY.length) expect(counts.open).toBeGreaterThanOrEqual(40);
  });
});

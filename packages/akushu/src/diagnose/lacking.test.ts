/** Verdicts on captures as operators have them: cut, with losses, of one side only, begun late or ended early. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { packetsOf, pcap } from '../../test/support/frames.js';
import { client, makeCredentials, server, V12 } from '../../test/support/pairs12.js';
import { captureOf, WatchedPair, watch } from '../../test/support/watched.js';
import { fromUtf8 } from '../bytes/index.js';
import { nodeProvider } from '../crypto/node.js';
import type { CaptureEvent } from '../observe/index.js';
import { type ConnectionDiagnosis, diagnoseConnection } from './diagnose-connection.js';

interface Recorded {
  readonly packets: readonly Uint8Array[];
  readonly keyLog: readonly string[];
}

const VERSIONS = [0x0303, 0x0304];
const healthy = new Map<number, Recorded>();
let refused: Recorded;

const ended = (pair: WatchedPair): Uint8Array[] => {
  const t = pair.wire.at(-1)!.t;
  const ends: CaptureEvent[] = [
    { t: t + 1, from: 'client', end: true },
    { t: t + 2, from: 'server', end: true },
  ];
  return packetsOf(captureOf([...pair.wire, ...ends]));
};

beforeAll(async () => {
  await makeCredentials();
  for (const version of VERSIONS) {
    const pair = new WatchedPair(client({ versions: [version] }), server({ versions: [version] }));
    pair.pump();
    pair.client.connection.write(fromUtf8('ping'));
    pair.pump();
    pair.server.connection.write(new Uint8Array(3000));
    pair.pump();
    pair.client.connection.close();
    pair.pump();
    healthy.set(version, { packets: ended(pair), keyLog: pair.client.keyLog });
  }
  const pair = new WatchedPair(client({ versions: [0x0304] }), server({ versions: V12 }));
  pair.pump();
  refused = { packets: ended(pair), keyLog: [] };
});

/** Address of the sender. */
const isOf = (side: 'client' | 'server') => (packet: Uint8Array) =>
  packet[12] === (side === 'client' ? 192 : 198);
const hasData = (packet: Uint8Array): boolean => packet.length > 40;

async function judge(
  packets: readonly Uint8Array[],
  { keyLog, snapLength }: { readonly keyLog?: readonly string[]; readonly snapLength?: number } = {},
): Promise<ConnectionDiagnosis> {
  const { connections } = await watch(pcap(packets, snapLength ? { snapLength } : {}), { keyLog });
  return diagnoseConnection(connections[0]!, { provider: nodeProvider });
}

const ids = ({ missing }: ConnectionDiagnosis): string[] => missing.map(({ id }) => id);

/** Not failed, and of nothing but `none` anybody could be sure. */
function expectNoAlarm({ outcome, verdicts }: ConnectionDiagnosis): void {
  expect(outcome).not.toBe('failed');
  for (const { cause, confidence } of verdicts)
    if (cause !== 'none') expect(confidence).toBeLessThanOrEqual(0.6);
}

describe.each(VERSIONS)('a connection that worked (%i) raises no alarm', (version) => {
  const readings = (): (readonly string[] | undefined)[] => [undefined, healthy.get(version)!.keyLog];

  test('whatever the capture has lost of it', async () => {
    const { packets, keyLog } = healthy.get(version)!;
    const kept = fc.array(fc.integer({ min: 0, max: 3 }), {
      minLength: packets.length,
      maxLength: packets.length,
    });
    await fc.assert(
      fc.asyncProperty(kept, fc.boolean(), async (lots, keyed) => {
        const left = packets.filter((_, i) => lots[i] !== 0);
        if (left.length > 0) expectNoAlarm(await judge(left, keyed ? { keyLog } : {}));
      }),
      { numRuns: 150 },
    );
  });

  test('wherever it begins and ends', async () => {
    const { packets } = healthy.get(version)!;
    for (const keyLog of readings())
      for (let at = 1; at < packets.length; at++) {
        expectNoAlarm(await judge(packets.slice(at), { keyLog: keyLog ?? [] }));
        expectNoAlarm(await judge(packets.slice(0, at), { keyLog: keyLog ?? [] }));
      }
  });

  test('however short its packets are cut, and it says so', async () => {
    for (const snapLength of [54, 64, 96, 128, 256, 512]) {
      const diagnosis = await judge(healthy.get(version)!.packets, { snapLength });
      expectNoAlarm(diagnosis);
      expect(ids(diagnosis)).toContain('whole_packets');
      expect(diagnosis.missing[0]!.command).toContain('-s 0');
    }
  });

  test('of one side alone, and it says so', async () => {
    for (const side of ['client', 'server'] as const) {
      const diagnosis = await judge(healthy.get(version)!.packets.filter(isOf(side)));
      expectNoAlarm(diagnosis);
      expect(diagnosis.outcome).toBe('incomplete');
      expect(ids(diagnosis)).toContain('both_directions');
    }
  });
});

test('that the capture has all of it is said of a whole one', async () => {
  for (const { packets } of healthy.values()) {
    const diagnosis = await judge(packets);
    expect([diagnosis.outcome, diagnosis.verdicts[0]?.confidence, diagnosis.missing]).toEqual([
      'established',
      0.95,
      [],
    ]);
  }
});

test('a handshake whose end was not captured did not fail, and did not work for sure', async () => {
  const { packets } = healthy.get(0x0304)!;
  const data = packets.flatMap((packet, i) => (hasData(packet) ? [i] : []));
  // Up to the client's Finished.
  const { verdicts } = await judge(packets.slice(0, data[2]! + 1));
  expect(verdicts[0]?.cause).toBe('none');
  expect(verdicts[0]?.confidence).toBeLessThanOrEqual(0.7);
  expect(verdicts[0]?.missing.map(({ id }) => id)).toContain('to_the_end');
});

test('a server that goes without a word after the client’s Finished may have refused it', async () => {
  const { packets, keyLog } = healthy.get(0x0304)!;
  const data = packets.flatMap((packet, i) => (hasData(packet) ? [i] : []));
  const rst = packets.find(isOf('server'))!.slice(0, 40);
  rst[33] = 4;
  for (const keys of [[], keyLog]) {
    const { outcome, verdicts } = await judge([...packets.slice(0, data[2]! + 1), rst], { keyLog: keys });
    expect([outcome, verdicts[0]?.cause]).toEqual(['established', 'none']);
    expect(verdicts[0]!.confidence).toBeLessThanOrEqual(0.6);
  }
});

test('what a server says of itself stays sure where the rest is cut', async () => {
  const { outcome, verdicts } = await judge(refused.packets);
  expect([outcome, verdicts[0]?.cause]).toEqual(['failed', 'protocol_version_mismatch']);
  expect(verdicts[0]!.confidence).toBeGreaterThan(0.9);
  const cut = await judge(refused.packets, { snapLength: 96 });
  expect([cut.outcome, cut.verdicts[0]?.cause]).toEqual(['failed', 'protocol_version_mismatch']);
  expect(cut.verdicts[0]!.confidence).toBeLessThanOrEqual(0.6);
  expect(cut.verdicts[0]!.missing.map(({ id }) => id)).toContain('whole_packets');
});

test('an end without a word is judged only where no word can be missing', async () => {
  const only = refused.packets.filter((packet) => !(isOf('server')(packet) && hasData(packet)));
  const { outcome, verdicts, missing } = await judge(only);
  expect([outcome, verdicts]).toEqual(['incomplete', []]);
  expect(missing.map(({ id }) => id)).toEqual(['lost_packets']);
});

test('who closed first is not sure where a FIN was acknowledged that the capture lacks', async () => {
  const said = refused.packets.filter((packet) => isOf('client')(packet) || !hasData(packet));
  const [syn, synAck, ack, hello] = said;
  const fin = said.find((packet) => isOf('client')(packet) && (packet[33]! & 1) === 1)!.slice();
  const view = new DataView(fin.buffer);
  const first = new DataView(hello!.buffer, hello!.byteOffset).getUint32(28);
  for (const [acknowledged, sure] of [
    [first, true],
    [first + 1, false],
  ] as const) {
    view.setUint32(28, acknowledged);
    const { verdicts } = await judge([syn!, synAck!, ack!, hello!, fin]);
    expect(verdicts[0]?.cause).toBe('closed_after_client_hello');
    expect(verdicts[0]!.confidence > 0.7).toBe(sure);
  }
});

test('a server that resets after a ClientHello is told by the beginning of that hello', async () => {
  const [syn, synAck, ack, hello] = refused.packets;
  const rst = refused.packets.find((packet) => isOf('server')(packet) && hasData(packet))!.slice(0, 40);
  rst[3] = 40;
  rst[33] = 0x14;
  const { outcome, verdicts } = await judge([syn!, synAck!, ack!, hello!, rst], { snapLength: 96 });
  expect([outcome, verdicts[0]?.cause, verdicts[0]?.side]).toEqual([
    'failed',
    'reset_after_client_hello',
    'server',
  ]);
});

describe('silence', () => {
  const wait = async (change: (packets: readonly Uint8Array[]) => readonly Uint8Array[], seconds = 3) => {
    const hello = packetsOf(captureOf([])).slice(0, 3);
    const said = refused.packets.find((packet) => isOf('client')(packet) && hasData(packet))!;
    const ack = hello[1]!.slice();
    // The server's acknowledgement of all that the client said.
    ack[33] = 0x10;
    const view = new DataView(ack.buffer);
    view.setUint32(24, view.getUint32(24) + 1);
    view.setUint32(28, view.getUint32(28) + said.length - 40);
    const fin = refused.packets.find((packet) => isOf('client')(packet) && (packet[33]! & 1) === 1)!.slice();
    new DataView(fin.buffer).setUint32(28, view.getUint32(24));
    const packets = change([...hello, said, ack, fin]);
    const file = pcap(packets);
    const at = file.length - (fin.length + 16);
    const time = new DataView(file.buffer, file.byteOffset);
    time.setUint32(at, time.getUint32(at, true) + seconds, true);
    const { connections } = await watch(file);
    return diagnoseConnection(connections[0]!);
  };

  test('is the server’s where it has acknowledged the hello, however often that was captured', async () => {
    for (const change of [
      (all: readonly Uint8Array[]) => all,
      (all: readonly Uint8Array[]) => [...all.slice(0, -1).flatMap((one) => [one, one, one]), all.at(-1)!],
    ]) {
      const { verdicts } = await wait(change);
      expect([verdicts[0]?.cause, verdicts[0]?.side]).toEqual(['silence_after_client_hello', 'server']);
      expect(verdicts[0]!.confidence).toBeGreaterThan(0.7);
    }
  });

  test('is the path’s where nobody acknowledged what was sent again', async () => {
    const { verdicts } = await wait((all) => [...all.slice(0, 4), all[3]!, all[3]!, all[5]!]);
    expect([verdicts[0]?.cause, verdicts[0]?.side]).toEqual(['silence_after_client_hello', 'path']);
  });

  test('is not told where the clock goes back', async () => {
    const { verdicts, missing } = await wait((all) => all, -3600);
    expect(verdicts[0]!.confidence).toBeLessThanOrEqual(0.6);
    expect(missing.map(({ id }) => id)).toContain('right_times');
  });
});

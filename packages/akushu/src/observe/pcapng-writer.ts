/**
 * Writes recorded connections as pcapng (draft-ietf-opsawg-pcapng), with the TLS secrets inside: Wireshark opens the
 * file decrypted. The packets around the bytes are made up (`packets.ts`). Big-endian, one interface, raw IP.
 */
import { fromUtf8, Writer } from '../bytes/index.js';
import { type From, type PacketEndpoint, PacketMaker } from './packets.js';

/** Bytes as one side sent them, or its end. */
export type CaptureEvent =
  | {
      /** Milliseconds since 1970; fractions count. */ readonly t: number;
      readonly from: From;
      readonly bytes: Uint8Array;
    }
  | { readonly t: number; readonly from: From; readonly end: true };

export interface CapturedConnection {
  readonly client: PacketEndpoint;
  readonly server: PacketEndpoint;
  /** In the order in which they happened. */
  readonly events: readonly CaptureEvent[];
  /** When TCP was open, milliseconds since 1970; left out: at the first event. */
  readonly openedAt?: number | undefined;
  /** Lines of SSLKEYLOGFILE (RFC 9850), one text or a list. */
  readonly keyLog?: string | readonly string[] | undefined;
}

export interface PcapngOptions {
  readonly resolution?: 'microseconds' | 'nanoseconds' | undefined;
  /** Bytes of payload in a packet. Default 1,460; at most what fits into 64 KiB with the headers, which larger values mean. */
  readonly segmentSize?: number | undefined;
  /** Name of what wrote the file. */
  readonly application?: string | undefined;
}

const BLOCK = { section: 0x0a0d0d0a, interface: 1, packet: 6, secrets: 10 } as const;
const LINKTYPE_RAW = 101;
const TLS_KEY_LOG = 0x544c534b;
const OPTION = { end: 0, application: 4, resolution: 9 } as const;
const MTU_PAYLOAD = 1460;

interface Packet {
  readonly t: number;
  readonly bytes: Uint8Array;
}

/**
 * The bytes of a pcapng file. Ends are made up behind the last event of a connection whose sides have none.
 * Throws TypeError or RangeError for addresses, ports and sizes that are none.
 *
 * @example
 * const file = writePcapng([{ client, server, events, keyLog }]);
 */
export function writePcapng(
  connections: readonly CapturedConnection[],
  options: PcapngOptions = {},
): Uint8Array {
  const segmentSize = options.segmentSize ?? MTU_PAYLOAD;
  if (!(segmentSize >= 1)) throw new RangeError(`"segmentSize" expected at least 1, got ${segmentSize}`);
  const digits = options.resolution === 'nanoseconds' ? 9 : 6;
  const file = new Writer(65_536);
  writeSection(file, options.application ?? 'akushu');
  writeInterface(file, digits);
  for (const { keyLog } of connections) writeSecrets(file, keyLog ?? '');
  const packets = connections.flatMap((connection) => packetsOf(connection, segmentSize));
  // Stable: packets of one connection keep their order.
  for (const packet of packets.sort((a, b) => a.t - b.t)) writePacket(file, packet, digits);
  return file.finish();
}

function packetsOf({ client, server, events, openedAt }: CapturedConnection, segmentSize: number): Packet[] {
  const maker = new PacketMaker(client, server);
  const size = Math.min(segmentSize, maker.largestSegment);
  const ended = new Set<From>();
  let t = Math.min(openedAt ?? Number.POSITIVE_INFINITY, events[0]?.t ?? openedAt ?? 0);
  const packets: Packet[] = maker.open().map((bytes) => ({ t, bytes }));
  const end = (from: From): void => {
    if (ended.has(from)) return;
    ended.add(from);
    packets.push(...maker.close(from).map((bytes) => ({ t, bytes })));
  };
  for (const event of events) {
    // Clocks may be set back; packets may not.
    t = Math.max(t, event.t);
    if ('end' in event) end(event.from);
    else if (!ended.has(event.from)) packets.push(...segments(maker, event.from, event.bytes, size, t));
  }
  end('client');
  end('server');
  return packets;
}

function segments(maker: PacketMaker, from: From, bytes: Uint8Array, size: number, t: number): Packet[] {
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    packets.push({ t, bytes: maker.data(from, bytes.subarray(at, at + size), at + size >= bytes.length) });
  }
  return packets;
}

/** pcapng §3.1: type, length, body padded to 32 bits, length again. */
function writeBlock(file: Writer, type: number, write: (body: Writer) => void): void {
  const body = new Writer();
  write(body);
  pad(body);
  const length = body.length + 12;
  file.u32(type);
  file.u32(length);
  file.append(body.finish());
  file.u32(length);
}

function pad(writer: Writer): void {
  while (writer.length % 4 !== 0) writer.u8(0);
}

/** pcapng §3.5 */
function writeOption(body: Writer, code: number, value: Uint8Array): void {
  body.u16(code);
  body.u16(value.length);
  body.append(value);
  pad(body);
}

/** §4.1 */
function writeSection(file: Writer, application: string): void {
  writeBlock(file, BLOCK.section, (body) => {
    body.u32(0x1a2b3c4d);
    body.u16(1);
    body.u16(0);
    // The length of the section is not told.
    body.u64(0xffff_ffff_ffff_ffffn);
    writeOption(body, OPTION.application, fromUtf8(application));
    writeOption(body, OPTION.end, new Uint8Array(0));
  });
}

/** §4.2 */
function writeInterface(file: Writer, digits: number): void {
  writeBlock(file, BLOCK.interface, (body) => {
    body.u16(LINKTYPE_RAW);
    body.u16(0);
    body.u32(0);
    writeOption(body, OPTION.resolution, Uint8Array.of(digits));
    writeOption(body, OPTION.end, new Uint8Array(0));
  });
}

/** §4.7; before the packets that need it. */
function writeSecrets(file: Writer, keyLog: string | readonly string[]): void {
  const lines = (typeof keyLog === 'string' ? keyLog.split('\n') : keyLog)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) return;
  const text = fromUtf8(`${lines.join('\n')}\n`);
  writeBlock(file, BLOCK.secrets, (body) => {
    body.u32(TLS_KEY_LOG);
    body.u32(text.length);
    body.append(text);
  });
}

/** §4.3 */
function writePacket(file: Writer, { t, bytes }: Packet, digits: number): void {
  writeBlock(file, BLOCK.packet, (body) => {
    body.u32(0);
    body.u64(ticks(t, digits));
    body.u32(bytes.length);
    body.u32(bytes.length);
    body.append(bytes);
  });
}

/** Whole milliseconds and the rest apart: nanoseconds since 1970 are more than a double can count. */
function ticks(t: number, digits: number): bigint {
  const whole = Math.floor(t);
  const perMillisecond = 10 ** (digits - 3);
  return BigInt(whole) * BigInt(perMillisecond) + BigInt(Math.floor((t - whole) * perMillisecond));
}

/** What reads a capture file's format, and what it tells of it. */
import type { CaptureProblemCode } from '../observation.js';
import type { ByteQueue } from './byte-queue.js';

export interface CaptureSink {
  /** No more packets may come for now. */
  readonly busy: boolean;
  /**
   * A packet as captured: `bytes` from `start` to `end`, valid during the call only; `cut` where the wire had more.
   * `time` in milliseconds since 1970, NaN where the format has none. `offset`: of the packet's header in the file.
   */
  packet(
    bytes: Uint8Array,
    start: number,
    end: number,
    cut: boolean,
    time: number,
    linkType: number,
    offset: number,
  ): void;
  /** SSLKEYLOGFILE text inside of the capture. */
  keyLog(text: Uint8Array, offset: number): void;
  /** A name that the capture itself gives to an address of 4 or 16 bytes. */
  name(address: Uint8Array, name: string): void;
  linkType(linkType: number): void;
  problem(code: CaptureProblemCode, offset: number, facts: Readonly<Record<string, unknown>>): void;
}

export interface FormatReader {
  readonly format: 'pcap' | 'pcapng';
  /** Takes all that is whole from the queue, until the sink is busy. False where nothing more can be read. */
  read(queue: ByteQueue): boolean;
  /** The file is over. */
  finish(queue: ByteQueue): void;
}

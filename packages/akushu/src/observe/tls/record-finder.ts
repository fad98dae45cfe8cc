/**
 * Finds where records begin in a stream that was entered in its middle. A header alone proves little: another one has to
 * follow its record, at once or in a later segment, or the segment has to end with it.
 */
import { HEADER, isRecordHeader } from './record-header.js';

const MAX_EXPECTED = 16;

export class RecordFinder {
  /** Where in the stream the next header should be, if one that was seen is one. */
  private expected: number[] = [];

  /** Index of a record's first byte; -1 where none is found yet. `offset`: of `start` in the stream. */
  find(bytes: Uint8Array, start: number, end: number, offset: number): number {
    for (const place of this.expected) {
      const at = start + place - offset;
      if (at >= start && at + HEADER <= end && isRecordHeader(bytes, at)) return at;
    }
    const stop = offset + end - start;
    this.expected = this.expected.filter((place) => place >= stop);
    return this.scan(bytes, start, end, offset - start);
  }

  private scan(bytes: Uint8Array, start: number, end: number, base: number): number {
    for (let at = start; at + HEADER <= end; at++) {
      const type = bytes[at]!;
      if (type < 20 || type > 24 || !isRecordHeader(bytes, at)) continue;
      const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
      const after = at + HEADER + length;
      if (length === 0) continue;
      if (after === end) return at;
      if (after > end) {
        // Senders begin segments with records more often than chance does.
        if (at === start) return at;
        if (this.expected.length < MAX_EXPECTED) this.expected.push(base + after);
      } else if (end - after < HEADER || isRecordHeader(bytes, after)) return at;
    }
    return -1;
  }
}

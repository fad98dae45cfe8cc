/** Lists of a connection that cannot grow without bound: the first so many, of records also the last ones. */
import type { ObservedData, ObservedMessage, ObservedRecord } from '../observation.js';

const LAST = 32;

export class RecordLog {
  private readonly first: ObservedRecord[] = [];
  private readonly last: (ObservedRecord | undefined)[] = [];
  count = 0;

  constructor(private readonly limit: number) {}

  /** True while all are listed: nobody needs to make what is going to be dropped. */
  add(record: ObservedRecord): void {
    if (this.count < this.limit) this.first.push(record);
    else this.last[(this.count - this.limit) % LAST] = record;
    this.count++;
  }

  list(): readonly ObservedRecord[] {
    const beyond = this.count - this.first.length;
    if (beyond <= LAST) return [...this.first, ...this.last.slice(0, beyond)] as ObservedRecord[];
    const oldest = beyond % LAST;
    return [...this.first, ...this.last.slice(oldest), ...this.last.slice(0, oldest)] as ObservedRecord[];
  }

  get omitted(): number {
    return Math.max(0, this.count - this.first.length - LAST);
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class MessageLog {
  readonly list: ObservedMessage[] = [];
  omitted = 0;
  private run: Writable<ObservedData> | null = null;

  constructor(private readonly limit: number) {}

  add(message: ObservedMessage): void {
    this.run = null;
    if (this.list.length < this.limit) this.list.push(message);
    else this.omitted++;
  }

  /** One more record of data; in a row with others of its kind it only counts. */
  data(data: ObservedData): void {
    const { run } = this;
    if (
      run &&
      run.from === data.from &&
      run.kind === data.kind &&
      run.recordType === data.recordType &&
      run.decrypted === data.decrypted
    ) {
      run.records += data.records;
      run.length += data.length;
      run.end = data.end;
      run.time = data.time;
      return;
    }
    this.add(data);
    // Beyond the limit runs are still told apart, so that `omitted` counts them.
    this.run = data;
  }
}

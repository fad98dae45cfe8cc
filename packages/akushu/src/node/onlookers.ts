/** Callbacks that only look on: trace, key log, transport events. What one throws ends the connection, not the process. */
import type { TraceSink } from '../trace/index.js';
import { preciseNow, type TransportObserver } from './transport.js';

export class Onlookers {
  private failed = false;

  constructor(
    /** When the socket began. */
    private readonly start: number,
    /** Ends the connection; called once, and not in the middle of a step. */
    private readonly abort: (cause: unknown) => void,
  ) {}

  /** The engine's clock counts whole milliseconds; a trace deserves better. */
  sink(sink: TraceSink | undefined): TraceSink | undefined {
    if (!sink) return undefined;
    return (event) => this.tell(() => sink({ ...event, t: preciseNow() - this.start }));
  }

  observer(observe: TransportObserver | undefined): TransportObserver | undefined {
    return observe && ((event) => this.tell(() => observe(event)));
  }

  tell(say: () => void): void {
    if (this.failed) return;
    try {
      say();
    } catch (cause) {
      this.failed = true;
      process.nextTick(() => this.abort(cause));
    }
  }
}

/**
 * Runs a handshake's generator for as long as what it needs is at hand, and again when a message has come or
 * somebody's answer has settled (design decision 1). Synchronous as far as it can be: no second code path.
 */
import { type Flow, type Need, wrapCallbackFailure } from '../handshake/index.js';

/** What the driver needs of the connection. */
export interface FlowSource {
  /** The next whole message, or undefined until more bytes come. */
  takeMessage(): Uint8Array | undefined;
  /** Its type, leaving it where it is. */
  peekType(): number | undefined;
  /** True where the ChangeCipherSpec of TLS 1.2 and older has come. Throws where something else stands in its place. */
  takeChangeCipherSpec(): boolean;
}

export class FlowDriver {
  private flow: Flow<unknown> | null = null;
  private whenDone: (result: unknown) => void = () => {};
  private need: Need['need'] | null = null;

  constructor(
    private readonly source: FlowSource,
    /** Runs `work` when an answer has come; the connection goes on with its input afterwards. */
    private readonly resume: (work: () => void) => void,
  ) {}

  /** True while a generator is under way. */
  get active(): boolean {
    return this.flow !== null;
  }

  /** True while somebody's answer is awaited: nothing more may be read. */
  get suspended(): boolean {
    return this.need === 'answer';
  }

  get waitingFor(): Need['need'] | null {
    return this.need;
  }

  /** Starts a generator. Throws what it throws. */
  begin<T>(flow: Flow<T>, whenDone: (result: T) => void): void {
    this.flow = flow;
    // By way of a const: see docs/architecture.md, "What V8 makes fast".
    const done = (result: unknown): void => whenDone(result as T);
    this.whenDone = done;
    this.step(flow, () => flow.next());
  }

  /** Goes on with messages that have come. True where it could do something. */
  advance(): boolean {
    const { flow, need } = this;
    if (!flow || need === null || need === 'answer') return false;
    const given = this.give(need);
    if (given === undefined || this.flow !== flow) return false;
    this.step(flow, () => flow.next(given));
    return true;
  }

  /** Forgets the generator; an answer that comes later goes nowhere. */
  stop(): void {
    this.flow = null;
    this.need = null;
  }

  private give(need: 'message' | 'peek' | 'change_cipher_spec'): Uint8Array | number | true | undefined {
    if (need === 'change_cipher_spec') return this.source.takeChangeCipherSpec() || undefined;
    return need === 'peek' ? this.source.peekType() : this.source.takeMessage();
  }

  private step(flow: Flow<unknown>, advance: () => IteratorResult<Need, unknown>): void {
    let result = advance();
    // Whoever was called on the way may have ended the connection: then the generator is not ours to go on with.
    while (!result.done && this.flow === flow) {
      const need = result.value;
      this.need = need.need;
      if (need.need === 'answer') {
        this.await(flow, need.from);
        return;
      }
      const given = this.give(need.need);
      if (given === undefined || this.flow !== flow) return;
      result = flow.next(given);
    }
    if (this.flow !== flow || !result.done) return;
    this.stop();
    this.whenDone(result.value);
  }

  private await(flow: Flow<unknown>, promise: Promise<unknown>): void {
    const resume = (advance: () => IteratorResult<Need, unknown>): void => {
      if (this.flow !== flow) return;
      this.resume(() => {
        this.need = null;
        this.step(flow, advance);
      });
    };
    promise.then(
      (value) => resume(() => flow.next(value)),
      (cause) => resume(() => flow.throw(wrapCallbackFailure(cause))),
    );
  }
}

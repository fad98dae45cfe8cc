/** What is written while a renegotiation is under way: kept until it is done, up to a limit. */
export class HeldOutput {
  private pieces: Uint8Array[] = [];
  private bytes = 0;
  /** `close` was called meanwhile. */
  closeWanted = false;

  constructor(private readonly limit: number) {}

  get isEmpty(): boolean {
    return this.pieces.length === 0;
  }

  /** Copies. Throws RangeError beyond the limit. */
  add(data: Uint8Array): void {
    if (this.bytes + data.length > this.limit)
      throw new RangeError(
        `"data" expected to wait for the renegotiation: ${this.limit} bytes are kept already`,
      );
    this.pieces.push(data.slice());
    this.bytes += data.length;
  }

  take(): Uint8Array[] {
    const { pieces } = this;
    this.drop();
    return pieces;
  }

  drop(): void {
    this.pieces = [];
    this.bytes = 0;
  }
}

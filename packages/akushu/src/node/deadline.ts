/** When the handshake must be done. */
export class Deadline {
  private timer: NodeJS.Timeout | null;

  /** `timeout` in milliseconds; 0 for none. */
  constructor(timeout: number, late: (timeout: number) => void) {
    this.timer = timeout > 0 ? setTimeout(() => late(timeout), timeout) : null;
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}

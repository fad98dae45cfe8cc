/** Two connected streams in memory (Node has its own `duplexPair` from 22.6 on only). */
import { Duplex } from 'node:stream';

class Side extends Duplex {
  other;
  waiting = null;

  _read() {
    const resume = this.waiting;
    this.waiting = null;
    resume?.();
  }

  _write(chunk, _encoding, callback) {
    if (this.other.push(chunk)) callback();
    else this.other.waiting = callback;
  }

  _final(callback) {
    this.other.push(null);
    callback();
  }
}

export function duplexPair() {
  const [a, b] = [new Side(), new Side()];
  a.other = b;
  b.other = a;
  return [a, b];
}

/** A store that does not answer must not hold up handshakes: after a while it counts as one that is away. */
import type { Maybe } from './store.js';

/** Milliseconds. More than stores with a time limit of their own take. */
const PATIENCE = 2000;

/** The store gave a promise and did not keep it in time. */
export class StoreTooSlow extends Error {
  override readonly name = 'StoreTooSlow';
  constructor() {
    super(`the store did not answer within ${PATIENCE} milliseconds`);
  }
}

/** The store's answer; rejects with StoreTooSlow where it does not come. What comes later is not looked at. */
export function inTime<T>(answer: Maybe<T>): Maybe<T> {
  if (!(answer instanceof Promise)) return answer;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new StoreTooSlow()), PATIENCE);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

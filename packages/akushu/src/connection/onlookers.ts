/**
 * Callers' functions that look on: trace, key log, padding. One that throws fails the connection once, with
 * `callback_failed`, and is not called again: the alert that tells the peer must still get out.
 */
import { type CommonConfig, callerSays } from '../handshake/index.js';

export function guardOnlookers<C extends CommonConfig>(config: C): C {
  const { trace, keyLog, padding } = config;
  const guards: { -readonly [K in 'trace' | 'keyLog' | 'padding']?: NonNullable<CommonConfig[K]> } = {};
  if (trace) guards.trace = once(trace, undefined);
  if (keyLog) guards.keyLog = once(keyLog, undefined);
  if (padding) guards.padding = once(padding, 0);
  return { ...config, ...guards };
}

function once<A extends unknown[], R>(look: (...args: A) => R, after: R): (...args: A) => R {
  let failed = false;
  return (...args) => {
    if (failed) return after;
    try {
      return callerSays(() => look(...args));
    } catch (error) {
      failed = true;
      throw error;
    }
  };
}

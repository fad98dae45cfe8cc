/**
 * How one value is taken out of two lists (RFC 9846 §4.2.1): the choice together with everything that was passed
 * over and why. What the trace and the diagnosis show is exactly what these functions returned.
 */
import { isGrease } from '../registry/index.js';
import type { DecisionEvent, DecisionReason } from '../trace/index.js';

export interface Choice<T> {
  readonly chosen: T | undefined;
  readonly reason: DecisionReason;
  readonly alternatives: DecisionEvent['alternatives'];
}

export interface ChooseOptions {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  /** Whose order counts. */
  readonly order: 'server' | 'client';
  readonly nameOf: (code: number) => string;
  /** A value that is shared may still be unfit; the reason why, or undefined. */
  readonly unfit?: (code: number) => DecisionReason | undefined;
}

/** Server side: the first shared value in the order that counts. */
export function choose({ ours, theirs, order, nameOf, unfit }: ChooseOptions): Choice<number> {
  const first = order === 'server' ? ours : theirs;
  const second = new Set(order === 'server' ? theirs : ours);
  const alternatives: { value: string; reason: DecisionReason }[] = [];
  let chosen: number | undefined;
  let shared = 0;
  for (const code of first) {
    if (isGrease(code)) {
      alternatives.push({ value: nameOf(code), reason: 'grease' });
      continue;
    }
    if (!second.has(code)) {
      alternatives.push({
        value: nameOf(code),
        reason: order === 'server' ? 'not_offered_by_client' : 'not_supported_by_server',
      });
      continue;
    }
    const reason = unfit?.(code);
    if (reason) {
      alternatives.push({ value: nameOf(code), reason });
      continue;
    }
    if (chosen === undefined) chosen = code;
    else alternatives.push({ value: nameOf(code), reason: 'less_preferred' });
    shared++;
  }
  for (const code of second) {
    if (!first.includes(code)) {
      const grease = isGrease(code);
      const missing = order === 'server' ? 'not_supported_by_server' : 'not_offered_by_client';
      alternatives.push({ value: nameOf(code), reason: grease ? 'grease' : missing });
    }
  }
  const inOrder = order === 'server' ? 'first_shared_in_server_order' : 'first_shared_in_client_order';
  return { chosen, reason: shared === 1 ? 'only_shared' : inOrder, alternatives };
}

/** Client side: the server chose; what else we had offered, and of it only `possible` for the version, where given. */
export function observedChoice(
  chosen: number,
  offered: readonly number[],
  nameOf: (code: number) => string,
  possible: readonly number[] = offered,
): Pick<DecisionEvent, 'chosen' | 'reason' | 'alternatives'> {
  const why = (code: number): DecisionReason => {
    if (isGrease(code)) return 'grease';
    return possible.includes(code) ? 'less_preferred' : 'not_for_this_version';
  };
  return {
    chosen: nameOf(chosen),
    reason: 'chosen_by_server',
    alternatives: offered
      .filter((code) => code !== chosen)
      .map((code) => ({ value: nameOf(code), reason: why(code) })),
  };
}

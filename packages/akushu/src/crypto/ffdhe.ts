/** The finite-field groups of RFC 7919, appendix A. The generator is 2. */
import { type FieldGroup, groupOf, shortExponent } from './finitefield.js';
import { ffdhePrime } from './primes.js';

export type FfdheName = 'ffdhe2048' | 'ffdhe3072' | 'ffdhe4096';

const BITS = { ffdhe2048: 2048, ffdhe3072: 3072, ffdhe4096: 4096 } as const;
const known = new Map<FfdheName, FieldGroup>();

/** Computed at first use. */
export function ffdheGroup(name: FfdheName): FieldGroup {
  let group = known.get(name);
  if (!group) {
    const bits = BITS[name];
    group = groupOf(ffdhePrime(bits), 2n, shortExponent(bits));
    known.set(name, group);
  }
  return group;
}

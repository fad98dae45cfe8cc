/**
 * The list that a cipher string of OpenSSL works on: every suite of the build, some of them active. Words add, move,
 * take out or strike out; the order of what is not active is kept as well, since later words bring it back in it.
 */
import { Auth, Enc, Kx, Mac, type OpensslSuite, opensslSuites } from './openssl-suites.js';
import { AES, AESGCM, type Criterion, EVERYTHING, meets } from './openssl-words.js';

/** `add`: no prefix. `move`: `+`. `remove`: `-`. `exclude`: `!`. `raise` moves to the front; no string can say it. */
export type Rule = 'add' | 'move' | 'remove' | 'exclude' | 'raise';

interface Entry {
  readonly row: OpensslSuite;
  active: boolean;
  excluded: boolean;
  /** Some word added it, or would have if it were not excluded. */
  asked: boolean;
  /** Only while a word is applied. */
  chosen: boolean;
}

export class CipherOrder {
  /** All but the excluded. */
  #order: Entry[];
  readonly #all: readonly Entry[];

  constructor(rows: readonly OpensslSuite[] = preferredOrder()) {
    this.#all = rows.map((row) => ({ row, active: false, excluded: false, asked: false, chosen: false }));
    this.#order = [...this.#all];
  }

  /** Does as the word says with all suites that meet the criterion, and gives these, active or not. */
  apply(rule: Rule, wanted: Criterion): readonly OpensslSuite[] {
    const meant = this.#all.filter(({ row }) => meets(row, wanted));
    this.#applyTo(meant, rule);
    return meant.map(({ row }) => row);
  }

  #applyTo(meant: readonly Entry[], rule: Rule): void {
    let count = 0;
    for (const entry of meant) {
      if (rule === 'add') entry.asked = true;
      entry.chosen = !entry.excluded && (rule === 'exclude' || entry.active !== (rule === 'add'));
      if (entry.chosen) count += 1;
    }
    if (count === 0) return;
    const moved = this.#order.filter(({ chosen }) => chosen);
    const rest = this.#order.filter(({ chosen }) => !chosen);
    for (const entry of moved) {
      entry.chosen = false;
      entry.active = rule !== 'remove' && rule !== 'exclude';
      entry.excluded = rule === 'exclude';
    }
    if (rule === 'exclude') this.#order = rest;
    else if (rule === 'remove' || rule === 'raise') this.#order = moved.concat(rest);
    else this.#order = rest.concat(moved);
  }

  /** `@STRENGTH`: the active ones by falling strength, otherwise as they were, behind the others. */
  sortByStrength(): void {
    const byStrength = new Map<number, Entry[]>();
    const inactive: Entry[] = [];
    for (const entry of this.#order) {
      const { bits } = entry.row.suite;
      if (!entry.active) inactive.push(entry);
      else if (byStrength.has(bits)) byStrength.get(bits)!.push(entry);
      else byStrength.set(bits, [entry]);
    }
    const sorted = [...byStrength].sort(([a], [b]) => b - a).flatMap(([, entries]) => entries);
    this.#order = [...inactive, ...sorted];
  }

  /** Forgets who was asked for: what DEFAULT leaves out is not left out of the string. */
  forgetAsked(): void {
    for (const entry of this.#all) entry.asked = entry.active;
  }

  rows(): readonly OpensslSuite[] {
    return this.#order.map(({ row }) => row);
  }

  active(): readonly OpensslSuite[] {
    return this.#order.filter(({ active }) => active).map(({ row }) => row);
  }

  /** What was asked for and is not active any more. */
  lost(): readonly { readonly row: OpensslSuite; readonly reason: 'excluded' | 'removed' }[] {
    return this.#all
      .filter(({ asked, active }) => asked && !active)
      .map(({ row, excluded }) => ({ row, reason: excluded ? 'excluded' : 'removed' }));
  }
}

let preferred: readonly OpensslSuite[] | undefined;

/**
 * The order in which OpenSSL 3.0 holds its suites before it reads a string: ephemeral before AEAD before the rest, in
 * each of these TLS 1.2 before older, then by strength, then ECDHE, ECDSA, GCM, ChaCha20 and AES first, MD5, anonymous,
 * RSA, PSK and RC4 last. Made, as there, by moving: the last move weighs most.
 */
function preferredOrder(): readonly OpensslSuite[] {
  if (preferred !== undefined) return preferred;
  const order = new CipherOrder(opensslSuites());
  const apply = (rule: Rule, part: Partial<Criterion>) => order.apply(rule, { ...EVERYTHING, ...part });
  const ephemeral = Kx.DHE | Kx.ECDHE;
  apply('add', { kx: Kx.ECDHE, auth: Auth.ECDSA });
  apply('add', { kx: Kx.ECDHE });
  apply('remove', { kx: Kx.ECDHE });
  apply('add', { enc: AESGCM });
  apply('add', { enc: Enc['CHACHA20-POLY1305'] });
  apply('add', { enc: AES & ~AESGCM });
  apply('add', {});
  apply('move', { mac: Mac.MD5 });
  apply('move', { auth: Auth.anon });
  apply('move', { kx: Kx.RSA });
  apply('move', { kx: Kx.PSK });
  apply('move', { enc: Enc['RC4-128'] });
  order.sortByStrength();
  apply('raise', { minimum: 'TLSv1.2' });
  apply('raise', { mac: Mac.AEAD });
  apply('raise', { kx: ephemeral });
  apply('raise', { kx: ephemeral, mac: Mac.AEAD });
  preferred = order.rows();
  return preferred;
}

/** Finds code points by name: as written, in any case, or as hexadecimal digits. Holds no table of its own. */

/** Reads `0x1301`, `13,01`, `0x13,0x01` and `{0x13, 0x01}`; undefined where it is none of these. */
export function parseCode(text: string): number | undefined {
  const pair = /^\{?\s*(?:0x)?([0-9a-f]{2})\s*,\s*(?:0x)?([0-9a-f]{2})\s*\}?$/i.exec(text);
  if (pair !== null) return Number.parseInt(pair[1]! + pair[2]!, 16);
  const single = /^0x([0-9a-f]{1,6})$/i.exec(text);
  return single === null ? undefined : Number.parseInt(single[1]!, 16);
}

/** Names to codes. The exact spelling wins; another case counts only where it means one code. */
export class NameIndex {
  readonly #exact = new Map<string, number>();
  /** null where two codes differ in nothing but case. */
  readonly #folded = new Map<string, number | null>();

  /** The first to claim a name keeps it. */
  add(code: number, ...names: readonly (string | null)[]): void {
    for (const name of names) {
      if (name === null || this.#exact.has(name)) continue;
      this.#exact.set(name, code);
      const folded = fold(name);
      const other = this.#folded.get(folded);
      this.#folded.set(folded, other === undefined || other === code ? code : null);
    }
  }

  find(name: string): number | undefined {
    const text = name.trim();
    return this.#exact.get(text) ?? this.#folded.get(fold(text)) ?? parseCode(text);
  }
}

const fold = (name: string): string => name.toLowerCase();

/** Finds rows of a table by code point, and code points by name: as written, in any case, or as hexadecimal digits. */

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

/** Look-ups in a table, each made when it is first asked for: importing the registry costs nothing of it. */
export class NamedTable<T extends { readonly code: number }> {
  #byCode: Map<number, T> | undefined;
  #index: NameIndex | undefined;

  /** `aliases` come after the names of all rows. */
  constructor(
    private readonly rows: () => readonly T[],
    private readonly namesOf: (row: T) => readonly (string | null)[],
    private readonly aliases: () => Readonly<Record<string, number>> = () => ({}),
  ) {}

  byCode(code: number): T | undefined {
    this.#byCode ??= new Map(this.rows().map((row) => [row.code, row]));
    return this.#byCode.get(code);
  }

  find(name: string): T | undefined {
    this.#index ??= this.#build();
    const code = this.#index.find(name);
    return code === undefined ? undefined : this.byCode(code);
  }

  #build(): NameIndex {
    const index = new NameIndex();
    for (const row of this.rows()) index.add(row.code, ...this.namesOf(row));
    for (const [alias, code] of Object.entries(this.aliases())) index.add(code, alias);
    return index;
  }
}

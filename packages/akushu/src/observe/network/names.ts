/** Names of addresses, from DNS answers and from what the capture file says. The longest unused ones go first. */
import { toLatin1 } from '../../bytes/index.js';

const NAMES_EACH = 4;

export class Names {
  private readonly byAddress = new Map<string, string[]>();

  constructor(private readonly limit: number) {}

  /** `address`: 4 or 16 bytes. */
  add(address: Uint8Array, name: string): void {
    const key = toLatin1(address);
    const names = this.byAddress.get(key) ?? [];
    const before = names.indexOf(name);
    if (before === 0) return;
    if (before > 0) names.splice(before, 1);
    names.unshift(name);
    names.length = Math.min(names.length, NAMES_EACH);
    this.byAddress.delete(key);
    this.byAddress.set(key, names);
    if (this.byAddress.size > this.limit) this.byAddress.delete(this.byAddress.keys().next().value!);
  }

  of(address: Uint8Array): readonly string[] {
    return [...(this.byAddress.get(toLatin1(address)) ?? [])];
  }
}

/** IP addresses as text and bytes (RFC 4291 §2.2, RFC 5952). Strict: no octal, no shorthand IPv4, no zones. */

/** 4 or 16 bytes; null where the text is no address. Brackets around IPv6, as in URLs, are allowed. */
export function parseIp(text: string): Uint8Array | null {
  if (text.startsWith('[') && text.endsWith(']')) return parseIpv6(text.slice(1, -1));
  return parseIpv4(text) ?? parseIpv6(text);
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const bytes = new Uint8Array(4);
  for (const [i, part] of parts.entries()) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    bytes[i] = Number(part);
  }
  return bytes;
}

function parseIpv6(text: string): Uint8Array | null {
  if (text.length > 45 || !text.includes(':')) return null;
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groups(halves[1]!, true) : [];
  if (!head || !tail) return null;
  const missing = 16 - head.length - tail.length;
  // `::` stands for at least one group of zeros.
  if (halves.length === 2 ? missing < 2 : missing !== 0) return null;
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

/** Bytes of groups between colons; the last may be a dotted IPv4 address where it ends the text. */
function groups(text: string, endsText: boolean): number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = endsText && i === parts.length - 1 ? parseIpv4(part) : null;
      if (!v4) return null;
      bytes.push(...v4);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null;
      const value = Number.parseInt(part, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

/** RFC 5952: lower case, the longest run of zero groups as `::`. */
export function ipToText(bytes: Uint8Array): string {
  if (bytes.length === 4) return [...bytes].join('.');
  const parts: string[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) parts.push(((bytes[i]! << 8) | bytes[i + 1]!).toString(16));
  let best = { start: 0, length: 1 };
  for (let i = 0; i < parts.length; i++) {
    let length = 0;
    while (parts[i + length] === '0') length++;
    if (length > best.length) best = { start: i, length };
  }
  if (best.length < 2) return parts.join(':');
  return `${parts.slice(0, best.start).join(':')}::${parts.slice(best.start + best.length).join(':')}`;
}

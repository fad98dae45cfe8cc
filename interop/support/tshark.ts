/** What tshark says of a capture, in a form that can be compared. */
import { execFileSync } from 'node:child_process';

type Json = string | null | readonly Json[] | { readonly [key: string]: Json };

export interface TsharkHello {
  readonly stream: number;
  /** 1 ClientHello, 2 ServerHello, 6 HelloRetryRequest of old drafts. */
  readonly type: number;
  /** All values of each field, in the order in which they stand. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** The same for each extension alone, by its type. */
  readonly extensions: readonly {
    readonly type: number;
    readonly fields: ReadonlyMap<string, readonly string[]>;
  }[];
}

function tshark(args: readonly string[]): string {
  return execFileSync('tshark', ['-n', ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** Every hello in the clear, as `tshark -T json` shows it. */
export function hellosOf(path: string, options: readonly string[] = []): TsharkHello[] {
  const filter = 'tls.handshake.type == 1 or tls.handshake.type == 2 or tls.handshake.type == 6';
  const text = tshark([
    '-r',
    path,
    ...options,
    '-Y',
    filter,
    '-T',
    'json',
    '--no-duplicate-keys',
    '-J',
    'tcp tls',
  ]);
  const packets = JSON.parse(text) as { _source: { layers: { tcp: Json; tls: Json } } }[];
  const found: TsharkHello[] = [];
  for (const { _source } of packets) {
    const stream = Number(valuesOf(_source.layers.tcp).get('tcp.stream')?.[0]);
    for (const handshake of objectsNamed(_source.layers.tls, 'tls.handshake')) {
      const type = Number(handshake['tls.handshake.type']);
      if (![1, 2, 6].includes(type)) continue;
      const extensions = Object.entries(handshake)
        .filter(([name]) => name.startsWith('Extension: '))
        .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
        .map((value) => {
          const fields = valuesOf(value);
          return { type: Number(fields.get('tls.handshake.extension.type')?.[0]), fields };
        });
      found.push({ stream, type, fields: valuesOf(handshake), extensions });
    }
  }
  return found;
}

function* objectsNamed(json: Json, name: string): Generator<{ readonly [key: string]: Json }> {
  if (json === null || typeof json === 'string') return;
  if (Array.isArray(json)) {
    for (const item of json) yield* objectsNamed(item, name);
    return;
  }
  for (const [key, value] of Object.entries(json)) {
    if (key !== name) yield* objectsNamed(value, name);
    else
      for (const item of Array.isArray(value) ? value : [value])
        if (item !== null && typeof item === 'object') yield item as { readonly [key: string]: Json };
  }
}

function valuesOf(json: Json): Map<string, string[]> {
  const values = new Map<string, string[]>();
  const walk = (key: string, value: Json): void => {
    if (typeof value === 'string') values.set(key, [...(values.get(key) ?? []), value]);
    else if (Array.isArray(value)) for (const item of value) walk(key, item);
    else if (value !== null) for (const [inner, item] of Object.entries(value)) walk(inner, item as Json);
  };
  walk('', json);
  return values;
}

/** What `follow,tls` gives for a stream: the decrypted bytes of each side, in hexadecimal digits. */
export function followTls(
  path: string,
  stream: number,
  clientPort: number,
  options: readonly string[],
): { client: string; server: string } {
  const text = tshark(['-r', path, ...options, '-q', '-z', `follow,tls,raw,${stream}`]);
  const clientFirst = /^Node 0: .*:(\d+)$/m.exec(text)?.[1] === String(clientPort);
  const sides = { client: '', server: '' };
  for (const line of text.split('\n')) {
    if (!/^\t?[0-9a-f]+$/.test(line)) continue;
    sides[line.startsWith('\t') === clientFirst ? 'server' : 'client'] += line.trim();
  }
  return sides;
}

/** Streams in which tshark finds something malformed, or cannot make a record of what it sees. */
export function brokenStreams(path: string, options: readonly string[] = []): Set<number> {
  const filter =
    '_ws.malformed or tls.ignored_unknown_record or _ws.expert.severity >= 0x00800000 or tcp.analysis.lost_segment or tcp.analysis.ack_lost_segment';
  const text = tshark(['-r', path, ...options, '-Y', filter, '-T', 'fields', '-e', 'tcp.stream']);
  return new Set(text.split('\n').filter(Boolean).map(Number));
}

/** How many connections of TCP there are. */
export function streamCount(path: string): number {
  const text = tshark(['-r', path, '-Y', 'tcp', '-T', 'fields', '-e', 'tcp.stream']);
  return new Set(text.split('\n').filter(Boolean)).size;
}

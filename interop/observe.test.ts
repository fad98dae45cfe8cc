/**
 * The passive reader against tshark: every capture of ../shared/captures, hello by hello and field by field, and every
 * stream that tshark decrypts, byte by byte.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeProvider } from 'akushu/crypto/node';
import { type ObservedConnection, type ObservedHandshakeMessage, observeAll } from 'akushu/observe';
import { describe, expect, test } from 'vitest';
import { missingTools } from './support/tools.js';
import { brokenStreams, followTls, hellosOf, streamCount, type TsharkHello } from './support/tshark.js';

const root = fileURLToPath(new URL('../../shared/captures/', import.meta.url));
const missing = missingTools('tshark') ?? (existsSync(root) ? null : 'skipped: ../shared is absent');

const captures = missing
  ? []
  : readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name))
      .sort();

function keyLogOf(path: string): string | undefined {
  const base = path.replace(/\.pcap(ng)?(\.gz)?$/, '');
  return [`${base}.keys`, `${base}.keylog.txt`].find((name) => existsSync(name));
}

interface Read {
  readonly connections: readonly ObservedConnection[];
  readonly plaintext: ReadonlyMap<number, { client: string; server: string }>;
  readonly problems: readonly unknown[];
}

async function read(path: string, keyLogPath?: string): Promise<Read> {
  const plaintext = new Map<number, { client: string; server: string }>();
  const seen = await observeAll(readFileSync(path), {
    provider: nodeProvider,
    keyLog: keyLogPath && readFileSync(keyLogPath, 'utf8'),
    onPlaintext: ({ connection, from }, bytes) => {
      const sides = plaintext.get(connection) ?? { client: '', server: '' };
      sides[from] += Buffer.from(bytes).toString('hex');
      plaintext.set(connection, sides);
    },
  });
  return {
    connections: seen.filter((item) => item.kind === 'connection').sort((a, b) => a.index - b.index),
    plaintext,
    problems: seen.flatMap((item) => (item.kind === 'capture' ? item.problems : [])),
  };
}

// ---- Our hellos in tshark's words ----

type Fields = Map<string, string[]>;
interface Hello {
  readonly type: number;
  readonly fields: Fields;
  readonly extensions: { type: number; fields: Fields }[];
}

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
const code = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`;
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

interface AnyExtensions {
  readonly order?: readonly number[];
  readonly unknown?: readonly { type: number; data: Uint8Array }[];
  readonly retry?: AnyExtensions;
  readonly [key: string]: unknown;
}

/** Values of an extension by the names that tshark has for them. */
type Row = readonly [
  type: number,
  field: string,
  read: (extensions: AnyExtensions) => readonly string[] | undefined,
];

const list = (value: unknown, show: (item: never) => string): string[] | undefined =>
  value === undefined
    ? undefined
    : Array.isArray(value)
      ? (value as never[]).map(show)
      : [show(value as never)];

const EXTENSIONS: readonly Row[] = [
  [
    0,
    'tls.handshake.extensions_server_name',
    ({ serverName }) =>
      serverName === true ? [] : list(serverName, ({ value }: { value: Uint8Array }) => text(value)),
  ],
  [10, 'tls.handshake.extensions_supported_group', ({ supportedGroups }) => list(supportedGroups, code)],
  [11, 'tls.handshake.extensions_ec_point_format', ({ ecPointFormats }) => list(ecPointFormats, String)],
  [13, 'tls.handshake.sig_hash_alg', ({ signatureAlgorithms }) => list(signatureAlgorithms, code)],
  [16, 'tls.handshake.extensions_alpn_str', ({ alpn }) => list(alpn, text)],
  [27, 'tls.compress_certificate.algorithm', ({ compressCertificate }) => list(compressCertificate, String)],
  [
    43,
    'tls.handshake.extensions.supported_version',
    ({ supportedVersions }) => list(supportedVersions, code),
  ],
  [45, 'tls.extension.psk_ke_mode', ({ pskKeyExchangeModes }) => list(pskKeyExchangeModes, String)],
  [
    51,
    'tls.handshake.extensions_key_share_group',
    ({ keyShare }) => list(keyShare, ({ group }: { group: number }) => String(group)),
  ],
  [
    51,
    'tls.handshake.extensions_key_share_key_exchange',
    ({ keyShare }) => list(keyShare, ({ keyExchange }: { keyExchange: Uint8Array }) => hex(keyExchange)),
  ],
  [
    41,
    'tls.handshake.extensions.psk.identity.identity',
    ({ preSharedKey }) =>
      (preSharedKey as { identities?: { identity: Uint8Array }[] } | undefined)?.identities?.map(
        ({ identity }) => hex(identity),
      ),
  ],
  [
    41,
    'tls.handshake.extensions.psk.identity.selected',
    ({ preSharedKey }) => (typeof preSharedKey === 'number' ? [String(preSharedKey)] : undefined),
  ],
  [35, 'tls.handshake.extension.data', ({ sessionTicket }) => list(sessionTicket, hex)],
];

interface HelloValue {
  readonly legacyVersion: number;
  readonly random: Uint8Array;
  readonly legacySessionId?: Uint8Array;
  readonly legacySessionIdEcho?: Uint8Array;
  readonly cipherSuites?: readonly number[];
  readonly cipherSuite?: number;
  readonly legacyCompressionMethods?: readonly number[];
  readonly legacyCompressionMethod?: number;
  readonly extensions?: AnyExtensions;
}

/** Fields that tshark has and what they are of ours. */
function ours(message: ObservedHandshakeMessage): Hello {
  const value = message.value as HelloValue;
  const draft = value.legacyVersion >> 8 === 0x7f;
  const sessionId = value.legacySessionId ?? value.legacySessionIdEcho;
  const compressions = value.legacyCompressionMethods ?? [value.legacyCompressionMethod!];
  const fields: Fields = new Map([
    ['tls.handshake.version', [code(value.legacyVersion)]],
    ['tls.handshake.ciphersuite', (value.cipherSuites ?? [value.cipherSuite!]).map(code)],
  ]);
  if (message.type !== 6) fields.set('tls.handshake.random', [hex(value.random)]);
  if (sessionId && sessionId.length > 0) fields.set('tls.handshake.session_id', [hex(sessionId)]);
  if (!draft) fields.set('tls.handshake.comp_method', compressions.map(String));
  const block = value.extensions?.retry ?? value.extensions ?? {};
  const extensions = (block.order ?? []).map((type) => {
    const found: Fields = new Map();
    for (const [of, field, get] of EXTENSIONS) {
      const values = of === type ? get(block) : undefined;
      const shown = values?.filter((item) => item !== '') ?? [];
      if (shown.length > 0) found.set(field, shown);
    }
    return { type, fields: found };
  });
  return { type: message.type, fields, extensions };
}

const pick = (from: ReadonlyMap<string, readonly string[]>, names: Iterable<string>) =>
  Object.fromEntries([...names].map((name) => [name, from.get(name) ?? []]));

/** Types that stand several times with the same length come in another order out of JSON. */
const sortedTypes = (extensions: readonly { type: number }[]): number[] =>
  extensions.map(({ type }) => type).sort((a, b) => a - b);

function compareHello(theirs: TsharkHello, own: Hello): void {
  expect(own.type).toBe(theirs.type);
  expect(Object.fromEntries(own.fields)).toEqual(pick(theirs.fields, own.fields.keys()));
  expect(sortedTypes(own.extensions)).toEqual(sortedTypes(theirs.extensions));
  for (const extension of theirs.extensions) {
    const mine = own.extensions.find(({ type }) => type === extension.type)!;
    const names = EXTENSIONS.filter(([type]) => type === extension.type).map(([, field]) => field);
    const compared = names.filter((name) => name !== 'tls.handshake.extension.data' || extension.type === 35);
    const theirValues = pick(extension.fields, compared);
    // An empty field is no value.
    for (const [name, values] of Object.entries(theirValues))
      theirValues[name] = values.filter((v) => v !== '');
    expect(pick(mine.fields, compared)).toEqual(theirValues);
  }
}

const isHello = (message: { kind: string; type?: number }): boolean =>
  message.kind === 'handshake' && [1, 2, 6].includes(message.type!);

describe.each(captures)('%s', (name) => {
  const path = `${root}${name}`;
  const keys = keyLogOf(path);
  const options = keys ? ['-o', `tls.keylog_file:${keys}`] : [];

  test('every ClientHello and ServerHello has the fields that tshark shows', async () => {
    const { connections } = await read(path, keys);
    expect(connections.length).toBe(streamCount(path));
    // On the port of HTTP tshark looks for nothing else unless it is told to.
    const hellos = hellosOf(path, [...options, '-d', 'tcp.port==80,tls']);
    for (const connection of connections) {
      const own = (connection.tls?.messages ?? []).filter(isHello) as ObservedHandshakeMessage[];
      const theirs = hellos.filter(({ stream }) => stream === connection.index);
      expect(own.map(({ type }) => type).sort()).toEqual(theirs.map(({ type }) => type).sort());
      for (const type of [1, 2, 6]) {
        const mine = own.filter((message) => message.type === type);
        for (const [i, hello] of theirs.filter((hello) => hello.type === type).entries())
          compareHello(hello, ours(mine[i]!));
      }
      const [client] = theirs.filter(({ type }) => type === 1);
      const [server] = theirs.filter(({ type }) => type === 2);
      const { fingerprints } = connection.tls ?? {};
      if (client) expect(fingerprints?.ja3).toBe(client.fields.get('tls.handshake.ja3')?.[0]);
      if (server) expect(fingerprints?.ja3s).toBe(server.fields.get('tls.handshake.ja3s')?.[0]);
    }
  });

  test('nothing is called broken that tshark takes for whole', async () => {
    const { connections, problems } = await read(path, keys);
    const broken = brokenStreams(path, options);
    const complaints = connections
      .filter(({ index }) => !broken.has(index))
      .flatMap(({ problems, index }) => problems.map(({ code, offset }) => `${index}: ${code} at ${offset}`));
    expect([...complaints, ...problems]).toEqual(KNOWN[name] ?? []);
  });

  test.skipIf(!keys)('what tshark decrypts is decrypted to the same bytes', async () => {
    const { connections, plaintext } = await read(path, keys);
    for (const { index, client } of connections) {
      const own = plaintext.get(index) ?? { client: '', server: '' };
      expect(own).toEqual(followTls(path, index, client.port, options));
    }
  });
});

/** Where we are right, and tshark says nothing. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  // A ChangeCipherSpec whose header was overwritten with 0xff: tshark passes over it in silence.
  'zeek/tls1.2-late-protocol-error.pcap': ['0: not_a_record at 589'],
};

test.skipIf(missing === null)('captures are compared with tshark', ({ skip }) => skip(missing!));

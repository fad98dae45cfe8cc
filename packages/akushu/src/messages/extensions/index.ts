/**
 * The table of extensions and the block in which they stand (RFC 9846 §4.3). Adding one: a file with its
 * definition, a row here. The order of the rows is the order in which they are sent unless the sender says otherwise.
 */
import type { Reader, Writer } from '../../bytes/index.js';
import { type AnnotatedNode, type Codec, decode, type Infer, opaque, uint16 } from '../../codec/index.js';
import { TlsError, tlsError } from '../../errors.js';
import { extensionName } from '../../registry/index.js';
import { alpn } from './alpn.js';
import { encryptThenMac, extendedMasterSecret, renegotiationInfo, sessionTicket } from './before-tls13.js';
import { certificateAuthorities, oidFilters } from './certificate-authorities.js';
import { clientCertificateType, serverCertificateType } from './certificate-types.js';
import { compressCertificate } from './compress-certificate.js';
import type { ExtensionContext, ExtensionDefinition } from './context.js';
import { cookie } from './cookie.js';
import { earlyData } from './early-data.js';
import { ecPointFormats } from './ec-point-formats.js';
import { encryptedClientHello } from './encrypted-client-hello.js';
import { keyShare } from './key-share.js';
import { maxFragmentLength } from './max-fragment-length.js';
import { padding } from './padding.js';
import { postHandshakeAuth } from './post-handshake-auth.js';
import { preSharedKey, pskKeyExchangeModes } from './pre-shared-key.js';
import { recordSizeLimit } from './record-size-limit.js';
import { serverName } from './server-name.js';
import { signatureAlgorithms, signatureAlgorithmsCert } from './signature-algorithms.js';
import { signedCertificateTimestamp } from './signed-certificate-timestamp.js';
import { statusRequest } from './status-request.js';
import { supportedGroups } from './supported-groups.js';
import { supportedVersions } from './supported-versions.js';

export type { ExtensionContext, ExtensionDefinition } from './context.js';

/** `pre_shared_key` stands last: RFC 9846 §4.3.11 wants it so in a ClientHello. */
const TABLE = {
  clientCertificateType,
  serverCertificateType,
  renegotiationInfo,
  supportedGroups,
  ecPointFormats,
  sessionTicket,
  encryptThenMac,
  extendedMasterSecret,
  keyShare,
  cookie,
  supportedVersions,
  signatureAlgorithms,
  signatureAlgorithmsCert,
  alpn,
  maxFragmentLength,
  statusRequest,
  signedCertificateTimestamp,
  compressCertificate,
  recordSizeLimit,
  certificateAuthorities,
  oidFilters,
  postHandshakeAuth,
  serverName,
  pskKeyExchangeModes,
  earlyData,
  encryptedClientHello,
  padding,
  preSharedKey,
} as const;

type Table = typeof TABLE;

export type ExtensionKey = keyof Table;

export interface RawExtension {
  readonly type: number;
  readonly data: Uint8Array;
}

type KeysIn<C extends ExtensionContext> = {
  [K in ExtensionKey]: C extends keyof Table[K]['in'] ? K : never;
}[ExtensionKey];

type BodyIn<K extends ExtensionKey, C extends ExtensionContext> =
  Table[K]['in'] extends Partial<Record<C, infer X>> ? Infer<X> : never;

/** The extensions of one message by our names; `unknown` has those without a codec there; `order` the code points as they stand. */
export type Extensions<C extends ExtensionContext> = {
  readonly [K in KeysIn<C>]?: BodyIn<K, C> | undefined;
} & {
  readonly unknown?: readonly RawExtension[];
  readonly order?: readonly number[];
  /** ClientHello: what is wrong with an extension of TLS 1.3 alone; of no interest where an older version is chosen. */
  readonly malformed13?: TlsError;
};

interface Row {
  readonly key: ExtensionKey;
  readonly definition: ExtensionDefinition<Partial<Record<ExtensionContext, Codec<unknown>>>>;
}

const ROWS: readonly Row[] = Object.entries(TABLE).map(([key, definition]) => ({
  key: key as ExtensionKey,
  definition: definition as Row['definition'],
}));
const BY_CODE = new Map(ROWS.map((row) => [row.definition.code, row]));

/** The code point of an extension that we know by name. */
export function extensionCode(key: ExtensionKey): number {
  return TABLE[key].code;
}

type Loose = Record<string, unknown>;

/** Extensions that a server of TLS 1.2 does not know, and so does not read (RFC 9846 §4.3, appendix E). */
const ONLY_13: ReadonlySet<number> = new Set([
  preSharedKey.code,
  earlyData.code,
  cookie.code,
  pskKeyExchangeModes.code,
  postHandshakeAuth.code,
  keyShare.code,
]);

const bodyLength = uint16;
const rawBody = opaque(0, 0xffff);

/** Code points of a block in the order in which they stand; what they say is not looked at. */
export function codesInBlock(reader: Reader): number[] {
  const block = reader.sub(reader.u16());
  const codes: number[] = [];
  while (block.remaining > 0) {
    codes.push(block.u16());
    block.sub(block.u16());
  }
  return codes;
}

/** The extension block of a message: `Extension extensions<0..2^16-1>`, or with a smallest size. */
export function extensions<C extends ExtensionContext>(context: C): Codec<Extensions<C>> {
  const type = 'Extension<0..65535>';
  const rfc = 'RFC 9846 §4.3';

  function decodeBlock(reader: Reader): Extensions<C> {
    const block = reader.sub(bodyLength.decode(reader));
    const found: Loose = {};
    const order: number[] = [];
    const seen = new Set<number>();
    const unknown: RawExtension[] = [];
    while (block.remaining > 0) {
      const code = block.u16();
      const body = block.sub(block.u16());
      if (seen.has(code)) throw tlsError('duplicate_extension', { extension: extensionName(code) });
      seen.add(code);
      order.push(code);
      const row = BY_CODE.get(code);
      const codec = row?.definition.in[context];
      if (row && codec && context === 'CH' && ONLY_13.has(code)) {
        try {
          found[row.key] = decode(codec, body.bytes, body.pos, body.end);
        } catch (error) {
          if (!(error instanceof TlsError)) throw error;
          found.malformed13 ??= error;
        }
      } else if (row && codec) found[row.key] = decode(codec, body.bytes, body.pos, body.end);
      else unknown.push({ type: code, data: body.rest() });
    }
    if (unknown.length > 0) found.unknown = unknown;
    found.order = order;
    return found as Extensions<C>;
  }

  function encodeBlock(writer: Writer, value: Extensions<C>): void {
    const raw = new Map((value.unknown ?? []).map((extension) => [extension.type, extension.data]));
    const loose = value as Loose;
    const write = (code: number): void => {
      const row = BY_CODE.get(code);
      const body = row && loose[row.key];
      const codec = row?.definition.in[context];
      const data = raw.get(code);
      if (body === undefined && data === undefined) return;
      writer.u16(code);
      if (data !== undefined) rawBody.encode(writer, data);
      else if (codec) writer.prefixed(2, () => codec.encode(writer, body));
      else throw new RangeError(`"${row?.key}" has no place in ${context}`);
    };
    writer.prefixed(2, () => {
      const order = sendingOrder(value.order ?? [], [...raw.keys()]);
      for (const code of order) write(code);
    });
  }

  function annotateBlock(reader: Reader, name: string): AnnotatedNode {
    const start = reader.pos;
    const children: AnnotatedNode[] = [];
    try {
      const length = reader.u16();
      const block = reader.sub(length);
      while (block.remaining > 0) {
        const child = annotateExtension(block, context);
        children.push(child);
        if (child.error)
          return { name, type, rfc, start, end: child.end, value: '', children, error: child.error };
      }
    } catch (error) {
      if (error instanceof TlsError) throw error;
      const end = reader.end;
      reader.pos = end;
      return { name, type, rfc, start, end, value: '', children, error: 'malformed_message' };
    }
    return { name, type, rfc, start, end: reader.pos, value: '', children };
  }

  return { type, rfc, decode: decodeBlock, encode: encodeBlock, annotate: annotateBlock };
}

const USUAL_ORDER: readonly number[] = [
  ...ROWS.map((row) => row.definition.code).filter((code) => code !== preSharedKey.code),
  preSharedKey.code,
];

/** First what `order` names, then the table's order, `pre_shared_key` last whatever else was asked (§4.3.11). */
function sendingOrder(order: readonly number[], unknown: readonly number[]): Iterable<number> {
  if (order.length === 0 && unknown.length === 0) return USUAL_ORDER;
  const codes = new Set<number>(order);
  for (const row of ROWS) if (row.definition !== preSharedKey) codes.add(row.definition.code);
  for (const code of unknown) codes.add(code);
  if (!order.includes(preSharedKey.code)) codes.delete(preSharedKey.code);
  codes.add(preSharedKey.code);
  return codes;
}

function annotateExtension(block: Reader, context: ExtensionContext): AnnotatedNode {
  const start = block.pos;
  const code = block.u16();
  const body = block.sub(block.u16());
  const row = BY_CODE.get(code);
  const codec = row?.definition.in[context] ?? REST;
  const bodyStart = body.pos;
  const inner = codec.annotate(body, 'extension_data');
  const leftOver = body.remaining > 0 && !inner.error;
  const error = leftOver ? 'malformed_message' : inner.error;
  return {
    name: extensionName(code),
    type: 'Extension',
    start,
    end: block.pos,
    value: inner.children.length === 0 ? inner.value : '',
    children: inner.children.length === 0 && inner.end === bodyStart ? [] : [inner],
    ...(row && { rfc: row.definition.rfc }),
    ...(error && { error }),
  };
}

const REST: Codec<unknown> = {
  type: 'opaque',
  decode: (reader) => reader.rest(),
  encode: (writer, value) => writer.append(value as Uint8Array),
  annotate(reader, name) {
    const start = reader.pos;
    const data = reader.rest();
    return { name, type: 'opaque', start, end: reader.end, value: `${data.length} bytes`, children: [] };
  },
};

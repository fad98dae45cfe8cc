/**
 * As much of a DNS message (RFC 1035 §4) as tells who was asked for what and what came of it: header, question,
 * addresses and aliases among the answers. Names are bounded and compression pointers only go backwards.
 */
import { Reader, ShortRead, toLatin1 } from '../../bytes/index.js';

export const TYPE = { a: 1, cname: 5, aaaa: 28, svcb: 64, https: 65 } as const;

export interface DnsMessage {
  readonly id: number;
  readonly response: boolean;
  readonly truncated: boolean;
  readonly rcode: number;
  readonly name: string;
  readonly type: number;
  readonly addresses: readonly { readonly name: string; readonly address: Uint8Array }[];
  /** Answers of any kind that is not an alias. */
  readonly answers: number;
}

const MAX_NAME = 255;
const MAX_ANSWERS = 256;
const INTERNET = 1;

/** Undefined where it is none, or has not exactly one question. */
export function parseDns(bytes: Uint8Array): DnsMessage | undefined {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof ShortRead) return undefined;
    throw error;
  }
}

function read(bytes: Uint8Array): DnsMessage | undefined {
  const reader = new Reader(bytes);
  const id = reader.u16();
  const flags = reader.u16();
  const opcode = (flags >> 11) & 15;
  const questions = reader.u16();
  const answerCount = reader.u16();
  reader.u32();
  if (opcode !== 0 || questions !== 1) return undefined;
  const name = readName(reader);
  if (name === undefined) return undefined;
  const type = reader.u16();
  reader.u16();
  const head = {
    id,
    response: flags >= 0x8000,
    truncated: (flags & 0x0200) !== 0,
    rcode: flags & 15,
    name,
    type,
  };
  return head.response
    ? { ...head, ...readAnswers(reader, answerCount) }
    : { ...head, addresses: [], answers: 0 };
}

/** What can be read of them: a message may be cut. */
function readAnswers(reader: Reader, count: number): Pick<DnsMessage, 'addresses' | 'answers'> {
  const addresses: { name: string; address: Uint8Array }[] = [];
  let answers = 0;
  try {
    for (let i = 0; i < Math.min(count, MAX_ANSWERS); i++) {
      const name = readName(reader);
      const type = reader.u16();
      const inClass = reader.u16() & 0x7fff;
      reader.u32();
      const data = reader.view(reader.u16());
      if (name === undefined || inClass !== INTERNET) continue;
      if (type !== TYPE.cname) answers++;
      const size = type === TYPE.a ? 4 : type === TYPE.aaaa ? 16 : 0;
      if (size > 0 && data.length === size) addresses.push({ name, address: data.slice() });
    }
  } catch (error) {
    if (!(error instanceof ShortRead)) throw error;
  }
  return { addresses, answers };
}

/** In lower case, without the dot of the root; undefined for what is no name. */
function readName(reader: Reader): string | undefined {
  const labels: string[] = [];
  let at = reader;
  let length = 0;
  let lowest = reader.pos;
  for (;;) {
    const size = at.u8();
    if (size === 0) break;
    if (size >= 0xc0) {
      const target = ((size & 0x3f) << 8) | at.u8();
      if (target >= lowest) return undefined;
      lowest = target;
      at = new Reader(at.bytes, target, at.end);
      continue;
    }
    length += size + 1;
    if (size > 63 || length > MAX_NAME) return undefined;
    labels.push(toLatin1(at.view(size)).toLowerCase());
  }
  return labels.join('.');
}

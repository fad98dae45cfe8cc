/**
 * LDAP's StartTLS (RFC 4511 §4.14): one ExtendedRequest, one ExtendedResponse, in the subset of BER that §5.1 leaves:
 * lengths are definite, though not always the shortest, so that the reader of DER does not fit.
 */
import { concat, fromLatin1, Reader, ShortRead } from '../../bytes/index.js';
import { heard, malformed, notOffered, refused, sendBytes, type Talk, take, textOf } from './dialogue.js';

const START_TLS = '1.3.6.1.4.1.1466.20037';
const MESSAGE_ID = 1;

const Tag = {
  integer: 0x02,
  octetString: 0x04,
  enumerated: 0x0a,
  sequence: 0x30,
  extendedRequest: 0x77,
  extendedResponse: 0x78,
  requestName: 0x80,
  controls: 0xa0,
  referral: 0xa3,
  responseName: 0x8a,
  responseValue: 0x8b,
} as const;

/** §4.1.9: those that a server may well answer with. */
const RESULTS: Readonly<Record<number, string>> = {
  0: 'success',
  1: 'operationsError',
  2: 'protocolError',
  7: 'authMethodNotSupported',
  8: 'strongerAuthRequired',
  10: 'referral',
  13: 'confidentialityRequired',
  51: 'busy',
  52: 'unavailable',
  53: 'unwillingToPerform',
  80: 'other',
};

/** Short contents only: what we send is. */
const tlv = (tag: number, ...contents: readonly Uint8Array[]): Uint8Array => {
  const content = concat(...contents);
  return concat(Uint8Array.of(tag, content.length), content);
};

const REQUEST = tlv(
  Tag.sequence,
  tlv(Tag.integer, Uint8Array.of(MESSAGE_ID)),
  tlv(Tag.extendedRequest, tlv(Tag.requestName, fromLatin1(START_TLS))),
);

/** The contents of the LDAPMessage that comes next. */
function* takeMessage(): Talk<Uint8Array> {
  const [tag, first = 0] = yield* take(2);
  if (tag !== Tag.sequence) malformed('LDAPMessage');
  if (first < 0x80) return yield* take(first);
  // §5.1: no indefinite lengths. Some servers write every length in four bytes.
  if (first === 0x80 || first > 0x84) malformed('LDAPMessage');
  const length = new Reader(yield* take(first & 0x7f)).uint((first & 0x7f) as 1 | 2 | 3 | 4);
  return yield* take(length);
}

function takeTlv(reader: Reader): { tag: number; value: Reader } {
  const tag = reader.u8();
  const first = reader.u8();
  if (first < 0x80) return { tag, value: reader.sub(first) };
  if (first === 0x80 || first > 0x84) malformed('ExtendedResponse');
  return { tag, value: reader.sub(reader.uint((first & 0x7f) as 1 | 2 | 3 | 4)) };
}

function expectTlv(reader: Reader, wanted: number): Reader {
  const { tag, value } = takeTlv(reader);
  if (tag !== wanted) malformed('ExtendedResponse');
  return value;
}

/** An INTEGER or ENUMERATED that is not negative. */
function numberIn(value: Reader): number {
  const size = value.remaining;
  if (size < 1 || size > 4) malformed('ExtendedResponse');
  return value.uint(size as 1 | 2 | 3 | 4);
}

interface Result {
  readonly messageId: number;
  readonly code: number;
  readonly text: string;
  readonly name: string | null;
}

/** §4.1.1, §4.12. Throws ShortRead where a length goes beyond what is there. */
function readResponse(contents: Uint8Array): Result {
  const message = new Reader(contents);
  const messageId = numberIn(expectTlv(message, Tag.integer));
  const response = expectTlv(message, Tag.extendedResponse);
  const code = numberIn(expectTlv(response, Tag.enumerated));
  expectTlv(response, Tag.octetString);
  const text = textOf(expectTlv(response, Tag.octetString).rest());
  let name: string | null = null;
  const optional: readonly number[] = [Tag.referral, Tag.responseName, Tag.responseValue];
  while (response.remaining > 0) {
    const { tag, value } = takeTlv(response);
    if (!optional.includes(tag)) malformed('ExtendedResponse');
    if (tag === Tag.responseName) name = textOf(value.rest());
  }
  if (message.remaining > 0) expectTlv(message, Tag.controls);
  if (message.remaining > 0) malformed('LDAPMessage');
  return { messageId, code, text, name };
}

export function* ldap(): Talk<string | null> {
  yield* sendBytes(REQUEST, 'ExtendedRequest StartTLS');
  const contents = yield* takeMessage();
  const { messageId, code, text, name } = resultIn(contents);
  const said = [RESULTS[code] ?? `resultCode ${code}`, text].filter(Boolean).join(': ');
  yield* heard(`ExtendedResponse ${said}`);
  // §4.4: 0 is for what nobody asked for, of which there is one: the server takes its leave.
  if (messageId === 0) refused(said);
  if (messageId !== MESSAGE_ID) malformed('messageID 1', `messageID ${messageId}`);
  // §4.14.2: a server that has no TLS, or none now, answers with protocolError.
  if (code === 2) notOffered(said);
  if (code !== 0) refused(said);
  if (name !== null && name !== START_TLS) malformed(START_TLS, name);
  return null;
}

function resultIn(contents: Uint8Array): Result {
  try {
    return readResponse(contents);
  } catch (error) {
    if (error instanceof ShortRead) malformed('ExtendedResponse');
    throw error;
  }
}

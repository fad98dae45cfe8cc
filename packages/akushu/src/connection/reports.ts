/** What the connection itself adds to the trace: records, and the ChangeCipherSpec that is no handshake message. */
import type { CommonConfig, Handshake } from '../handshake/index.js';
import type { Side } from '../trace/index.js';

type Hs = Handshake<CommonConfig>;

/** `type` is the content type on the wire, `innerType` the one inside; `length` counts the header. */
export function reportRecord(hs: Hs, from: Side, type: number, innerType: number, length: number): void {
  if (hs.config.trace) hs.trace({ kind: 'record', t: hs.elapsed(), from, type, innerType, length });
}

export function reportChangeCipherSpec(hs: Hs, from: Side): void {
  if (!hs.config.trace) return;
  hs.trace({
    kind: 'message',
    t: hs.elapsed(),
    from,
    type: 'ChangeCipherSpec',
    bytes: Uint8Array.of(1),
    // In TLS 1.3 it means nothing and is never protected; before, it is in a renegotiation.
    protectedBy: hs.isBefore13 ? hs.protectionOf(from) : null,
    annotate: () => ({
      name: 'ChangeCipherSpec',
      type: 'uint8',
      start: 0,
      end: 1,
      value: '1',
      children: [],
      rfc: hs.isBefore13 ? 'RFC 5246 §7.1' : 'RFC 9846 §5',
    }),
  });
}

/** Reserved values sprinkled into what we send, so that peers stay tolerant (RFC 8701). */
import { EMPTY } from '../bytes/index.js';
import type { ClientHello, RawExtension } from '../messages/index.js';
import { greaseValues } from '../registry/index.js';
import type { CommonConfig } from './config.js';
import type { Handshake } from './handshake.js';

const pick = (choice: number): number => greaseValues[choice & 0x0f]!;

/** §3.1: one reserved value in each list of the hello, two extensions, by six random bytes. */
export function addGrease(hello: ClientHello, choice: Uint8Array): ClientHello {
  const x = hello.extensions!;
  const [suite, group, version, scheme, first] = [...choice.subarray(0, 5)].map(pick) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const second = pick(greaseValues.indexOf(first) + 1 + (choice[5]! % 15));
  return {
    ...hello,
    cipherSuites: [suite, ...hello.cipherSuites],
    extensions: {
      ...x,
      ...(x.supportedGroups && { supportedGroups: [group, ...x.supportedGroups] }),
      ...(x.keyShare && { keyShare: [{ group, keyExchange: Uint8Array.of(0) }, ...x.keyShare] }),
      ...(x.supportedVersions && { supportedVersions: [version, ...x.supportedVersions] }),
      ...(x.signatureAlgorithms && { signatureAlgorithms: [scheme, ...x.signatureAlgorithms] }),
      unknown: [
        { type: first, data: EMPTY },
        { type: second, data: Uint8Array.of(0) },
      ],
      order: [first],
    },
  };
}

/** §4.1: a server's in CertificateRequest and NewSessionTicket; nothing unless the configuration asks for it. */
export function greaseExtension(hs: Handshake<CommonConfig>): { readonly unknown?: readonly RawExtension[] } {
  return hs.config.grease ? { unknown: [{ type: pick(hs.random(1)[0]!), data: EMPTY }] } : {};
}

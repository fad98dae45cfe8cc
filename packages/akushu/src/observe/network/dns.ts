/**
 * Questions to DNS and their answers (RFC 1035, RFC 6762): names for addresses, and every question that got none.
 * What is asked again under the same number is the same question.
 */
import { toLatin1 } from '../../bytes/index.js';
import { ipToText } from '../../x509/index.js';
import type { ObservedEndpoint, ObservedLookup } from '../observation.js';
import { parseDns, TYPE } from './dns-message.js';
import type { IpHeader } from './ip.js';
import type { Names } from './names.js';
import { addressSize } from './words.js';

interface Question {
  readonly name: string;
  readonly type: number;
  readonly client: ObservedEndpoint;
  readonly resolver: ObservedEndpoint;
  readonly time: number;
  attempts: number;
  unreachable: boolean;
}

const OUTCOMES: Readonly<Record<number, ObservedLookup['outcome']>> = {
  2: 'servfail',
  3: 'nxdomain',
  5: 'refused',
};
const TYPE_NAMES: Readonly<Record<number, string>> = {
  1: 'A',
  5: 'CNAME',
  28: 'AAAA',
  64: 'SVCB',
  65: 'HTTPS',
};
/** Those without whose answer nobody connects. */
const ADDRESS_TYPES: readonly number[] = [TYPE.a, TYPE.aaaa];

export class Dns {
  private readonly waiting = new Map<string, Question>();
  /** Questions by address and port of who asked: what ICMP quotes of them. */
  private readonly asked = new Map<string, Question>();

  constructor(
    private readonly names: Names,
    private readonly limit: number,
    private readonly failed: (lookup: ObservedLookup) => void,
  ) {}

  /** A datagram from or to a port of DNS. False where it is something else. */
  message(ip: IpHeader, sourcePort: number, targetPort: number, start: number, end: number): boolean {
    const message = parseDns(ip.bytes.subarray(start, end));
    if (!message) return false;
    if (message.response) {
      for (const { name, address } of message.addresses) {
        if (name !== message.name) this.names.add(address, name);
        this.names.add(address, message.name);
      }
    }
    if (!ADDRESS_TYPES.includes(message.type)) return true;
    const size = addressSize(ip);
    const [client, port] = message.response ? [ip.target, targetPort] : [ip.source, sourcePort];
    const address = toLatin1(ip.bytes.subarray(client, client + size));
    const key = `${address} ${port} ${message.id} ${message.type} ${message.name}`;
    const question = this.waiting.get(key);
    if (message.response) {
      this.waiting.delete(key);
      const asked = question ?? this.questionOf(ip, message, targetPort, sourcePort, true);
      const outcome = outcomeOf(message);
      if (outcome) this.failed(this.lookup(asked, outcome, ip.time));
    } else if (question) question.attempts++;
    else {
      if (this.waiting.size >= this.limit) this.waiting.delete(this.waiting.keys().next().value!);
      const asked = this.questionOf(ip, message, sourcePort, targetPort, false);
      this.waiting.set(key, asked);
      this.asked.set(placeOf(asked.client), asked);
      if (this.asked.size > this.limit) this.asked.delete(this.asked.keys().next().value!);
    }
    return true;
  }

  /** ICMP says that a resolver cannot be reached. */
  unreachable(address: string, port: number): void {
    const question = this.asked.get(placeOf({ address, port }));
    if (question) question.unreachable = true;
  }

  /** The capture is over: what is open was not answered. */
  finish(): void {
    for (const question of this.waiting.values())
      this.failed(this.lookup(question, question.unreachable ? 'unreachable' : 'no_answer', null));
    this.waiting.clear();
  }

  private questionOf(
    ip: IpHeader,
    { name, type }: { readonly name: string; readonly type: number },
    clientPort: number,
    resolverPort: number,
    answer: boolean,
  ): Question {
    const size = addressSize(ip);
    const end = (at: number, port: number): ObservedEndpoint => {
      const address = ip.bytes.slice(at, at + size);
      return { address: ipToText(address), port, names: this.names.of(address) };
    };
    const [client, resolver] = answer ? [ip.target, ip.source] : [ip.source, ip.target];
    return {
      name,
      type,
      client: end(client, clientPort),
      resolver: end(resolver, resolverPort),
      time: ip.time,
      attempts: answer ? 0 : 1,
      unreachable: false,
    };
  }

  private lookup(
    { name, type, client, resolver, time, attempts }: Question,
    outcome: ObservedLookup['outcome'],
    answeredAt: number | null,
  ): ObservedLookup {
    const typeName = TYPE_NAMES[type] ?? `TYPE${type}`;
    return { kind: 'lookup', name, type: typeName, outcome, client, resolver, time, answeredAt, attempts };
  }
}

const placeOf = ({ address, port }: { readonly address: string; readonly port: number }): string =>
  `${address} ${port}`;

function outcomeOf(message: {
  readonly rcode: number;
  readonly truncated: boolean;
  readonly answers: number;
  readonly addresses: readonly unknown[];
}): ObservedLookup['outcome'] | undefined {
  if (message.rcode !== 0) return OUTCOMES[message.rcode] ?? `rcode_${message.rcode}`;
  return message.addresses.length === 0 && !message.truncated ? 'no_addresses' : undefined;
}

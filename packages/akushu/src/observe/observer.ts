/**
 * Everything between the packets of a capture and what is said of its connections. Synchronous, but for private keys
 * that answer later: `pending` has to be awaited before the next packet, since what they tell of one connection may open
 * another that resumes it.
 */
import { toLatin1 } from '../bytes/index.js';
import type { PrivateKey, Provider } from '../crypto/provider.js';
import type { Side } from '../trace/index.js';
import { ipToText } from '../x509/index.js';
import type { CaptureSink } from './capture/reader.js';
import type { ObserveLimits } from './limits.js';
import { Dns } from './network/dns.js';
import { Flows } from './network/flows.js';
import { undelivered } from './network/icmp.js';
import { type IpHeader, Packets, type TransportSink } from './network/ip.js';
import { knowsLinkType } from './network/link.js';
import { Names } from './network/names.js';
import type { Conversation, TcpConnection, TcpHost } from './network/tcp.js';
import { addressSize, u16 } from './network/words.js';
import type {
  CaptureProblem,
  CaptureProblemCode,
  ConnectionProblem,
  Observation,
  ObservedConnection,
  ObservedEndpoint,
} from './observation.js';
import { StreamConversation } from './stream/conversation.js';
import { clientHelloAt, sideOfMessages } from './stream/detect.js';
import { Masters, Sessions } from './tls/decrypt12.js';
import { KeyLog } from './tls/key-log.js';

/** Who sent a piece of application data, and in which connection. */
export interface PlaintextEvent {
  readonly connection: number;
  readonly client: { readonly address: string; readonly port: number };
  readonly server: { readonly address: string; readonly port: number };
  readonly from: Side;
  readonly time: number;
}

export interface ObserverOptions {
  readonly provider: Provider;
  readonly rsaKeys: readonly PrivateKey[];
  readonly limits: ObserveLimits;
  readonly onPlaintext: ((event: PlaintextEvent, bytes: Uint8Array) => void) | null;
}

interface Problems {
  readonly list: ConnectionProblem[];
  omitted: number;
}

const TCP = 6;
const UDP = 17;
const DNS_PORTS: readonly number[] = [53, 5353, 5355];
/** Ports on which servers of TLS, or of what leads to it, are found. */
const SERVER_PORTS: ReadonlySet<number> = new Set([
  443, 8443, 465, 587, 25, 993, 143, 995, 110, 990, 21, 636, 389, 853, 5061, 5222, 5223, 5269, 6697, 3389,
  5432, 3306, 6514, 8883, 5671, 9443, 4433, 2376, 6443, 8080, 80,
]);
/** Below are those of servers: the well-known ones, then all that systems do not give to clients. */
const PORT_BOUNDS: readonly number[] = [1024, 32_768];
const MAX_CAPTURE_PROBLEMS = 100;
/** What is finished goes out before more is read: the younger it dies, the less it costs. */
const READY = 8;

export class Observer implements CaptureSink, TransportSink {
  /** Finished, and not yet given out. */
  readonly ready: Observation[] = [];
  pending: Promise<void> | null = null;
  readonly keyLogs: KeyLog;
  packets = 0;
  cutPackets = 0;
  cutAt: number | null = null;
  connections = 0;
  lookups = 0;
  firstTime: number | null = null;
  lastTime: number | null = null;
  readonly linkTypes = new Set<number>();
  readonly seen: Record<string, number> = Object.create(null);
  private readonly problems = new Map<
    string,
    { code: CaptureProblemCode; offset: number; count: number; facts: Readonly<Record<string, unknown>> }
  >();
  private readonly decoder: Packets;
  private readonly flows: Flows;
  private readonly names: Names;
  private readonly dns: Dns;
  private readonly masters: Masters;
  private readonly troubles = new WeakMap<TcpConnection, Problems>();
  /** Counted apart: it is most of all. */
  private tcpPackets = 0;

  constructor(private readonly options: ObserverOptions) {
    const { limits, provider, rsaKeys } = options;
    this.keyLogs = new KeyLog(limits.secrets);
    this.masters = new Masters(provider, this.keyLogs, rsaKeys, new Sessions(limits.sessions));
    this.names = new Names(limits.names);
    this.dns = new Dns(this.names, limits.names, (lookup) => {
      this.lookups++;
      this.ready.push(lookup);
    });
    this.decoder = new Packets(this, limits.fragmentedPackets);
    this.flows = new Flows(
      (retain) => this.tcpHost(retain),
      limits,
      (connection) => this.over(connection),
    );
  }

  // ---- What the file says ----

  get busy(): boolean {
    return this.pending !== null || this.ready.length >= READY;
  }

  packet(
    bytes: Uint8Array,
    start: number,
    end: number,
    cut: boolean,
    time: number,
    linkType: number,
    offset: number,
  ): void {
    this.packets++;
    if (cut) {
      this.cutPackets++;
      this.cutAt = Math.max(this.cutAt ?? 0, end - start);
    }
    // What has no time of its own came at that of the packet before.
    const at = Number.isNaN(time) ? (this.lastTime ?? 0) : time;
    this.firstTime ??= at;
    if (this.lastTime === null || at > this.lastTime) this.lastTime = at;
    if (!knowsLinkType(linkType)) this.problem('unsupported_link_type', offset, { linkType });
    this.decoder.frame(bytes, start, end, at, linkType);
  }

  keyLog(text: Uint8Array): void {
    this.keyLogs.add(toLatin1(text), 'decryption_secrets_block');
  }

  name(address: Uint8Array, name: string): void {
    this.names.add(address, name);
  }

  linkType(linkType: number): void {
    this.linkTypes.add(linkType);
  }

  problem(code: CaptureProblemCode, offset: number, facts: Readonly<Record<string, unknown>>): void {
    const key =
      code === 'unsupported_link_type' ? `${code} ${facts.linkType}` : `${code} ${facts.what ?? ''}`;
    const known = this.problems.get(key);
    if (known) known.count++;
    else if (this.problems.size < MAX_CAPTURE_PROBLEMS)
      this.problems.set(key, { code, offset, count: 1, facts });
  }

  get captureProblems(): readonly CaptureProblem[] {
    return [...this.problems.values()];
  }

  // ---- What packets carry ----

  count(kind: string): void {
    this.seen[kind] = (this.seen[kind] ?? 0) + 1;
  }

  tcp(ip: IpHeader, start: number, end: number, fullEnd: number): void {
    this.tcpPackets++;
    if (!this.flows.segment(ip, start, end, fullEnd)) this.count('malformed');
  }

  udp(ip: IpHeader, start: number, end: number): void {
    const { bytes } = ip;
    const source = u16(bytes, start);
    const target = u16(bytes, start + 2);
    const body = start + 8;
    if (DNS_PORTS.includes(source) || DNS_PORTS.includes(target)) {
      this.count(this.dns.message(ip, source, target, body, end) ? 'dns' : 'udp');
      return;
    }
    const first = bytes[body]!;
    const dtls = end - body >= 13 && first >= 20 && first <= 25 && bytes[body + 1] === 0xfe;
    const quic = end - body >= 20 && (source === 443 || target === 443) && (first & 0x40) !== 0;
    this.count(dtls ? 'dtls' : quic ? 'quic' : 'udp');
  }

  icmp(ip: IpHeader, start: number, end: number): void {
    this.count('icmp');
    const found = undelivered(ip, start, end);
    if (!found) return;
    const { reason, sourcePort, targetPort } = found;
    const size = addressSize(ip);
    const by = ipToText(ip.bytes.slice(ip.source, ip.source + size));
    if (found.protocol === TCP) {
      this.flows.lookUp(found.ip, sourcePort, targetPort)?.icmp({ by, time: ip.time, reason });
    } else if (found.protocol === UDP) {
      this.dns.unreachable(
        ipToText(found.ip.bytes.slice(found.ip.source, found.ip.source + size)),
        sourcePort,
      );
    }
  }

  /** The capture is over. */
  finish(): void {
    this.flows.finish();
    this.dns.finish();
    if (this.tcpPackets > 0) this.seen.tcp = this.tcpPackets;
  }

  // ---- Connections ----

  private tcpHost(retain: (count: number) => void): TcpHost {
    return {
      retain,
      outOfOrderBytes: this.options.limits.outOfOrderBytes,
      converse: (connection) => this.converse(connection),
      guessClient: (connection, sender, bytes, start, end) => {
        const receiver = sender === 0 ? 1 : 0;
        if (clientHelloAt(bytes, start, end) === 'yes') return { client: sender, from: 'hello' };
        const said = sideOfMessages(bytes, start, end);
        if (said) return { client: said === 'client' ? sender : receiver, from: 'hello' };
        const [a, b] = connection.ports;
        const [known0, known1] = [SERVER_PORTS.has(a), SERVER_PORTS.has(b)];
        if (known0 !== known1) return { client: known0 ? 1 : 0, from: 'port' };
        for (const bound of PORT_BOUNDS)
          if (a < bound !== b < bound) return { client: a < bound ? 1 : 0, from: 'port' };
        return { client: sender, from: 'first' };
      },
    };
  }

  private converse(connection: TcpConnection): StreamConversation {
    const { limits, provider, onPlaintext } = this.options;
    const problems: Problems = { list: [], omitted: 0 };
    this.troubles.set(connection, problems);
    const serverIndex = connection.indexOf('server');
    return new StreamConversation(
      {
        provider,
        keyLog: this.keyLogs,
        masters: this.masters,
        limits,
        decompressedBytes: limits.messageBytes,
        plaintext: onPlaintext && this.plaintextOf(connection, onPlaintext),
        problem: (code, from, time, offset, facts) => {
          if (problems.list.length < limits.problems) problems.list.push({ code, from, time, offset, facts });
          else problems.omitted++;
        },
        retain: (count) => connection.retain(count),
        wait: (work) => {
          const before = this.pending;
          this.pending = before ? before.then(() => work) : work;
        },
      },
      connection.ports[serverIndex],
      connection.halves[0].initial === null && connection.halves[1].initial === null,
    );
  }

  private plaintextOf(
    connection: TcpConnection,
    tell: NonNullable<ObserverOptions['onPlaintext']>,
  ): (from: Side, bytes: Uint8Array, time: number) => void {
    const ends = { client: this.address(connection, 'client'), server: this.address(connection, 'server') };
    return (from, bytes, time) => tell({ connection: connection.index, ...ends, from, time }, bytes);
  }

  private address(
    connection: TcpConnection,
    side: Side,
  ): { readonly address: string; readonly port: number } {
    const index = connection.indexOf(side);
    return { address: ipToText(connection.addresses[index]), port: connection.ports[index] };
  }

  private endpoint(connection: TcpConnection, side: Side): ObservedEndpoint {
    return {
      ...this.address(connection, side),
      names: this.names.of(connection.addresses[connection.indexOf(side)]),
    };
  }

  private over(connection: TcpConnection): void {
    connection.flush();
    this.conclude(connection, connection.conversation);
  }

  private conclude(connection: TcpConnection, conversation: Conversation | null): void {
    const work = this.pending;
    if (work) {
      // What waits for a private key is not yet read.
      this.pending = work.then(() => this.conclude(connection, conversation));
      return;
    }
    const said = conversation instanceof StreamConversation ? conversation : null;
    said?.finish(connection.end);
    const problems = this.troubles.get(connection);
    const observed: ObservedConnection = {
      kind: 'connection',
      index: connection.index,
      client: this.endpoint(connection, 'client'),
      server: this.endpoint(connection, 'server'),
      rolesFrom: connection.rolesFrom,
      start: connection.start,
      end: connection.end,
      tcp: connection.facts(),
      starttls: said?.starttls() ?? null,
      notTls: said?.notTls() ?? null,
      tls: said?.tlsFacts() ?? null,
      problems: problems?.list ?? [],
      problemsOmitted: problems?.omitted ?? 0,
    };
    this.connections++;
    this.ready.push(observed);
  }
}

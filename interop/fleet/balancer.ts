/**
 * One port in front of many: each connection goes to a server at random. As somebody on the path it keeps first
 * flights with 0-RTT data as well, and can keep one from arriving.
 */
import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';
import type { Cleaner } from '../support/processes.js';

/** First flights that are kept, the newest. */
const KEPT = 50;
const APPLICATION_DATA = 23;

export class Balancer {
  private readonly sockets = new Set<Socket>();
  private readonly flights: Buffer[] = [];
  private interception: ((flight: Buffer) => void) | null = null;

  private constructor(
    private readonly server: Server,
    private readonly ports: readonly number[],
  ) {
    server.on('connection', (client: Socket) => this.accept(client));
  }

  static async start(clean: Cleaner, ports: readonly number[]): Promise<Balancer> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const balancer = new Balancer(server, ports);
    clean(() => balancer.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** First flights with 0-RTT data that went by, the newest last. */
  get recorded(): readonly Buffer[] {
    return [...this.flights];
  }

  /** The first flight of the next connection, which then comes to its end here. */
  intercept(): Promise<Buffer> {
    return new Promise((resolve) => {
      this.interception = resolve;
    });
  }

  private accept(client: Socket): void {
    this.keep(client);
    if (this.interception) {
      const done = this.interception;
      this.interception = null;
      watchFlight(client, (flight) => {
        client.destroy();
        done(flight);
      });
      return;
    }
    const server = tcpConnect({
      port: this.ports[Math.floor(Math.random() * this.ports.length)]!,
      host: '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
    });
    this.keep(server);
    const unwatch = watchFlight(client, (flight) => {
      this.flights.push(flight);
      if (this.flights.length > KEPT) this.flights.shift();
    });
    server.once('data', unwatch);
    client.pipe(server);
    server.pipe(client);
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
  }

  private close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** Calls back with what the client has sent once there is a whole record of application data in it. */
function watchFlight(client: Socket, found: (flight: Buffer) => void): () => void {
  let flight = Buffer.alloc(0);
  const look = (chunk: Buffer): void => {
    flight = Buffer.concat([flight, chunk]);
    if (!hasRecord(flight, APPLICATION_DATA)) return;
    client.off('data', look);
    found(flight);
  };
  client.on('data', look);
  return () => client.off('data', look);
}

/** Whether there is a whole record of the type among whole ones. */
function hasRecord(bytes: Buffer, type: number): boolean {
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    if (end > bytes.length) return false;
    if (bytes[at] === type) return true;
    at = end;
  }
  return false;
}

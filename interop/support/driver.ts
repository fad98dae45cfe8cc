/**
 * Peers that are small programs of ours over somebody's library (`interop/peers`). They read commands from their
 * input and write events to their output, one a line, as `key=value` between tabs:
 *
 *     id=1  cmd=listen   cert key dh [ca [ask]] [alpn] [exporter] [version] [psk]
 *                                                           → listening port · secure … · end | error text
 *     id=2  cmd=connect  port ca size rounds connections hold [cert key] [alpn] [exporter] [version] [psk]
 *                                                           → secure … · exchanged same · end | error text · done
 *     id=3  cmd=cut      target                             ends TCP of that id's connections without close_notify
 *
 * Go and Java also know `name`, which a client asks for in place of localhost. Go alone: `keylog`, a file, `suites` and
 * `groups`, by number, and an empty `version` for its own choice.
 *
 * `cert` and `key` may be two files each, with a comma between. `version` is one of 1.3 (the default), 1.2, 1.1 and
 * 1.0: the only one to speak, with all suites there are. `psk` is a key in hexadecimal.
 */
import { expect, inject } from 'vitest';
import { PSK_HEX } from './older.js';
import type { Call, CallOptions, PeerService, ServeOptions, Terms } from './peer.js';
import { certFile, dhFile, keyFile } from './pki.js';
import { type Cleaner, type PeerOptions, PeerProcess } from './processes.js';
import { payload, sha256 } from './wire.js';

const NUMBERS: Readonly<Record<string, string>> = {
  'TLSv1.2': '1.2',
  'TLSv1.1': '1.1',
  TLSv1: '1.0',
};

function termFields({ version, psk }: Terms): Record<string, string | undefined> {
  return { version: version ? NUMBERS[version] : '1.3', psk: psk ? PSK_HEX : undefined };
}

/** Several minutes of tests share one process: a JVM takes its time to start. */
const LIFETIME = 600_000;

export class Driver {
  private readonly process: PeerProcess;
  private count = 0;

  constructor(command: string, args: readonly string[], clean: Cleaner, options: PeerOptions = {}) {
    this.process = new PeerProcess(command, args, clean, { lifetime: LIFETIME, ...options });
  }

  private tell(fields: Readonly<Record<string, string | number | undefined>>): number {
    const id = ++this.count;
    const parts = Object.entries({ id, ...fields }).flatMap(([key, value]) =>
      value === undefined ? [] : [`${key}=${value}`],
    );
    this.process.write(`${parts.join('\t')}\n`);
    return id;
  }

  private linesOf(id: number): string {
    const lines = this.process.stdout.split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith(`id=${id}\t`)).join('\n');
  }

  private says(id: number, pattern: RegExp): Promise<RegExpMatchArray> {
    return this.process.until(`${pattern} of ${id} in\n${this.linesOf(id)}`, () =>
      this.linesOf(id).match(pattern),
    );
  }

  async serve(
    options: ServeOptions,
    more: Readonly<Record<string, string>> = {},
  ): Promise<PeerService & { said(): string }> {
    const pki = { dir: inject('prepared').pkiDir };
    const names = [options.credential, options.also ?? []].flat();
    const id = this.tell({
      cmd: 'listen',
      cert: names.map((name) => certFile(pki, name)).join(','),
      key: names.map((name) => keyFile(pki, name)).join(','),
      ca: options.clientAuth ? certFile(pki, 'ca') : undefined,
      dh: dhFile(pki),
      ask: options.clientAuth === 'request' ? 1 : undefined,
      ...termFields(options),
      alpn: options.alpn?.join(','),
      exporter: options.exporter,
      ...more,
    });
    const [, port] = await this.says(id, /\tevent=listening\tport=(\d+)/);
    return {
      port: Number(port),
      exchange: async (wire, size) => {
        const sent = payload(size);
        wire.send(sent);
        expect(sha256(await wire.read(size))).toBe(sha256(sent));
      },
      cut: () => void this.tell({ cmd: 'cut', target: id }),
      says: (pattern) => this.says(id, pattern),
      said: () => this.linesOf(id),
    };
  }

  async call(options: CallOptions, more: Readonly<Record<string, string>> = {}): Promise<Call> {
    const pki = { dir: inject('prepared').pkiDir };
    const { credential } = options;
    const id = this.tell({
      cmd: 'connect',
      port: options.port,
      ca: certFile(pki, options.ca),
      cert: credential && certFile(pki, credential),
      key: credential && keyFile(pki, credential),
      alpn: options.alpn?.join(','),
      size: options.size,
      rounds: options.rounds ?? 1,
      connections: options.connections ?? 1,
      hold: options.hold ? 1 : 0,
      exporter: options.exporter,
      ...termFields(options),
      ...more,
    });
    return {
      outcome: async () => {
        await this.says(id, /\tevent=done/);
        const text = this.linesOf(id);
        return { ok: /\tevent=exchanged\tsame=true/.test(text) && !/\tevent=error/.test(text), text };
      },
      cut: () => void this.tell({ cmd: 'cut', target: id }),
      says: (pattern) => this.says(id, pattern),
    };
  }

  /** Waits for a driver that is up, so that its start does not count as a test's time. */
  async ready(): Promise<void> {
    const id = this.tell({ cmd: 'hello' });
    await this.says(id, /\tevent=hello/);
  }
}

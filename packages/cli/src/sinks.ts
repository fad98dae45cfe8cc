/** Files that a connection is recorded into: SSLKEYLOGFILE (RFC 9850) and pcapng. Both hold secrets: mode 600. */
import { Buffer } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { printable } from 'akushu/diagnose';
import type { TransportEvent } from 'akushu/node';
import { type CaptureEvent, writePcapng } from 'akushu/observe';
import { systemCode } from './failure.js';
import { UsageError } from './usage.js';
import type { Words } from './words/index.js';

const PRIVATE = 0o600;

function open(path: string, flags: string, words: Words): number {
  try {
    return openSync(path, flags, PRIVATE);
  } catch (error) {
    throw new UsageError(words.cannotWrite(printable(path), systemCode(error)));
  }
}

export interface KeyLog {
  readonly line: (line: string) => void;
  readonly close: () => void;
}

/** Appends lines to the files; what is in them stays. Throws UsageError where one cannot be written. */
export function openKeyLog(paths: readonly string[], words: Words): KeyLog {
  const files = [...new Set(paths)].map((path) => {
    const fd = open(path, 'a+', words);
    if (!endsWithNewline(fd)) writeSync(fd, '\n');
    return fd;
  });
  return {
    line: (line) => {
      for (const fd of files) writeSync(fd, `${line}\n`);
    },
    close: () => files.splice(0).forEach(closeSync),
  };
}

/** Another program's last line may lack its end, and ours would be glued to it. */
function endsWithNewline(fd: number): boolean {
  const stat = fstatSync(fd);
  if (!stat.isFile() || stat.size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, stat.size - 1);
  return last[0] === 0x0a;
}

/** A capture is kept in memory until the end; what goes beyond is left out. */
const MAX_CAPTURE = 256 * 1024 * 1024;

/** One connection, to be written as pcapng when it is over. */
export class Capture {
  private readonly events: CaptureEvent[] = [];
  private readonly keyLog: string[] = [];
  private connect: Extract<TransportEvent, { kind: 'connect' }> | null = null;
  private size = 0;

  /** Throws UsageError where the file cannot be written. */
  constructor(
    private readonly path: string,
    words: Words,
  ) {
    closeSync(open(path, 'w', words));
  }

  readonly observe = (event: TransportEvent): void => {
    if (event.kind === 'connect') this.connect = event;
    if (event.kind === 'end') this.events.push({ t: event.t, from: event.from, end: true });
    if (event.kind === 'bytes' && this.size + event.bytes.length <= MAX_CAPTURE) {
      this.size += event.bytes.length;
      this.events.push({ t: event.t, from: event.from, bytes: event.bytes });
    }
  };

  readonly line = (line: string): void => {
    this.keyLog.push(line);
  };

  /** Where TCP was never open the file has no packets. */
  write(): void {
    const connections = this.connect
      ? [
          {
            client: this.connect.local,
            server: this.connect.remote,
            events: this.events,
            openedAt: this.connect.t,
            keyLog: this.keyLog,
          },
        ]
      : [];
    writeFileSync(this.path, writePcapng(connections, { application: 'akushu' }), { mode: PRIVATE });
  }
}

/** Peers that are command-line tools: what goes into their input leaves through TLS, what comes is in their output. */
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { Call, CallOptions, PeerService } from './peer.js';
import { type Cleaner, type PeerOptions, PeerProcess } from './processes.js';
import { sha256, type Wire } from './wire.js';

/** Letters that no tool takes for a command at the start of a line, and hex digits of no dump. */
const LETTERS = 'ghijlmnotuvwxyz';

/** Text that nobody could make up and no tool interprets. */
export function textPayload(size: number): Buffer {
  const bytes = randomBytes(size);
  for (let i = 0; i < size; i++) bytes[i] = LETTERS.charCodeAt(bytes[i]! % LETTERS.length);
  return bytes;
}

/** Through a server's own input and output: ours is found there, its own comes to us. */
export async function exchangeThroughPipes(peer: PeerProcess, wire: Wire, size: number): Promise<void> {
  const ours = textPayload(size);
  wire.send(ours);
  await peer.until(`${size} bytes of ours`, () => peer.hasSaid(ours));
  const theirs = textPayload(size);
  peer.write(theirs);
  expect(sha256(await wire.read(size))).toBe(sha256(theirs));
}

/** With an echo server that answers line by line. */
export async function exchangeWithEcho(wire: Wire, size: number): Promise<void> {
  const ours = textPayload(size);
  ours[size - 1] = 0x0a;
  wire.send(ours);
  expect(sha256(await wire.read(size))).toBe(sha256(ours));
}

export function serviceOf(peer: PeerProcess, port: number, exchange: PeerService['exchange']): PeerService {
  return { port, exchange, cut: () => peer.kill(), says: (pattern) => peer.says(pattern) };
}

export interface ClientTool {
  readonly command: string;
  /** Arguments of each connection, one process for each. */
  readonly runs: readonly (readonly string[])[];
  readonly options?: PeerOptions;
  /** Said when the handshake is done and input is read; absent where it takes input from the start. */
  readonly secure?: RegExp;
  /** Makes it close in order. */
  readonly quit: (peer: PeerProcess) => void;
}

/** A client that sends what it is given, waits for the same to come back, and is told to leave. */
export function callWith(clean: Cleaner, options: CallOptions, tool: ClientTool): Call {
  let current: PeerProcess | null = null;
  let said = '';
  let failed: unknown = null;
  const play = async (args: readonly string[]): Promise<void> => {
    const peer = new PeerProcess(tool.command, args, clean, tool.options);
    current = peer;
    try {
      if (tool.secure) await peer.says(tool.secure);
      for (let round = 0; round < (options.rounds ?? 1); round++) {
        const sent = textPayload(options.size);
        peer.write(sent);
        await peer.until(`${options.size} bytes back`, () => peer.hasSaid(sent));
      }
      said += 'exchanged same=true\n';
      if (!options.hold) tool.quit(peer);
    } catch (error) {
      await peer.stop();
      throw error;
    } finally {
      const { code } = await peer.exit;
      said += `${peer.output}\nexit ${code}\n`;
      // Null: ended by us, after all went well.
      if (code !== 0 && code !== null) failed ??= new Error(`exit code ${code}`);
    }
  };
  const done = (async () => {
    for (const args of tool.runs) await play(args);
  })().catch((error: unknown) => {
    failed = error;
  });
  return {
    outcome: async () => {
      await done;
      return { ok: failed === null, text: `${said}\n${failed === null ? '' : String(failed)}` };
    },
    cut: () => current?.kill(),
    says: async (pattern) => {
      const deadline = Date.now() + 20_000;
      for (;;) {
        const found = `${said}\n${current?.output ?? ''}`.match(pattern);
        if (found) return found;
        if (Date.now() > deadline)
          throw new Error(`never said ${pattern}:\n${said}\n${current?.output ?? ''}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

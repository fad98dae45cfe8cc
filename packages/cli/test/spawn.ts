/** Runs the built command, and peers that we did not write. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../bin/akushu.js', import.meta.url));

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const ENV = { PATH: process.env.PATH ?? '', HOME: tmpdir(), LANG: 'C' };

/** Runs `akushu` to its end. `input` is its stdin; left out: none. */
export function akushu(
  args: readonly string[],
  options: { input?: string; env?: Record<string, string> } = {},
): Promise<Result> {
  const child = start(args, options.env);
  child.stdin!.end(options.input ?? '');
  return finished(child);
}

export function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], { env: { ...ENV, ...env }, stdio: 'pipe' });
}

export async function finished(child: ChildProcess): Promise<Result> {
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

/** Waits for text on a stream. */
export function textFrom(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const look = (chunk: Buffer | string): void => {
      seen += chunk.toString();
      const match = pattern.exec(seen);
      if (!match) return;
      stream.off('data', look);
      resolve(match);
    };
    stream.on('data', look);
    stream.once('end', () => reject(new Error(`it ended without ${pattern}: ${seen}`)));
  });
}

export const has = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;

export interface Scratch {
  readonly at: (name: string) => string;
  readonly remove: () => void;
}

export function scratch(): Scratch {
  const directory = mkdtempSync(join(tmpdir(), 'akushu-cli-'));
  return {
    at: (name) => join(directory, name),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

const NEW_KEY = {
  ec: 'ec -pkeyopt ec_paramgen_curve:P-256',
  rsa: 'rsa:2048',
  ed25519: 'ed25519',
} as const;

/** A self-signed certificate for localhost, or a client, by OpenSSL. */
export function makeCertificate(
  directory: Scratch,
  name: string,
  subject = 'localhost',
  key: 'ec' | 'rsa' | 'ed25519' = 'ec',
): { cert: string; key: string } {
  const cert = directory.at(`${name}.pem`);
  const keyFile = directory.at(`${name}.key`);
  if (!existsSync(cert)) {
    const made = spawnSync('openssl', [
      ...`req -x509 -newkey ${NEW_KEY[key]} -nodes -days 30`.split(' '),
      ...[
        '-keyout',
        keyFile,
        '-out',
        cert,
        '-subj',
        `/CN=${subject}`,
        '-addext',
        'subjectAltName=DNS:localhost,IP:127.0.0.1',
      ],
    ]);
    if (made.status !== 0) throw new Error(made.stderr.toString());
  }
  return { cert, key: keyFile };
}

/** `openssl s_server` on a free port. */
export async function opensslServer(
  args: readonly string[],
): Promise<{ port: number; stop: () => void; child: ChildProcess }> {
  const child = spawn('openssl', ['s_server', '-accept', '0', ...args], { stdio: 'pipe' });
  const [, port] = await textFrom(child.stdout!, /ACCEPT \S*:(\d+)/);
  child.stdout!.resume();
  child.stderr!.resume();
  return { port: Number(port), stop: () => void child.kill(), child };
}

/** A TCP server that does `act` with each connection. */
export async function tcpServer(
  act: (socket: import('node:net').Socket) => void,
): Promise<{ port: number; server: Server }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    act(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

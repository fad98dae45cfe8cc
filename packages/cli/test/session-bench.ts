/** Our own server and client by the built command, with a place of their own for what they keep. */
import type { ChildProcess } from 'node:child_process';
import { widthOf } from '../src/text.js';
import { akushu, finished, type Result, scratch, start, textFrom } from './spawn.js';

interface Run {
  readonly env?: Record<string, string>;
  readonly input?: string;
}

export function sessionBench() {
  const directory = scratch();
  const state = directory.at('state');
  const running: ChildProcess[] = [];

  /** A server of ours, and what it prints. */
  async function serve(
    ...args: string[]
  ): Promise<{ port: number; result: Promise<Result>; stop: () => void }> {
    const child = start(['serve', '--port', '0', '--host', '127.0.0.1', ...args]);
    running.push(child);
    const stream = args.includes('--json') ? child.stderr! : child.stdout!;
    const listening = textFrom(stream, /listening on \S*:(\d+)/);
    const result = finished(child);
    const [, port] = await listening;
    return { port: Number(port), result, stop: () => void child.kill('SIGINT') };
  }

  const connect = (port: number, args: string[], { env = {}, ...run }: Run = {}) =>
    akushu(['connect', `localhost:${port}`, ...args], { ...run, env: { XDG_STATE_HOME: state, ...env } });

  async function json(port: number, ...args: string[]) {
    const { stdout, stderr, code } = await connect(port, [...args, '--once', '--json']);
    return { ...JSON.parse(stdout), stderr, exitCode: code };
  }

  return {
    directory,
    state,
    running,
    serve,
    connect,
    json,
    end: () => {
      for (const child of running) child.kill();
      directory.remove();
    },
  };
}

export const tooWide = (text: string): string[] => text.split('\n').filter((line) => widthOf(line) > 80);

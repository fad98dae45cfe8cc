/** Stories of real connections on loopback, and styles to render them with. */
import type { AddressInfo } from 'node:net';
import type { Side } from 'akushu';
import {
  type ConnectOptions,
  connect,
  createServer,
  localhostCredential,
  type ServerOptions,
} from 'akushu/node';
import pc from 'picocolors';
import { failureOf } from '../src/failure.js';
import type { Language } from '../src/language.js';
import type { Style } from '../src/output.js';
import { Story } from '../src/story.js';
import { widthOf } from '../src/text.js';
import { wordsOf } from '../src/words/index.js';

export const LANGUAGES: readonly Language[] = ['en', 'ja'];

export const plainStyle = (language: Language, width = 80): Style => ({
  language,
  words: wordsOf(language),
  width,
  colors: pc.createColors(false),
});

export interface Stories {
  readonly client: Story;
  readonly server: Story;
}

/** One connection between our client and our server; both stories, whether it succeeds or fails. */
export async function meet(
  client: Partial<ConnectOptions> = {},
  server: Partial<ServerOptions> = {},
): Promise<Stories> {
  const credential = await localhostCredential();
  const stories: Record<Side, Story> = {
    client: new Story('client', 0, null),
    server: new Story('server', 0, null),
  };
  const listener = createServer(
    {
      credentials: [credential],
      trace: () => stories.server.trace,
      onTransport: () => stories.server.transport,
      ...server,
    },
    (socket) => {
      stories.server.summary = socket.handshake;
      socket.pipe(socket);
    },
  );
  const serverFailed = new Promise<void>((resolve) => {
    listener.on('tlsClientError', (error) => {
      stories.server.failure = failureOf(error, { host: '', heardFromPeer: true, established: false });
      resolve();
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  stories.client = new Story('client', 0, { host: 'localhost', port });
  const socket = connect({
    host: 'localhost',
    family: 4,
    port,
    ca: credential.certificatePem,
    trace: (event) => stories.client.trace(event),
    onTransport: (event) => stories.client.transport(event),
    ...client,
  });
  stories.client.start = socket.timings.start;
  await new Promise<void>((resolve) => {
    socket.on('secureConnect', () => {
      stories.client.summary = socket.handshake;
      socket.end();
    });
    socket.on('error', (error) => {
      const established = stories.client.summary !== null;
      stories.client.failure = failureOf(error, {
        host: 'localhost',
        heardFromPeer: stories.client.heardFromPeer,
        established,
      });
    });
    socket.on('close', () => resolve());
    socket.resume();
  });
  if (stories.client.failure) await serverFailed;
  await new Promise<void>((resolve) => listener.close(() => resolve()));
  return stories;
}

/** Lines of more than 80 columns, but for configuration to copy, which stays as it is. */
export function tooWide(text: string | readonly string[]): string[] {
  const lines = typeof text === 'string' ? text.split('\n') : text;
  let inFix = false;
  return lines.filter((line) => {
    if (line.includes('──')) inFix = /What to change|変更すること/.test(line);
    return widthOf(line) > 80 && !(inFix && /^ {6}/.test(line));
  });
}

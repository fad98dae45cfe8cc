/** `npm start` without arguments: our server and our client over a real loopback socket, explained. */
import type { AddressInfo } from 'node:net';
import { findCipherSuite } from 'akushu';
import { connect, createServer, localhostCredential, type TlsSocket, type TlsVersionName } from 'akushu/node';
import { EXIT, failureOf } from '../failure.js';
import type { Language } from '../language.js';
import { type Environs, type Style, styleFor, writeLines } from '../output.js';
import { heading, paragraph, row, widest } from '../render/layout.js';
import { storyLines } from '../render/story.js';
import { legendLines } from '../render/timeline.js';
import { Story } from '../story.js';
import { settle } from './settle.js';

const GREETING = { en: 'hello', ja: 'こんにちは' } as const;

export interface DemoArguments {
  readonly language: Language;
  readonly versions?: readonly TlsVersionName[] | undefined;
  /** IANA names. */
  readonly ciphers?: readonly string[] | undefined;
}

export async function runDemo(args: DemoArguments, { stdout, env }: Environs): Promise<number> {
  const { language, versions, ciphers } = args;
  const style = styleFor(stdout, language, env);
  const { colors, words } = style;
  writeLines(stdout, [
    '',
    ` ${colors.bold(words.demo.title)}`,
    '',
    ...paragraph(words.demo.intro, 1, style),
    '',
    ...legendLines(style),
  ]);
  const credential = await localhostCredential(undefined, undefined, keyKind(ciphers));
  const other = new Story('server', 0, null);
  const server = createServer(
    { credentials: [credential], ALPNProtocols: ['http/1.1'], versions, ciphers, trace: () => other.trace },
    (socket) => socket.pipe(socket),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const story = new Story('client', 0, { host: 'localhost', port });
  const socket = connect({
    host: 'localhost',
    family: 4,
    port,
    ca: credential.certificatePem,
    ALPNProtocols: ['h2', 'http/1.1'],
    versions,
    ciphers,
    trace: story.trace,
    onTransport: story.transport,
  });
  story.start = socket.timings.start;
  try {
    const echoed = await exchange(socket, story, GREETING[language]);
    story.explainBy(other);
    writeLines(stdout, [
      ...storyLines(story, style, Date.now()).slice(0, -1),
      '',
      ...paragraph(words.demo.data(echoed), 1, style),
    ]);
    writeLines(stdout, nextSteps(style));
    return EXIT.ok;
  } catch (error) {
    story.failure = failureOf(error, {
      host: 'localhost',
      heardFromPeer: story.heardFromPeer,
      established: story.summary !== null,
    });
    writeLines(stdout, storyLines(story, style, Date.now()));
    return story.failure.exitCode;
  } finally {
    socket.destroy();
    server.close();
  }
}

/** What the first suite that says so needs. */
function keyKind(ciphers: readonly string[] = []): 'rsa-2048' | 'secp256r1' {
  const authentications = ciphers.map((name) => findCipherSuite(name)?.auth);
  return authentications.find((auth) => auth === 'RSA' || auth === 'ECDSA') === 'RSA'
    ? 'rsa-2048'
    : 'secp256r1';
}

/** Sends one text and gives what came back. */
async function exchange(socket: TlsSocket, story: Story, text: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  story.summary = socket.handshake;
  const error = await settle(socket, story);
  if (error !== null) throw error;
  return new Promise((resolve, reject) => {
    let echoed = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      echoed += chunk;
    });
    socket.once('end', () => resolve(echoed));
    socket.once('error', reject);
    socket.end(text);
  });
}

function nextSteps(style: Style): string[] {
  const { words, colors } = style;
  const { next } = words.demo;
  const nameWidth = widest(next.map(([command]) => command));
  const lines = next.flatMap(([command, what]) =>
    nameWidth + 40 <= style.width
      ? row(command, what, nameWidth, style)
      : [`  ${colors.cyan(command)}`, ...paragraph(what, 6, style, colors.dim)],
  );
  return [...heading(words.sections.tryNext, style), ...lines, ''];
}

/** HTTP over our sockets, with both ends of `node:http`: as applications use them. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  connect,
  createServer,
  type LocalhostCredential,
  localhostCredential,
  type TlsServer,
} from 'akushu/node';
import { afterAll, beforeAll, expect, test } from 'vitest';

let credential: LocalhostCredential;
let server: TlsServer;
let port = 0;
const web = http.createServer(async (request, response) => {
  let size = 0;
  for await (const chunk of request) size += (chunk as Buffer).length;
  response.end(`${request.method} ${request.url} ${size}`);
});

beforeAll(async () => {
  credential = await localhostCredential();
  server = createServer({ credentials: [credential], ALPNProtocols: ['http/1.1'] }, (socket) =>
    web.emit('connection', socket),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

afterAll(() => void server.close());

function ask(
  agent: http.Agent | null,
  path: string,
  body?: Buffer,
): Promise<{ text: string; reused: boolean }> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      ...(agent && { agent }),
      path,
      method: body ? 'POST' : 'GET',
      host: '127.0.0.1',
      ...(agent === null && { createConnection: dial }),
    });
    request.on('error', reject);
    request.on('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ text, reused: request.reusedSocket });
    });
    request.end(body);
  });
}

const dial = () =>
  connect({ host: '127.0.0.1', port, ca: credential.certificatePem, ALPNProtocols: ['http/1.1'] });

test('a request is answered', async () => {
  expect(await ask(null, '/a')).toMatchObject({ text: 'GET /a 0' });
});

test('a large body goes up', async () => {
  expect(await ask(null, '/b', Buffer.alloc(2 << 20))).toMatchObject({ text: `POST /b ${2 << 20}` });
});

test('an agent keeps its connection and uses it again', async () => {
  class TlsAgent extends http.Agent {
    override createConnection = dial;
  }
  const agent = new TlsAgent({ keepAlive: true });
  expect(await ask(agent, '/1')).toMatchObject({ text: 'GET /1 0', reused: false });
  expect(await ask(agent, '/2')).toMatchObject({ text: 'GET /2 0', reused: true });
  agent.destroy();
});

import { once } from 'node:events';
import { expect, test } from 'vitest';
import { connect, createServer, localhostCredential } from './index.js';

test('an echo', async () => {
  const credential = await localhostCredential();
  const server = createServer({ credentials: [credential] }, (socket) => {
    socket.pipe(socket);
  });
  server.on('tlsClientError', (e) => console.log(e));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket = connect({ host: '127.0.0.1', port, ca: credential.certificatePem });
  socket.write('hel');
  socket.write('lo');
  socket.end(' world');
  let text = '';
  for await (const chunk of socket) text += chunk;
  expect(text).toBe('hello world');
  console.log(socket.timings, socket.authorized);
  server.close();
  await once(server, 'close');
});

/** Handshakes that fail: for each, how both sides are set up, and what comes of it on both sides. */
import { once } from 'node:events';
import { connect, createServer, localhostCredential } from 'akushu/node';
import { startMiddlebox, TEMPERS } from './middlebox.mjs';

/** Long enough for any handshake on this machine. */
const PATIENCE = 1500;

/**
 * `client` and `server` are options of `connect` and `createServer`. `without` leaves the server without certificate
 * and key. `again` are options of a second client for whom it goes well, to show what was in the way.
 */
export const SCENARIOS = {
  'old-client': {
    title: {
      en: 'A client of TLS 1.2 at most meets a server of TLS 1.3 alone.',
      ja: 'TLS 1.2までのクライアントが、TLS 1.3だけのサーバーに接続します。',
    },
    client: { maxVersion: 'TLSv1.2' },
    server: { minVersion: 'TLSv1.3' },
  },
  'old-server': {
    title: {
      en: 'A client of TLS 1.3 alone meets a server of TLS 1.2 at most.',
      ja: 'TLS 1.3だけのクライアントが、TLS 1.2までのサーバーに接続します。',
    },
    client: { minVersion: 'TLSv1.3' },
    server: { maxVersion: 'TLSv1.2' },
  },
  'middlebox-drops': {
    title: {
      en: 'A device in between silently drops a ClientHello that is longer than one TCP segment.',
      ja: '途中の機器が、TCPセグメント一つに収まらないClientHelloを黙って捨てます。',
    },
    temper: TEMPERS.dropsLongHellos,
    client: {},
    server: {},
    again: {
      title: {
        en: 'The same with a short ClientHello: no post-quantum key share in it.',
        ja: '同じ接続を短いClientHello（耐量子の鍵共有なし）で試します。',
      },
      client: { groups: ['x25519', 'secp256r1'] },
    },
  },
  'middlebox-resets': {
    title: {
      en: 'A device in between resets connections whose ClientHello has extensions that it does not know.',
      ja: '途中の機器が、知らない拡張を含むClientHelloの接続をリセットします。',
    },
    temper: TEMPERS.resetsUnknownExtensions,
    client: {},
    server: {},
    again: {
      title: {
        en: 'The same with TLS 1.2 at most, whose extensions the device knows.',
        ja: '同じ接続を、機器が拡張を知っているTLS 1.2までで試します。',
      },
      client: { maxVersion: 'TLSv1.2', tls: { certificateCompression: [] } },
    },
  },
  'no-shared-suite': {
    title: {
      en: 'No cipher suite is on both lists.',
      ja: '両側に共通の暗号スイートがありません。',
    },
    client: { ciphers: ['TLS_AES_128_GCM_SHA256'] },
    server: { ciphers: ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'] },
  },
  'no-certificate-for-suite': {
    title: {
      en: 'A cipher suite is shared, but it needs an RSA certificate, and the server has one for ECDSA.',
      ja: '共通の暗号スイートはRSA証明書を必要としますが、サーバーの証明書はECDSAです。',
    },
    client: { maxVersion: 'TLSv1.2', ciphers: ['ECDHE-RSA-AES128-GCM-SHA256'] },
    server: { ciphers: ['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256'] },
  },
  'no-shared-group': {
    title: {
      en: 'No group for the key exchange is on both lists.',
      ja: '両側に共通の鍵交換グループがありません。',
    },
    client: { groups: ['x25519'] },
    server: { groups: ['secp384r1'] },
  },
  'no-shared-scheme': {
    title: {
      en: 'The client verifies no signature that the server’s key can make.',
      ja: 'サーバーの鍵が作れる署名を、クライアントは一つも検証できません。',
    },
    client: { sigalgs: ['rsa_pss_rsae_sha256', 'ed25519'] },
    server: {},
  },
  'no-private-key': {
    title: {
      en: 'The server has neither a certificate nor a private key.',
      ja: 'サーバーに証明書も秘密鍵もありません。',
    },
    client: {},
    server: {},
    without: true,
  },
};

/**
 * Runs one, and ends all that it has started. A side is `{ error, trace, handshake }`: the error that it ended with or
 * null, what the engine reported, and what was agreed upon or null.
 */
export async function run(name) {
  const { client, server, temper, without, again } = SCENARIOS[name];
  const credential = await localhostCredential();
  const first = await meet({ client, server, temper, without, credential });
  if (!again) return first;
  const second = await meet({ client: again.client, server, temper, credential });
  return { ...first, again: second };
}

async function meet({ client, server, temper, without, credential }) {
  const serving = { error: null, trace: [], handshake: null };
  const listener = createServer({
    ...(!without && { credentials: [credential] }),
    ...server,
    trace: () => (event) => serving.trace.push(event),
  });
  const served = new Promise((resolve) => {
    listener.on('tlsClientError', (error) => {
      serving.error = error;
      resolve();
    });
    listener.on('secureConnection', (socket) => {
      serving.handshake = socket.handshake;
      socket.on('end', resolve);
      socket.resume();
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const middlebox = temper && (await startMiddlebox(listener.address().port, temper));
  const port = middlebox ? middlebox.port : listener.address().port;
  const calling = await call({ ...client, port, ca: credential.certificatePem });
  await served;
  middlebox?.close();
  listener.close();
  return { client: calling, server: serving };
}

function call(options) {
  const calling = { error: null, trace: [], handshake: null };
  return new Promise((resolve) => {
    const socket = connect({
      host: '127.0.0.1',
      servername: 'localhost',
      timeout: PATIENCE,
      ...options,
      trace: (event) => calling.trace.push(event),
    });
    socket.on('secureConnect', () => {
      calling.handshake = socket.handshake;
      socket.end();
    });
    socket.on('error', (error) => {
      calling.error = error;
    });
    socket.on('close', () => resolve(calling));
    socket.resume();
  });
}

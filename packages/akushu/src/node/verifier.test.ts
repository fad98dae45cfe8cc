/** The verdict of a connection on what a server presents and staples, through real sockets. */
import type { Server, Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { failure, listen, readAll } from '../../test/support/sockets.js';
import { nodeProvider } from '../crypto/node.js';
import type { TlsError } from '../errors.js';
import type { Credential } from '../handshake/index.js';
import type { Session } from '../session/index.js';
import {
  type CertificateRequestOptions,
  createCertificate,
  createOcspResponse,
  encodePem,
  type GeneratedKey,
  generateKey,
  parseCertificate,
} from '../x509/index.js';
import { type ConnectOptions, connect, createServer, type TlsSocket } from './index.js';

const DAY = 86_400_000;

interface Issued {
  readonly der: Uint8Array;
  readonly generated: GeneratedKey;
}

type Wishes = Partial<CertificateRequestOptions> & { readonly by?: Issued };

let root: Issued;
let intermediate: Issued;
let plain: Issued;
let stapling: Issued;
const open: Server[] = [];
const sockets = new Set<Socket>();

async function issue({ by, ...options }: Wishes): Promise<Issued> {
  const generated = await generateKey(nodeProvider);
  const { key } = generated;
  const der = await createCertificate({
    provider: nodeProvider,
    subject: 'test',
    notBefore: Date.now() - DAY,
    notAfter: Date.now() + DAY,
    ...(by ? { issuer: { certificate: by.der, key: by.generated.key }, publicKey: key.spki } : { key }),
    ...options,
  });
  return { der, generated };
}

beforeAll(async () => {
  root = await issue({ subject: 'Root', isCa: true });
  intermediate = await issue({ subject: 'Intermediate', isCa: true, by: root });
  const leaf = {
    subject: 'localhost',
    altNames: ['localhost'],
    caIssuersUrls: ['http://ca.example/intermediate.der'],
    by: intermediate,
  };
  plain = await issue(leaf);
  stapling = await issue({ ...leaf, mustStaple: true });
});

afterEach(() => {
  for (const server of open.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

/** What the authority answers about a leaf, as of a day that is not over unless told. */
const stapleOf = (
  leaf: Issued,
  status: 'good' | 'revoked',
  age = 0,
  by = intermediate,
): Promise<Uint8Array> =>
  createOcspResponse({
    provider: nodeProvider,
    authority: intermediate.der,
    responder: { certificate: by.der, key: by.generated.key },
    producedAt: Date.now() - age,
    answers: [
      {
        certificate: parseCertificate(leaf.der),
        status,
        thisUpdate: Date.now() - age - 1000,
        nextUpdate: Date.now() - age + DAY,
        ...(status === 'revoked' && { revokedAt: Date.now() - age - 1000, reason: 'keyCompromise' }),
      },
    ],
  });

interface Served {
  readonly leaf: Issued;
  readonly staple?: Uint8Array | undefined;
  readonly chain?: readonly Issued[];
}

async function serve({ leaf, staple, chain = [intermediate] }: Served): Promise<number> {
  const credential: Credential = {
    chain: [leaf, ...chain].map(({ der }) => der),
    key: leaf.generated.key,
    ...(staple && { ocsp: staple }),
  };
  const server = createServer({ credentials: [credential] }, (socket) => {
    socket.end(String(socket.handshake.resumed));
  });
  server.on('connection', (socket) => sockets.add(socket));
  open.push(server);
  return listen(server);
}

const dial = (port: number, options: ConnectOptions): TlsSocket =>
  connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ca: encodePem('CERTIFICATE', root.der),
    ...options,
  });

/** What the server said, which is whether it resumed. */
async function answered(port: number, options: ConnectOptions) {
  const sessions: Session[] = [];
  const socket = dial(port, options);
  socket.on('session', (session) => sessions.push(session));
  return { answer: (await readAll(socket)).toString(), sessions };
}

async function refused(port: number, options: ConnectOptions): Promise<TlsError> {
  return (await failure(dial(port, options))) as TlsError;
}

const VERSIONS = [
  ['TLS 1.3', { minVersion: 'TLSv1.3' }],
  ['TLS 1.2', { maxVersion: 'TLSv1.2' }],
] as const;

describe.each(VERSIONS)('over %s', (_, version) => {
  test('a staple that says good, and none at all, let an ordinary certificate connect', async () => {
    const port = await serve({ leaf: plain, staple: await stapleOf(plain, 'good') });
    expect((await answered(port, version)).answer).toBe('false');
    expect((await answered(await serve({ leaf: plain }), version)).answer).toBe('false');
  });

  test('a staple that says revoked is believed', async () => {
    for (const leaf of [plain, stapling]) {
      const error = await refused(await serve({ leaf, staple: await stapleOf(leaf, 'revoked') }), version);
      expect(error).toMatchObject({
        code: 'certificate_revoked',
        facts: { certificate: 0, subject: 'CN=localhost', reason: 'keyCompromise', rfc: 'RFC 6960 §2.2' },
      });
    }
  });

  test('a certificate that demands a staple is refused without one, and accepted with a good one', async () => {
    expect(await refused(await serve({ leaf: stapling }), version)).toMatchObject({
      code: 'certificate_revoked',
      facts: { reason: 'no_staple', rfc: 'RFC 7633 §4.2.3' },
    });
    const port = await serve({ leaf: stapling, staple: await stapleOf(stapling, 'good') });
    expect((await answered(port, version)).answer).toBe('false');
  });

  test('a staple that is old, about another certificate, of a stranger or no OCSP is none', async () => {
    const stranger = await issue({ subject: 'Intermediate', isCa: true });
    const staples = [
      await stapleOf(stapling, 'good', 30 * DAY),
      await stapleOf(plain, 'good'),
      await stapleOf(stapling, 'good', 0, stranger),
      Uint8Array.of(0x30, 0x00),
    ];
    for (const staple of staples) {
      expect(await refused(await serve({ leaf: stapling, staple }), version)).toMatchObject({
        code: 'certificate_revoked',
        facts: { reason: 'bad_staple' },
      });
    }
    // Nobody demanded it, and what is worthless says nothing.
    const forged = await stapleOf(plain, 'revoked', 0, stranger);
    expect((await answered(await serve({ leaf: plain, staple: forged }), version)).answer).toBe('false');
  });

  test('a certificate that demands a staple is resumed, where nothing is stapled', async () => {
    const port = await serve({ leaf: stapling, staple: await stapleOf(stapling, 'good') });
    const { sessions } = await answered(port, version);
    expect((await answered(port, { ...version, session: sessions[0] })).answer).toBe('true');
  });

  test('with rejectUnauthorized off, the connection says that the certificate was revoked', async () => {
    const port = await serve({ leaf: plain, staple: await stapleOf(plain, 'revoked') });
    const socket = dial(port, { ...version, rejectUnauthorized: false });
    expect((await readAll(socket)).toString()).toBe('false');
    expect([socket.authorized, socket.authorizationError?.code]).toEqual([false, 'certificate_revoked']);
  });

  test('without its intermediate the error says which is missing, and where it lies', async () => {
    const error = await refused(await serve({ leaf: plain, chain: [] }), version);
    expect(error).toMatchObject({
      code: 'missing_intermediate',
      facts: {
        issuer: 'CN=Intermediate',
        caIssuers: ['http://ca.example/intermediate.der'],
        repairs: [{ kind: 'add_issuer', issuer: 'CN=Intermediate', below: 'CN=localhost' }],
      },
    });
  });
});

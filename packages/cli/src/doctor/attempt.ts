/** One attempt of `akushu doctor` to connect, with something changed or nothing: its story, and what it failed with. */
import { connect as connectTcp } from 'node:net';
import { Duplex } from 'node:stream';
import { type ClientConfig, DEFAULT_GROUPS, namedGroups } from 'akushu';
import type { Trial } from 'akushu/diagnose';
import { type ConnectOptions, connect, type StartTlsProtocol } from 'akushu/node';
import type { TrustAnchors } from 'akushu/x509';
import { failureOf } from '../failure.js';
import { Story } from '../story.js';
import type { Target } from '../usage.js';

export interface Patient {
  readonly target: Target;
  readonly servername: string | undefined;
  readonly starttls: StartTlsProtocol | undefined;
  readonly ca: TrustAnchors | undefined;
  /** Milliseconds. */
  readonly timeout: number;
}

/** As browsers connect: with values that mean nothing, certificates and all. */
export const attemptAsUsual = (patient: Patient): Promise<Story> => attempt(patient, {});

/** The same with one thing changed. Certificates do not matter here. */
export function attemptTrial(patient: Patient, trial: Trial): Promise<Story> {
  return attempt(patient, { ...CHANGES[trial](patient), rejectUnauthorized: false });
}

const classical = (): string[] =>
  namedGroups()
    .filter(({ code, postQuantum }) => DEFAULT_GROUPS.includes(code) && !postQuantum)
    .map(({ iana }) => iana);

/** What the key share of X25519MLKEM768 takes, so that nothing but the share is missing. */
const HYBRID_SHARE = 1220;

const padded: NonNullable<ClientConfig['shapeHello']> = (hello) => ({
  ...hello,
  extensions: { ...hello.extensions, padding: new Uint8Array(HYBRID_SHARE) },
});

/** Nobody has it (RFC 6761 §6.4). */
const OTHER_NAME = 'other.invalid';

const OLD_SUITES = [
  'TLS_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_RSA_WITH_AES_128_CBC_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
  'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
  'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
  'TLS_RSA_WITH_AES_128_CBC_SHA',
  'TLS_RSA_WITH_AES_256_CBC_SHA',
  'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_DHE_RSA_WITH_AES_128_CBC_SHA',
  'TLS_RSA_WITH_3DES_EDE_CBC_SHA',
];

const CHANGES: Readonly<Record<Trial, (patient: Patient) => Partial<ConnectOptions>>> = {
  again: () => ({}),
  split_segments: ({ target, starttls }) =>
    starttls === undefined ? { socket: new SplitSocket(target) } : {},
  no_grease: () => ({ tls: { grease: false } }),
  no_hybrid_share: () => ({ groups: classical(), tls: { grease: true, shapeHello: padded } }),
  smaller_hello: () => ({ groups: classical() }),
  minimal_hello: () => ({
    groups: ['secp256r1'],
    ciphers: [
      'TLS_AES_128_GCM_SHA256',
      'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
      'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
    ],
    tls: { grease: false, requestOcsp: false, certificateCompression: [] },
  }),
  other_server_name: () => ({ servername: OTHER_NAME }),
  no_server_name: () => ({ servername: '' }),
  tls12_only: () => ({ versions: ['TLSv1.2'] }),
  old_suites: () => ({ versions: ['TLSv1.2'], ciphers: OLD_SUITES, tls: { grease: false } }),
  old_versions: () => ({
    versions: ['TLSv1.1', 'TLSv1'],
    ciphers: OLD_SUITES.filter((name) => name.endsWith('_SHA')),
    tls: { grease: false },
  }),
};

async function attempt(patient: Patient, change: Partial<ConnectOptions>): Promise<Story> {
  const { target, servername, starttls, ca, timeout } = patient;
  const { host, port } = target;
  const story = new Story('client', 0, target);
  const socket = connect({
    host,
    port,
    servername,
    starttls,
    ...(ca && { ca }),
    timeout,
    tls: { grease: true },
    trace: story.trace,
    onTransport: story.transport,
    ...change,
  });
  story.start = socket.timings.start;
  await new Promise<void>((resolve) => {
    socket.once('secureConnect', () => {
      story.summary = socket.handshake;
      // A refusal of TLS 1.3 comes after the handshake: a moment for it, and no data is sent.
      setTimeout(resolve, AFTERMATH).unref();
    });
    socket.once('error', (error) => {
      story.failure = failureOf(error, {
        host,
        heardFromPeer: story.heardFromPeer,
        established: story.summary !== null,
      });
      resolve();
    });
  });
  socket.on('error', () => {});
  socket.destroy();
  // A server that ends after a good handshake, because nobody asked for anything, is in its right.
  if (story.summary !== null && story.failure?.code === 'truncated_close') story.failure = null;
  return story;
}

const AFTERMATH = 150;

/** TCP that sends in small segments, with a pause between: for devices that read only one. */
class SplitSocket extends Duplex {
  private readonly tcp;

  constructor({ host, port }: Target) {
    super({ allowHalfOpen: true });
    this.tcp = connectTcp({ host, port, noDelay: true });
    this.tcp.on('data', (bytes) => void this.push(bytes));
    this.tcp.on('end', () => void this.push(null));
    this.tcp.on('error', (error) => this.destroy(error));
  }

  override _read(): void {}

  override _write(bytes: Uint8Array, _: BufferEncoding, done: (error?: Error | null) => void): void {
    const next = (at: number): void => {
      if (at >= bytes.length) {
        done();
        return;
      }
      this.tcp.write(bytes.subarray(at, at + SEGMENT));
      setTimeout(() => next(at + SEGMENT), PAUSE);
    };
    next(0);
  }

  override _final(done: () => void): void {
    this.tcp.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.tcp.destroy();
    done(error);
  }
}

const SEGMENT = 200;
const PAUSE = 5;

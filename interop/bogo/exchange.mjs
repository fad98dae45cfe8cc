/** One connection of a test: a socket, the engine's Connection, and what the shim is to do over them. */
import { createConnection } from 'node:net';
import { handshakeComplaints, sessionComplaints } from './checks.mjs';
import { alertByName, Connection, findScheme } from './engine.mjs';
import { Unimplemented } from './flags.mjs';
import { clientConfig, serverConfig } from './settings.mjs';

const RECORD_SIZES = [0, 1, 255, 256, 257, 16_383, 16_384, 16_385, 32_767, 32_768, 32_769];

/** What is noticed on the way, for the checks. */
class State {
  newSession = null;
  peerScheme = undefined;
  offeredEarlyData = false;
  early = new Uint8Array(0);
  /** RFC 7250, where the peer presented a certificate. */
  peerType = undefined;
  /** ClientCertificateType of a CertificateRequest before TLS 1.3. */
  certificateTypes = undefined;
  sessionIdLength = 0;
  log = '';
  secrets = new Map();

  constructor(role, settings, retrySettings = settings) {
    this.role = role;
    this.settings = settings;
    this.retrySettings = retrySettings;
  }

  /** BoringSSL starts over where early data was refused: whoever proves itself then is judged anew. */
  settingsFor({ resuming }) {
    return this.offeredEarlyData && !resuming ? this.retrySettings : this.settings;
  }

  /** What the shim writes before it reads: each a write of its own. */
  get initialWrites() {
    if (!this.settings['shim-writes-first']) return [];
    const text = new Uint8Array(Buffer.from(this.settings['shim-initial-write'] ?? 'hello'));
    return Array(this.settings['repeat-shim-initial-write'] ?? 1).fill(text);
  }

  /** As much of it as may go as early data. */
  earlyWrite(limit) {
    const all = new Uint8Array(Buffer.concat(this.initialWrites));
    this.early = all.subarray(0, limit);
    return this.early;
  }

  observe(event) {
    const verb = event.from === this.role ? 'write' : 'read';
    if (event.kind === 'message') {
      this.log += event.type === 'ChangeCipherSpec' ? `${verb} ccs\n` : `${verb} hs ${event.bytes[0]}\n`;
      if (verb === 'read') this.note(event);
      // The session id of a ServerHello: how a server names a session that it stores.
      else if (event.type === 'ServerHello') this.sessionIdLength = event.bytes[4 + 2 + 32];
    }
    if (event.kind === 'alert' && verb === 'read')
      this.log += `read alert ${event.level === 'warning' ? 1 : 2} ${alertByName(event.description)?.code}\n`;
    if (event.kind === 'key' && event.label === 'CLIENT_EARLY_TRAFFIC_SECRET' && this.role === 'client')
      this.offeredEarlyData = true;
  }

  /** Of a message from the peer. */
  note({ type, bytes }) {
    if (type === 'CertificateVerify') this.peerScheme = (bytes[4] << 8) | bytes[5];
    if (type === 'CertificateRequest') this.certificateTypes = bytes.subarray(5, 5 + bytes[4]);
  }

  logSecret(line) {
    const [label, , secret] = line.split(' ');
    this.secrets.set(label, Buffer.from(secret, 'hex'));
  }
}

class Exchange {
  pending = [];
  exchanging = false;
  finished = false;
  /** What goes first went out under False Start. */
  wroteFirst = false;
  renegotiations = 0;

  constructor(settings, retrySettings, isResume, shared) {
    this.settings = settings;
    this.retrySettings = retrySettings;
    this.isResume = isResume;
    this.shared = shared;
    this.role = settings.server ? 'server' : 'client';
    this.state = new State(this.role, settings, retrySettings);
    this.state.peerScheme = isResume ? shared.peerScheme : undefined;
  }

  /** Resolves with the complaints once the socket is closed. */
  async run() {
    const make = this.role === 'client' ? clientConfig : serverConfig;
    const config = await make(this.settings, this.state, this.shared);
    await this.open();
    this.connection = new Connection(this.role, config, {
      output: (pieces) => this.send(pieces),
      established: (summary) => this.begin(summary),
      earlyWriting: () => this.startFalsely(),
      renegotiated: () => {
        this.renegotiations++;
      },
      data: (bytes) => this.receive(bytes),
      peerClosed: () => this.peerClosed(),
      error: (error) => this.failed(error),
    });
    const closed = new Promise((resolve) => this.socket.on('close', resolve));
    this.connection.start();
    await closed;
    if (this.unimplemented) throw this.unimplemented;
    this.shared.session = this.state.newSession;
    this.shared.peerScheme = this.state.peerScheme;
    return this.complaints ?? ['the connection ended before its time'];
  }

  open() {
    const { port, ipv6 } = this.settings;
    this.socket = createConnection({
      port,
      host: ipv6 ? '::1' : '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
    });
    const id = Buffer.alloc(8);
    id.writeBigUInt64LE(BigInt(this.settings['shim-id']));
    this.socket.write(id);
    this.socket.on('data', (chunk) => this.feed(chunk));
    this.socket.on('end', () => {
      this.connection?.endOfInput();
      this.finish([]);
    });
    // A reset shows as the end of the connection, too.
    this.socket.on('error', () => {
      this.connection?.endOfInput();
      this.finish([]);
    });
    return new Promise((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('error', reject);
    });
  }

  feed(chunk) {
    if (this.finished) return;
    if (!this.settings.async) {
      this.connection.receive(chunk);
      return;
    }
    for (let i = 0; i < chunk.length; i++) this.connection.receive(chunk.subarray(i, i + 1));
  }

  send(pieces) {
    for (const piece of pieces) this.socket.write(piece);
  }

  /** The handshake is done: checks it and does what comes first. */
  begin(summary) {
    if (this.settings['handshake-never-done']) {
      process.stderr.write('the handshake was done\n');
      process.exit(90);
    }
    const sentEarly = this.state.offeredEarlyData;
    // BoringSSL shows the session's properties first and those of the handshake after a reset; here are only the latter.
    if (sentEarly && !summary.earlyDataAccepted && this.settings['expect-reject-early-data'])
      this.settings = this.retrySettings;
    this.notePeerScheme(summary);
    const complaints = handshakeComplaints(this.settings, summary, this.state, this.isResume);
    if (complaints.length > 0) {
      this.finish(complaints);
      return;
    }
    this.exchanging = true;
    if (!this.wroteFirst)
      this.writeFirst(sentEarly && summary.earlyDataAccepted ? this.state.early.length : 0);
    if (this.settings['shim-shuts-down']) queueMicrotask(() => this.shutDown());
    else this.beforeRead();
    for (const bytes of this.pending.splice(0)) this.echo(bytes);
  }

  /** RFC 7918: a client writes before the server's Finished. A server uses it for 0.5-RTT data, which is asked for elsewhere. */
  startFalsely() {
    if (this.role !== 'client') return;
    this.wroteFirst = true;
    queueMicrotask(() => {
      if (!this.finished) this.writeFirst(0);
    });
  }

  /** Before TLS 1.3 the server signs in ServerKeyExchange; before TLS 1.2 the key alone says how. */
  notePeerScheme({ version, resumed, why }) {
    if (version === 'TLSv1.3' || resumed) return;
    const name = why.signatureScheme?.chosen;
    if (version !== 'TLSv1.2') this.state.peerScheme = undefined;
    else if (this.role === 'client' && name) this.state.peerScheme = findScheme(name)?.code;
  }

  /** Everything that is written without being asked, but for the bytes that went as early data. */
  writeFirst(skip) {
    const { settings, connection } = this;
    const length = settings['export-keying-material'];
    if (length > 0) {
      const context = settings['use-export-context']
        ? new Uint8Array(Buffer.from(settings['export-context'] ?? ''))
        : null;
      connection.write(connection.exportKeyingMaterial(settings['export-label'] ?? '', context, length));
    }
    if (settings['tls-unique']) this.writeTlsUnique();
    if (settings['export-traffic-secrets']) this.writeTrafficSecrets();
    if (settings['write-different-record-sizes']) {
      for (const size of RECORD_SIZES) connection.write(new Uint8Array(size).fill(0x42));
      queueMicrotask(() => this.shutDown());
    } else {
      const writes =
        this.settings === this.state.settings
          ? this.state.initialWrites
          : new State(this.role, this.settings).initialWrites;
      let left = skip;
      for (const bytes of writes) {
        if (bytes.length > left) connection.write(bytes.subarray(left));
        left = Math.max(0, left - bytes.length);
      }
    }
  }

  /** RFC 5929 §3. */
  writeTlsUnique() {
    const binding = this.connection.tlsUnique;
    if (binding) this.connection.write(binding);
    else this.finish(['no tls-unique']);
  }

  writeTrafficSecrets() {
    const { secrets } = this.state;
    const client = secrets.get('CLIENT_TRAFFIC_SECRET_0');
    const server = secrets.get('SERVER_TRAFFIC_SECRET_0');
    const [read, write] = this.role === 'client' ? [server, client] : [client, server];
    const length = Buffer.alloc(2);
    length.writeUInt16LE(read.length);
    for (const part of [length, read, write]) this.connection.write(new Uint8Array(part));
  }

  beforeRead() {
    if (this.settings['key-update-before-read'] && !this.finished) this.connection.updateKeys(false);
  }

  receive(bytes) {
    if (this.finished || this.settings['shim-shuts-down']) return;
    if (this.exchanging) this.echo(bytes.slice());
    else this.echoEarly(bytes.slice());
  }

  /** Early data is answered at once where the engine can write before the handshake is done. */
  echoEarly(bytes) {
    const summary = this.connection.summary;
    if (summary === null) {
      try {
        this.connection.write(bytes.map((byte) => byte ^ 0xff));
        return;
      } catch {
        // It cannot, yet.
      }
    }
    this.pending.push(bytes);
  }

  echo(bytes) {
    if (this.settings['use-exporter-between-reads'])
      this.connection.exportKeyingMaterial('', new Uint8Array(0), 1);
    if (this.settings['key-update']) this.connection.updateKeys(false);
    this.connection.write(bytes.map((byte) => byte ^ 0xff));
    this.beforeRead();
  }

  shutDown() {
    if (this.finished) return;
    this.connection.close();
    if (!this.settings['check-close-notify']) this.finish(this.lastComplaints());
  }

  peerClosed() {
    queueMicrotask(() => {
      this.connection.close();
      this.finish(this.lastComplaints());
    });
  }

  lastComplaints() {
    const wanted = this.settings['expect-total-renegotiations'] ?? 0;
    const complaints = sessionComplaints(this.settings, this.state, this.connection.summary);
    if (wanted !== this.renegotiations)
      complaints.push(`renegotiations: wanted ${wanted}, got ${this.renegotiations}`);
    return complaints;
  }

  failed(error) {
    if (error.code === 'truncated_close' && !this.settings['check-close-notify']) {
      this.finish(this.lastComplaints());
      return;
    }
    if (error.cause instanceof Unimplemented) this.unimplemented = error.cause;
    const cause = error.cause ? ` ${error.cause.stack ?? error.cause}` : '';
    this.finish([
      `:${error.code}: alert ${error.alert} from ${error.sentBy} ${JSON.stringify(error.facts)}${cause}`,
    ]);
  }

  /** Half-closes and waits for the other half, as the runner does not like writes to fail. */
  finish(complaints) {
    if (this.finished) return;
    this.finished = true;
    this.complaints = complaints;
    const wanted = this.settings['expect-msg-callback'];
    if (wanted !== undefined && complaints.length === 0 && wanted !== this.state.log) {
      this.complaints = [`messages: wanted\n${wanted}got\n${this.state.log}`];
    }
    this.socket.end();
    this.socket.resume();
  }
}

/** Runs one connection. Resolves with what was not as it should be. */
export function runExchange(settings, retrySettings, isResume, shared) {
  return new Exchange(settings, retrySettings, isResume, shared).run();
}

/** Sockets and servers over the engine, shaped like `node:tls`; certificate files; the system's roots. */
export { type ConnectOptions, connect } from './connect.js';
export {
  FileStore,
  type FileStoreOptions,
  type SessionFileCode,
  SessionFileError,
} from './file-store.js';
export {
  type CredentialFiles,
  certificatesFrom,
  credentialFrom,
  type FileContent,
  FileError,
  type FileErrorCode,
  loadCredential,
  type PemInput,
  privateKeyFrom,
  readCertificates,
  readPrivateKey,
} from './files.js';
export { type LocalhostCredential, localhostCredential } from './localhost.js';
export type { CommonOptions } from './options.js';
export {
  type ConnectionInfo,
  createServer,
  type ServerOptions,
  TlsServer,
  type TlsServerEvents,
} from './server.js';
export { type EarlyDataOutcome, TlsSocket } from './socket.js';
export type { SocketTimings, TlsSocketEvents } from './socket-facts.js';
export {
  isStartTlsProtocol,
  STARTTLS_PROTOCOLS,
  type StartTlsProtocol,
  type StartTlsStep,
  startTlsPort,
} from './starttls/index.js';
export type { Endpoint, StartTlsFacts, TransportEvent, TransportObserver } from './transport.js';
export {
  anchorsFor,
  type CaOption,
  loadSystemTrust,
  type SystemTrust,
  systemTrust,
  type TrustEnvironment,
} from './trust.js';
export type { TlsVersionName, VersionOptions } from './versions.js';

/**
 * The engine: TLS connections without a transport, and what they are made of. Imports nothing from Node.
 * For sockets see `akushu/node`; for cryptography pass a provider of `akushu/crypto/node` or `akushu/crypto/portable`.
 */
export type { AnnotatedNode } from './codec/index.js';
export { Connection, type ConnectionHandlers, type HandshakeSummary } from './connection/index.js';
export type { PrivateKey, Provider } from './crypto/provider.js';
export { CryptoError } from './crypto/provider.js';
export { type AlertName, ERRORS, type ErrorCode, TlsError } from './errors.js';
export {
  type CertificateWish,
  type ClientConfig,
  type Credential,
  DEFAULT_GROUPS,
  DEFAULT_LIMITS,
  DEFAULT_SCHEMES,
  DEFAULT_SUITES,
  DEFAULT_VERSIONS,
  type HelloInfo,
  type Limits,
  type PeerPresentation,
  type PeerVerdict,
  type ServerConfig,
  speaks,
} from './handshake/index.js';
export { annotateMessage, type ClientHello, unpackCertificate } from './messages/index.js';
export * from './registry/index.js';
export {
  BadSession,
  ClientSessions,
  decodeSession,
  type ExternalPsk,
  encodeSession,
  ForeignTicketKey,
  importPsk,
  MemoryStore,
  type PskToImport,
  ReplayGuard,
  RotatingTickets,
  SelfEncryptedTickets,
  type Session,
  type SessionIds,
  SessionSealer,
  type SessionStore,
  SharedTickets,
  StoredSessions,
  StoredTickets,
  StoreTooSlow,
  type TicketKeeper,
  type TicketState,
} from './session/index.js';
export type * from './trace/index.js';

/** The parts of the built engine that the shim uses: file by file, since the shim starts thousands of times. */
export { Connection } from '../../packages/akushu/dist/connection/index.js';
export { nodeProvider } from '../../packages/akushu/dist/crypto/node.js';
export { TlsError } from '../../packages/akushu/dist/errors.js';
export {
  alertByName,
  findCipherSuite,
  findScheme,
  findVersion,
  Group,
  groupName,
  Scheme,
  schemeByCode,
  Version,
} from '../../packages/akushu/dist/registry/index.js';
export {
  importPsk,
  MemoryStore,
  SelfEncryptedTickets,
  StoredSessions,
} from '../../packages/akushu/dist/session/index.js';
export { certificatesFromPem, privateKeyFromPem } from '../../packages/akushu/dist/x509/index.js';

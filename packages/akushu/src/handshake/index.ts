export { clientHandshake } from './client.js';
export { makeOffer } from './client-hello.js';
export { renegotiateAsClient } from './client12.js';
export * from './config.js';
export * from './established.js';
export type { VerifiedFinished } from './finished.js';
export type { Flow, Need } from './flow.js';
export { callerSays, Handshake, type HandshakeIO, wrapCallbackFailure } from './handshake.js';
export type { VerifiedPeer } from './peer-proof.js';
export {
  answerLateRequest,
  receiveTicket,
  requestLateAuthentication,
  sendTickets,
} from './post-handshake.js';
export { serverHandshake } from './server.js';
export { renegotiateAsServer } from './server12.js';
export { speaks, usableVersions } from './suites.js';

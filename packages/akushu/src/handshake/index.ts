export type { VerifiedPeer } from './authentication.js';
export { clientHandshake13 } from './client13.js';
export * from './config.js';
export * from './established.js';
export type { VerifiedFinished } from './finished.js';
export type { Flow, Need } from './flow.js';
export { callerSays, Handshake, type HandshakeIO, wrapCallbackFailure } from './handshake.js';
export {
  answerLateRequest,
  receiveTicket,
  requestLateAuthentication,
  sendTickets,
} from './post-handshake.js';
export { serverHandshake13 } from './server13.js';

export * from './client-sessions.js';
export { StoreTooSlow } from './patience.js';
export * from './psk-import.js';
export * from './replay.js';
export * from './session.js';
export * from './session-bytes.js';
export * from './shared-tickets.js';
export * from './store.js';
export * from './stored.js';
export type { TicketState } from './ticket-state.js';
export {
  type OpenedTicket,
  RotatingTickets,
  type RotatingTicketsOptions,
  SelfEncryptedTickets,
  type TicketKeeper,
} from './tickets.js';

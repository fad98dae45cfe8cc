export * from './connection.js';
export type { ConnectionHandlers } from './handlers.js';
export * from './summary.js';

export * from './session.js';
export * from './tickets.js';

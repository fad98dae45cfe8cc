export * from './session.js';
export * from './store.js';
export * from './tickets.js';

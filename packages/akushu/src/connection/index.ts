export * from './connection.js';
export * from './summary.js';

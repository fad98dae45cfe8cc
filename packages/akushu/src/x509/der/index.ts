export * from './codec.js';
export * from './error.js';
export { oidFromBytes, oidToBytes } from './oid.js';
export * from './structure.js';
export * from './types.js';

export * from './hkdf.js';
export * from './tls12.js';
export * from './tls13.js';

export * from './hkdf.js';
export * from './tls13.js';

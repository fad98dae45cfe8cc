/** The registries of TLS: code points, names and what they mean. Data only; nothing here speaks. */
export * from './alerts.js';
export * from './alpn.js';
export * from './cipher-strings/index.js';
export * from './constants.js';
export * from './extensions.js';
export * from './grease.js';
export * from './groups.js';
export * from './names.js';
export * from './schemes.js';
export * from './small.js';
export { cipherSuiteByCode, cipherSuites, findCipherSuite, ssl2CipherKinds } from './suites.js';
export type * from './types.js';
export { findVersion, versionByCode, versions } from './versions.js';

/** The registries of TLS: code points, names and what they mean. Data only; nothing here speaks. */
export * from './constants.js';
export * from './grease.js';
export * from './suites.js';
export type * from './types.js';

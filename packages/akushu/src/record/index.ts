export * from './framing.js';
export * from './protection13.js';

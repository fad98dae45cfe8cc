export * from './framing.js';
export * from './protection13.js';
export * from './joiner.js';
export * from './layer.js';

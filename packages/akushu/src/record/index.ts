export * from './framing.js';
export * from './joiner.js';
export * from './layer.js';
export * from './protection13.js';

export * from './framing.js';
export * from './joiner.js';
export * from './layer.js';
export type * from './protection.js';
export * from './protection12.js';
export * from './protection13.js';

export { type AnnotatedNode, annotate, type Codec, decode, encode, type Infer } from './codec.js';
export * from './primitives.js';
export * from './structures.js';

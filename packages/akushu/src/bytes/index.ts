export * from './bytes.js';
export { Reader, ShortRead } from './reader.js';
export { Writer } from './writer.js';

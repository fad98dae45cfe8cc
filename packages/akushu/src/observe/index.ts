/** Captures of TLS connections: reading what others did, and writing what was recorded. */
export type { CaptureSource, Decompressor, DecompressorConstructor, WebStream } from './capture/source.js';
export { CaptureError, type CaptureErrorCode } from './errors.js';
export { DEFAULT_OBSERVE_LIMITS, type ObserveLimits } from './limits.js';
export type * from './observation.js';
export { type ObserveOptions, observe, observeAll, type Progress } from './observe.js';
export type { PlaintextEvent } from './observer.js';
export type { PacketEndpoint } from './packets.js';
export {
  type CapturedConnection,
  type CaptureEvent,
  type PcapngOptions,
  writePcapng,
} from './pcapng-writer.js';

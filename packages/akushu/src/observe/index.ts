/** Captures of TLS connections: reading what others did, and writing what was recorded. */
export { CaptureError, type CaptureErrorCode } from './errors.js';
export { DEFAULT_OBSERVE_LIMITS, type ObserveLimits } from './limits.js';
export type * from './observation.js';
export type { PacketEndpoint } from './packets.js';
export {
  type CapturedConnection,
  type CaptureEvent,
  type PcapngOptions,
  writePcapng,
} from './pcapng-writer.js';

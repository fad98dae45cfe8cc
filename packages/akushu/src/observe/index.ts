/** Captures of TLS connections. */
export type { PacketEndpoint } from './packets.js';
export {
  type CapturedConnection,
  type CaptureEvent,
  type PcapngOptions,
  writePcapng,
} from './pcapng-writer.js';

/**
 * Reads a capture as it comes: connections are given out as they end, so that a file larger than memory can be read.
 * The last observation is of the capture itself.
 */
import { EMPTY } from '../bytes/index.js';
import type { PrivateKey, Provider } from '../crypto/provider.js';
import { ByteQueue } from './capture/byte-queue.js';
import { PcapReader, pcapKind } from './capture/pcap.js';
import { PcapngReader, SECTION_HEADER } from './capture/pcapng.js';
import type { FormatReader } from './capture/reader.js';
import {
  type CaptureSource,
  chunksOf,
  type DecompressorConstructor,
  gunzip,
  isGzip,
  platformDecompressor,
  refuseFormat,
  withStart,
} from './capture/source.js';
import { CaptureError } from './errors.js';
import { DEFAULT_OBSERVE_LIMITS, type ObserveLimits } from './limits.js';
import type { Observation, ObservedCapture } from './observation.js';
import { Observer, type PlaintextEvent } from './observer.js';

export interface Progress {
  /** Read from the source; of a compressed capture as it came. */
  readonly bytesRead: number;
  readonly packets: number;
  /** That have ended. */
  readonly connections: number;
}

export interface ObserveOptions {
  /** Hashes for fingerprints, ciphers for decryption. */
  readonly provider: Provider;
  /** Texts of SSLKEYLOGFILE (RFC 9850). */
  readonly keyLog?: string | readonly string[] | undefined;
  /** Servers' RSA keys: connections with static RSA key exchange are decrypted with them. */
  readonly rsaKeys?: readonly PrivateKey[] | undefined;
  readonly limits?: Partial<ObserveLimits> | undefined;
  /** After each chunk of the source. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Application data that was decrypted, in its order. `bytes` are the receiver's to keep. */
  readonly onPlaintext?: ((event: PlaintextEvent, bytes: Uint8Array) => void) | undefined;
  /** For captures compressed with gzip, where the platform has no `DecompressionStream`. */
  readonly DecompressionStream?: DecompressorConstructor | undefined;
}

/**
 * What happened in a capture. Throws CaptureError before the first observation for what is no capture, and where the
 * source itself fails; everything else that is wrong is told among the observations, behind all that could be read.
 *
 * @example
 * for await (const seen of observe(createReadStream('a.pcapng'), { provider: nodeProvider }))
 *   if (seen.kind === 'connection') console.log(seen.server.address, seen.tls?.negotiated.serverName);
 */
export async function* observe(
  source: CaptureSource,
  options: ObserveOptions,
): AsyncGenerator<Observation, void, void> {
  const limits = { ...DEFAULT_OBSERVE_LIMITS, ...options.limits };
  const observer = new Observer({
    provider: options.provider,
    rsaKeys: options.rsaKeys ?? [],
    limits,
    onPlaintext: options.onPlaintext ?? null,
  });
  const { keyLog } = options;
  for (const text of typeof keyLog === 'string' ? [keyLog] : (keyLog ?? []))
    observer.keyLogs.add(text, 'key_log');
  const reading = new Reading(observer, limits);
  for await (const chunk of plainChunks(source, options, reading)) {
    reading.take(chunk);
    while (observer.busy) {
      await settle(observer);
      yield* observer.ready.splice(0);
      reading.goOn();
    }
    reading.detach();
    options.onProgress?.({
      bytesRead: reading.bytesRead,
      packets: observer.packets,
      connections: observer.connections,
    });
    yield* observer.ready.splice(0);
    if (reading.broken) break;
  }
  reading.finish();
  observer.finish();
  await settle(observer);
  yield* observer.ready.splice(0);
  yield reading.capture();
}

/** Waits for private keys; what waited for them may need them again. */
async function settle(observer: Observer): Promise<void> {
  while (observer.pending) {
    const work = observer.pending;
    observer.pending = null;
    await work;
  }
}

/** Bytes of the file, decompressed where they have to be. */
async function* plainChunks(
  source: CaptureSource,
  options: ObserveOptions,
  reading: Reading,
): AsyncGenerator<Uint8Array, void, void> {
  const chunks = withStart(counted(source, reading), MAGIC);
  const first = await chunks.next();
  const start = first.value ?? EMPTY;
  const all = prepend(start, chunks);
  if (!isGzip(start)) {
    yield* all;
    return;
  }
  const Decompression = options.DecompressionStream ?? platformDecompressor();
  if (!Decompression) throw new CaptureError('unsupported_compression', { looksLike: 'gzip' });
  reading.compressed = true;
  const plain = gunzip(all, Decompression, (error) => reading.decompressionFailed(error));
  yield* withStart(plain, MAGIC);
}

async function* counted(source: CaptureSource, reading: Reading): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of chunksOf(source)) {
    reading.bytesRead += chunk.length;
    yield chunk;
  }
}

async function* prepend(
  start: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void, void>,
): AsyncGenerator<Uint8Array, void, void> {
  yield start;
  yield* rest;
}

const MAGIC = 4;

/** The file's format, once its first bytes are there, and how far it has been read. */
class Reading {
  bytesRead = 0;
  compressed = false;
  /** Nothing after this can be read. */
  broken = false;
  private plainBytes = 0;
  private format: FormatReader | null = null;
  private readonly queue = new ByteQueue();
  private decompressionError: unknown;

  constructor(
    private readonly observer: Observer,
    private readonly limits: ObserveLimits,
  ) {}

  /** Throws CaptureError where it is no capture. */
  take(chunk: Uint8Array): void {
    if (this.broken) return;
    this.plainBytes += chunk.length;
    this.queue.push(chunk);
    this.format ??= this.recognize(chunk);
    this.goOn();
  }

  /** Reads what is there, until a private key is waited for. */
  goOn(): void {
    if (!this.broken && this.format) this.broken = !this.format.read(this.queue);
  }

  /** Lets go of the last chunk. */
  detach(): void {
    this.queue.detach();
  }

  decompressionFailed(error: unknown): void {
    this.decompressionError = error;
  }

  finish(): void {
    const { format, queue, observer } = this;
    if (this.decompressionError) {
      const error = this.decompressionError;
      const said = error instanceof Error ? error.message : '';
      const cut = /unexpected end|incomplete|truncated|ended/i.test(said);
      const code = cut ? 'gzip_truncated' : 'gzip_corrupt';
      if (!format) throw new CaptureError('not_a_capture', { looksLike: 'gzip' }, error);
      observer.problem(code, this.plainBytes, {});
    } else if (format && !this.broken) format.finish(queue);
    if (!format) throw new CaptureError('empty');
    const { badLines, omitted } = observer.keyLogs;
    if (badLines > 0) observer.problem('bad_secrets', 0, { what: 'lines', lines: badLines });
    if (omitted > 0) observer.problem('limit_reached', 0, { what: 'secrets', omitted });
  }

  capture(): ObservedCapture {
    const { observer, format } = this;
    return {
      kind: 'capture',
      format: format!.format,
      compressed: this.compressed,
      bytes: this.plainBytes,
      packets: observer.packets,
      cutPackets: observer.cutPackets,
      cutAt: observer.cutAt,
      linkTypes: [...observer.linkTypes],
      start: observer.firstTime,
      end: observer.lastTime,
      connections: observer.connections,
      lookups: observer.lookups,
      seen: { ...observer.seen },
      problems: observer.captureProblems,
    };
  }

  private recognize(start: Uint8Array): FormatReader {
    if (start.length >= MAGIC) {
      const magic = this.queue.view.getUint32(this.queue.start);
      const kind = pcapKind(magic);
      if (kind) return new PcapReader(kind, this.observer, this.limits.packetBytes);
      if (magic === SECTION_HEADER) return new PcapngReader(this.observer, this.limits.packetBytes);
    }
    throw refuseFormat(start.subarray(0, 64));
  }
}

/** All observations at once, for captures that are known to be small. */
export async function observeAll(source: CaptureSource, options: ObserveOptions): Promise<Observation[]> {
  const all: Observation[] = [];
  for await (const observation of observe(source, options)) all.push(observation);
  return all;
}

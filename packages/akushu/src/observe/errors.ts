/** What ends the reading of a capture before it began. All else that is wrong is data: `CaptureProblem`. */

export type CaptureErrorCode =
  /** Neither pcap nor pcapng. `facts.looksLike` where it is known what it is. */
  | 'not_a_capture'
  | 'empty'
  /** Compressed in a way that cannot be read here. */
  | 'unsupported_compression'
  /** Options that cannot be used. */
  | 'bad_options'
  /** What gives the bytes failed; `cause` says how. */
  | 'source_failed';

export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  constructor(
    readonly code: CaptureErrorCode,
    readonly facts: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(code, cause === undefined ? undefined : { cause });
  }
}

/**
 * Record protection of the drafts of TLS 1.3 before the labels (draft 20) and the additional data (draft 25) became
 * what they are: only to read captures of their time.
 */
import { concat, EMPTY, fromLatin1 } from '../../bytes/index.js';
import type { Aead, HmacKey, Provider } from '../../crypto/provider.js';
import { AEAD_KEY_LENGTH, expand, type SuiteKeys } from '../../keys/index.js';
import { HEADER_LENGTH, type InnerPlaintext } from '../../record/index.js';

const FIRST_WITH_NEW_LABELS = 20;
const FIRST_WITH_ADDITIONAL_DATA = 25;

function expandLabel(key: HmacKey, draft: number, label: string, length: number): Uint8Array {
  const prefix = draft < FIRST_WITH_NEW_LABELS ? 'TLS 1.3, ' : 'tls13 ';
  const name = fromLatin1(`${prefix}${label}`);
  return expand(
    key,
    concat(Uint8Array.of(length >> 8, length & 0xff, name.length), name, Uint8Array.of(0)),
    length,
  );
}

/** The secret after a KeyUpdate; drafts up to 18 called the label otherwise. */
export function nextDraftSecret(
  provider: Provider,
  { hash }: SuiteKeys,
  secret: Uint8Array,
  draft: number,
): Uint8Array {
  const label = draft < FIRST_WITH_NEW_LABELS ? 'application traffic secret' : 'traffic upd';
  return expandLabel(provider.hmacKey(hash, secret), draft, label, secret.length);
}

export class DraftOpener {
  private readonly aead: Aead;
  private readonly iv: Uint8Array;
  private sequence = 0;

  constructor(
    provider: Provider,
    suite: SuiteKeys,
    secret: Uint8Array,
    private readonly draft: number,
  ) {
    const key = provider.hmacKey(suite.hash, secret);
    this.aead = provider.aead(suite.aead, expandLabel(key, draft, 'key', AEAD_KEY_LENGTH[suite.aead]));
    this.iv = expandLabel(key, draft, 'iv', 12);
  }

  skip(count: number): void {
    this.sequence += count;
  }

  open(record: Uint8Array): InnerPlaintext | undefined {
    const nonce = this.iv.slice();
    let rest = this.sequence;
    for (let i = 11; i >= 4; i--) {
      nonce[i]! ^= rest % 256;
      rest = Math.floor(rest / 256);
    }
    const header = this.draft < FIRST_WITH_ADDITIONAL_DATA ? EMPTY : record.subarray(0, HEADER_LENGTH);
    const plain = this.aead.open(nonce, header, record.subarray(HEADER_LENGTH));
    if (plain === null) return undefined;
    this.sequence++;
    let last = plain.length - 1;
    while (last >= 0 && plain[last] === 0) last--;
    return last < 0 ? undefined : { type: plain[last]!, fragment: plain.subarray(0, last) };
  }
}

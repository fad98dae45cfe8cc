/**
 * What is wrong with a piece of DER, PEM or a certificate, as data: a stable word, where, and in which field.
 * Whether a certificate is to be trusted is another matter: see `verify.ts`.
 */

export type X509Rule =
  // DER (X.690 §8, §10, §11)
  | 'truncated'
  | 'trailing_bytes'
  | 'indefinite_length'
  | 'length_not_minimal'
  | 'length_too_large'
  | 'high_tag_number'
  | 'wrong_tag'
  | 'missing_field'
  | 'too_deep'
  | 'too_many_elements'
  | 'too_few_elements'
  | 'set_not_sorted'
  | 'encoded_default'
  | 'boolean_not_canonical'
  | 'integer_empty'
  | 'integer_not_minimal'
  | 'integer_out_of_range'
  | 'bit_string_malformed'
  | 'null_not_empty'
  | 'oid_malformed'
  | 'oid_too_long'
  | 'string_malformed'
  | 'time_malformed'
  // Certificates (RFC 5280 §4)
  | 'too_large'
  | 'bad_version'
  | 'extensions_not_allowed'
  | 'unique_id_not_allowed'
  | 'duplicate_extension'
  | 'signature_algorithm_mismatch'
  | 'bad_ip_address'
  | 'empty_name_constraints'
  | 'bad_public_key'
  // PEM (RFC 7468) and private keys
  | 'no_pem_block'
  | 'unterminated_block'
  | 'label_mismatch'
  | 'wrong_label'
  | 'bad_base64'
  | 'too_many_blocks'
  | 'encrypted_key'
  | 'unsupported_key'
  // Files: requests, bundles, key stores (RFC 2986, 5652, 7292, 8018)
  | 'wrong_kind'
  | 'bad_value'
  | 'sct_malformed'
  | 'password_needed'
  | 'wrong_password'
  | 'unsupported_algorithm'
  | 'unsupported_entry'
  | 'too_much_work';

export interface X509ErrorWhere {
  /** In bytes from the start of the array that was decoded; for PEM, in characters of the text. */
  readonly offset?: number;
  readonly field?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** Thrown for input that is not well-formed. `rule` is its identity; `message` is for logs only. */
export class X509Error extends Error {
  override readonly name = 'X509Error';
  readonly rule: X509Rule;
  readonly offset: number;
  /** Path such as `tbsCertificate.extensions.3.extnID`; empty at the top. */
  readonly field: string;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(rule: X509Rule, where: X509ErrorWhere = {}) {
    const field = where.field ?? '';
    super(`${rule} at ${where.offset ?? 0}${field ? ` (${field})` : ''}`);
    this.rule = rule;
    this.offset = where.offset ?? 0;
    this.field = field;
    this.facts = where.facts ?? {};
  }

  /** The same error, seen from the structure around it. */
  within(field: string): X509Error {
    const path = this.field ? `${field}.${this.field}` : field;
    return new X509Error(this.rule, { offset: this.offset, field: path, facts: this.facts });
  }

  /** The same error, where the decoded bytes begin at `shift` in a larger array. */
  shifted(shift: number): X509Error {
    return new X509Error(this.rule, { offset: this.offset + shift, field: this.field, facts: this.facts });
  }
}

export function x509Error(
  rule: X509Rule,
  offset: number,
  facts?: Readonly<Record<string, unknown>>,
): X509Error {
  return new X509Error(rule, facts ? { offset, facts } : { offset });
}

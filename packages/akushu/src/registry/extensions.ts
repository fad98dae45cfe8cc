/**
 * The registry "TLS ExtensionType Values" with its column "TLS 1.3": the messages in which an extension may stand
 * (RFC 9846 §4.3, table 1). Below IANA's stand the drafts' and vendors' own that are met in ClientHellos.
 */
import { NamedTable } from './names-index.js';
import type { ExtensionInfo, Recommended } from './types.js';

type Row = readonly [code: number, name: string, tls13: string, recommended: Recommended, rfc: string];

const iana: readonly Row[] = [
  [0, 'server_name', 'CH EE CR', 'Y', 'RFC 6066 §3, RFC 9261'],
  [1, 'max_fragment_length', 'CH EE', 'N', 'RFC 6066 §4, RFC 8449'],
  [2, 'client_certificate_url', '', 'Y', 'RFC 6066 §5'],
  [3, 'trusted_ca_keys', '', 'Y', 'RFC 6066 §6'],
  [4, 'truncated_hmac', '', 'D', 'RFC 6066 §7, RFC 9847'],
  [5, 'status_request', 'CH CR CT', 'Y', 'RFC 6066 §8'],
  [6, 'user_mapping', '', 'Y', 'RFC 4681'],
  [7, 'client_authz', '', 'N', 'RFC 5878'],
  [8, 'server_authz', '', 'N', 'RFC 5878'],
  [9, 'cert_type', '', 'N', 'RFC 6091'],
  [10, 'supported_groups', 'CH EE', 'Y', 'RFC 9846 §4.3.7, RFC 8422, RFC 7919'],
  [11, 'ec_point_formats', '', 'Y', 'RFC 8422 §5.1.2'],
  [12, 'srp', '', 'N', 'RFC 5054'],
  [13, 'signature_algorithms', 'CH CR', 'Y', 'RFC 9846 §4.3.3'],
  [14, 'use_srtp', 'CH EE', 'Y', 'RFC 5764'],
  [15, 'heartbeat', 'CH EE', 'Y', 'RFC 6520'],
  [16, 'application_layer_protocol_negotiation', 'CH EE', 'Y', 'RFC 7301'],
  [17, 'status_request_v2', '', 'Y', 'RFC 6961'],
  [18, 'signed_certificate_timestamp', 'CH CR CT', 'N', 'RFC 6962'],
  [19, 'client_certificate_type', 'CH EE', 'Y', 'RFC 7250'],
  [20, 'server_certificate_type', 'CH EE', 'Y', 'RFC 7250'],
  [21, 'padding', 'CH', 'Y', 'RFC 7685'],
  [22, 'encrypt_then_mac', '', 'Y', 'RFC 7366'],
  [23, 'extended_master_secret', '', 'Y', 'RFC 7627'],
  [24, 'token_binding', '', 'Y', 'RFC 8472'],
  [25, 'cached_info', '', 'Y', 'RFC 7924'],
  [26, 'tls_lts', '', 'N', 'draft-gutmann-tls-lts'],
  [27, 'compress_certificate', 'CH CR', 'Y', 'RFC 8879'],
  [28, 'record_size_limit', 'CH EE', 'Y', 'RFC 8449'],
  [29, 'pwd_protect', 'CH', 'N', 'RFC 8492'],
  [30, 'pwd_clear', 'CH', 'N', 'RFC 8492'],
  [31, 'password_salt', 'CH SH HRR', 'N', 'RFC 8492'],
  [32, 'ticket_pinning', 'CH EE', 'N', 'RFC 8672'],
  [33, 'tls_cert_with_extern_psk', 'CH SH', 'N', 'RFC 8773'],
  [34, 'delegated_credential', 'CH CR CT', 'Y', 'RFC 9345'],
  [35, 'session_ticket', '', 'Y', 'RFC 5077'],
  [36, 'TLMSP', '', 'N', 'ETSI TS 103 523-2'],
  [37, 'TLMSP_proxying', '', 'N', 'ETSI TS 103 523-2'],
  [38, 'TLMSP_delegate', '', 'N', 'ETSI TS 103 523-2'],
  [39, 'supported_ekt_ciphers', 'CH EE', 'Y', 'RFC 8870'],
  [41, 'pre_shared_key', 'CH SH', 'Y', 'RFC 9846 §4.3.11'],
  [42, 'early_data', 'CH EE NST', 'Y', 'RFC 9846 §4.3.10'],
  [43, 'supported_versions', 'CH SH HRR', 'Y', 'RFC 9846 §4.3.1'],
  [44, 'cookie', 'CH HRR', 'Y', 'RFC 9846 §4.3.2'],
  [45, 'psk_key_exchange_modes', 'CH', 'Y', 'RFC 9846 §4.3.9'],
  [47, 'certificate_authorities', 'CH CR', 'Y', 'RFC 9846 §4.3.4'],
  [48, 'oid_filters', 'CR', 'Y', 'RFC 9846 §4.3.5'],
  [49, 'post_handshake_auth', 'CH', 'Y', 'RFC 9846 §4.3.6'],
  [50, 'signature_algorithms_cert', 'CH CR', 'Y', 'RFC 9846 §4.3.3'],
  [51, 'key_share', 'CH SH HRR', 'Y', 'RFC 9846 §4.3.8'],
  [52, 'transparency_info', 'CH CR CT', 'Y', 'RFC 9162'],
  [53, 'connection_id_deprecated', '', 'D', 'RFC 9146, RFC 9847'],
  [54, 'connection_id', 'CH SH', 'N', 'RFC 9146'],
  [55, 'external_id_hash', 'CH EE', 'Y', 'RFC 8844'],
  [56, 'external_session_id', 'CH EE', 'Y', 'RFC 8844'],
  [57, 'quic_transport_parameters', 'CH EE', 'Y', 'RFC 9001 §8.2'],
  [58, 'ticket_request', 'CH EE', 'Y', 'RFC 9149'],
  [59, 'dnssec_chain', 'CH CT', 'N', 'RFC 9102'],
  [
    60,
    'sequence_number_encryption_algorithms',
    'CH HRR SH',
    'N',
    'draft-pismenny-tls-dtls-plaintext-sequence-number',
  ],
  [61, 'rrc', 'CH SH', 'N', 'RFC 9853'],
  [62, 'tls_flags', 'CH SH EE CT CR NST HRR', 'N', 'draft-ietf-tls-tlsflags'],
  [64768, 'ech_outer_extensions', 'CH', 'Y', 'RFC 9849 §5.1'],
  [65037, 'encrypted_client_hello', 'CH HRR EE', 'Y', 'RFC 9849 §5'],
  [65281, 'renegotiation_info', '', 'Y', 'RFC 5746'],
];

const others: readonly Row[] = [
  [40, 'key_share_draft', '', 'D', 'draft-ietf-tls-tls13-22'],
  [46, 'ticket_early_data_info', '', 'D', 'draft-ietf-tls-tls13-18'],
  [13172, 'next_protocol_negotiation', '', 'N', 'draft-agl-tls-nextprotoneg'],
  [17513, 'application_settings_old', 'CH EE', 'N', 'draft-vvv-tls-alps'],
  [17613, 'application_settings', 'CH EE', 'N', 'draft-vvv-tls-alps'],
  [30031, 'channel_id_old', '', 'N', 'draft-balfanz-tls-channelid'],
  [30032, 'channel_id', 'CH EE', 'N', 'draft-balfanz-tls-channelid'],
  [51764, 'trust_anchors', 'CH EE CT', 'N', 'draft-ietf-tls-trust-anchor-ids'],
  [65283, 'short_record_header', '', 'N', 'draft-fossati-tls-ext-header'],
  [65445, 'quic_transport_parameters_draft', 'CH EE', 'N', 'draft-ietf-quic-tls'],
  [65486, 'encrypted_server_name', 'CH EE', 'N', 'draft-ietf-tls-esni-05'],
];

function read([code, name, tls13, recommended, rfc]: Row): ExtensionInfo {
  return { code, name, tls13: tls13 === '' ? [] : tls13.split(' '), rfc, recommended };
}

let table: readonly ExtensionInfo[] | undefined;
const lookUps = new NamedTable(
  extensionTypes,
  ({ name }) => [name],
  () => shortNames,
);

export function extensionTypes(): readonly ExtensionInfo[] {
  table ??= [...iana.map(read), ...others.map((row) => ({ ...read(row), unregistered: true as const }))].sort(
    (a, b) => a.code - b.code,
  );
  return table;
}

export function extensionByCode(code: number): ExtensionInfo | undefined {
  return lookUps.byCode(code);
}

/** Finds an extension by IANA's name in any case; `alpn`, `sni`, `ech` and a few more stand for what they shorten. */
export function extensionByName(name: string): ExtensionInfo | undefined {
  return lookUps.find(name);
}

const shortNames: Readonly<Record<string, number>> = {
  sni: 0,
  elliptic_curves: 10,
  alpn: 16,
  sct: 18,
  ems: 23,
  signed_cert_timestamp: 18,
  psk: 41,
  delegated_credentials: 34,
  npn: 13172,
  alps: 17613,
  ech: 65037,
  esni: 65486,
};

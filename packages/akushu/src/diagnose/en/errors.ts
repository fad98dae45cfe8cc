/** English: every error of the engine and of the network. What happened, and what to try. */
import type { Advice, Texts } from '../texts.js';

const UPDATE =
  'This is a fault of the peer’s TLS software. Update it, or report this code to whoever makes it.';
const CHANGED =
  'The peer’s TLS software has a fault, or a device in between changes the traffic. Try from another network.';
const PSK =
  'Forget the stored session and connect anew. With an external key, compare identity, key and hash on both sides.';

export const errors: Texts['errors'] = {
  record_too_long: ['The peer sent a record that is longer than TLS allows.', CHANGED],
  plaintext_too_long: ['A record of the peer holds more data than was agreed.', UPDATE],
  unknown_record_type: ['A record of an unknown type arrived.', CHANGED],
  wrong_record_version: [
    'A record carries a version number that TLS does not have.',
    'Check that the port really speaks TLS.',
  ],
  not_tls: [
    'What answers on this port is not TLS.',
    'Check host and port. Some services speak plain text first and need STARTTLS (SMTP, IMAP, PostgreSQL).',
  ],
  not_tls_http: [
    'Plain HTTP arrived where TLS was expected.',
    'Use the HTTPS port, often 443. Or enable TLS for this port on the server.',
  ],
  bad_record_mac: [
    'A record could not be decrypted: it was changed on the way, or the two sides have different keys.',
    CHANGED,
  ],
  unencrypted_record: ['An unencrypted record arrived after encryption had begun.', CHANGED],
  empty_fragment: ['A record without content arrived where content is required.', UPDATE],
  interleaved_record: ['Another record came in the middle of a handshake message.', UPDATE],
  missing_content_type: ['A decrypted record consists of nothing but padding.', UPDATE],
  bad_change_cipher_spec: ['A ChangeCipherSpec came at the wrong moment or with the wrong content.', CHANGED],
  unexpected_application_data: ['Application data arrived before the handshake was done.', UPDATE],
  message_across_key_change: ['A handshake message continues beyond a change of keys.', UPDATE],
  too_many_empty_records: ['The peer sent too many empty records in a row.', UPDATE],
  too_many_warnings: ['The peer sent too many warnings in a row.', UPDATE],
  too_many_key_updates: ['The peer changed its key too often without sending data.', UPDATE],
  too_much_pending_input: [
    'The peer went on sending while an answer of the application was awaited, more than is kept.',
    'Answer faster, or stop reading from the transport while `wantsInput` is false.',
  ],
  too_many_late_requests: [
    'The server asked for a client certificate too often after the handshake.',
    'Ask once per connection, when the certificate is needed.',
  ],
  too_much_early_data: ['The client sent more early data than the ticket allows.', UPDATE],
  too_much_skipped_data: ['Too much undecipherable data came after early data had been refused.', UPDATE],
  bad_alert: ['The peer sent an alert that is not two bytes long.', UPDATE],
  unknown_alert_level: ['The peer sent an alert that is neither a warning nor fatal.', UPDATE],
  encryption_limit_reached: [
    'So much was encrypted under one key that its cipher is no longer safe.',
    'Open a new connection.',
  ],

  malformed_message: ['A message of the peer could not be read: a length or a field does not fit.', CHANGED],
  illegal_field: ['A field of the peer’s message has a value that is not allowed.', UPDATE],
  unexpected_message: ['The peer sent a message that has no place at this point of the handshake.', CHANGED],
  message_too_long: [
    'The peer sent a handshake message that is longer than the limit.',
    'If the chain is really that long, shorten it: leave the root out.',
  ],
  unknown_message_type: ['The peer sent a handshake message of an unknown type.', UPDATE],
  duplicate_extension: ['The peer sent the same extension twice.', UPDATE],
  forbidden_extension: ['The peer put an extension into a message where it must not stand.', UPDATE],
  unsolicited_extension: ['The peer answered an extension that was never offered.', UPDATE],
  missing_extension: ['The peer left out an extension that is mandatory.', UPDATE],

  no_shared_version: [
    'The two sides have no protocol version in common.',
    'Enable TLS 1.3 or 1.2 on the side that lacks it (here: --min and --max). TLS 1.1 and 1.0 are deprecated: leave them to clients that have nothing else.',
  ],
  unsupported_version_chosen: [
    'The server chose a version that the client did not offer.',
    'Enable one of the client’s versions on the server, or allow the server’s on the client (--min). If the server should have a newer one, look for a device in between that ends TLS.',
  ],
  illegal_version_chosen: ['The server named a version in a way that the protocol forbids.', UPDATE],
  downgrade_detected: [
    'The server speaks a newer version, but somebody forced an older one on this connection.',
    'A device or an attacker changes the traffic in between. Try from another network and compare.',
  ],
  inappropriate_fallback: [
    'The client fell back to an older version although the server speaks a newer one.',
    'Find out why the first attempt failed. A device in between may block the newer version.',
  ],
  no_shared_cipher_suite: [
    'The two sides have no cipher suite in common.',
    'Enable one suite on both sides (--ciphers). Every TLS 1.3 has TLS_AES_128_GCM_SHA256; for TLS 1.2 choose ECDHE with AES-GCM.',
  ],
  unoffered_cipher_suite: ['The server chose a cipher suite that the client did not offer.', UPDATE],
  cipher_suite_changed: ['The server chose another cipher suite after its HelloRetryRequest.', UPDATE],
  compression_offered: [
    'The client demands TLS compression, which is unsafe (CRIME) and forbidden in TLS 1.3.',
    'Switch compression off on the client.',
  ],
  compression_chosen: [
    'The server chose TLS compression, which is unsafe (CRIME) and was not offered.',
    'Switch compression off on the server.',
  ],
  session_id_not_echoed: ['The server did not send the client’s session identifier back.', CHANGED],
  no_shared_group: [
    'The two sides have no key exchange group in common.',
    'Enable one group on both sides (--groups). x25519 and secp256r1 work nearly everywhere.',
  ],
  unoffered_group: ['The server chose a group that the client did not offer.', UPDATE],
  bad_key_share: ['The peer’s key share is not a valid public key of its group.', CHANGED],
  key_share_not_in_groups: ['The client sent a key share for a group that it does not list.', UPDATE],
  duplicate_key_share: ['The client sent two key shares for the same group.', UPDATE],
  second_hello_retry_request: ['The server asked for a new hello a second time.', UPDATE],
  pointless_hello_retry_request: ['The server asked for a new hello although it needs nothing new.', UPDATE],
  hello_changed_after_retry: ['The client’s second hello differs where it must be the same.', CHANGED],
  bad_cookie: [
    'The client’s cookie is missing, or is not the one that it was given.',
    'If several servers share one address, they need the same way of making cookies.',
  ],
  no_shared_signature_scheme: [
    'The server’s certificate has a key with which no signature can be made that the client accepts.',
    'Use a certificate with another key type, or enable a fitting signature scheme on the client (--sigalgs).',
  ],
  no_shared_alpn: [
    'The two sides have no application protocol in common (ALPN).',
    'Offer a protocol that the server speaks (--alpn), such as http/1.1.',
  ],
  unoffered_alpn: ['The server chose an application protocol that the client did not offer.', UPDATE],
  unrecognized_server_name: [
    'The server has no certificate for the name that the client asked for.',
    'Check the name (--servername). Or add a certificate for it to the server.',
  ],
  bad_server_name: [
    'The server name in the hello is not a host name.',
    'Give a host name without port and path.',
  ],
  bad_record_size_limit: ['The peer announced a record size that is not allowed.', UPDATE],
  bad_max_fragment_length: ['The peer announced a fragment length that is not allowed.', UPDATE],
  no_shared_certificate_type: [
    'The two sides have no type of certificate in common.',
    'Allow X.509 certificates, or configure raw public keys on both sides.',
  ],
  unoffered_certificate_type: ['The server chose a type of certificate that was not offered.', UPDATE],

  psk_not_last: ['The extension pre_shared_key is not the last one of the hello.', UPDATE],
  psk_modes_missing: ['The client offers a pre-shared key but does not say how it may be used.', UPDATE],
  psk_binder_count: ['The number of pre-shared keys and of their proofs differs.', UPDATE],
  bad_psk_binder: ['The proof for the pre-shared key is wrong: the two sides have different keys.', PSK],
  psk_index_out_of_range: ['The server chose a pre-shared key that was not offered.', UPDATE],
  psk_hash_mismatch: ['The server chose a cipher suite whose hash does not fit the pre-shared key.', UPDATE],
  psk_mode_not_offered: ['The server uses the pre-shared key in a mode that was not offered.', UPDATE],
  early_data_not_offered: ['The server accepted early data that was never offered.', UPDATE],
  early_data_mismatch: [
    'The server accepted early data under other terms than those of the earlier session.',
    UPDATE,
  ],
  unknown_psk_identity: ['The pre-shared key that the client named is not known here.', PSK],

  no_peer_certificate: [
    'The client sent no certificate, but the server demands one.',
    'Give the client a certificate and its key (--cert and --key).',
  ],
  empty_server_certificate: [
    'The server sent an empty certificate list.',
    'Install a certificate on the server for this host name.',
  ],
  bad_certificate_context: ['The certificate answers another request than the one that was made.', UPDATE],
  too_many_certificates: [
    'The chain has more certificates than the limit.',
    'Send only the certificate and its intermediates.',
  ],
  malformed_certificate: [
    'A certificate of the peer cannot be read: its bytes are no certificate.',
    'Look at what the other side has installed as its certificate, with `openssl x509 -text`.',
  ],
  bad_certificate: [
    'A certificate of the chain is damaged or breaks a rule of the standard.',
    'Have the certificate issued anew. Check the file for missing lines.',
  ],
  unsupported_certificate_key: [
    'A certificate has a key or a signature of a kind that cannot be checked here.',
    'Use a certificate with an RSA, ECDSA, Ed25519 or Ed448 key.',
  ],
  unoffered_signature_scheme: ['The peer signed with a scheme that was not offered.', UPDATE],
  signature_scheme_key_mismatch: [
    'The peer’s signature scheme does not fit the key of its certificate.',
    UPDATE,
  ],
  bad_signature: [
    'The peer’s signature does not verify with the key of its certificate.',
    'Check that the peer’s certificate and private key belong together.',
  ],
  bad_finished: [
    'The checksum over the handshake differs: the two sides did not see the same messages.',
    CHANGED,
  ],
  certificate_expired: [
    'A certificate of the chain has expired.',
    'Renew it on the server. If its dates look right, correct this machine’s clock.',
  ],
  certificate_not_yet_valid: [
    'A certificate of the chain is not valid yet.',
    'Correct this machine’s clock. If the clock is right, wait for the beginning or have the certificate issued anew.',
  ],
  unknown_ca: [
    'The chain does not lead to an authority that is trusted here.',
    'If you trust the authority, name its root certificate with --ca FILE.',
  ],
  self_signed_certificate: [
    'The certificate is signed with its own key, and it is not on the list of trusted ones.',
    'If it is yours, name it with --ca FILE. Otherwise install one from a certificate authority.',
  ],
  missing_intermediate: [
    'The server does not send the intermediate certificate that links its own to a trusted root.',
    'Install the full chain on the server (often called fullchain.pem). Browsers may hide this fault.',
  ],
  hostname_mismatch: [
    'The certificate is valid for other names, but not for this one.',
    'Connect by a name that is in the certificate. Or have one issued for this name.',
  ],
  wrong_certificate_purpose: [
    'The certificate was not issued for this purpose.',
    'A server needs a certificate with extended key usage serverAuth, a client one with clientAuth.',
  ],
  wrong_key_usage: [
    'The certificate’s key usage does not allow what the key is needed for here.',
    'Get a certificate with digitalSignature in its key usage. The old RSA key exchange needs keyEncipherment; better switch it off and use ECDHE.',
  ],
  weak_certificate: [
    'A certificate of the chain has a key or a signature that is too weak.',
    'Have it issued anew with RSA 2048 bits or more, or with P-256, and SHA-256.',
  ],
  certificate_signature_invalid: [
    'The signature of a certificate in the chain is wrong.',
    'The file is damaged, or the issuer’s certificate is another one of the same name. Install the chain anew.',
  ],
  certificate_constraint_violated: [
    'The chain breaks a restriction that one of its authorities lays down.',
    'Have the certificate issued by an authority that may issue it for this name.',
  ],
  certificate_revoked: [
    'The certificate was revoked by its issuer.',
    'Obtain a new certificate with a new key.',
  ],
  certificate_refused: [
    'The certificate was refused by a decision on this side.',
    'Look at the reason given. For a test, --insecure accepts every certificate.',
  ],
  certificate_decompression_failed: [
    'The compressed certificate could not be unpacked, or is too large.',
    UPDATE,
  ],
  unoffered_certificate_compression: ['The certificate is compressed in a way that was not offered.', UPDATE],
  bad_ocsp_response: [
    'The stapled OCSP answer is invalid.',
    'Renew the staple on the server, or switch stapling off until it works.',
  ],
  own_signature_invalid: [
    'The signature that our own key made does not verify. It was not sent.',
    'Check that certificate and private key belong together.',
  ],
  no_credential: [
    'The server has no certificate that it could use.',
    'Give it a certificate and its key (--cert and --key).',
  ],
  certificate_suite_mismatch: [
    'The certificate has a key of another kind than the cipher suite demands.',
    'The server presents a wrong certificate: install one whose key fits the suite, RSA for …_RSA_…, ECDSA for …_ECDSA_….',
  ],
  no_certificate_for_suite: [
    'The two sides share cipher suites, but the server has no certificate whose key fits any of them.',
    'Give the server a certificate with the other kind of key (RSA or ECDSA), side by side with the present one. Or enable suites for the present key on the client.',
  ],

  bad_key_update: ['The peer’s KeyUpdate has a value that is not allowed.', UPDATE],
  unexpected_post_handshake_message: [
    'A handshake message came that has no place after the handshake.',
    UPDATE,
  ],
  bad_ticket: ['The server’s session ticket has values that are not allowed.', UPDATE],
  renegotiation_refused: [
    'The peer wants to negotiate again on the open connection, which is not allowed here.',
    'Open a new connection in its place. TLS 1.3 has no renegotiation; before, it is off by default.',
  ],
  server_changed_in_renegotiation: [
    'Another server certificate came when the connection was negotiated again.',
    'Somebody may try to join two connections (triple handshake). If it is your server: give all its instances the same certificate, or switch renegotiation off.',
  ],

  ssl2_client_hello: [
    'The client opens with a hello in the form of SSL 2.0, which is broken and spoken by nobody any more.',
    'Switch SSL 2.0 off on the client (some send its form even to ask for TLS), or replace the client: it is decades old.',
  ],
  old_version_after_early_data: [
    'The server answered early data of TLS 1.3 with an older version.',
    'The server was changed, or several stand behind one address and differ. Connect anew without early data, and set all instances to the same versions.',
  ],
  renegotiation_info_mismatch: [
    'The extension renegotiation_info does not fit this connection: the peer takes it for another one.',
    'Somebody in between may have put an own handshake in front (renegotiation attack). Try from another network, and update the peer.',
  ],
  no_secure_renegotiation: [
    'The peer does not know secure renegotiation (RFC 5746), and this side insists on it.',
    'Update the peer: its TLS software is from before 2010.',
  ],
  extended_master_secret_missing: [
    'The extended master secret is missing (RFC 7627): this side insists on it, or the earlier session had it.',
    'Update the peer’s TLS software, or use TLS 1.3, where it is built in.',
  ],
  extended_master_secret_changed: [
    'The extended master secret was used before on this session or connection, and is not now, or the reverse.',
    'Several servers behind one address may differ: set them alike. Otherwise somebody changes the traffic in between.',
  ],
  bad_point_formats: [
    'The peer cannot read uncompressed points of elliptic curves, which everybody must.',
    UPDATE,
  ],
  bad_key_exchange: ['The peer’s key exchange message does not fit the group that was agreed on.', CHANGED],
  unsupported_curve_type: [
    'The server uses an elliptic curve that it describes itself. Only named curves are safe.',
    'Set a named curve on the server: x25519 or secp256r1 (also called P-256, prime256v1).',
  ],
  weak_dh_group: [
    'The server’s Diffie-Hellman group is too small to be safe (Logjam).',
    'Give the server a group of 2048 bits or more (ffdhe2048), or better ECDHE in place of DHE.',
  ],
  unsafe_dh_group: [
    'The server’s Diffie-Hellman group is no safe prime, or larger than is accepted here.',
    'Set a well-known group on the server (ffdhe2048, ffdhe3072), or better ECDHE in place of DHE.',
  ],
  no_psk: [
    'The server chose a cipher suite with a pre-shared key, but there is none for it here.',
    'Configure the key on this side, or leave the PSK suites out.',
  ],
  session_not_resumable: [
    'The server goes on with a session that was not offered, or under other terms.',
    'Forget the stored session and connect anew. If it happens again, update the server.',
  ],

  starttls_not_offered: [
    'The server does not offer TLS on this connection.',
    'Enable TLS on the server. If it is enabled, a device or an attacker in between may hide the offer: try from another network.',
  ],
  starttls_refused: [
    'The server did not let TLS begin.',
    'Read the server’s answer and its log. Often its certificate or key cannot be loaded, or it refuses this address.',
  ],
  starttls_malformed: [
    'What the server said before TLS does not follow the protocol.',
    'Check that the port belongs to the protocol given with --starttls.',
  ],
  starttls_injection: [
    'Unprotected data came after the server had agreed to TLS. It was thrown away, and TLS was not begun.',
    'The server has a fault, or somebody in between inserts commands. Update the server; try from another network.',
  ],
  starttls_already_tls: [
    'The server speaks TLS from the start on this port.',
    'Leave --starttls out. Or use the port on which the protocol begins in the clear.',
  ],
  starttls_timeout: [
    'The connection is open, but the server did not agree to TLS in time.',
    'Check port and protocol. A port that expects TLS from the start stays silent: leave --starttls out. Or allow more time with --timeout.',
  ],

  peer_alert: ['The peer ended the connection with an alert.', 'Read the peer’s log. It knows the reason.'],
  truncated_close: [
    'The connection ended without close_notify. The data may be incomplete.',
    'Some servers always close like this. Compare the length of the data with what was announced.',
  ],
  closed_during_handshake: [
    'The peer closed the connection in the middle of the handshake, without an alert.',
    'Check that the port speaks TLS. A firewall or load balancer may also dislike the hello: try --groups x25519, which makes it smaller, or --tls12.',
  ],
  write_after_close: [
    'Data was to be sent after the connection had been closed.',
    'This is a fault of the program that uses the connection.',
  ],
  handshake_timeout: [
    'The connection is open, but the peer did not complete the handshake in time.',
    'Check that the port speaks TLS. A firewall may swallow the hello: try --groups x25519, which makes it smaller, or --tls12. Or allow more time with --timeout.',
  ],
  canceled: ['The handshake was given up on this side.', 'Try again.'],
  callback_failed: [
    'A function of the program that uses the connection failed.',
    'Look for the reason in that program.',
  ],
  internal_error: [
    'Something failed on this side that should not fail.',
    'Run again with AKUSHU_DEBUG=1 and report what it prints.',
  ],
};

export const network: Texts['network'] = {
  dns_failure: [
    'The host name could not be resolved.',
    'Check the spelling and the DNS settings of this machine.',
  ],
  connection_refused: [
    'The host refused the connection: nothing listens on this port.',
    'Check the port, and that the server is running.',
  ],
  connect_timeout: [
    'The host did not answer in time.',
    'A firewall may drop the packets. Check host and port, or allow more time with --timeout.',
  ],
  connection_reset: [
    'The connection was reset before any TLS arrived.',
    'Check that the port speaks TLS. A firewall or load balancer may also reject the hello: try --groups x25519, which makes it smaller, or --tls12.',
  ],
  host_unreachable: ['There is no way to the host.', 'Check the address and the network.'],
  network_unreachable: [
    'There is no way to the network of this address.',
    'Check the network. For an IPv6 address: does this machine have IPv6?',
  ],
  address_in_use: [
    'Another program listens on this port already.',
    'Choose another port with --port, or 0 for a free one.',
  ],
  address_unavailable: [
    'This machine has no such address.',
    'Choose an address of this machine, or leave it out to use all.',
  ],
  permission_denied: [
    'The system does not allow this address or port.',
    'Ports below 1024 may need rights. Choose another one with --port.',
  ],
  network_error: ['The connection failed below TLS.', 'Check host, port and network.'],
};

export const unknownError: Advice = [
  'The connection failed for an unknown reason.',
  'Run again with AKUSHU_DEBUG=1 to see more.',
];

export const facts: Texts['facts'] = {
  offered: 'Offered',
  offeredUpTo: 'Offered',
  supported: 'Supported',
  chosen: 'Chosen',
  suite: 'Cipher suite',
  group: 'Group',
  scheme: 'Signature scheme',
  extension: 'Extension',
  message: 'Message',
  structure: 'Structure',
  field: 'Field',
  got: 'Received',
  expected: 'Expected',
  serverName: 'Name asked for',
  host: 'Wanted',
  best: 'Best available',
  shared: 'In common',
  key: 'Key',
  keyUsage: 'Key usage',
  presented: 'Names in the certificate',
  subject: 'Certificate',
  issuer: 'Issuer',
  missingIssuer: 'Missing certificate',
  caIssuers: 'Its address',
  notBefore: 'Valid from',
  notAfter: 'Valid until',
  kind: 'Key type',
  bits: 'Bits',
  minimum: 'Minimum',
  least: 'At least',
  most: 'At most',
  hash: 'Hash',
  rule: 'Rule',
  purpose: 'Purpose',
  length: 'Length',
  count: 'Count',
  limit: 'Limit',
  offset: 'At byte',
  start: 'It begins with',
  reason: 'Reason',
  answer: 'What answers',
  protocol: 'Protocol',
  now: 'At the time',
  smallestChange: 'What makes it work',
};

/** English: every alert. What the sender says with it, and what the operator can do. */
import type { Advice, Texts } from '../texts.js';

export const alerts: Texts['alerts'] = {
  close_notify: [
    'The sender has no more data and closes in order.',
    'Nothing needs to be done. If it comes during the handshake, look at the sender’s log.',
  ],
  unexpected_message: [
    'A message came that has no place at this point of the protocol.',
    'One of the two implementations has a fault, or a device in between changes the traffic. Try another client and compare.',
  ],
  bad_record_mac: [
    'A record could not be decrypted or was changed on the way.',
    'The keys differ, or a device in between changes the traffic. Try from another network.',
  ],
  decryption_failed: [
    'A record could not be decrypted. TLS 1.0 was the last version to send this alert.',
    'Update the side that sent it. This alert helps attackers.',
  ],
  record_overflow: [
    'A record was longer than allowed.',
    'Update the side that sent the long record. Its TLS library has a fault.',
  ],
  decompression_failure: [
    'Compressed data could not be unpacked.',
    'Switch TLS compression off. It is unsafe (CRIME) and gone from TLS 1.3.',
  ],
  handshake_failure: [
    'The sender found no set of parameters that both sides accept.',
    'Compare cipher suites, groups and signature schemes of both sides. Also check that the server’s certificate has a key that the client can verify.',
  ],
  no_certificate: [
    'The client has no certificate. Only SSL 3.0 says so with an alert.',
    'Switch SSL 3.0 off. Give the client a certificate if the server needs one.',
  ],
  bad_certificate: [
    'The sender considers the certificate damaged, wrongly signed or otherwise unfit.',
    'Check the chain that was sent: order, signatures and encoding.',
  ],
  unsupported_certificate: [
    'The certificate is of a kind that the sender cannot use.',
    'Check the key type and the extended key usage. A server certificate needs serverAuth, a client certificate clientAuth.',
  ],
  certificate_revoked: [
    'The certificate was revoked by its issuer.',
    'Obtain and install a new certificate with a new key.',
  ],
  certificate_expired: [
    'The certificate is not valid at the sender’s present time.',
    'Renew the certificate. If it is still valid, correct the clock of the side that sent the alert.',
  ],
  certificate_unknown: [
    'The sender does not accept the certificate and gives no further reason.',
    'Read the log of the side that sent the alert. It knows the reason.',
  ],
  illegal_parameter: [
    'A field had a value that is wrong or contradicts another one.',
    'One of the two implementations has a fault, or a device in between changes the traffic. Update both.',
  ],
  unknown_ca: [
    'The sender could not lead the chain to an authority that it trusts.',
    'Send the intermediate certificates along. If the authority is a private one, install its root certificate on the side that sent the alert.',
  ],
  access_denied: [
    'The certificate is valid, but its owner is not allowed in.',
    'Check the access rules on the side that sent the alert, or use another certificate.',
  ],
  decode_error: [
    'A message could not be read: a length is wrong or something is missing.',
    'One of the two implementations has a fault, or something that is not TLS answers. Check the port.',
  ],
  decrypt_error: [
    'A signature, a Finished message or a pre-shared key did not verify.',
    'Check that certificate and private key belong together, and that both sides have the same pre-shared key.',
  ],
  too_many_cids_requested: [
    'More connection identifiers were asked for than the sender gives.',
    'Ask for fewer. This alert belongs to DTLS.',
  ],
  export_restriction: [
    'An export cipher was refused. The alert is obsolete.',
    'Switch export cipher suites off.',
  ],
  protocol_version: [
    'The sender does not speak the protocol version that was offered.',
    'Compare the versions that both sides have enabled. Enable TLS 1.3 or TLS 1.2 on the older side.',
  ],
  insufficient_security: [
    'What was offered is too weak for the sender.',
    'Enable stronger cipher suites and groups, or use a stronger certificate.',
  ],
  internal_error: [
    'The sender failed for a reason of its own: memory, a key, a file, a fault.',
    'Read the log of the side that sent the alert. On servers the private key or the configuration of this host name is often missing.',
  ],
  inappropriate_fallback: [
    'The client came back with an older version although the server speaks a newer one.',
    'Find out why the first attempt failed. A device in between may be blocking the newer version.',
  ],
  user_canceled: [
    'The handshake was given up by a user or a time limit.',
    'Try again. If it was a time limit, allow more time.',
  ],
  no_renegotiation: [
    'The sender refuses to negotiate again on an open connection.',
    'Open a new connection in place of renegotiating.',
  ],
  missing_extension: [
    'An extension that is mandatory here was missing.',
    'Update the side that left it out. Often it is an old or home-made TLS stack.',
  ],
  unsupported_extension: [
    'An extension came that the sender had not asked for.',
    'Update the side that added it. Its TLS library has a fault.',
  ],
  certificate_unobtainable: [
    'The certificate could not be fetched from the given address.',
    'Send the certificate itself.',
  ],
  unrecognized_name: [
    'The server has no configuration for the name that the client asked for.',
    'Check the host name (SNI). Add the name to the server’s configuration, or ask for a name that it has.',
  ],
  bad_certificate_status_response: [
    'The stapled OCSP answer was invalid.',
    'Renew the OCSP staple on the server, or switch stapling off until it works.',
  ],
  bad_certificate_hash_value: [
    'A certificate fetched by address had another hash.',
    'Send the certificate itself.',
  ],
  unknown_psk_identity: [
    'The server does not know the pre-shared key that the client named.',
    'Give both sides the same identity and the same key.',
  ],
  certificate_required: [
    'The server demands a client certificate and got none.',
    'Give the client a certificate and its key (--cert and --key), issued by an authority that the server names.',
  ],
  general_error: [
    'The sender failed and no other alert fits.',
    'Read the log of the side that sent the alert.',
  ],
  no_application_protocol: [
    'The server speaks none of the application protocols that the client offered.',
    'Offer another protocol (--alpn), such as http/1.1, or enable the offered one on the server.',
  ],
  ech_required: [
    'The server could not decrypt the encrypted hello, and the client insists on it.',
    'Fetch the server’s ECH configuration again. It comes from DNS and changes.',
  ],
};

export const unknownAlert: Advice = [
  'An alert with a number that no specification known here names.',
  'Read the log of the side that sent the alert.',
];

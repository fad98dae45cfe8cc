/** English: every cause of a failure. What is wrong, and what to change. */
import type { VerdictTexts } from '../verdict-texts.js';

export const causes: VerdictTexts['causes'] = {
  protocol_version_mismatch: {
    title: 'No protocol version in common',
    what: 'The client and the server share no version of TLS. One of them ended the connection because of it.',
    fix: 'Enable TLS 1.2 and TLS 1.3 on the side that lacks them. If the client is too old to be updated, the server can keep TLS 1.2 with ECDHE suites for it. Do not go back to TLS 1.1 or 1.0.',
  },
  no_shared_cipher_suite: {
    title: 'No cipher suite in common',
    what: 'No cipher suite that the client offers is enabled on the server.',
    fix: 'Enable one of the offered suites on the server, ECDHE with AES-GCM first. Or let the client offer modern suites.',
  },
  no_certificate_for_suite: {
    title: 'No certificate fits the cipher suites',
    what: 'Both sides share cipher suites, but the server has no certificate with the kind of key that they need. An ECDSA suite needs an ECDSA key, an RSA suite an RSA key.',
    fix: 'Give the server a second certificate with the other kind of key. Or let the client offer suites for the kind that the server has.',
  },
  no_shared_group: {
    title: 'No key exchange group in common',
    what: 'The two sides share no group for the key exchange (also called curve).',
    fix: 'Enable x25519 and secp256r1 on both sides. Nearly every client has one of them.',
  },
  no_shared_signature_scheme: {
    title: 'No signature scheme in common',
    what: 'The server’s key can make no signature that the client accepts.',
    fix: 'Use a certificate with an RSA key of 2048 bits or an ECDSA key on P-256. If the client accepts SHA-1 signatures only, update the client.',
  },
  no_shared_alpn: {
    title: 'No application protocol in common (ALPN)',
    what: 'The server speaks none of the application protocols that the client offers.',
    fix: 'Enable one of the offered protocols on the server, usually http/1.1 beside h2. Or correct the client’s ALPN list.',
  },
  unrecognized_server_name: {
    title: 'The server does not know the name',
    what: 'The client asked for a host name (SNI) that the server has no certificate or no site for.',
    fix: 'Check the name that the client asks for. If it is right, add the name and its certificate to the server. If none was sent, make the client send SNI.',
  },
  certificate_expired: {
    title: 'A certificate has expired',
    what: 'A certificate of the chain is past the end of its validity.',
    fix: 'Renew the certificate, install the new file with its chain, and reload the service. Then make renewal and reloading automatic.',
  },
  certificate_not_yet_valid: {
    title: 'A certificate is not valid yet',
    what: 'The validity of a certificate of the chain begins later than now.',
    fix: 'Compare the clock of the side that complains with the right time. If the clock is right, wait for the beginning or have the certificate issued again.',
  },
  client_clock_wrong: {
    title: 'The client’s clock is wrong',
    what: 'The client judges the certificate by a clock that is wrong. At the right time the certificate is valid.',
    fix: 'Set the clock of the client, and let it follow a time server (NTP).',
  },
  unknown_ca: {
    title: 'The authority is not trusted',
    what: 'The chain does not lead to an authority that the verifying side trusts.',
    fix: 'For a private authority, install its root on the verifying side. For a public site, install a certificate of a public authority with its full chain, and update the verifying side’s list of roots.',
  },
  self_signed: {
    title: 'The certificate is self-signed',
    what: 'The certificate is signed with its own key. No authority vouches for it, so the other side does not trust it.',
    fix: 'Install a certificate of an authority. For tests and internal use, make the other side trust exactly this certificate.',
  },
  missing_intermediate: {
    title: 'An intermediate certificate is missing',
    what: 'The server sends its own certificate, but not the intermediate one that links it to a trusted root. Browsers often hide this; other programs fail.',
    fix: 'Install the full chain on the server: its own certificate first, then the intermediates. Authorities call this file fullchain.pem or bundle.',
  },
  wrong_chain_order: {
    title: 'The chain is in the wrong order',
    what: 'The server sends its certificates in the wrong order, or the wrong certificate first. Before TLS 1.3 each must certify the one before it, and some clients insist.',
    fix: 'Put the server’s own certificate first, then its issuer, and so on. Leave out what does not belong to the chain. `akushu inspect FILE --chain OUT` writes the right order.',
  },
  hostname_mismatch: {
    title: 'The certificate is for other names',
    what: 'The name that the client connects to is not among the names of the certificate.',
    fix: 'Connect by a name that the certificate has. Or have a certificate issued that has this name. If the wrong site answered, check the server’s choice by SNI.',
  },
  certificate_revoked: {
    title: 'The certificate was revoked',
    what: 'The issuer revoked a certificate of the chain before it expired.',
    fix: 'Have a new certificate issued for a new key. Find out why the old one was revoked: its key may have leaked.',
  },
  weak_key_or_signature: {
    title: 'A key or signature is too weak',
    what: 'A key, a signature or a Diffie-Hellman group is too weak for the other side.',
    fix: 'Have the certificate issued with RSA 2048 bits or P-256 and with SHA-256. For Diffie-Hellman, use ECDHE, or a group of 2048 bits or more.',
  },
  wrong_key_usage: {
    title: 'The certificate is for another purpose',
    what: 'The certificate does not allow what it is used for here: its key usage or extended key usage says otherwise.',
    fix: 'A server needs a certificate with the purpose serverAuth, a client one with clientAuth, both with digitalSignature.',
  },
  ocsp_problem: {
    title: 'The proof of validity (OCSP) is missing or wrong',
    what: 'The stapled OCSP answer is missing, too old or invalid, or the responder could not be asked.',
    fix: 'Let the server renew its staple: it must reach the responder and have the issuer’s certificate at hand. A certificate with must-staple needs a working staple. If the certificate names no responder, as with Let’s Encrypt since 2025, switch stapling off.',
  },
  client_certificate_required: {
    title: 'The server demands a client certificate',
    what: 'The server asked for a client certificate, and the client sent none.',
    fix: 'Give the client a certificate and its key, issued by an authority that the server accepts. If none is meant to be needed, make it optional on the server.',
  },
  client_certificate_rejected: {
    title: 'The server rejects the client certificate',
    what: 'The client sent a certificate, and the server does not accept it.',
    fix: 'Check that the certificate is valid now, has the purpose clientAuth, and comes with its intermediates. The server must have the issuing authority in its list for clients.',
  },
  server_has_no_private_key: {
    title: 'The server cannot use its private key',
    what: 'The server has no private key for its certificate, or one that belongs to another certificate. It cannot prove who it is.',
    fix: 'Install certificate and key that belong together, readable for the service. `akushu inspect CERT KEY` says whether they do.',
  },
  wrong_psk: {
    title: 'The pre-shared keys differ',
    what: 'The two sides do not have the same pre-shared key, or one does not know the other’s identity.',
    fix: 'Compare identity, key and hash on both sides. For resumed sessions, give all servers behind one address the same ticket keys.',
  },
  decrypt_failure: {
    title: 'A record could not be decrypted',
    what: 'A record or a signature did not verify. The two sides have different keys, or something on the way changed the data.',
    fix: 'Try from another network to rule out a device on the way. If it fails there too, update the TLS software of both sides and check hardware offloading.',
  },
  record_overflow: {
    title: 'A record is too long',
    what: 'A record is longer than TLS, or the other side, allows. Often the bytes are not TLS at all.',
    fix: 'Check that both sides speak TLS on this port. If they do, update the side that sends too much, and check limits such as the fragment length.',
  },
  not_tls_server: {
    title: 'The answer is not TLS',
    what: 'The client began TLS, and the server answered in another protocol.',
    fix: 'Use the port on which the server speaks TLS. Or enable TLS on this port of the server. A proxy in front must not expect TLS from a plain back end.',
  },
  http_to_tls_port: {
    title: 'Plain HTTP on a TLS port',
    what: 'The client sent plain HTTP to a port where the server expects TLS.',
    fix: 'Use https:// and not http:// for this port. The server can redirect people who mistype.',
  },
  starttls_expected: {
    title: 'The server expects STARTTLS',
    what: 'The server begins in plain text and switches to TLS on a command. The client began with TLS at once, or the switch was refused.',
    fix: 'Set the client to STARTTLS for this port. Or use the port with TLS from the start: 465 for SMTP, 993 for IMAP, 995 for POP3.',
  },
  dns_failure: {
    title: 'The host name has no address',
    what: 'The name could not be resolved, so no connection was tried.',
    fix: 'Check the spelling, the DNS record and the resolver of the client.',
  },
  connection_refused: {
    title: 'Nothing listens on the port',
    what: 'The host refused the connection before TLS: no service listens on this port, or a firewall rejects it.',
    fix: 'Start the service, check its port and address, and the firewall.',
  },
  connect_timeout: {
    title: 'The host does not answer',
    what: 'The TCP connection was never opened: nothing answered in time.',
    fix: 'Check address, port, routing, and firewalls on the way. Security groups and firewalls often drop without an answer.',
  },
  reset_after_client_hello: {
    title: 'Reset after the ClientHello',
    what: 'TCP was open, the client sent its ClientHello, and the connection was reset without any answer in TLS.',
    fix: 'Read the server’s log at this moment. If the server saw nothing, a firewall or filter on the way sent the reset. If the service is not for TLS, use its TLS port.',
  },
  closed_after_client_hello: {
    title: 'Closed during the handshake',
    what: 'One side closed the connection in the middle of the handshake, without an alert that says why.',
    fix: 'Read the log of the side that closed: it knows the reason. Servers and load balancers often close like this when they have no site, back end or certificate for the request.',
  },
  silence_after_client_hello: {
    title: 'Silence after the ClientHello',
    what: 'TCP was open and the ClientHello was sent, but no answer came until somebody gave up.',
    fix: 'Check that the service behind the port speaks TLS and is not stuck. If a smaller hello gets an answer, a device on the way or the path MTU is to blame.',
  },
  middlebox_intolerance: {
    title: 'A device on the way cannot handle the ClientHello',
    what: 'A firewall, proxy or load balancer between the two sides fails on a ClientHello that follows the standard, because of its size, its extensions or its version.',
    fix: 'Update the device. Until then, the smallest change that helps is to leave out on the client what it cannot handle.',
  },
  tls_inspection: {
    title: 'TLS is decrypted on the way',
    what: 'The certificate does not come from the server but from a device or program that decrypts the traffic in between: a proxy, a firewall or a virus scanner.',
    fix: 'Install the root of that device on the client, if it is yours. Otherwise exempt this host from inspection, or find out who is reading the traffic.',
  },
  truncated_close: {
    title: 'Closed without close_notify',
    what: 'The connection ended without the message that marks the end. What was received may be incomplete.',
    fix: 'Compare the length received with the length announced. Correct the side that closes TCP without ending TLS first.',
  },
  renegotiation_refused: {
    title: 'Renegotiation refused',
    what: 'One side wanted to negotiate again on the open connection, and the other does not allow it.',
    fix: 'Ask for the client certificate in the first handshake and not later. With TLS 1.3, use authentication after the handshake. Or open a new connection.',
  },
  inappropriate_fallback: {
    title: 'The client fell back to an older version',
    what: 'The client retried with an older version of TLS although the server speaks a newer one, and the server refused.',
    fix: 'Find out why the first attempt failed: that is the true fault. Switch the fallback off on the client.',
  },
  legacy_renegotiation: {
    title: 'The server lacks secure renegotiation',
    what: 'The server does not know secure renegotiation (RFC 5746). Newer clients refuse such servers.',
    fix: 'Update the server or the device in front of it: its TLS software is from before 2010. Allowing legacy renegotiation on the client is a stopgap with a known hole.',
  },
  rate_or_resource_limit: {
    title: 'A limit was reached',
    what: 'The server or a device in front of it refused because too many connections came, or because files, memory or time ran out.',
    fix: 'Raise the limit that the log names, or slow the clients down. Reuse connections instead of opening new ones.',
  },
  peer_misbehaved: {
    title: 'One side breaks the protocol',
    what: 'A message arrived that the protocol does not allow: malformed, out of order or with a forbidden value.',
    fix: 'Update the TLS software of the side that sent it. Try from another network to rule out a device that changes the traffic.',
  },
  internal_error: {
    title: 'An internal error of one side',
    what: 'One side failed for a reason of its own that it does not tell the other. With some servers it means that they have no certificate for the name.',
    fix: 'Read the log of the side that failed, at this moment.',
  },
  none: {
    title: 'No failure found',
    what: 'The connection was established and ended in order. TLS is not to blame.',
    fix: 'If something still fails, look at the application: its log, its status codes, its time limits.',
  },
};

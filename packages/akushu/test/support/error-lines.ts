/** Error lines of many programs, with the cause that each names: what programs print is a fact. */
import type { Cause } from '../../src/diagnose/index.js';

/** Several where the line fits several and either is right. */
type Row = readonly [cause: Cause | readonly Cause[], line: string];

const OPENSSL: readonly Row[] = [
  [
    'not_tls_server',
    '139872:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record/ssl3_record.c:354:',
  ],
  [
    'not_tls_server',
    '140735:error:1408F10B:SSL routines:ssl3_get_record:wrong version number:ssl/record/ssl3_record.c:332:',
  ],
  [
    'not_tls_server',
    '3074:error:140770FC:SSL routines:SSL23_GET_SERVER_HELLO:unknown protocol:s23_clnt.c:794:',
  ],
  [
    'no_shared_cipher_suite',
    '80CB60E1F07F0000:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:../ssl/record/rec_layer_s3.c:1601:SSL alert number 40',
  ],
  [
    'no_shared_cipher_suite',
    '40F7:error:0A000410:SSL routines:ssl3_read_bytes:ssl/tls alert handshake failure:ssl/record/rec_layer_s3.c:908:SSL alert number 40',
  ],
  [
    'protocol_version_mismatch',
    '806B3502F47F0000:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:../ssl/record/rec_layer_s3.c:1601:SSL alert number 70',
  ],
  [
    'protocol_version_mismatch',
    '139:error:1409442E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:../ssl/record/rec_layer_s3.c:1544:SSL alert number 70',
  ],
  [
    'protocol_version_mismatch',
    '80CBF428797F0000:error:0A000102:SSL routines:tls_early_post_process_client_hello:unsupported protocol:../ssl/statem/statem_srvr.c:1664:',
  ],
  ['protocol_version_mismatch', 'error:1417D18C:SSL routines:tls_process_client_hello:version too low'],
  [
    'protocol_version_mismatch',
    'error:0A0000BF:SSL routines:tls_setup_handshake:no protocols available:../ssl/statem/statem_lib.c:104:',
  ],
  [
    'no_shared_cipher_suite',
    '80FB:error:0A0000C1:SSL routines:tls_post_process_client_hello:no shared cipher:../ssl/statem/statem_srvr.c:2226:',
  ],
  [
    'no_shared_cipher_suite',
    'error:1417A0C1:SSL routines:tls_post_process_client_hello:no shared cipher:ssl/statem/statem_srvr.c:2283:',
  ],
  [
    'no_shared_group',
    'error:0A000065:SSL routines:final_key_share:no suitable key share:../ssl/statem/extensions.c:1325:',
  ],
  [
    'no_shared_signature_scheme',
    'error:0A000076:SSL routines:tls_choose_sigalg:no suitable signature algorithm:../ssl/t1_lib.c:3331:',
  ],
  [
    'no_shared_signature_scheme',
    'error:14201178:SSL routines:tls_choose_sigalg:no shared signature algorithms',
  ],
  [
    'no_shared_alpn',
    'error:0A000460:SSL routines:ssl3_read_bytes:tlsv1 alert no application protocol:../ssl/record/rec_layer_s3.c:1601:SSL alert number 120',
  ],
  [
    'unrecognized_server_name',
    '80FB:error:0A000458:SSL routines:ssl3_read_bytes:tlsv1 unrecognized name:../ssl/record/rec_layer_s3.c:1601:SSL alert number 112',
  ],
  [
    'unrecognized_server_name',
    'error:0A0000EA:SSL routines:final_server_name:callback failed:../ssl/statem/extensions.c:964:',
  ],
  [
    'client_certificate_required',
    'error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:../ssl/record/rec_layer_s3.c:1601:SSL alert number 116',
  ],
  [
    'client_certificate_required',
    'error:0A0000C7:SSL routines:tls_process_client_certificate:peer did not return a certificate:../ssl/statem/statem_srvr.c:3512:',
  ],
  [
    'client_certificate_required',
    'error:140890C7:SSL routines:SSL3_GET_CLIENT_CERTIFICATE:peer did not return a certificate:s3_srvr.c:3286:',
  ],
  [
    'certificate_expired',
    'depth=0 CN = example.com\nverify error:num=10:certificate has expired\nnotAfter=Apr  1 00:00:00 2024 GMT',
  ],
  ['certificate_expired', 'Verify return code: 10 (certificate has expired)'],
  [
    'certificate_expired',
    'error:0A000415:SSL routines:ssl3_read_bytes:sslv3 alert certificate expired:../ssl/record/rec_layer_s3.c:1601:SSL alert number 45',
  ],
  ['certificate_not_yet_valid', 'verify error:num=9:certificate is not yet valid'],
  [
    'missing_intermediate',
    'depth=0 CN = rsa\nverify error:num=20:unable to get local issuer certificate\nverify return:1\ndepth=0 CN = rsa\nverify error:num=21:unable to verify the first certificate',
  ],
  ['missing_intermediate', 'Verify return code: 21 (unable to verify the first certificate)'],
  ['unknown_ca', 'depth=1 CN = Lab Intermediate\nverify error:num=20:unable to get local issuer certificate'],
  ['unknown_ca', 'verify error:num=19:self signed certificate in certificate chain'],
  ['unknown_ca', 'Verify return code: 19 (self-signed certificate in certificate chain)'],
  ['self_signed', 'depth=0 CN = test\nverify error:num=18:self-signed certificate'],
  ['self_signed', 'Verify return code: 18 (self signed certificate)'],
  ['hostname_mismatch', 'verify error:num=62:hostname mismatch'],
  ['hostname_mismatch', 'Verification error: IP address mismatch'],
  ['certificate_revoked', 'verify error:num=23:certificate revoked'],
  ['wrong_key_usage', 'verify error:num=26:unsuitable certificate purpose'],
  ['weak_key_or_signature', 'verify error:num=66:EE certificate key too weak'],
  [
    'weak_key_or_signature',
    'error:0A00018A:SSL routines:tls_process_ske_dhe:dh key too small:../ssl/statem/statem_clnt.c:2113:',
  ],
  [
    'weak_key_or_signature',
    'error:0A00018F:SSL routines:SSL_CTX_use_certificate:ee key too small:../ssl/ssl_rsa.c:221:',
  ],
  ['weak_key_or_signature', 'error:0A00018E:SSL routines::ca md too weak'],
  [
    'legacy_renegotiation',
    'error:0A000152:SSL routines:final_renegotiate:unsafe legacy renegotiation disabled:../ssl/statem/extensions.c:894:',
  ],
  ['inappropriate_fallback', 'error:140A1175:SSL routines:SSL_BYTES_TO_CIPHER_LIST:inappropriate fallback'],
  [
    'inappropriate_fallback',
    'error:0A00043E:SSL routines:ssl3_read_bytes:tlsv1 alert inappropriate fallback:SSL alert number 86',
  ],
  ['http_to_tls_port', 'error:1407609C:SSL routines:SSL23_GET_CLIENT_HELLO:http request'],
  [
    'http_to_tls_port',
    'error:0A00009C:SSL routines:ssl3_get_record:http request:../ssl/record/ssl3_record.c:345:',
  ],
  [
    'decrypt_failure',
    'error:0A000119:SSL routines:ssl3_get_record:decryption failed or bad record mac:../ssl/record/ssl3_record.c:622:',
  ],
  [
    'decrypt_failure',
    'error:140943FC:SSL routines:ssl3_read_bytes:sslv3 alert bad record mac:s3_pkt.c:1493:SSL alert number 20',
  ],
  [
    'record_overflow',
    'error:0A0000C6:SSL routines:ssl3_get_record:packet length too long:../ssl/record/ssl3_record.c:361:',
  ],
  ['wrong_psk', 'error:0A00010F:SSL routines:tls_psk_do_binder:binder does not verify'],
  [
    'wrong_psk',
    'error:0A00045B:SSL routines:ssl3_read_bytes:tlsv1 alert unknown psk identity:SSL alert number 115',
  ],
  [
    'server_has_no_private_key',
    'error:05800074:x509 certificate routines:X509_check_private_key:key values mismatch:../crypto/x509/x509_cmp.c:408:',
  ],
  [
    'server_has_no_private_key',
    'error:0B080074:x509 certificate routines:X509_check_private_key:key values mismatch',
  ],
  [
    'unknown_ca',
    '800BE4D3F77F0000:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:../ssl/record/rec_layer_s3.c:1601:SSL alert number 48',
  ],
  [
    'reset_after_client_hello',
    'write:errno=104\nCONNECTED(00000003)\n---\nno peer certificate available\n---\nNo client certificate CA names sent',
  ],
  [
    'connection_refused',
    '140:error:8000006F:system library:BIO_connect:Connection refused:../crypto/bio/bio_sock2.c:117:calling connect()',
  ],
  [
    ['truncated_close', 'closed_after_client_hello'],
    'error:0A000126:SSL routines:ssl3_read_n:unexpected eof while reading:../ssl/record/rec_layer_s3.c:320:',
  ],
  [
    'renegotiation_refused',
    'error:0A000153:SSL routines:ssl3_read_bytes:no renegotiation:ssl/record/rec_layer_s3.c:1660:',
  ],
  [
    'peer_misbehaved',
    'error:0A0000F4:SSL routines:ossl_statem_client_read_transition:unexpected message:../ssl/statem/statem_clnt.c:398:',
  ],
  ['peer_misbehaved', 'error:141B306E:SSL routines:tls_collect_extensions:bad extension'],
  [
    'no_shared_signature_scheme',
    'error:0A000172:SSL routines:tls12_check_peer_sigalg:wrong signature type:../ssl/t1_lib.c:1594:',
  ],
  [
    'internal_error',
    'error:0A000438:SSL routines:ssl3_read_bytes:tlsv1 alert internal error:../ssl/record/rec_layer_s3.c:1586:SSL alert number 80',
  ],
  ['none', 'New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384\nVerify return code: 0 (ok)'],
  ['ocsp_problem', 'error:1416F149:SSL routines:tls_process_initial_server_flight:invalid status response'],
  ['dns_failure', 'BIO_lookup_ex:system lib:../crypto/bio/bio_addr.c:730:Name or service not known'],
];

const CURL: readonly Row[] = [
  ['certificate_expired', 'curl: (60) SSL certificate problem: certificate has expired'],
  ['unknown_ca', 'curl: (60) SSL certificate problem: unable to get local issuer certificate'],
  ['self_signed', 'curl: (60) SSL certificate problem: self-signed certificate'],
  ['unknown_ca', 'curl: (60) SSL certificate problem: self signed certificate in certificate chain'],
  ['missing_intermediate', 'curl: (60) SSL certificate problem: unable to verify the first certificate'],
  ['certificate_not_yet_valid', 'curl: (60) SSL certificate problem: certificate is not yet valid'],
  [
    'hostname_mismatch',
    "curl: (60) SSL: no alternative certificate subject name matches target host name 'localhost'",
  ],
  [
    'hostname_mismatch',
    "curl: (51) SSL: certificate subject name 'www.example.org' does not match target host name 'example.com'",
  ],
  ['not_tls_server', 'curl: (35) error:1408F10B:SSL routines:ssl3_get_record:wrong version number'],
  ['not_tls_server', 'curl: (35) OpenSSL/3.0.2: error:0A00010B:SSL routines::wrong version number'],
  [
    'no_shared_cipher_suite',
    'curl: (35) error:14094410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure',
  ],
  [
    'protocol_version_mismatch',
    'curl: (35) error:1409442E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version',
  ],
  [
    'protocol_version_mismatch',
    'curl: (35) error:1425F102:SSL routines:ssl_choose_client_version:unsupported protocol',
  ],
  [
    'unrecognized_server_name',
    'curl: (35) OpenSSL/3.0.19: error:0A000458:SSL routines::tlsv1 unrecognized name',
  ],
  ['legacy_renegotiation', 'curl: (35) error:0A000152:SSL routines::unsafe legacy renegotiation disabled'],
  ['weak_key_or_signature', 'curl: (35) error:141A318A:SSL routines:tls_process_ske_dhe:dh key too small'],
  [
    'client_certificate_required',
    'curl: (56) OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0',
  ],
  [
    'client_certificate_rejected',
    'curl: (56) OpenSSL SSL_read: error:14094412:SSL routines:ssl3_read_bytes:sslv3 alert bad certificate, errno 0',
  ],
  [
    ['reset_after_client_hello', 'closed_after_client_hello'],
    'curl: (35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to example.com:443',
  ],
  [
    'reset_after_client_hello',
    'curl: (35) OpenSSL SSL_connect: Connection reset by peer in connection to example.com:443',
  ],
  ['reset_after_client_hello', 'curl: (35) Recv failure: Connection reset by peer'],
  [
    'reset_after_client_hello',
    'curl: (35) schannel: failed to receive handshake, SSL/TLS connection failed; Recv failure: Connection was reset',
  ],
  ['connection_refused', 'curl: (7) Failed to connect to localhost port 8443 after 0 ms: Connection refused'],
  [
    'connection_refused',
    "curl: (7) Failed to connect to localhost port 20023 after 0 ms: Couldn't connect to server",
  ],
  ['dns_failure', 'curl: (6) Could not resolve host: nonexistent.example'],
  [
    'connect_timeout',
    'curl: (28) Failed to connect to 10.255.255.1 port 443 after 130000 ms: Connection timed out',
  ],
  [
    ['connect_timeout', 'silence_after_client_hello'],
    'curl: (28) Connection timed out after 5001 milliseconds',
  ],
  ['silence_after_client_hello', 'curl: (28) SSL connection timeout'],
  [
    'hostname_mismatch',
    'curl: (60) schannel: SNI or certificate check failed: SEC_E_WRONG_PRINCIPAL (0x80090322) - The target principal name is incorrect.',
  ],
  [
    'unknown_ca',
    'curl: (60) schannel: SEC_E_UNTRUSTED_ROOT (0x80090325) - The certificate chain was issued by an authority that is not trusted.',
  ],
  [
    'certificate_expired',
    'curl: (60) schannel: SEC_E_CERT_EXPIRED (0x80090328) - The received certificate has expired.',
  ],
  [
    'ocsp_problem',
    'curl: (35) schannel: next InitializeSecurityContext failed: CRYPT_E_NO_REVOCATION_CHECK (0x80092012) - The revocation function was unable to check revocation for the certificate.',
  ],
  [
    'ocsp_problem',
    'curl: (35) schannel: next InitializeSecurityContext failed: Unknown error (0x80092013) - The revocation function was unable to check revocation because the revocation server was offline.',
  ],
  [
    'not_tls_server',
    'curl: (35) schannel: next InitializeSecurityContext failed: SEC_E_INVALID_TOKEN (0x80090308) - The token supplied to the function is invalid',
  ],
  [
    ['protocol_version_mismatch', 'no_shared_cipher_suite'],
    'curl: (35) schannel: next InitializeSecurityContext failed: SEC_E_ALGORITHM_MISMATCH (0x80090331) - The client and server cannot communicate, because they do not possess a common algorithm.',
  ],
  [
    'certificate_revoked',
    'curl: (35) schannel: next InitializeSecurityContext failed: CRYPT_E_REVOKED (0x80092010) - The certificate is revoked.',
  ],
  [
    'unknown_ca',
    'curl: (60) server certificate verification failed. CAfile: /etc/ssl/certs/ca-certificates.crt CRLfile: none',
  ],
  ['no_shared_cipher_suite', 'curl: (35) gnutls_handshake() failed: Handshake failed'],
  ['not_tls_server', 'curl: (35) gnutls_handshake() failed: An unexpected TLS packet was received.'],
  [
    'hostname_mismatch',
    "curl: (60) SSL: certificate subject name (*.example.net) does not match target host name 'www.example.com'",
  ],
  ['unknown_ca', 'curl: (60) SSL certificate problem: Invalid certificate chain'],
  [
    'unknown_ca',
    'curl: (77) error setting certificate verify locations:  CAfile: /etc/pki/tls/certs/ca-bundle.crt CApath: none',
  ],
  [
    'no_shared_cipher_suite',
    'curl: (35) Cannot communicate securely with peer: no common encryption algorithm(s).',
  ],
  ['unknown_ca', "curl: (60) Peer's Certificate issuer is not recognized."],
  ['certificate_expired', "curl: (60) Peer's Certificate has expired."],
  [
    'hostname_mismatch',
    "curl: (51) Unable to communicate securely with peer: requested domain name does not match the server's certificate.",
  ],
  ['ocsp_problem', 'curl: (91) No OCSP response received'],
  [
    'truncated_close',
    'curl: (56) OpenSSL SSL_read: error:0A000126:SSL routines::unexpected eof while reading, errno 0',
  ],
  ['starttls_expected', 'curl: (64) Requested SSL level failed'],
];

const GIT_WGET: readonly Row[] = [
  [
    'unknown_ca',
    "fatal: unable to access 'https://git.example.com/x.git/': SSL certificate problem: unable to get local issuer certificate",
  ],
  [
    'unknown_ca',
    "fatal: unable to access 'https://git.example.com/x.git/': server certificate verification failed. CAfile: none CRLfile: none",
  ],
  [
    'self_signed',
    "fatal: unable to access 'https://git.example.com/x.git/': SSL certificate problem: self signed certificate",
  ],
  [
    ['closed_after_client_hello', 'truncated_close'],
    "fatal: unable to access 'https://git.example.com/': gnutls_handshake() failed: The TLS connection was non-properly terminated.",
  ],
  [
    'dns_failure',
    "fatal: unable to access 'https://git.example.com/': Could not resolve host: git.example.com",
  ],
  [
    'unknown_ca',
    "ERROR: cannot verify example.com's certificate, issued by ‘CN=Private CA’:\n  Unable to locally verify the issuer's authority.",
  ],
  [
    'self_signed',
    "ERROR: cannot verify localhost's certificate, issued by 'CN=localhost':\n  Self-signed certificate encountered.",
  ],
  [
    'certificate_expired',
    "ERROR: cannot verify expired.badssl.com's certificate, issued by ‘CN=COMODO’:\n  Issued certificate has expired.",
  ],
  [
    'hostname_mismatch',
    "ERROR: certificate common name ‘*.badssl.com’ doesn't match requested host name ‘wrong.host.badssl.com’.",
  ],
  [
    'hostname_mismatch',
    '    ERROR: no certificate subject alternative name matches\n        requested host name ‘wrong.example.com’.',
  ],
  [
    'truncated_close',
    'error: RPC failed; curl 56 OpenSSL SSL_read: error:0A000126:SSL routines::unexpected eof while reading, errno 0',
  ],
  [['closed_after_client_hello', 'reset_after_client_hello'], 'Unable to establish SSL connection.'],
  [
    'unknown_ca',
    'ERROR: The certificate of ‘example.com’ is not trusted.\nERROR: The certificate of ‘example.com’ doesn’t have a known issuer.',
  ],
];

const NODE: readonly Row[] = [
  [
    'unknown_ca',
    "Error: unable to get local issuer certificate\n    at TLSSocket.onConnectSecure (node:_tls_wrap:1674:34) {\n  code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'\n}",
  ],
  [
    'missing_intermediate',
    "Error: unable to verify the first certificate {\n  code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'\n}",
  ],
  [
    'self_signed',
    "Error: self-signed certificate; if the root CA is installed locally, try running Node.js with --use-system-ca {\n  code: 'DEPTH_ZERO_SELF_SIGNED_CERT'",
  ],
  [
    'unknown_ca',
    'npm ERR! code SELF_SIGNED_CERT_IN_CHAIN\nnpm ERR! request to https://registry.example/ failed, reason: self signed certificate in certificate chain',
  ],
  ['certificate_expired', "Error: certificate has expired {\n  code: 'CERT_HAS_EXPIRED'"],
  ['certificate_not_yet_valid', "code: 'CERT_NOT_YET_VALID'"],
  [
    'hostname_mismatch',
    "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's altnames: DNS:other.example",
  ],
  [
    'hostname_mismatch',
    "Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list:",
  ],
  [
    'not_tls_server',
    'Error: write EPROTO 802C:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/openssl/ssl/record/ssl3_record.c:355:',
  ],
  ['not_tls_server', "code: 'ERR_SSL_WRONG_VERSION_NUMBER'"],
  ['protocol_version_mismatch', "code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'"],
  ['protocol_version_mismatch', "code: 'ERR_SSL_UNSUPPORTED_PROTOCOL'"],
  ['no_shared_cipher_suite', "code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'"],
  ['no_shared_cipher_suite', "tlsClientError code: 'ERR_SSL_NO_SHARED_CIPHER'"],
  ['no_shared_cipher_suite', "code: 'ERR_SSL_NO_CIPHER_MATCH'"],
  ['client_certificate_required', "code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'"],
  ['client_certificate_required', "code: 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'"],
  ['unrecognized_server_name', "code: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME'"],
  ['no_shared_alpn', "code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'"],
  ['unknown_ca', "code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'"],
  ['http_to_tls_port', "code: 'ERR_SSL_HTTP_REQUEST'"],
  ['legacy_renegotiation', "code: 'ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED'"],
  ['weak_key_or_signature', "code: 'ERR_SSL_DH_KEY_TOO_SMALL'"],
  [
    'server_has_no_private_key',
    "Error: error:05800074:x509 certificate routines::key values mismatch { code: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'",
  ],
  [
    'closed_after_client_hello',
    "Error: Client network socket disconnected before secure TLS connection was established { code: 'ECONNRESET'",
  ],
  [
    'reset_after_client_hello',
    'Error: read ECONNRESET\n    at TLSWrap.onStreamRead (node:internal/stream_base_commons:217:20)',
  ],
  ['connection_refused', 'Error: connect ECONNREFUSED 127.0.0.1:20023'],
  ['dns_failure', 'Error: getaddrinfo ENOTFOUND nonexistent.example'],
  ['dns_failure', 'getaddrinfo EAI_AGAIN registry.example'],
  ['connect_timeout', 'Error: connect ETIMEDOUT 10.255.255.1:443'],
  ['silence_after_client_hello', 'Error [ERR_TLS_HANDSHAKE_TIMEOUT]: TLS handshake timeout'],
  [
    'renegotiation_refused',
    'Error [ERR_TLS_RENEGOTIATION_DISABLED]: TLS session renegotiation disabled for this socket',
  ],
  ['closed_after_client_hello', "Error: socket hang up { code: 'ECONNRESET' }"],
  ['certificate_revoked', "code: 'CERT_REVOKED'"],
  ['wrong_key_usage', "code: 'INVALID_PURPOSE'"],
  ['decrypt_failure', "code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC'"],
  [
    'connect_timeout',
    "ConnectTimeoutError: Connect Timeout Error (attempted address: example.com:443, timeout: 10000ms) code: 'UND_ERR_CONNECT_TIMEOUT'",
  ],
];

const GO: readonly Row[] = [
  [
    'unknown_ca',
    'Get "https://localhost:8443/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  [
    'unknown_ca',
    'x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "Lab Root")',
  ],
  [
    'certificate_expired',
    'x509: certificate has expired or is not yet valid: current time 2026-11-20T15:02:03Z is after 2024-04-01T00:00:00Z',
  ],
  [
    'certificate_not_yet_valid',
    'x509: certificate has expired or is not yet valid: current time 2020-01-01T00:00:13Z is before 2026-11-20T15:02:00Z',
  ],
  [
    'hostname_mismatch',
    'tls: failed to verify certificate: x509: certificate is valid for other.example, not localhost',
  ],
  [
    'hostname_mismatch',
    "x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs",
  ],
  ['hostname_mismatch', 'x509: certificate relies on legacy Common Name field, use SANs instead'],
  ['not_tls_server', 'Get "https://localhost:8080/": http: server gave HTTP response to HTTPS client'],
  ['not_tls_server', 'tls: first record does not look like a TLS handshake'],
  ['protocol_version_mismatch', 'remote error: tls: protocol version not supported'],
  ['protocol_version_mismatch', 'tls: server selected unsupported protocol version 301'],
  [
    'protocol_version_mismatch',
    'http: TLS handshake error from 10.0.0.7:51234: tls: client offered only unsupported versions: [302 301]',
  ],
  [
    'no_shared_cipher_suite',
    'http: TLS handshake error from 10.0.0.7:51234: tls: no cipher suite supported by both client and server',
  ],
  ['no_shared_cipher_suite', 'remote error: tls: handshake failure'],
  ['client_certificate_required', 'remote error: tls: certificate required'],
  [
    'client_certificate_required',
    "http: TLS handshake error from 10.0.0.7:51234: tls: client didn't provide a certificate",
  ],
  ['client_certificate_rejected', 'Get "https://api.example/": remote error: tls: bad certificate'],
  ['unknown_ca', 'http: TLS handshake error from 10.0.0.7:51234: remote error: tls: bad certificate'],
  [
    'unknown_ca',
    'http: TLS handshake error from 10.0.0.7:51234: remote error: tls: unknown certificate authority',
  ],
  ['unknown_ca', 'http: TLS handshake error from 10.0.0.7:51234: remote error: tls: unknown certificate'],
  [['closed_after_client_hello'], 'http: TLS handshake error from 10.0.0.7:51234: EOF'],
  [
    ['http_to_tls_port'],
    'http: TLS handshake error from 10.0.0.7:51234: client sent an HTTP request to an HTTPS server',
  ],
  [
    'http_to_tls_port',
    'net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x15\\x03\\x01\\x00\\x02\\x02\\x16"',
  ],
  ['no_shared_alpn', 'tls: client requested unsupported application protocols ([http/0.9])'],
  ['unrecognized_server_name', 'remote error: tls: unrecognized name'],
  ['internal_error', 'remote error: tls: internal error'],
  ['silence_after_client_hello', 'Get "https://10.0.0.9/": net/http: TLS handshake timeout'],
  ['connect_timeout', 'dial tcp 10.255.255.1:443: i/o timeout'],
  ['connection_refused', 'dial tcp 127.0.0.1:8443: connect: connection refused'],
  ['dns_failure', 'dial tcp: lookup nonexistent.example on 127.0.0.53:53: no such host'],
  ['wrong_key_usage', 'x509: certificate specifies an incompatible key usage'],
  ['weak_key_or_signature', 'x509: cannot verify signature: insecure algorithm SHA1-RSA'],
  ['server_has_no_private_key', 'tls: private key does not match public key'],
  ['server_has_no_private_key', 'tls: failed to find any PEM data in key input'],
  ['decrypt_failure', 'local error: tls: bad record MAC'],
  ['inappropriate_fallback', 'tls: client using inappropriate protocol fallback'],
  ['reset_after_client_hello', 'read tcp 10.0.0.2:51234->93.184.216.34:443: read: connection reset by peer'],
  ['no_shared_signature_scheme', "tls: peer doesn't support any of the certificate's signature algorithms"],
  ['renegotiation_refused', 'local error: tls: no renegotiation'],
  ['record_overflow', 'tls: oversized record received with length 20527'],
];

const JAVA: readonly Row[] = [
  [
    'unknown_ca',
    'javax.net.ssl.SSLHandshakeException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target',
  ],
  [
    'unknown_ca',
    'sun.security.validator.ValidatorException: PKIX path validation failed: java.security.cert.CertPathValidatorException: Path does not chain with any of the trust anchors',
  ],
  [
    'certificate_expired',
    'java.security.cert.CertificateExpiredException: NotAfter: Mon Apr 01 00:00:00 GMT 2024',
  ],
  [
    'certificate_expired',
    'sun.security.validator.ValidatorException: PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed',
  ],
  [
    'certificate_not_yet_valid',
    'java.security.cert.CertificateNotYetValidException: NotBefore: Fri Nov 20 15:02:00 GMT 2026',
  ],
  [
    'hostname_mismatch',
    'javax.net.ssl.SSLHandshakeException: No subject alternative DNS name matching localhost found.',
  ],
  [
    'hostname_mismatch',
    'java.security.cert.CertificateException: No subject alternative names matching IP address 127.0.0.1 found',
  ],
  ['hostname_mismatch', 'java.security.cert.CertificateException: No name matching example.com found'],
  [
    'hostname_mismatch',
    "javax.net.ssl.SSLPeerUnverifiedException: Certificate for <a.example> doesn't match any of the subject alternative names: [b.example]",
  ],
  ['hostname_mismatch', 'javax.net.ssl.SSLPeerUnverifiedException: Hostname a.example not verified:'],
  ['no_shared_cipher_suite', 'javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure'],
  ['no_shared_cipher_suite', 'javax.net.ssl.SSLHandshakeException: no cipher suites in common'],
  [
    'protocol_version_mismatch',
    'javax.net.ssl.SSLHandshakeException: Received fatal alert: protocol_version',
  ],
  [
    'protocol_version_mismatch',
    'javax.net.ssl.SSLHandshakeException: Client requested protocol TLSv1 is not enabled or supported in server context',
  ],
  [
    'protocol_version_mismatch',
    'javax.net.ssl.SSLHandshakeException: The server selected protocol version TLS10 is not accepted by client preferences [TLS13, TLS12]',
  ],
  [
    ['protocol_version_mismatch', 'no_shared_cipher_suite'],
    'javax.net.ssl.SSLHandshakeException: No appropriate protocol (protocol is disabled or cipher suites are inappropriate)',
  ],
  ['not_tls_server', 'javax.net.ssl.SSLException: Unsupported or unrecognized SSL message'],
  ['not_tls_server', 'javax.net.ssl.SSLException: Unrecognized SSL message, plaintext connection?'],
  ['closed_after_client_hello', 'javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake'],
  [
    'closed_after_client_hello',
    'javax.net.ssl.SSLHandshakeException: Remote host closed connection during handshake',
  ],
  [
    'client_certificate_required',
    'javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_required',
  ],
  ['client_certificate_required', 'javax.net.ssl.SSLHandshakeException: Empty client certificate chain'],
  [
    'client_certificate_rejected',
    'javax.net.ssl.SSLHandshakeException: Received fatal alert: bad_certificate',
  ],
  ['unknown_ca', 'javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_unknown'],
  ['unrecognized_server_name', 'javax.net.ssl.SSLProtocolException: handshake alert:  unrecognized_name'],
  [
    'weak_key_or_signature',
    'java.security.cert.CertPathValidatorException: Algorithm constraints check failed on signature algorithm: SHA1withRSA',
  ],
  [
    'weak_key_or_signature',
    'javax.net.ssl.SSLException: java.lang.RuntimeException: Could not generate DH keypair',
  ],
  [
    'weak_key_or_signature',
    'javax.net.ssl.SSLHandshakeException: Certificates do not conform to algorithm constraints',
  ],
  [
    'wrong_key_usage',
    'sun.security.validator.ValidatorException: Extended key usage does not permit use for TLS server authentication',
  ],
  [
    'certificate_revoked',
    'java.security.cert.CertPathValidatorException: Certificate has been revoked, reason: KEY_COMPROMISE',
  ],
  [
    'ocsp_problem',
    'java.security.cert.CertPathValidatorException: Unable to determine revocation status due to network error',
  ],
  [
    'truncated_close',
    "javax.net.ssl.SSLException: Inbound closed before receiving peer's close_notify: possible truncation attack?",
  ],
  [
    'http_to_tls_port',
    'io.netty.handler.ssl.NotSslRecordException: not an SSL/TLS record: 474554202f20485454502f312e310d0a',
  ],
  ['decrypt_failure', 'javax.crypto.AEADBadTagException: Tag mismatch!'],
  ['dns_failure', 'java.net.UnknownHostException: nonexistent.example'],
  ['connection_refused', 'java.net.ConnectException: Connection refused (Connection refused)'],
  ['connect_timeout', 'java.net.SocketTimeoutException: connect timed out'],
  ['reset_after_client_hello', 'java.net.SocketException: Connection reset'],
  [
    'unknown_ca',
    'javax.net.ssl.SSLException: Unexpected error: java.security.InvalidAlgorithmParameterException: the trustAnchors parameter must be non-empty',
  ],
  [
    'unknown_ca',
    'java.security.cert.CertPathValidatorException: Trust anchor for certification path not found.',
  ],
  [
    ['no_certificate_for_suite', 'no_shared_cipher_suite'],
    'javax.net.ssl.SSLHandshakeException: No available authentication scheme',
  ],
  ['peer_misbehaved', 'javax.net.ssl.SSLProtocolException: Unexpected handshake message: server_hello'],
];

const PYTHON: readonly Row[] = [
  [
    'unknown_ca',
    'ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)',
  ],
  [
    'self_signed',
    'ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)',
  ],
  [
    'unknown_ca',
    "requests.exceptions.SSLError: HTTPSConnectionPool(host='a.example', port=443): Max retries exceeded with url: / (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate in certificate chain (_ssl.c:1129)')))",
  ],
  [
    'certificate_expired',
    '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1129)',
  ],
  [
    'certificate_not_yet_valid',
    '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate is not yet valid (_ssl.c:1129)',
  ],
  [
    'hostname_mismatch',
    "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not valid for 'localhost'. (_ssl.c:1129)",
  ],
  ['hostname_mismatch', "ssl.CertificateError: hostname 'a.example' doesn't match 'b.example'"],
  ['not_tls_server', 'ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1129)'],
  ['not_tls_server', 'ssl.SSLError: [SSL: UNKNOWN_PROTOCOL] unknown protocol (_ssl.c:645)'],
  [
    'no_shared_cipher_suite',
    'ssl.SSLError: [SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure (_ssl.c:1129)',
  ],
  [
    'protocol_version_mismatch',
    'ssl.SSLError: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version (_ssl.c:661)',
  ],
  [
    'protocol_version_mismatch',
    'ssl.SSLError: [SSL: UNSUPPORTED_PROTOCOL] unsupported protocol (_ssl.c:1056)',
  ],
  ['weak_key_or_signature', 'ssl.SSLError: [SSL: DH_KEY_TOO_SMALL] dh key too small (_ssl.c:1056)'],
  [
    'legacy_renegotiation',
    'ssl.SSLError: [SSL: UNSAFE_LEGACY_RENEGOTIATION_DISABLED] unsafe legacy renegotiation disabled (_ssl.c:1007)',
  ],
  [
    ['closed_after_client_hello', 'truncated_close'],
    'ssl.SSLEOFError: EOF occurred in violation of protocol (_ssl.c:1129)',
  ],
  [
    ['closed_after_client_hello', 'truncated_close'],
    '[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol (_ssl.c:1006)',
  ],
  [
    'client_certificate_required',
    'ssl.SSLError: [SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required (_ssl.c:2635)',
  ],
  [
    'unrecognized_server_name',
    'ssl.SSLError: [SSL: TLSV1_UNRECOGNIZED_NAME] tlsv1 unrecognized name (_ssl.c:1129)',
  ],
  ['silence_after_client_hello', 'socket.timeout: _ssl.c:1112: The handshake operation timed out'],
  ['reset_after_client_hello', 'ConnectionResetError: [Errno 104] Connection reset by peer'],
  [
    'dns_failure',
    'urllib3.exceptions.MaxRetryError: (Caused by NameResolutionError(": Failed to resolve \'x.example\' ([Errno -2] Name or service not known)"))',
  ],
  ['dns_failure', 'socket.gaierror: [Errno -3] Temporary failure in name resolution'],
  ['connection_refused', 'ConnectionRefusedError: [Errno 111] Connection refused'],
  [
    'server_has_no_private_key',
    'ssl.SSLError: [X509: KEY_VALUES_MISMATCH] key values mismatch (_ssl.c:4067)',
  ],
  ['weak_key_or_signature', 'ssl.SSLError: [SSL: EE_KEY_TOO_SMALL] ee key too small (_ssl.c:4067)'],
  [
    'unknown_ca',
    'OSError: Could not find a suitable TLS CA certificate bundle, invalid path: /etc/ssl/x.pem',
  ],
  [
    'connect_timeout',
    "requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='10.255.255.1', port=443): Max retries exceeded (Caused by ConnectTimeoutError(<urllib3.connection.HTTPSConnection>, 'Connection to 10.255.255.1 timed out. (connect timeout=3)'))",
  ],
  ['no_shared_cipher_suite', "ssl.SSLError: ('No cipher can be selected.',)"],
  ['http_to_tls_port', 'ssl.SSLError: [SSL: HTTP_REQUEST] http request (_ssl.c:1129)'],
];

const WINDOWS: readonly Row[] = [
  [
    'no_shared_cipher_suite',
    'A fatal alert was received from the remote endpoint. The TLS protocol defined fatal alert code is 40.',
  ],
  [
    'protocol_version_mismatch',
    'Schannel 36887: A fatal alert was received from the remote endpoint. The TLS protocol defined fatal alert code is 70.',
  ],
  ['unknown_ca', 'Event ID 36887: The following fatal alert was received: 48.'],
  ['unknown_ca', 'The following fatal alert was received: 46.'],
  [
    'no_shared_cipher_suite',
    'Event 36874, Schannel: An TLS 1.2 connection request was received from a remote client application, but none of the cipher suites supported by the client application are supported by the server.',
  ],
  [
    'server_has_no_private_key',
    'Event 36870: A fatal error occurred when attempting to access the SSL server credential private key. The error code returned from the cryptographic module is 0x8009030D.',
  ],
  [
    'hostname_mismatch',
    'System.Security.Authentication.AuthenticationException: The remote certificate is invalid according to the validation procedure: RemoteCertificateNameMismatch',
  ],
  [
    'unknown_ca',
    'The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot',
  ],
  [
    ['unknown_ca', 'missing_intermediate'],
    'The remote certificate is invalid because of errors in the certificate chain: PartialChain',
  ],
  [
    'certificate_expired',
    'The remote certificate is invalid because of errors in the certificate chain: NotTimeValid',
  ],
  [
    'ocsp_problem',
    'The remote certificate is invalid because of errors in the certificate chain: RevocationStatusUnknown, OfflineRevocation',
  ],
  [
    'certificate_revoked',
    'The remote certificate is invalid because of errors in the certificate chain: Revoked',
  ],
  [
    ['protocol_version_mismatch', 'no_shared_cipher_suite'],
    'System.ComponentModel.Win32Exception (0x80090331): The client and server cannot communicate, because they do not possess a common algorithm',
  ],
  [
    'not_tls_server',
    'System.IO.IOException: Cannot determine the frame size or a corrupted frame was received.',
  ],
  [
    ['not_tls_server', 'closed_after_client_hello'],
    'System.IO.IOException: Received an unexpected EOF or 0 bytes from the transport stream.',
  ],
  [
    'reset_after_client_hello',
    'System.IO.IOException: Unable to read data from the transport connection: An existing connection was forcibly closed by the remote host.',
  ],
  [
    'unknown_ca',
    'The underlying connection was closed: Could not establish trust relationship for the SSL/TLS secure channel.',
  ],
  [
    'server_has_no_private_key',
    'System.NotSupportedException: The server mode SSL must use a certificate with the associated private key.',
  ],
  [
    'connection_refused',
    'No connection could be made because the target machine actively refused it. (127.0.0.1:8443)',
  ],
  ['dns_failure', "The remote name could not be resolved: 'nonexistent.example'"],
  [
    'no_shared_cipher_suite',
    'A fatal alert was generated and sent to the remote endpoint. This may result in termination of the connection. The TLS protocol defined fatal error code is 40. The Windows SChannel error state is 1205.',
  ],
];

const GNUTLS: readonly Row[] = [
  [
    'no_shared_cipher_suite',
    '*** Fatal error: A TLS fatal alert has been received.\n*** Received alert [40]: Handshake failed',
  ],
  ['protocol_version_mismatch', '*** Received alert [70]: Error in protocol version'],
  ['unknown_ca', '- Status: The certificate is NOT trusted. The certificate issuer is unknown.'],
  [
    'certificate_expired',
    '- Status: The certificate is NOT trusted. The certificate chain uses expired certificate.',
  ],
  [
    'certificate_not_yet_valid',
    '- Status: The certificate is NOT trusted. The certificate chain uses not yet valid certificate.',
  ],
  [
    'hostname_mismatch',
    '- Status: The certificate is NOT trusted. The name in the certificate does not match the expected.',
  ],
  ['not_tls_server', '*** Fatal error: An unexpected TLS packet was received.'],
  [
    'protocol_version_mismatch',
    '*** Fatal error: A packet with illegal or unsupported version was received.',
  ],
  [
    ['closed_after_client_hello', 'truncated_close'],
    '*** Fatal error: The TLS connection was non-properly terminated.',
  ],
  ['client_certificate_required', '*** Received alert [116]: Certificate is required'],
  ['no_shared_cipher_suite', 'Error in handshake: Could not negotiate a supported cipher suite.'],
  ['no_shared_cipher_suite', 'Error in handshake: No supported cipher suites have been found.'],
  [
    'weak_key_or_signature',
    '*** Fatal error: The Diffie-Hellman prime sent by the server is not acceptable (not long enough).',
  ],
  ['decrypt_failure', '*** Fatal error: Decryption has failed.'],
  ['reset_after_client_hello', '*** Fatal error: Error in the pull function.'],
  ['unrecognized_server_name', '*** Received alert [112]: The server name sent was not recognized'],
  ['no_shared_alpn', '*** Received alert [120]: No supported application protocol could be negotiated'],
  ['unknown_ca', '*** Received alert [48]: CA is unknown'],
  ['wrong_psk', '*** Received alert [115]: The SRP/PSK username is missing or not known'],
  ['legacy_renegotiation', '*** Fatal error: Safe renegotiation failed.'],
];

const BROWSERS: readonly Row[] = [
  ['unknown_ca', 'net::ERR_CERT_AUTHORITY_INVALID'],
  ['hostname_mismatch', 'NET::ERR_CERT_COMMON_NAME_INVALID'],
  ['certificate_expired', 'NET::ERR_CERT_DATE_INVALID'],
  ['certificate_revoked', 'NET::ERR_CERT_REVOKED'],
  ['weak_key_or_signature', 'NET::ERR_CERT_WEAK_SIGNATURE_ALGORITHM'],
  [['protocol_version_mismatch', 'no_shared_cipher_suite'], 'ERR_SSL_VERSION_OR_CIPHER_MISMATCH'],
  [
    ['peer_misbehaved', 'not_tls_server'],
    'This site can’t provide a secure connection. example.com sent an invalid response. ERR_SSL_PROTOCOL_ERROR',
  ],
  ['client_certificate_rejected', 'ERR_BAD_SSL_CLIENT_AUTH_CERT'],
  ['client_certificate_required', 'ERR_SSL_CLIENT_AUTH_CERT_NEEDED'],
  ['weak_key_or_signature', 'ERR_SSL_WEAK_SERVER_EPHEMERAL_DH_KEY'],
  ['wrong_key_usage', 'ERR_SSL_KEY_USAGE_INCOMPATIBLE'],
  ['unrecognized_server_name', 'ERR_SSL_UNRECOGNIZED_NAME_ALERT'],
  ['dns_failure', 'DNS_PROBE_FINISHED_NXDOMAIN net::ERR_NAME_NOT_RESOLVED'],
  ['connection_refused', 'net::ERR_CONNECTION_REFUSED'],
  ['reset_after_client_hello', 'net::ERR_CONNECTION_RESET'],
  ['closed_after_client_hello', 'net::ERR_CONNECTION_CLOSED'],
  ['connect_timeout', 'net::ERR_CONNECTION_TIMED_OUT'],
  ['tls_inspection', 'NET::ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN'],
  ['unknown_ca', 'SEC_ERROR_UNKNOWN_ISSUER'],
  ['certificate_expired', 'SEC_ERROR_EXPIRED_CERTIFICATE'],
  ['certificate_expired', 'SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE'],
  ['hostname_mismatch', 'Error code: SSL_ERROR_BAD_CERT_DOMAIN'],
  ['self_signed', 'MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT'],
  ['certificate_not_yet_valid', 'MOZILLA_PKIX_ERROR_NOT_YET_VALID_CERTIFICATE'],
  ['tls_inspection', 'MOZILLA_PKIX_ERROR_MITM_DETECTED'],
  ['ocsp_problem', 'MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING'],
  ['weak_key_or_signature', 'MOZILLA_PKIX_ERROR_INADEQUATE_KEY_SIZE'],
  ['certificate_revoked', 'Peer’s Certificate has been revoked. Error code: SEC_ERROR_REVOKED_CERTIFICATE'],
  ['ocsp_problem', 'SEC_ERROR_OCSP_FUTURE_RESPONSE'],
  ['ocsp_problem', 'SEC_ERROR_OCSP_OLD_RESPONSE'],
  [
    'no_shared_cipher_suite',
    'Cannot communicate securely with peer: no common encryption algorithm(s). Error code: SSL_ERROR_NO_CYPHER_OVERLAP',
  ],
  [
    'protocol_version_mismatch',
    'Peer using unsupported version of security protocol. Error code: SSL_ERROR_UNSUPPORTED_VERSION',
  ],
  ['protocol_version_mismatch', 'SSL_ERROR_PROTOCOL_VERSION_ALERT'],
  [
    'not_tls_server',
    'SSL received a record that exceeded the maximum permissible length. Error code: SSL_ERROR_RX_RECORD_TOO_LONG',
  ],
  ['client_certificate_required', 'SSL_ERROR_RX_CERTIFICATE_REQUIRED_ALERT'],
  ['no_shared_cipher_suite', 'SSL_ERROR_HANDSHAKE_FAILURE_ALERT'],
  ['unrecognized_server_name', 'SSL_ERROR_UNRECOGNIZED_NAME_ALERT'],
  ['legacy_renegotiation', 'SSL_ERROR_UNSAFE_NEGOTIATION'],
  ['closed_after_client_hello', 'PR_END_OF_FILE_ERROR'],
  ['reset_after_client_hello', 'PR_CONNECT_RESET_ERROR'],
  ['client_certificate_rejected', 'SSL_ERROR_BAD_CERT_ALERT'],
  ['no_shared_alpn', 'SSL_ERROR_NEXT_PROTOCOL_NO_PROTOCOL'],
  ['decrypt_failure', 'SSL_ERROR_BAD_MAC_READ'],
  ['inappropriate_fallback', 'SSL_ERROR_INAPPROPRIATE_FALLBACK_ALERT'],
  ['wrong_key_usage', 'SEC_ERROR_INADEQUATE_KEY_USAGE'],
  [
    'unknown_ca',
    'NSURLErrorDomain Code=-1202 "The certificate for this server is invalid. You might be connecting to a server that is pretending to be “a.example”"',
  ],
  ['hostname_mismatch', 'CFNetwork SSLHandshake failed (-9843)'],
  ['certificate_expired', 'CFNetwork SSLHandshake failed (-9814)'],
  ['unknown_ca', 'CFNetwork SSLHandshake failed (-9807)'],
  ['no_shared_cipher_suite', 'CFNetwork SSLHandshake failed (-9824)'],
  ['protocol_version_mismatch', 'CFNetwork SSLHandshake failed (-9836)'],
  [
    ['no_shared_cipher_suite', 'protocol_version_mismatch'],
    'NSURLErrorDomain error -1200: A TLS error caused the secure connection to fail.',
  ],
  ['client_certificate_required', 'NSURLErrorDomain Code=-1206 "The server requires a client certificate."'],
];

const SERVERS: readonly Row[] = [
  [
    'protocol_version_mismatch',
    '2018/06/24 22:41:22 [crit] 61481#61481: *1228609 SSL_do_handshake() failed (SSL: error:14209102:SSL routines:tls_early_post_process_client_hello:unsupported protocol) while SSL handshaking, client: 203.0.113.9, server: 0.0.0.0:443',
  ],
  [
    'no_shared_cipher_suite',
    '2024/01/02 03:04:05 [info] 9#9: *7 SSL_do_handshake() failed (SSL: error:0A0000C1:SSL routines::no shared cipher) while SSL handshaking, client: 203.0.113.9, server: 0.0.0.0:443',
  ],
  [
    'unknown_ca',
    '2024/01/02 03:04:05 [info] 9#9: *7 SSL_do_handshake() failed (SSL: error:14094418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:SSL alert number 48) while SSL handshaking, client: 203.0.113.9, server: 0.0.0.0:443',
  ],
  [
    'unknown_ca',
    '2024/01/02 03:04:05 [info] 9#9: *7 SSL_do_handshake() failed (SSL: error:0A000416:SSL routines::sslv3 alert certificate unknown:SSL alert number 46) while SSL handshaking, client: 203.0.113.9, server: 0.0.0.0:443',
  ],
  [
    'certificate_expired',
    '[info] 9#9: *7 SSL_do_handshake() failed (SSL: error:0A000415:SSL routines::sslv3 alert certificate expired:SSL alert number 45) while SSL handshaking, client: 203.0.113.9, server: 0.0.0.0:443',
  ],
  [
    'not_tls_server',
    '2017/10/05 21:39:23 [error] 10#10: *12 SSL_do_handshake() failed (SSL: error:1408F10B:SSL routines:ssl3_get_record:wrong version number) while SSL handshaking to upstream, client: 203.0.113.9, upstream: "https://10.0.0.2:8080/"',
  ],
  [
    'no_shared_cipher_suite',
    '[error] 10#10: *12 SSL_do_handshake() failed (SSL: error:14094410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:SSL alert number 40) while SSL handshaking to upstream',
  ],
  [
    'unrecognized_server_name',
    '[error] 10#10: *12 SSL_do_handshake() failed (SSL: error:0A000458:SSL routines::tlsv1 unrecognized name:SSL alert number 112) while SSL handshaking to upstream',
  ],
  [
    ['unknown_ca', 'missing_intermediate'],
    '[error] 10#10: *12 upstream SSL certificate verify error: (20:unable to get local issuer certificate) while SSL handshaking to upstream',
  ],
  [
    'hostname_mismatch',
    '[error] 10#10: *12 upstream SSL certificate does not match "backend.internal" while SSL handshaking to upstream',
  ],
  [
    'closed_after_client_hello',
    '[error] 10#10: *12 peer closed connection in SSL handshake while SSL handshaking to upstream',
  ],
  [
    'reset_after_client_hello',
    '[error] 10#10: *12 peer closed connection in SSL handshake (104: Connection reset by peer) while SSL handshaking to upstream',
  ],
  [
    'silence_after_client_hello',
    '[error] 10#10: *12 upstream timed out (110: Connection timed out) while SSL handshaking to upstream',
  ],
  [
    'connection_refused',
    '[error] 10#10: *12 connect() failed (111: Connection refused) while connecting to upstream',
  ],
  ['dns_failure', '[emerg] 1#1: host not found in upstream "backend" in /etc/nginx/conf.d/default.conf:4'],
  ['http_to_tls_port', '400 The plain HTTP request was sent to HTTPS port'],
  [
    'http_to_tls_port',
    '[info] 9#9: *7 client sent plain HTTP request to HTTPS port while reading client request headers, client: 203.0.113.9',
  ],
  ['client_certificate_required', '400 No required SSL certificate was sent'],
  [
    'client_certificate_required',
    '[info] 9#9: *7 client sent no required SSL certificate while reading client request headers',
  ],
  [
    'client_certificate_rejected',
    '[info] 9#9: *7 client SSL certificate verify error: (18:self signed certificate) while reading client request headers',
  ],
  [
    'client_certificate_rejected',
    '[info] 9#9: *7 client SSL certificate verify error: (10:certificate has expired) while reading client request headers',
  ],
  [
    'server_has_no_private_key',
    'nginx: [emerg] SSL_CTX_use_PrivateKey_file("/etc/ssl/k.pem") failed (SSL: error:0B080074:x509 certificate routines:X509_check_private_key:key values mismatch)',
  ],
  [
    'server_has_no_private_key',
    'nginx: [emerg] cannot load certificate "/etc/ssl/c.pem": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory)',
  ],
  [
    'server_has_no_private_key',
    '[error] 9#9: *7 no "ssl_certificate" is defined in server listening on SSL port while SSL handshaking',
  ],
  [
    'ocsp_problem',
    '[error] 9#9: OCSP_basic_verify() failed (SSL: error:27069065:OCSP routines:OCSP_basic_verify:certificate verify error:Verify error:unable to get local issuer certificate) while requesting certificate status, responder: r3.o.lencr.org',
  ],
  [
    'ocsp_problem',
    'nginx: [warn] "ssl_stapling" ignored, issuer certificate not found for certificate "/etc/ssl/c.pem"',
  ],
  ['rate_or_resource_limit', '[alert] 9#9: 1024 worker_connections are not enough'],
  ['rate_or_resource_limit', '[crit] 9#9: accept4() failed (24: Too many open files)'],
  [
    'inappropriate_fallback',
    '[crit] 619#0: *39975386 SSL_do_handshake() failed (SSL: error:140A1175:SSL routines:SSL_BYTES_TO_CIPHER_LIST:inappropriate fallback) while SSL handshaking',
  ],
  [
    'closed_after_client_hello',
    '[info] 9#9: *1 peer closed connection in SSL handshake while SSL handshaking, client: 203.0.113.9, server: 0.0.0.0:443',
  ],
  [
    'http_to_tls_port',
    '[ssl:error] [pid 7] AH02042: rejecting client initiated renegotiation'.replace(
      'AH02042: rejecting client initiated renegotiation',
      'AH01996: SSL handshake failed: HTTP spoken on HTTPS port; trying to send HTML error page',
    ),
  ],
  [
    'client_certificate_required',
    '[ssl:info] AH02008: SSL library error 1 in handshake\n[ssl:info] SSL Library Error: error:0A0000C7:SSL routines::peer did not return a certificate -- No CAs known to server for verification?',
  ],
  [
    'unrecognized_server_name',
    'AH02032: Hostname a.example provided via SNI and hostname b.example provided via HTTP have no compatible SSL setup',
  ],
  [
    'server_has_no_private_key',
    'AH02565: Certificate and private key www.example.com:443:0 from /etc/ssl/c.pem and /etc/ssl/k.pem do not match',
  ],
  [
    'client_certificate_rejected',
    'AH02039: Certificate Verification: Error (20): unable to get local issuer certificate',
  ],
  [
    'hostname_mismatch',
    'AH01909: www.example.com:443:0 server certificate does NOT include an ID which matches the server name',
  ],
  ['renegotiation_refused', 'AH02042: rejecting client initiated renegotiation'],
  ['ocsp_problem', 'AH01941: stapling_renew_response: responder error'],
  [
    'not_tls_server',
    'Health check for server be/srv1 failed, reason: Layer6 invalid response, info: "SSL handshake failure (error:1408F10B:SSL routines:ssl3_get_record:wrong version number)"',
  ],
  [
    ['unknown_ca', 'missing_intermediate'],
    'Server be/s1 is DOWN, reason: Layer6 invalid response, info: "SSL handshake failure (error:1416F086:SSL routines:tls_process_server_certificate:certificate verify failed)"',
  ],
  [
    'client_certificate_required',
    'haproxy[12]: 203.0.113.9:51234 [02/Jan/2024:03:04:05.678] fe/1: SSL client certificate required but not sent: peer did not return a certificate',
  ],
  [
    ['no_shared_cipher_suite', 'protocol_version_mismatch'],
    'haproxy[12]: 203.0.113.9:51234 [02/Jan/2024:03:04:05.678] fe/1: SSL handshake failure',
  ],
  [
    'closed_after_client_hello',
    'haproxy[12]: 203.0.113.9:51234 [02/Jan/2024:03:04:05.678] fe/1: Connection closed during SSL handshake',
  ],
  [
    'silence_after_client_hello',
    'haproxy[12]: 203.0.113.9:51234 [02/Jan/2024:03:04:05.678] fe/1: Timeout during SSL handshake',
  ],
  [
    'not_tls_server',
    'upstream connect error or disconnect/reset before headers. reset reason: connection failure, transport failure reason: TLS error: 268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER',
  ],
  [
    'unknown_ca',
    'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end',
  ],
  ['no_shared_cipher_suite', 'TLS error: 268435640:SSL routines:OPENSSL_internal:NO_SHARED_CIPHER'],
  [
    'client_certificate_required',
    'TLS error: 268435655:SSL routines:OPENSSL_internal:PEER_DID_NOT_RETURN_A_CERTIFICATE',
  ],
  [
    'no_shared_cipher_suite',
    'TLS error: 268436496:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE',
  ],
  ['unrecognized_server_name', 'closing connection: no matching filter chain found'],
  [
    'connection_refused',
    'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: delayed connect error: 111',
  ],
  ['unknown_ca', 'LOG4[3]: CERT: Pre-verification error: unable to get local issuer certificate'],
  [
    'not_tls_server',
    'LOG3[0]: SSL_connect: ssl/record/ssl3_record.c:332: error:1408F10B:SSL routines:ssl3_get_record:wrong version number',
  ],
  [
    'no_shared_cipher_suite',
    'LOG3[1]: SSL_accept: error:1417A0C1:SSL routines:tls_post_process_client_hello:no shared cipher',
  ],
  [
    'client_certificate_required',
    'LOG3[1]: SSL_accept: error:1417C0C7:SSL routines:tls_process_client_certificate:peer did not return a certificate',
  ],
  ['connection_refused', 'LOG3[4]: s_connect: connect 10.0.0.2:443: Connection refused (111)'],
];

const VPN_AND_OTHERS: readonly Row[] = [
  [
    'silence_after_client_hello',
    'TLS Error: TLS key negotiation failed to occur within 60 seconds (check your network connectivity)',
  ],
  ['unknown_ca', 'VERIFY ERROR: depth=1, error=self signed certificate in certificate chain: CN=Example CA'],
  ['certificate_expired', 'VERIFY ERROR: depth=0, error=certificate has expired: CN=server'],
  [
    'missing_intermediate',
    'VERIFY ERROR: depth=0, error=unable to get local issuer certificate: CN=vpn.example.com',
  ],
  ['wrong_psk', 'TLS Error: cannot locate HMAC in incoming packet from [AF_INET]203.0.113.9:1194'],
  ['wrong_psk', 'Authenticate/Decrypt packet error: packet HMAC authentication failed'],
  [
    'protocol_version_mismatch',
    'OpenSSL: error:1409442E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version',
  ],
  ['ocsp_problem', 'VERIFY ERROR: depth=0, error=CRL has expired: CN=client1'],
  ['wrong_key_usage', 'Certificate does not have key usage extension\nVERIFY KU ERROR'],
  [
    'protocol_version_mismatch',
    'FortiClient: Unable to establish the VPN connection. The VPN server may be unreachable. (-5029)'.replace(
      'The VPN server may be unreachable. ',
      'SSL version mismatch ',
    ),
  ],
  ['connect_timeout', 'Unable to establish the VPN connection. The VPN server may be unreachable. (-20199)'],
  [
    'unknown_ca',
    'AnyConnect: Untrusted VPN Server Certificate! AnyConnect cannot verify the VPN server: vpn.example.com',
  ],
  ['client_certificate_required', 'Cisco AnyConnect: No valid certificates available for authentication.'],
  ['client_certificate_required', 'GlobalProtect: Required client certificate is not found'],
  ['client_certificate_required', 'Certificate Validation Failure'],
  ['connect_timeout', 'GlobalProtect: Could not connect to portal. Network unreachable'],
  ['unknown_ca', 'error trying to connect: invalid peer certificate: UnknownIssuer'],
  [
    'hostname_mismatch',
    'invalid peer certificate: certificate not valid for name "localhost"; certificate is only valid for DnsName("other.example")',
  ],
  ['hostname_mismatch', 'invalid peer certificate contents: NotValidForName'],
  ['certificate_expired', 'invalid peer certificate: Expired'],
  ['certificate_expired', 'InvalidCertificate(Expired)'],
  ['no_shared_cipher_suite', 'received fatal alert: HandshakeFailure'],
  ['protocol_version_mismatch', 'received fatal alert: ProtocolVersion'],
  ['client_certificate_required', 'received fatal alert: CertificateRequired'],
  ['not_tls_server', 'received corrupt message of type InvalidContentType'],
  ['protocol_version_mismatch', 'peer is incompatible: ServerDoesNotSupportTls12Or13'],
  [
    ['closed_after_client_hello', 'truncated_close'],
    'peer closed connection without sending TLS close_notify: https://docs.rs/rustls/latest/rustls/manual/_03_howto/index.html#unexpected-eof',
  ],
  ['closed_after_client_hello', 'tls handshake eof'],
  [
    'starttls_expected',
    'psql: error: connection to server at "db" (10.0.0.5), port 5432 failed: server does not support SSL, but SSL was required',
  ],
  [
    ['unknown_ca'],
    'psql: error: connection to server at "db" (10.0.0.5), port 5432 failed: SSL error: certificate verify failed',
  ],
  [
    'hostname_mismatch',
    'psql: error: server certificate for "db.internal" does not match host name "10.0.0.5"',
  ],
  ['client_certificate_required', 'FATAL:  connection requires a valid client certificate'],
  ['protocol_version_mismatch', 'ERROR 2026 (HY000): SSL connection error: unsupported protocol'],
  ['protocol_version_mismatch', 'ERROR 2026 (HY000): TLS/SSL error: tlsv1 alert protocol version'],
  [
    'self_signed',
    'ERROR 2026 (HY000): TLS/SSL error: self-signed certificate in certificate chain'.replace(
      ' in certificate chain',
      '',
    ),
  ],
  [
    'starttls_expected',
    'ERROR 2026 (HY000): SSL connection error: SSL is required, but the server does not support it',
  ],
  [
    'unknown_ca',
    'stream_socket_enable_crypto(): SSL operation failed with code 1. OpenSSL Error messages: error:1416F086:SSL routines:tls_process_server_certificate:certificate verify failed',
  ],
  [
    'hostname_mismatch',
    "stream_socket_client(): Peer certificate CN=`a.example' did not match expected CN=`b.example'",
  ],
  [
    'not_tls_server',
    'stream_socket_enable_crypto(): SSL operation failed with code 1. OpenSSL Error messages: error:1408F10B:SSL routines:ssl3_get_record:wrong version number',
  ],
  ['dns_failure', 'php_network_getaddresses: getaddrinfo failed: Name or service not known'],
  [
    ['unknown_ca', 'missing_intermediate'],
    'OpenSSL::SSL::SSLError: SSL_connect returned=1 errno=0 state=error: certificate verify failed (unable to get local issuer certificate)',
  ],
  ['hostname_mismatch', 'OpenSSL::SSL::SSLError: hostname "a.example" does not match the server certificate'],
  [
    'not_tls_server',
    'OpenSSL::SSL::SSLError: SSL_connect returned=1 errno=0 state=error: wrong version number',
  ],
  [
    'no_shared_cipher_suite',
    'OpenSSL::SSL::SSLError: SSL_connect returned=1 errno=0 state=SSLv3 read server hello A: sslv3 alert handshake failure',
  ],
  ['starttls_expected', '530 5.7.0 Must issue a STARTTLS command first'],
  ['starttls_expected', 'smtplib.SMTPNotSupportedError: STARTTLS extension not supported by server.'],
  [
    'starttls_expected',
    'postfix/smtp[9]: TLS is required, but was not offered by host mx.example[203.0.113.9]',
  ],
  [
    'unknown_ca',
    'postfix/smtp[9]: certificate verification failed for mx.example[203.0.113.9]:25: untrusted issuer /CN=Example CA',
  ],
  [
    'no_shared_cipher_suite',
    'postfix/smtpd[9]: warning: TLS library problem: error:1417A0C1:SSL routines:tls_post_process_client_hello:no shared cipher:../ssl/statem/statem_srvr.c:2283:',
  ],
  [
    'unknown_ca',
    'dovecot: imap-login: Disconnected (no auth attempts): TLS handshaking: SSL_accept() failed: error:14094418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca: SSL alert number 48',
  ],
  [
    'unknown_ca',
    'x509: certificate signed by unknown authority; issuer: CN=Zscaler Intermediate Root CA'.replace(
      '; issuer: CN=Zscaler Intermediate Root CA',
      '',
    ),
  ],
  [
    'tls_inspection',
    'curl: (60) SSL certificate problem: unable to get local issuer certificate; issuer: C=US; O=Zscaler Inc.; CN=Zscaler Intermediate Root CA (zscalertwo.net)',
  ],
  ['rate_or_resource_limit', 'FATAL:  sorry, too many clients already'],
  [
    'rate_or_resource_limit',
    'FATAL:  remaining connection slots are reserved for non-replication superuser connections',
  ],
];

/** More of the same, of all programs. */
const MORE: readonly Row[] = [
  [
    'unknown_ca',
    'TLS client: In state certify at ssl_handshake.erl:1901 generated CLIENT ALERT: Fatal - Unknown CA',
  ],
  [
    'hostname_mismatch',
    'TLS client: In state wait_cert at ssl_handshake.erl generated CLIENT ALERT: Fatal - Handshake Failure - {bad_cert,hostname_check_failed}',
  ],
  ['unknown_ca', '{error,{tls_alert,{unknown_ca,"TLS client: In state certify"}}}'],
  [
    'unknown_ca',
    'ldap_start_tls: Connect error (-11) additional info: error:1416F086:SSL routines:tls_process_server_certificate:certificate verify failed (self signed certificate in certificate chain)',
  ],
  ['hostname_mismatch', 'TLS: hostname does not match CN in peer certificate'],
  ['unknown_ca', 'postfix/smtp[123]: Server certificate not trusted'],
  [
    'self_signed',
    'postfix/smtp[1]: certificate verification failed for mx.example[1.2.3.4]:25: self-signed certificate',
  ],
  ['closed_after_client_hello', 'postfix/smtpd[1]: SSL_accept error from unknown[1.2.3.4]: lost connection'],
  [
    'protocol_version_mismatch',
    'postfix/smtpd[1]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:../ssl/statem/statem_srvr.c:1657:',
  ],
  [
    'certificate_expired',
    'dovecot: imap-login: Error: SSL: Stacked error: error:14094415:SSL routines:ssl3_read_bytes:sslv3 alert certificate expired: SSL alert number 45',
  ],
  [
    'unknown_ca',
    'exim: TLS error on connection from a [1.2.3.4] (SSL_accept): error:14094418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca',
  ],
  ['closed_after_client_hello', 'exim: (gnutls_handshake): The TLS connection was non-properly terminated.'],
  [
    'no_shared_cipher_suite',
    'exim: TLS error (gnutls_handshake): No supported cipher suites have been found.',
  ],
  ['unknown_ca', '1714912345: OpenSSL Error[0]: error:0A000418:SSL routines::tlsv1 alert unknown ca'],
  ['hostname_mismatch', 'grpc: Peer name localhost is not in peer certificate'],
  [
    'unknown_ca',
    'E0101 ssl_transport_security.cc:1455] Handshake failed with fatal error SSL_ERROR_SSL: error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED.',
  ],
  [
    'not_tls_server',
    'ssl_transport_security.cc:1245] Handshake failed with fatal error SSL_ERROR_SSL: error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER.',
  ],
  ['no_shared_alpn', 'Cannot check peer: missing selected ALPN property.'],
  [
    'hostname_mismatch',
    'rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate is valid for a, not b"',
  ],
  [
    'not_tls_server',
    'transport: authentication handshake failed: tls: first record does not look like a TLS handshake',
  ],
  [
    'connection_refused',
    'dial tcp [::1]:443: connectex: No connection could be made because the target machine actively refused it.',
  ],
  ['unknown_ca', 'curl: (60) SSL: certificate verification failed (result: 5)'],
  ['unknown_ca', 'curl: (60) Cert verify failed: BADCERT_NOT_TRUSTED'],
  ['closed_after_client_hello', 'OpenSSL SSL_connect: SSL_ERROR_SYSCALL, errno 0'],
  ['no_shared_group', 'error:0A000101:SSL routines::no shared groups'],
  ['weak_key_or_signature', 'SSL_CTX_use_certificate:ca md too weak'],
  [
    'certificate_not_yet_valid',
    'The certificate is not valid until Jan 1 2030; certificate is not yet valid',
  ],
  ['certificate_expired', 'Certificate expired at 2024-01-01'],
  ['server_has_no_private_key', "haproxy: unable to load SSL private key from PEM file '/etc/haproxy/x.pem'"],
  [
    'server_has_no_private_key',
    "[ALERT] parsing [/etc/haproxy/haproxy.cfg:12] : 'bind *:443' : inconsistencies between private key and certificate loaded from PEM file",
  ],
  ['client_certificate_required', "SSL client certificate not found at 'client.pem'"],
  ['no_shared_cipher_suite', 'Unable to negotiate with 1.2.3.4: no matching cipher found (TLS)'],
  [
    'closed_after_client_hello',
    'Authentication failed because the remote party has closed the transport stream.',
  ],
  [
    'unknown_ca',
    'A connection was successfully established with the server, but then an error occurred during the login process. (provider: SSL Provider, error: 0 - The certificate chain was issued by an authority that is not trusted.)',
  ],
  ['hostname_mismatch', '(provider: SSL Provider, error: 0 - The target principal name is incorrect.)'],
  [
    'protocol_version_mismatch',
    'A fatal error occurred while creating a TLS client credential. The internal error state is 10013.',
  ],
  [
    'unknown_ca',
    'The certificate received from the remote server was issued by an untrusted certificate authority.',
  ],
  [
    'hostname_mismatch',
    'The certificate received from the remote server does not contain the expected name.',
  ],
  [
    'certificate_expired',
    'The certificate received from the remote server has either expired or is not yet valid.',
  ],
  ['server_has_no_private_key', 'No suitable default server credential exists on this system.'],
  [
    'reset_after_client_hello',
    'SSL handshake aborted: ssl=0x7f: I/O error during system call, Connection reset by peer',
  ],
  ['unknown_ca', 'java.security.cert.CertPathValidatorException: signature check failed'],
  [
    'wrong_key_usage',
    'java.security.cert.CertPathValidatorException: basic constraints check failed: this is not a CA certificate',
  ],
  [
    'certificate_expired',
    'ERROR org.apache.kafka NetworkClient SSL handshake failed caused by java.security.cert.CertificateExpiredException: NotAfter: Mon Apr 01 00:00:00 UTC 2024',
  ],
  [
    'hostname_mismatch',
    'Caused by: java.security.cert.CertificateException: No subject alternative names present',
  ],
  ['unknown_ca', 'org.bouncycastle.tls.TlsFatalAlert: certificate_unknown(46)'],
  ['no_shared_cipher_suite', 'org.bouncycastle.tls.TlsFatalAlertReceived: handshake_failure(40)'],
  ['unknown_ca', 'mbedtls_ssl_handshake returned -0x2700: X509 - Certificate verification failed'],
  ['closed_after_client_hello', 'mbedtls_ssl_handshake returned -0x7280'],
  [
    'no_shared_cipher_suite',
    'mbedtls_ssl_handshake returned -0x7780: SSL - A fatal alert message was received from our peer',
  ],
  ['unknown_ca', 'ssl.SSLCertVerificationError: certificate verify failed: Missing Authority Key Identifier'],
  ['connect_timeout', 'curl: (28) Failed to connect to a.example port 443 after 21044 ms: Timed out'],
  ['rate_or_resource_limit', 'worker_connections are not enough, reusing connections'],
  ['client_certificate_rejected', 'AH01276 ssl: client certificate verify failed, rejecting'],
  ['missing_intermediate', "SSL Labs: This server's certificate chain is incomplete."],
  ['dns_failure', 'getaddrinfo EAI_NONAME'],
];

export const ERROR_LINES: readonly Row[] = [
  ...OPENSSL,
  ...CURL,
  ...GIT_WGET,
  ...NODE,
  ...GO,
  ...JAVA,
  ...PYTHON,
  ...WINDOWS,
  ...GNUTLS,
  ...BROWSERS,
  ...SERVERS,
  ...VPN_AND_OTHERS,
  ...MORE,
];

/** Lines of logs that name no failure of TLS: no cause may be found in them. */
export const OTHER_LINES: readonly string[] = [
  'GET / HTTP/1.1" 200 612 "-" "curl/7.88.1"',
  'Certificate for example.com will be renewed in 30 days',
  'The quick brown fox jumps over the lazy dog. Server started on port 443.',
  'INFO: TLS handshake completed in 12 ms',
  'error: something went wrong',
  'Segmentation fault (core dumped)',
  'npm ERR! missing script: build',
  'SyntaxError: Unexpected token < in JSON at position 0',
  'java.lang.NullPointerException at com.example.Main.main(Main.java:5)',
  'permission denied',
  'HTTP 404 Not Found',
  "TypeError: Cannot read properties of undefined (reading 'tls')",
  'please use https for all links on your web site',
  'listening on 0.0.0.0:443',
  'disk full',
  'authentication failed for user "bob": wrong password',
  'Your order has been truncated',
];

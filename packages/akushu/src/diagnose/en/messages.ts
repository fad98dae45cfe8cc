/** English: every handshake message. `short` stands in a timeline, the other two in a full explanation. */
import type { MessageText, Texts } from '../texts.js';

const text = (short: string, is: string, does: string): MessageText => ({ short, is, does });

export const messages: Texts['messages'] = {
  client_hello: text(
    'The client opens: what it can do, and its key shares.',
    'The first message of a connection: the versions, cipher suites, groups and extensions that the client offers.',
    'It gives the server everything it needs to choose. In TLS 1.3 it already carries the client’s half of the key exchange.',
  ),
  server_hello: text(
    'The server’s choice, and its key share. Encryption starts here.',
    'The server’s answer: the version and the cipher suite it chose, and its half of the key exchange.',
    'Both sides can now compute the same handshake keys. In TLS 1.3 everything after it is encrypted.',
  ),
  hello_retry_request: text(
    'The server asks for another hello, with another key share.',
    'A ServerHello with a special random value: the server cannot go on with the first ClientHello.',
    'It names the group that the client shall send a key share for, or hands out a cookie. It costs one round trip.',
  ),
  encrypted_extensions: text(
    'The server’s answers to the remaining extensions.',
    'The answers that are not needed for the key exchange, such as the application protocol (ALPN).',
    'They settle the connection’s parameters. An eavesdropper no longer sees them.',
  ),
  certificate_request: text(
    'The server asks the client for a certificate.',
    'A request to the client to authenticate itself, with the signature schemes and authorities that the server accepts.',
    'With it, authentication becomes mutual. The client may still answer with an empty list.',
  ),
  certificate: text(
    'The certificate chain: who the sender says it is.',
    'The sender’s certificate with its public key, followed by the intermediates that lead to a root.',
    'It ties a name to a public key. By itself it proves nothing: anybody can send a copy of it.',
  ),
  compressed_certificate: text(
    'The certificate chain, compressed.',
    'A Certificate message that was compressed with an algorithm that the receiver offered.',
    'It saves bytes in the largest message of the handshake.',
  ),
  certificate_verify: text(
    'A signature over the handshake: proof of the private key.',
    'A signature over all messages so far, made with the private key of the certificate.',
    'It proves that the sender holds the private key, here and now. A copied certificate fails at this point.',
  ),
  finished: text(
    'A checksum under the new keys: nobody changed a message.',
    'A MAC over the whole handshake, made with a key that only the two sides have.',
    'It confirms that both sides saw the same messages. If anybody changed a byte on the way, it does not match.',
  ),
  new_session_ticket: text(
    'A ticket with which the client can resume later.',
    'A ticket that the server issues after the handshake, together with the means to derive a key.',
    'A later connection can present it. The handshake then needs no certificate.',
  ),
  key_update: text(
    'The sender changes to its next key.',
    'A notice that the sender’s following records are protected with the next traffic secret.',
    'It limits how much is encrypted under one key. It can ask the other side to do the same.',
  ),
  end_of_early_data: text(
    'The client’s early data ends here.',
    'The end of the data that the client sent with its first message (0-RTT).',
    'After it the client changes to its handshake key.',
  ),
  change_cipher_spec: text(
    'Means nothing in TLS 1.3; it calms middleboxes.',
    'In TLS 1.2 the switch to the new keys. In TLS 1.3 a dummy of one byte.',
    'In TLS 1.3 it makes the handshake look like a resumed TLS 1.2 session, so that old middleboxes let it pass.',
  ),
  hello_request: text(
    'The server asks for a new handshake.',
    'A request of TLS 1.2 and earlier to negotiate again on an open connection.',
    'The client answers with a ClientHello, or refuses. TLS 1.3 has no renegotiation.',
  ),
  server_key_exchange: text(
    'The server’s signed key share.',
    'In TLS 1.2: the server’s ephemeral Diffie-Hellman value, signed with the key of its certificate.',
    'It makes forward secrecy possible and proves that the server holds its private key.',
  ),
  server_hello_done: text(
    'The server has said all it has to say for now.',
    'In TLS 1.2: the end of the server’s first flight.',
    'Now it is the client’s turn.',
  ),
  client_key_exchange: text(
    'The client’s half of the key exchange.',
    'In TLS 1.2: the client’s Diffie-Hellman value, or with RSA the encrypted pre-master secret.',
    'Both sides can now compute the session keys.',
  ),
  certificate_url: text(
    'Where to fetch the client’s certificate.',
    'Addresses of certificates in place of the certificates themselves (RFC 6066).',
    'Hardly anybody uses it. It can make a server fetch addresses that an attacker chose.',
  ),
  certificate_status: text(
    'A stapled OCSP answer: the certificate’s status.',
    'In TLS 1.2: the authority’s signed statement on whether the certificate is revoked.',
    'The client need not ask the authority itself.',
  ),
  supplemental_data: text(
    'Additional data for the application.',
    'Data for extensions such as authorization (RFC 4680).',
    'It passes on what an application wants to know during the handshake.',
  ),
  ekt_key: text(
    'A key for encrypted media.',
    'A key for SRTP’s Encrypted Key Transport (RFC 8870).',
    'It serves media conferences. It does not protect this connection.',
  ),
  next_protocol: text(
    'The client names the application protocol (NPN).',
    'The message of the Next Protocol Negotiation draft, which ALPN replaced.',
    'It settles the application protocol in old SPDY servers.',
  ),
  hello_verify_request: text(
    'The server asks for the hello again, with a cookie.',
    'A cookie of DTLS that the client has to send back.',
    'It shows that the client really is at the address it claims.',
  ),
  request_connection_id: text(
    'Asks for more connection identifiers.',
    'A request of DTLS 1.3 for identifiers under which a connection can move to another address.',
    'The connection survives a change of address.',
  ),
  new_connection_id: text(
    'Hands out more connection identifiers.',
    'New identifiers of a DTLS 1.3 connection.',
    'The connection survives a change of address.',
  ),
  client_certificate_request: text(
    'The client asks for a certificate outside the handshake.',
    'A request of Exported Authenticators (RFC 9261).',
    'A server can prove another name on a connection that is already open.',
  ),
  message_hash: text(
    'Stands for the first ClientHello in the transcript.',
    'A made-up message that never travels: the hash of the first ClientHello after a HelloRetryRequest.',
    'With it, a server need not remember the first ClientHello.',
  ),
};

export const unknownMessage: MessageText = text(
  'A message that no specification known here describes.',
  'A handshake message of an unknown type.',
  'What it is for is not known.',
);

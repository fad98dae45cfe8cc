/** English: handshake messages as they are before TLS 1.3, by key exchange where that makes the difference. */
import type { MessageText, Texts } from '../texts.js';

const text = (short: string, is: string, does: string): MessageText => ({ short, is, does });

export const before13: Texts['before13'] = {
  client_hello: text(
    'The client opens: what it can do, and its random value.',
    'The first message of a connection: the versions, cipher suites and extensions that the client offers, and 32 random bytes.',
    'It gives the server what it needs to choose. The key exchange comes later, in messages of its own.',
  ),
  server_hello: text(
    'The server’s choice, and its random value. Still in the clear.',
    'The server’s answer: the version and the cipher suite it chose, and 32 random bytes of its own.',
    'From here on both sides know which key exchange follows. Nothing is encrypted yet: everybody on the way can read the certificate.',
  ),
  server_hello_resumed: text(
    'The server agrees to go on with an earlier session.',
    'The server’s answer with the identifier of an earlier session, whose master secret both sides still have.',
    'Certificate and key exchange are left out. New random values give new keys, but they are only as safe as the old secret.',
  ),
  certificate: text(
    'The server’s certificate chain, readable for everybody.',
    'The server’s certificate with its public key, followed by the intermediates that lead to a root. Not encrypted.',
    'It ties a name to a public key. By itself it proves nothing: the proof is the signature in ServerKeyExchange.',
  ),
  certificate_rsa: text(
    'The server’s certificate: its public key will encrypt a secret.',
    'The server’s certificate with its public RSA key, followed by the intermediates that lead to a root. Not encrypted.',
    'The client checks it and encrypts the pre-master secret with this key. Who cannot decrypt it with the private key cannot go on.',
  ),
  certificate_client: text(
    'The client’s certificate chain, readable for everybody.',
    'The certificate of the client, or an empty list where it has none. Not encrypted.',
    'It tells the server, and everybody on the way, who the client says it is. The proof is in CertificateVerify.',
  ),
  certificate_verify: text(
    'The client’s signature: proof of its private key.',
    'A signature over all messages so far, made with the private key of the client’s certificate.',
    'It proves that the client holds the private key, here and now. A copied certificate fails at this point.',
  ),
  server_key_exchange: text(
    'The server’s half of Diffie-Hellman, signed with its key.',
    'The server’s one-time Diffie-Hellman value, and a signature over it and both random values with the key of the certificate.',
    'It proves that the server holds its private key, and makes forward secrecy possible: the private key signs, but decrypts nothing.',
  ),
  server_key_exchange_dhe_psk: text(
    'The server’s half of Diffie-Hellman, not signed.',
    'The server’s one-time Diffie-Hellman value, and a hint at the pre-shared key to use.',
    'It gives forward secrecy. Who has the pre-shared key is shown by Finished.',
  ),
  server_key_exchange_psk: text(
    'A hint at the pre-shared key to use.',
    'A text of the server by which the client can find the right pre-shared key.',
    'It is a hint only. The key itself never travels.',
  ),
  client_key_exchange: text(
    'The client’s half of Diffie-Hellman.',
    'The client’s one-time Diffie-Hellman value. The secret behind it stays with the client.',
    'Both sides now compute the same pre-master secret, and from it the master secret and the session keys.',
  ),
  client_key_exchange_rsa: text(
    'The pre-master secret, encrypted to the server’s public key.',
    '48 bytes that the client made up, encrypted with the public key of the certificate. Only the private key decrypts them.',
    'Both sides compute the session keys from it. No forward secrecy: who gets the private key later can decrypt recordings. Gone in TLS 1.3.',
  ),
  client_key_exchange_psk: text(
    'The name of the pre-shared key that the client uses.',
    'The identity of a key that both sides had before the connection. The key itself never travels.',
    'Both sides compute the session keys from it. No forward secrecy: who gets the key later can decrypt recordings.',
  ),
  client_key_exchange_dhe_psk: text(
    'Its half of Diffie-Hellman, and the pre-shared key’s name.',
    'The client’s one-time Diffie-Hellman value, and the identity of a key that both sides had before the connection.',
    'Both go into the session keys: Diffie-Hellman gives forward secrecy, the pre-shared key proves who is there.',
  ),
  client_key_exchange_rsa_psk: text(
    'A secret encrypted to the server’s key, and a PSK’s name.',
    'A pre-master secret under the public key of the certificate, and the identity of a pre-shared key.',
    'Both go into the session keys. No forward secrecy: who gets both keys later can decrypt recordings.',
  ),
  change_cipher_spec: text(
    'From here on the sender encrypts with the new keys.',
    'A single byte in a record of its own: the sender’s switch to what was agreed on.',
    'Everything before it was readable for everybody. Everything after it is encrypted, Finished first.',
  ),
  finished: text(
    'A checksum under the new keys: nobody changed a message.',
    'A checksum over the whole handshake, made with the master secret: the sender’s first encrypted message.',
    'It confirms that both sides saw the same messages and have the same keys. If anybody changed a byte, it does not match.',
  ),
  finished_rsa: text(
    'Proves that the server could decrypt: it has the private key.',
    'A checksum over the whole handshake, made with the master secret. The server has signed nothing until now.',
    'Only who decrypted the pre-master secret can make it: this is the proof of the server’s private key.',
  ),
  new_session_ticket: text(
    'A ticket with which the client can resume later. In the clear.',
    'The session’s state, encrypted with a key that only the server has, for the client to keep.',
    'A later connection goes on with the same master secret. Who gets the ticket key can decrypt all of them.',
  ),
};

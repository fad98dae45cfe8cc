/** English: secrets and keys: what they protect, who holds them, what they come from. */
import type { Texts } from '../texts.js';

const BOTH_DHE =
  'Client and server hold it; each computed it from its own half of the key exchange. Nobody else can, not even with the certificate’s private key.';
const BOTH = 'Client and server hold it; it comes from the master secret and both random values.';
const BOTH_NEXT =
  'Client and server hold it; it follows from the handshake’s secret and all messages up to the server’s Finished.';

export const keys: Texts['keys'] = {
  CLIENT_EARLY_TRAFFIC_SECRET: {
    name: 'client early traffic secret',
    protects: 'the data that the client sends with its first message (0-RTT)',
    holders:
      'Client and server hold it; it comes from the earlier session alone. It has no forward secrecy, and the data can be replayed.',
  },
  EARLY_EXPORTER_SECRET: {
    name: 'early exporter secret',
    protects: 'nothing on this connection: other protocols derive keys from it during early data',
    holders: 'Client and server hold it; it comes from the earlier session alone.',
  },
  CLIENT_HANDSHAKE_TRAFFIC_SECRET: {
    name: 'client handshake secret',
    protects: 'what the client sends during the handshake: its certificate and Finished',
    holders: BOTH_DHE,
  },
  SERVER_HANDSHAKE_TRAFFIC_SECRET: {
    name: 'server handshake secret',
    protects: 'what the server sends during the handshake: extensions, certificate, signature and Finished',
    holders: BOTH_DHE,
  },
  CLIENT_TRAFFIC_SECRET_0: {
    name: 'client traffic secret',
    protects: 'the data that the client sends',
    holders: BOTH_NEXT,
  },
  SERVER_TRAFFIC_SECRET_0: {
    name: 'server traffic secret',
    protects: 'the data that the server sends',
    holders: BOTH_NEXT,
  },
  EXPORTER_SECRET: {
    name: 'exporter secret',
    protects: 'nothing on this connection: other protocols derive keys from it',
    holders: BOTH_NEXT,
  },
  client_write_key: {
    name: 'client write key',
    protects: 'the client’s Finished and the data that it sends',
    holders: BOTH,
  },
  server_write_key: {
    name: 'server write key',
    protects: 'the server’s Finished and the data that it sends',
    holders: BOTH,
  },
};

export const writeKeyHolders: Texts['writeKeyHolders'] = {
  ephemeral:
    'Client and server hold them; each computed them from its own half of Diffie-Hellman. Nobody else can, not even with the certificate’s private key later: forward secrecy.',
  rsa: 'Client and server hold them; they come from the pre-master secret that the client encrypted to the server’s public key. Who gets the private key, even years later, can compute them from a recording: no forward secrecy.',
  psk: 'Client and server hold them; they come from the pre-shared key. Who gets that key, even years later, can compute them from a recording: no forward secrecy.',
  rsa_psk:
    'Client and server hold them; they come from the pre-shared key and a secret under the server’s public key. Who gets both keys later can compute them from a recording: no forward secrecy.',
  resumed:
    'Client and server hold them; they come from the master secret of the earlier session and new random values. They are as safe as that secret, and the ticket that carries it.',
};

export const keyDescent: Texts['keyDescent'] = {
  tls13: 'Each direction has its own secret. The next one follows from the one before.',
  before13: {
    extended:
      'Each direction has its own key, from Finished to the end of the connection. Both come from one master secret: pre-master secret and the whole handshake so far (extended master secret), then the two random values.',
    plain:
      'Each direction has its own key, from Finished to the end of the connection. Both come from one master secret: pre-master secret, client random and server random.',
  },
};

export const privateKeyUse: Texts['privateKeyUse'] = {
  signed:
    'The private key of the certificate never leaves the server. It signed the handshake, and protects no data.',
  decrypted:
    'The private key of the certificate never leaves the server. It decrypted the pre-master secret, so all data of this connection depends on it for ever.',
  unused: 'No private key of a certificate was used in this handshake.',
};

/** post_handshake_auth (RFC 9846 §4.3.6): the client is willing to authenticate later. */
import { empty } from '../../codec/index.js';
import { extension } from './context.js';

export const postHandshakeAuth = extension(49, 'post_handshake_auth', 'RFC 9846 §4.3.6', { CH: empty });

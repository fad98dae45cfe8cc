/** cookie (RFC 9846 §4.3.2): what a server gives in a HelloRetryRequest and wants back. */
import { opaque } from '../../codec/index.js';
import { extension } from './context.js';

const cookieData = opaque(1, 0xffff);

export const cookie = extension(44, 'cookie', 'RFC 9846 §4.3.2', { CH: cookieData, HRR: cookieData });

/** padding (RFC 7685): zeros that make a ClientHello longer. */
import { remainder } from '../../codec/index.js';
import { extension } from './context.js';

export const padding = extension(21, 'padding', 'RFC 7685', { CH: remainder });

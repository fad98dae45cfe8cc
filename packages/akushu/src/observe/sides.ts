/** The two ends of a connection, seen by neither. */
import type { Side } from '../trace/index.js';

export const otherSide = (side: Side): Side => (side === 'client' ? 'server' : 'client');

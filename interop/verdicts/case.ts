/** A case: what fails, between whom, and what the first verdict has to be. And our own side of it. */
import { readFileSync } from 'node:fs';
import type { Cause, VerdictSide } from 'akushu/diagnose';
import type { ConnectOptions, ServerOptions } from 'akushu/node';
import { type Calling, ownClient, ownServer, type Serving } from './peers.js';
import { cert, key } from './pki.js';

export interface Case {
  readonly cause: Cause;
  readonly side: VerdictSide;
  /** What is special about it, beside cause and pair. */
  readonly what: string;
  readonly server: Serving;
  readonly client: Calling;
  readonly doubt?: Doubt;
}

/** What a capture cannot show, and why. */
interface Doubt {
  /** `keys`: with keys it shows it. `more`: it can be guessed, and no more. */
  readonly needs: 'keys' | 'more';
  readonly why: string;
}

export const of = (
  cause: Cause,
  side: VerdictSide,
  what: string,
  server: Serving,
  client: Calling,
  doubt?: Doubt,
): Case => ({ cause, side, what, server, client, ...(doubt && { doubt }) });

export const keys = (why: string): Doubt => ({ needs: 'keys', why });

export const pem = (path: string): Buffer => readFileSync(path);
export const pair = (name: string): { cert: Buffer; key: Buffer } => ({
  cert: pem(cert(name)),
  key: pem(key(name)),
});
export const own = (certificate: string, more: ServerOptions = {}): Serving =>
  ownServer(() => ({ ...pair(certificate), ...more }));
export const trusting = (more: ConnectOptions = {}): Calling =>
  ownClient(() => ({ ca: pem(cert('ca')), ...more }));

export const V12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;

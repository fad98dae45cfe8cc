/** The addresses of a name, each tried on its own: one of several may be dead or differ, and nobody notices for long. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Story } from '../story.js';
import { attemptAsUsual, type Patient } from './attempt.js';

export interface AddressResult {
  readonly address: string;
  readonly worked: boolean;
  /** What it failed with; null where it worked. */
  readonly code: string | null;
}

/** More are not tried. */
const MAX_ADDRESSES = 8;

/** Empty for a host that is an address, and where the name has none. */
export async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return [];
  try {
    const found = await lookup(host, { all: true });
    return [...new Set(found.map(({ address }) => address))].slice(0, MAX_ADDRESSES);
  } catch {
    // What was wrong with the look-up the attempt to connect says better.
    return [];
  }
}

/** The same server by another address. */
export const patientAt = (patient: Patient, address: string): Patient => ({
  ...patient,
  target: { ...patient.target, host: address },
  servername: patient.servername ?? patient.target.host,
});

/** All at once: the one that was connected to already, and the others. */
export function tryAddresses(
  patient: Patient,
  addresses: readonly string[],
  usual: Story,
): Promise<readonly Story[]> {
  return Promise.all(
    addresses.map((address) =>
      address === usual.connected?.remote.address ? usual : attemptAsUsual(patientAt(patient, address)),
    ),
  );
}

export const addressResult = (address: string, { failure }: Story): AddressResult => ({
  address,
  worked: failure === null,
  code: failure?.alert ?? failure?.code ?? null,
});

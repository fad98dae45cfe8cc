import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasShared, shared } from '../../test/support/shared.js';
import { nodeProvider } from '../crypto/node.js';
import { type ObservedConnection, observeAll } from '../observe/index.js';
import type { Cause } from './cause.js';
import { diagnoseConnection } from './diagnose-connection.js';

async function connectionsIn(file: string, keys?: string): Promise<ObservedConnection[]> {
  const keyLog = keys === undefined ? undefined : readFileSync(keys, 'utf8');
  const all = await observeAll(createReadStream(file), { provider: nodeProvider, keyLog });
  return all.filter((one) => one.kind === 'connection');
}

/** The causes that the files' names say, and with whom the fault lies. */
const LABELLED: Readonly<Record<string, readonly [cause: Cause, side: string]>> = {
  client_cert_required_tls13: ['client_certificate_required', 'client'],
  expired_tls12: ['certificate_expired', 'server'],
  hostname_mismatch_tls13: ['hostname_mismatch', 'server'],
  missing_intermediate_tls12: ['missing_intermediate', 'server'],
  no_shared_cipher: ['no_shared_cipher_suite', 'client'],
  rst_after_ch: ['reset_after_client_hello', 'server'],
  silent_drop: ['silence_after_client_hello', 'server'],
  sni_unrecognized: ['unrecognized_server_name', 'server'],
  tcp_refused: ['connection_refused', 'server'],
  tls_to_http_port: ['not_tls_server', 'server'],
  unknown_ca_tls12: ['unknown_ca', 'client'],
  version_mismatch: ['protocol_version_mismatch', 'client'],
};

const captures = shared('captures');

describe.skipIf(!hasShared('captures'))('labelled captures (skipped without ../shared)', () => {
  for (const [name, [cause, side]] of Object.entries(LABELLED)) {
    test(`${name} is ${cause}`, async () => {
      const file = join(captures, 'failures', `${name}.pcap`);
      const keys = join(captures, 'failures', `${name}.keys`);
      const [connection] = await connectionsIn(file, existsSync(keys) ? keys : undefined);
      const { outcome, verdicts } = diagnoseConnection(connection!, { provider: nodeProvider });
      expect(outcome).toBe('failed');
      expect([verdicts[0]?.cause, verdicts[0]?.side]).toEqual([cause, side]);
      expect(verdicts[0]!.confidence).toBeGreaterThan(0.7);
    });
  }

  test('evidence has its place: a field by its bytes in the message, an alert in its stream', async () => {
    const [connection] = await connectionsIn(join(captures, 'failures', 'no_shared_cipher.pcap'));
    const [alert, suites] = diagnoseConnection(connection!).verdicts[0]!.evidence;
    expect(alert).toMatchObject({ message: 'Alert', bytes: { start: 0, end: 7 } });
    expect(suites).toMatchObject({
      message: 'ClientHello',
      field: 'cipher_suites',
      bytes: { start: 39, end: 45 },
    });
  });

  test('an empty client certificate shows by its size, without keys', async () => {
    const [connection] = await connectionsIn(join(captures, 'failures', 'client_cert_required_tls13.pcap'));
    const [verdict] = diagnoseConnection(connection!).verdicts;
    expect(verdict!.cause).toBe('client_certificate_required');
    expect(verdict!.evidence.map(({ message }) => message)).toContain('empty_certificate_flight');
  });

  test('a certificate that was refused out of sight is told by the alert and by sizes, and that the keys would settle it', async () => {
    const [connection] = await connectionsIn(join(captures, 'failures', 'hostname_mismatch_tls13.pcap'));
    const { verdicts } = diagnoseConnection(connection!);
    expect(verdicts[0]!.cause).toBe('hostname_mismatch');
    expect(verdicts[0]!.confidence).toBeLessThan(0.8);
    expect(verdicts[0]!.missing.map(({ id }) => id)).toContain('keys');
  });

  /** Connections that failed, were attacked, or are not TLS; all others in these folders are healthy or incomplete. */
  const UNHEALTHY =
    /certificate-request-failed|heartbleed\.pcap|https-to-http|ssl-to-http|handshake-failure|1\.2-protocol-error|aborted|ff52\.a01\.pcap/;

  test('healthy connections get none, and no false alarm', async () => {
    for (const folder of ['illustrated', 'zeek']) {
      for (const name of readdirSync(join(captures, folder)).filter((one) => one.endsWith('.pcap'))) {
        if (UNHEALTHY.test(name)) continue;
        for (const connection of await connectionsIn(join(captures, folder, name))) {
          const { outcome, verdicts } = diagnoseConnection(connection, { provider: nodeProvider });
          expect([name, outcome]).not.toEqual([name, 'failed']);
          if (outcome === 'established') expect([name, verdicts[0]?.cause]).toEqual([name, 'none']);
        }
      }
    }
  });
});

/** Pairs that get on with each other: nothing may be found wrong. */
import { type Case, own, trusting } from './case.js';
import {
  type Calling,
  curlClient,
  gnutlsClient,
  gnutlsServer,
  goClient,
  goServer,
  javaClient,
  javaServer,
  nginxServer,
  opensslClient,
  opensslServer,
  type Serving,
  type Version,
} from './peers.js';
import { cert, file, key } from './pki.js';

const fine = (what: string, server: Serving, client: Calling): Case => ({
  cause: 'none',
  side: 'unknown',
  what,
  server,
  client,
});

const VERSIONS: readonly Version[] = ['1.2', '1.3'];

/** Twice: the second resumes the first. */
const twice = (first: Calling, second: Calling): Calling => ({
  peer: first.peer,
  async call(clean, port, drivers) {
    await first.call(clean, port, drivers);
    return second.call(clean, port, drivers);
  },
});

export const healthy = (): Case[] => [
  ...VERSIONS.flatMap((version) => [
    fine(`TLS ${version}`, opensslServer(version, 'p256'), opensslClient()),
    fine(`TLS ${version}`, opensslServer(version, 'p256'), javaClient(version, { size: '0' })),
    fine(`TLS ${version}`, gnutlsServer(version, 'p256'), opensslClient()),
    fine(`TLS ${version}`, gnutlsServer(version, 'rsa'), trusting()),
    fine(`TLS ${version}`, goServer(version, 'p256'), gnutlsClient(version)),
    fine(`TLS ${version}`, goServer(version, 'p256'), javaClient(version)),
    fine(`TLS ${version}`, javaServer(version, 'p256'), goClient(version)),
    fine(`TLS ${version}`, javaServer(version, 'p256'), opensslClient()),
    fine(`TLS ${version}`, nginxServer(version, 'p256'), curlClient()),
    fine(`TLS ${version}`, nginxServer(version, 'issued-chain'), gnutlsClient(version)),
    fine(`TLS ${version}`, nginxServer(version, 'p256'), trusting()),
    fine(`TLS ${version}`, own('p256'), goClient(version)),
    fine(`TLS ${version}`, own('p256'), javaClient(version)),
    fine(`TLS ${version}`, own('p256'), gnutlsClient(version)),
    fine(
      `resumed, TLS ${version}`,
      opensslServer(version, 'p256'),
      twice(
        opensslClient(['-sess_out', file(`session-${version}`)]),
        opensslClient(['-sess_in', file(`session-${version}`)]),
      ),
    ),
    fine(`resumed, TLS ${version}`, gnutlsServer(version, 'p256'), gnutlsClient(version, ['--resume'])),
    fine(
      `client certificate, TLS ${version}`,
      opensslServer(version, 'p256', ['-Verify', '1', '-verify_return_error', '-CAfile', cert('ca')]),
      goClient(version, { cert: cert('client'), key: key('client'), size: '0' }),
    ),
    fine(
      `client certificate, TLS ${version}`,
      goServer(version, 'p256', { ca: cert('ca') }),
      curlClient(['--cert', cert('client'), '--key', key('client'), '--http0.9', '--max-time', '1']),
    ),
  ]),
  fine('HelloRetryRequest', opensslServer('1.3', 'p256', ['-groups', 'P-384']), opensslClient()),
  fine('HelloRetryRequest', goServer('1.3', 'p256', { groups: '24' }), gnutlsClient('1.3')),
  fine(
    '0-RTT',
    opensslServer('1.3', 'p256', ['-early_data']),
    twice(
      opensslClient(['-sess_out', file('session-early')]),
      opensslClient(['-sess_in', file('session-early'), '-early_data', cert('ca')]),
    ),
  ),
];

/** Failures below and beside TLS: the wrong port, nobody there, and harm on the way. */
import { type Case, keys, of, own, trusting } from './case.js';
import {
  choking,
  closing,
  cutting,
  flipping,
  greeting,
  nobody,
  overflowing,
  resetting,
  silent,
  smtp,
} from './paths.js';
import {
  curlClient,
  gnutlsClient,
  goClient,
  goServer,
  javaClient,
  nginxServer,
  opensslClient,
} from './peers.js';
import { cert } from './pki.js';

export const onTheRoad = (): Case[] => [
  of('http_to_tls_port', 'client', '400', nginxServer('1.3', 'p256'), curlClient([], 'http')),
  of('http_to_tls_port', 'client', 'alert', own('p256'), curlClient([], 'http')),
  of('http_to_tls_port', 'client', 'no word', goServer('1.3', 'p256'), curlClient([], 'http'), {
    needs: 'more',
    why: 'the server hangs up without a word',
  }),
  of('not_tls_server', 'server', 'HTTP', nginxServer(null, 'p256', [], false), gnutlsClient(null)),
  of('not_tls_server', 'server', 'HTTP', nginxServer(null, 'p256', [], false), trusting()),
  of('not_tls_server', 'server', 'SSH', greeting('SSH', 'SSH-2.0-OpenSSH_9.2\r\n', ''), goClient('1.3')),
  of('not_tls_server', 'server', 'SMTP', smtp({}), javaClient('1.3')),
  of(
    'starttls_expected',
    'server',
    'refused',
    smtp({ EHLO: '250 mail.example\r\n', QUIT: '221 bye\r\n' }),
    opensslClient(['-starttls', 'smtp']),
  ),
  of(
    'starttls_expected',
    'client',
    'demanded',
    smtp({
      EHLO: '250-mail.example\r\n250 STARTTLS\r\n',
      MAIL: '530 5.7.0 Must issue a STARTTLS command first\r\n',
      QUIT: '221 bye\r\n',
    }),
    curlClient(
      ['--mail-from', 'a@b.example', '--mail-rcpt', 'c@d.example', '--upload-file', cert('ca')],
      'smtp',
    ),
  ),
  of('connection_refused', 'server', 'nobody', nobody, curlClient()),
  of('connection_refused', 'server', 'nobody', nobody, goClient('1.3')),
  of('connection_refused', 'server', 'nobody', nobody, trusting()),
  of('silence_after_client_hello', 'server', 'no word', silent, curlClient()),
  of('silence_after_client_hello', 'server', 'no word', silent, trusting()),
  of('silence_after_client_hello', 'server', 'a large hello', choking(goServer('', 'p256'), 700), trusting()),
  of('reset_after_client_hello', 'server', 'RST', resetting, opensslClient()),
  of('reset_after_client_hello', 'server', 'RST', resetting, goClient('1.3')),
  of('closed_after_client_hello', 'server', 'FIN', closing, javaClient('1.3')),
  of('closed_after_client_hello', 'server', 'FIN', closing, trusting()),
  of('record_overflow', 'server', 'a long record', overflowing, opensslClient()),
  of('record_overflow', 'server', 'a long record', overflowing, trusting()),
  of(
    'decrypt_failure',
    'unknown',
    'a bit flipped',
    flipping('server', 0, goServer('1.3', 'p256')),
    opensslClient(),
  ),
  of(
    'decrypt_failure',
    'unknown',
    'a bit flipped',
    flipping('client', 1, own('p256')),
    goClient('1.3'),
    keys('the alert is encrypted'),
  ),
  of(
    'truncated_close',
    'server',
    'RST in a record',
    cutting(nginxServer('1.2', 'p256'), 'reset'),
    curlClient(),
  ),
  of('truncated_close', 'server', 'FIN in a record', cutting(goServer('1.2', 'p256'), 'end'), trusting()),
];

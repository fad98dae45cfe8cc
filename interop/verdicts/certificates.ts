/** Failures for the sake of a certificate: the server's, then the client's. */
import type { ServerOptions } from 'akushu/node';
import { type Case, keys, of, own, pair, pem, trusting, V12 } from './case.js';
import {
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
  ownServer,
  type Serving,
} from './peers.js';
import { cert, file, key } from './pki.js';

const CHAIN = keys('TLS 1.3 encrypts the certificate, and the alert names none');

const asksOwn = (certificate: string, more: ServerOptions = {}): Serving =>
  ownServer(() => ({ ...pair(certificate), requestCert: true, ca: pem(cert('ca')), ...more }));

const DEMANDS = ['-Verify', '1', '-verify_return_error'];

const demands = (): string[] => [...DEMANDS, '-CAfile', cert('ca')];

const asClient = (name: string): string[] => ['-cert', cert(name), '-key', key(name)];

const asGnutls = (name: string): string[] => ['--x509certfile', cert(name), '--x509keyfile', key(name)];

const dates = (): Case[] => [
  of('certificate_expired', 'server', 'TLS 1.2', opensslServer('1.2', 'expired'), curlClient()),
  of('certificate_expired', 'server', 'TLS 1.3', nginxServer('1.3', 'expired'), opensslClient()),
  of('certificate_expired', 'server', 'TLS 1.2', goServer('1.2', 'expired'), gnutlsClient('1.2')),
  of('certificate_expired', 'server', 'TLS 1.3', own('expired'), goClient('1.3'), CHAIN),
  of('certificate_not_yet_valid', 'server', 'TLS 1.2', gnutlsServer('1.2', 'not-yet'), opensslClient()),
  of('certificate_not_yet_valid', 'server', 'TLS 1.2', nginxServer('1.2', 'not-yet'), javaClient('1.2')),
  of('certificate_not_yet_valid', 'server', 'TLS 1.3', goServer('1.3', 'not-yet'), trusting(), CHAIN),
];

const trust = (): Case[] => [
  of('unknown_ca', 'client', 'TLS 1.2', goServer('1.2', 'untrusted'), curlClient()),
  of('unknown_ca', 'client', 'TLS 1.3', javaServer('1.3', 'untrusted'), opensslClient(), CHAIN),
  of('unknown_ca', 'client', 'TLS 1.2', own('untrusted'), javaClient('1.2')),
  of('self_signed', 'server', 'TLS 1.2', opensslServer('1.2', 'self-signed'), gnutlsClient('1.2')),
  of('self_signed', 'server', 'TLS 1.3', nginxServer('1.3', 'self-signed'), trusting(), CHAIN),
  of('self_signed', 'server', 'TLS 1.2', javaServer('1.2', 'self-signed'), goClient('1.2')),
  of('missing_intermediate', 'server', 'TLS 1.2', nginxServer('1.2', 'issued'), opensslClient()),
  of('missing_intermediate', 'server', 'TLS 1.2', gnutlsServer('1.2', 'issued'), javaClient('1.2')),
  of('missing_intermediate', 'server', 'TLS 1.3', own('issued'), goClient('1.3'), CHAIN),
];

const namesAndUse = (): Case[] => [
  of('hostname_mismatch', 'server', 'TLS 1.2', nginxServer('1.2', 'wrong-host'), curlClient()),
  of(
    'hostname_mismatch',
    'server',
    'TLS 1.2',
    opensslServer('1.2', 'wrong-host'),
    javaClient('1.2', { name: 'www.example.test' }),
  ),
  of('hostname_mismatch', 'server', 'TLS 1.3', own('wrong-host'), goClient('1.3'), CHAIN),
  of('hostname_mismatch', 'server', 'TLS 1.3', gnutlsServer('1.3', 'wrong-host'), trusting(), CHAIN),
  of(
    'weak_key_or_signature',
    'server',
    'RSA 1024',
    nginxServer('1.2', 'weak', ['ssl_ciphers DEFAULT@SECLEVEL=0;']),
    opensslClient(),
  ),
  of('weak_key_or_signature', 'server', 'RSA 1024', own('weak'), curlClient(), CHAIN),
  of(
    'weak_key_or_signature',
    'server',
    'RSA 1024',
    opensslServer('1.2', 'weak', ['-cipher', 'DEFAULT@SECLEVEL=0']),
    trusting(),
  ),
  of(
    'weak_key_or_signature',
    'server',
    'SHA-1',
    gnutlsServer('1.2', 'sha1'),
    goClient('1.2', { ca: cert('Interop RSA CA') }),
  ),
  of('wrong_key_usage', 'server', 'for clients', goServer('1.2', 'wrong-usage'), opensslClient()),
  of('wrong_key_usage', 'server', 'for clients', nginxServer('1.3', 'wrong-usage'), trusting(), CHAIN),
  of('wrong_key_usage', 'server', 'for clients', own('wrong-usage', V12), javaClient('1.2')),
  of(
    'certificate_revoked',
    'server',
    'CRL',
    nginxServer('1.3', 'revoked'),
    opensslClient(['-crl_check', '-CRL', file('crl.pem')]),
  ),
  of(
    'certificate_revoked',
    'server',
    'staple',
    opensslServer('1.2', 'revoked', ['-status_file', file('revoked.ocsp')]),
    gnutlsClient('1.2'),
  ),
  of(
    'certificate_revoked',
    'server',
    'staple',
    opensslServer('1.3', 'revoked', ['-status_file', file('revoked.ocsp')]),
    trusting(),
    CHAIN,
  ),
  of('ocsp_problem', 'server', 'must-staple', opensslServer('1.2', 'must-staple'), gnutlsClient('1.2')),
];

const clients = (): Case[] => [
  of(
    'client_certificate_required',
    'client',
    'TLS 1.3',
    opensslServer('1.3', 'p256', demands()),
    curlClient(),
  ),
  of(
    'client_certificate_required',
    'client',
    'TLS 1.2',
    goServer('1.2', 'p256', { ca: cert('ca') }),
    opensslClient(),
  ),
  of(
    'client_certificate_required',
    'client',
    'TLS 1.2',
    javaServer('1.2', 'p256', { ca: cert('ca') }),
    goClient('1.2'),
  ),
  of(
    'client_certificate_required',
    'client',
    'TLS 1.3',
    gnutlsServer('1.3', 'p256', ['--require-client-cert', '--x509cafile', cert('ca')]),
    trusting(),
  ),
  of('client_certificate_required', 'client', 'TLS 1.3', asksOwn('p256'), javaClient('1.3')),
  of(
    'client_certificate_rejected',
    'client',
    'unknown authority',
    goServer('1.3', 'p256', { ca: cert('ca') }),
    opensslClient(asClient('other-client')),
  ),
  of(
    'client_certificate_rejected',
    'client',
    'expired',
    asksOwn('p256'),
    curlClient(['--cert', cert('expired-client'), '--key', key('expired-client')]),
  ),
  of(
    'client_certificate_rejected',
    'client',
    'unknown authority',
    javaServer('1.2', 'p256', { ca: cert('ca') }),
    gnutlsClient('1.2', asGnutls('other-client')),
  ),
  of(
    'client_certificate_rejected',
    'client',
    'expired',
    opensslServer('1.2', 'p256', demands()),
    goClient('1.2', { cert: cert('expired-client'), key: key('expired-client') }),
  ),
];

export const ofCertificates = (): Case[] => [...dates(), ...trust(), ...namesAndUse(), ...clients()];

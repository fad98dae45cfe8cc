/** Versions, cipher suites, groups and application protocols on a server. */
import { findCipherSuite, findGroup } from '../../registry/index.js';
import type { Fillings, SnippetTable } from './types.js';

/** OpenSSL keeps the suites of TLS 1.3 in a list of their own. */
const openssl12 = ({ suites }: Fillings): string =>
  suites
    .flatMap((name) => findCipherSuite(name) ?? [])
    .filter(({ versions }) => !versions.includes('TLSv1.3'))
    .map(({ openssl, iana }) => openssl ?? iana)
    .join(':');

const iana12 = ({ suites }: Fillings): string[] =>
  suites.filter((name) => !(findCipherSuite(name)?.versions.includes('TLSv1.3') ?? false));

const opensslGroups = ({ groups }: Fillings): string =>
  groups.map((name) => findGroup(name)?.openssl ?? name).join(':');

const GO_GROUPS: Readonly<Record<string, string>> = {
  x25519: 'tls.X25519',
  secp256r1: 'tls.CurveP256',
  secp384r1: 'tls.CurveP384',
  secp521r1: 'tls.CurveP521',
  X25519MLKEM768: 'tls.X25519MLKEM768',
};

export const versions: SnippetTable = {
  nginx: () => 'ssl_protocols TLSv1.2 TLSv1.3;',
  apache: () => 'SSLProtocol -all +TLSv1.2 +TLSv1.3',
  haproxy: ({ port }) => `bind :${port} ssl crt /etc/haproxy/certs/ ssl-min-ver TLSv1.2`,
  caddy: () => 'tls {\n\tprotocols tls1.2 tls1.3\n}',
  node: () => "https.createServer({ cert, key, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' }, handler);",
  java: () => 'sslEngine.setEnabledProtocols(new String[] { "TLSv1.3", "TLSv1.2" });',
  go: () => '&tls.Config{MinVersion: tls.VersionTLS12}',
  aws_alb: () =>
    'aws elbv2 modify-listener --listener-arn ARN \\\n  --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06',
};

/** Of a client that is too old, or that these programs are to other servers. */
export const versionsOfClient: SnippetTable = {
  nginx: () => 'proxy_ssl_protocols TLSv1.2 TLSv1.3;',
  apache: () => 'SSLProxyProtocol -all +TLSv1.2 +TLSv1.3',
  haproxy: ({ host, port }) =>
    `server back ${host}:${port} ssl verify required ca-file ca.pem ssl-min-ver TLSv1.2`,
  caddy: () => '# Caddy connects to back ends with TLS 1.2 and 1.3. Update Caddy.',
  node: ({ host }) => `https.get('https://${host}/', { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });`,
  java: () => 'java -Djdk.tls.client.protocols=TLSv1.2,TLSv1.3',
  go: () => '&http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}',
  aws_alb: () => '# An ALB connects to its targets with TLS 1.2 or 1.3 by itself.',
};

export const suites: SnippetTable = {
  nginx: (fill) => `ssl_protocols TLSv1.2 TLSv1.3;\nssl_ciphers ${openssl12(fill)};`,
  apache: (fill) => `SSLProtocol -all +TLSv1.2 +TLSv1.3\nSSLCipherSuite ${openssl12(fill)}`,
  haproxy: (fill) => `bind :${fill.port} ssl crt /etc/haproxy/certs/ ciphers ${openssl12(fill)}`,
  caddy: (fill) => `tls {\n\tciphers ${iana12(fill).join(' ')}\n}`,
  node: (fill) => `https.createServer({ cert, key, ciphers: '${openssl12(fill)}' }, handler);`,
  java: (fill) =>
    `sslEngine.setEnabledCipherSuites(new String[] {\n${iana12(fill)
      .map((name) => `  "${name}"`)
      .join(',\n')} });`,
  go: (fill) =>
    `&tls.Config{CipherSuites: []uint16{\n${iana12(fill)
      .map((name) => `\ttls.${name},\n`)
      .join('')}}}`,
  aws_alb: () =>
    'aws elbv2 modify-listener --listener-arn ARN \\\n  --ssl-policy ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06',
};

export const groups: SnippetTable = {
  nginx: (fill) => `ssl_ecdh_curve ${opensslGroups(fill)};`,
  apache: (fill) => `SSLOpenSSLConfCmd Groups ${opensslGroups(fill)}`,
  haproxy: (fill) => `bind :${fill.port} ssl crt /etc/haproxy/certs/ curves ${opensslGroups(fill)}`,
  caddy: ({ groups: names }) => `tls {\n\tcurves ${names.map((name) => name.toLowerCase()).join(' ')}\n}`,
  node: (fill) => `https.createServer({ cert, key, ecdhCurve: '${opensslGroups(fill)}' }, handler);`,
  java: ({ groups: names }) => `java -Djdk.tls.namedGroups=${names.join(',')}`,
  go: ({ groups: names }) =>
    `&tls.Config{CurvePreferences: []tls.CurveID{${names.flatMap((name) => GO_GROUPS[name] ?? []).join(', ')}}}`,
  aws_alb: () =>
    'aws elbv2 modify-listener --listener-arn ARN \\\n  --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06',
};

const quoted = (names: readonly string[], mark: string): string =>
  names.map((name) => `${mark}${name}${mark}`).join(', ');

export const alpn: SnippetTable = {
  nginx: ({ alpn: names }) => (names.includes('h2') ? 'http2 on;' : 'http2 off;'),
  apache: ({ alpn: names }) => `Protocols ${names.join(' ')}`,
  haproxy: ({ alpn: names, port }) => `bind :${port} ssl crt /etc/haproxy/certs/ alpn ${names.join(',')}`,
  caddy: ({ alpn: names }) => `tls {\n\talpn ${names.join(' ')}\n}`,
  node: ({ alpn: names }) =>
    `tls.createServer({ cert, key, ALPNProtocols: [${quoted(names, "'")}] }, handler);`,
  java: ({ alpn: names }) => `parameters.setApplicationProtocols(new String[] { ${quoted(names, '"')} });`,
  go: ({ alpn: names }) => `&tls.Config{NextProtos: []string{${quoted(names, '"')}}}`,
  aws_alb: ({ alpn: names }) =>
    `aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN \\\n  --attributes Key=routing.http2.enabled,Value=${names.includes('h2')}`,
};

export const renegotiation: SnippetTable = {
  nginx: () =>
    'ssl_protocols TLSv1.2 TLSv1.3;\nssl_verify_client optional;  # in server {}, not in location {}',
  apache: () => 'SSLVerifyClient optional  # for the whole VirtualHost\nSSLInsecureRenegotiation off',
  haproxy: ({ port }) => `bind :${port} ssl crt /etc/haproxy/certs/ verify optional ca-file clients.pem`,
  caddy: () => 'tls {\n\tclient_auth {\n\t\tmode verify_if_given\n\t}\n}',
  node: () => 'https.createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false }, handler);',
  java: () => 'java -Djdk.tls.rejectClientInitiatedRenegotiation=true',
  go: () => '&tls.Config{Renegotiation: tls.RenegotiateOnceAsClient}',
  aws_alb: () =>
    'aws elbv2 modify-listener --listener-arn ARN \\\n  --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06',
};

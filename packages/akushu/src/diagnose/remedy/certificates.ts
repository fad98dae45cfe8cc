/** Certificates of servers and clients, trust, names, OCSP. */
import type { SnippetTable } from './types.js';

/** The server's own certificate with its chain, and the key that belongs to it. */
export const certificate: SnippetTable = {
  nginx: () =>
    'ssl_certificate     /etc/ssl/fullchain.pem;  # leaf first, then the intermediates\nssl_certificate_key /etc/ssl/privkey.pem;',
  apache: () => 'SSLCertificateFile    /etc/ssl/fullchain.pem\nSSLCertificateKeyFile /etc/ssl/privkey.pem',
  haproxy: ({ host, port }) =>
    `cat fullchain.pem privkey.pem > /etc/haproxy/certs/${host}.pem\nbind :${port} ssl crt /etc/haproxy/certs/`,
  caddy: ({ host }) => `${host} {\n\ttls /etc/ssl/fullchain.pem /etc/ssl/privkey.pem\n}`,
  node: () =>
    "https.createServer({\n  cert: fs.readFileSync('fullchain.pem'),\n  key: fs.readFileSync('privkey.pem'),\n}, handler);",
  java: ({ host }) =>
    `openssl pkcs12 -export -in fullchain.pem -inkey privkey.pem \\\n  -name ${host} -out server.p12`,
  go: () => 'tls.LoadX509KeyPair("fullchain.pem", "privkey.pem")',
  aws_alb: () =>
    'aws acm import-certificate --certificate fileb://cert.pem \\\n  --private-key fileb://privkey.pem --certificate-chain fileb://chain.pem',
};

/** Two certificates with keys of two kinds, side by side. */
export const twoKeys: SnippetTable = {
  nginx: () =>
    'ssl_certificate     rsa-fullchain.pem;\nssl_certificate_key rsa-key.pem;\nssl_certificate     ecdsa-fullchain.pem;\nssl_certificate_key ecdsa-key.pem;',
  apache: () =>
    'SSLCertificateFile    rsa-fullchain.pem\nSSLCertificateKeyFile rsa-key.pem\nSSLCertificateFile    ecdsa-fullchain.pem\nSSLCertificateKeyFile ecdsa-key.pem',
  haproxy: ({ port }) => `bind :${port} ssl crt /etc/haproxy/certs/site.pem  # site.pem.rsa, site.pem.ecdsa`,
  caddy: ({ host }) =>
    `${host} {\n\ttls {\n\t\tload /etc/caddy/certs  # rsa.pem, ecdsa.pem: certificate and key in one file\n\t}\n}`,
  node: () => 'https.createServer({ cert: [rsaCert, ecdsaCert], key: [rsaKey, ecdsaKey] }, handler);',
  java: () =>
    'keytool -importkeystore -srckeystore rsa.p12 -destkeystore server.p12\nkeytool -importkeystore -srckeystore ecdsa.p12 -destkeystore server.p12',
  go: () => '&tls.Config{Certificates: []tls.Certificate{rsaPair, ecdsaPair}}',
  aws_alb: () =>
    'aws elbv2 add-listener-certificates --listener-arn ARN \\\n  --certificates CertificateArn=RSA_CERTIFICATE_ARN',
};

/** A site and a certificate for the name. */
export const name: SnippetTable = {
  nginx: ({ host, port }) =>
    `server {\n    listen ${port} ssl;\n    server_name ${host};\n    ssl_certificate     /etc/ssl/${host}/fullchain.pem;\n    ssl_certificate_key /etc/ssl/${host}/privkey.pem;\n}`,
  apache: ({ host, port }) =>
    `<VirtualHost *:${port}>\n    ServerName ${host}\n    SSLEngine on\n    SSLCertificateFile    /etc/ssl/${host}/fullchain.pem\n    SSLCertificateKeyFile /etc/ssl/${host}/privkey.pem\n</VirtualHost>`,
  haproxy: ({ host, port }) => `# /etc/haproxy/certs/${host}.pem\nbind :${port} ssl crt /etc/haproxy/certs/`,
  caddy: ({ host }) => `${host} {\n\treverse_proxy localhost:8080\n}`,
  node: ({ host }) => `server.addContext('${host}', { cert, key });`,
  java: ({ host }) => `keytool -certreq -alias ${host} -keystore server.p12 \\\n  -ext san=dns:${host}`,
  go: ({ host }) => `certmagic.HTTPS([]string{"${host}"}, mux)  // or one more tls.Certificate for ${host}`,
  aws_alb: ({ host }) =>
    `aws acm request-certificate --domain-name ${host} --validation-method DNS\naws elbv2 add-listener-certificates --listener-arn ARN \\\n  --certificates CertificateArn=CERTIFICATE_ARN`,
};

/** Trust in an authority, on the side that verifies a server. */
export const trust: SnippetTable = {
  nginx: () => 'proxy_ssl_trusted_certificate /etc/ssl/private-ca.pem;\nproxy_ssl_verify on;',
  apache: () => 'SSLProxyCACertificateFile /etc/ssl/private-ca.pem\nSSLProxyVerify require',
  haproxy: ({ host, port }) =>
    `server back ${host}:${port} ssl verify required ca-file /etc/ssl/private-ca.pem`,
  caddy: ({ host, port }) =>
    `reverse_proxy https://${host}:${port} {\n\ttransport http {\n\t\ttls_trust_pool file /etc/ssl/private-ca.pem\n\t}\n}`,
  node: ({ host }) =>
    `https.get('https://${host}/', { ca: fs.readFileSync('private-ca.pem') });\n// or: NODE_EXTRA_CA_CERTS=private-ca.pem node app.js`,
  java: () =>
    'keytool -importcert -alias private-ca -file private-ca.pem -keystore trust.p12\njava -Djavax.net.ssl.trustStore=trust.p12',
  go: () => 'pool.AppendCertsFromPEM(pem)\n&tls.Config{RootCAs: pool}',
  aws_alb: () => '# An ALB does not verify the certificates of its targets.',
};

/** The server asks for client certificates. */
export const clientAuthServer: SnippetTable = {
  nginx: () =>
    'ssl_client_certificate /etc/ssl/client-ca.pem;\nssl_verify_client on;  # or optional\nssl_verify_depth 2;',
  apache: () =>
    'SSLCACertificateFile /etc/ssl/client-ca.pem\nSSLVerifyClient require  # or optional\nSSLVerifyDepth 2',
  haproxy: ({ port }) =>
    `bind :${port} ssl crt /etc/haproxy/certs/ ca-file client-ca.pem verify required  # or optional`,
  caddy: () =>
    'tls {\n\tclient_auth {\n\t\tmode require_and_verify\n\t\ttrust_pool file /etc/ssl/client-ca.pem\n\t}\n}',
  node: () =>
    "https.createServer({ cert, key, ca: fs.readFileSync('client-ca.pem'), requestCert: true }, handler);",
  java: () => 'sslEngine.setNeedClientAuth(true);  // or setWantClientAuth(true)',
  go: () => '&tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}',
  aws_alb: () =>
    'aws elbv2 modify-listener --listener-arn ARN \\\n  --mutual-authentication Mode=verify,TrustStoreArn=TRUST_STORE_ARN',
};

/** The client gives its certificate. */
export const clientAuthClient: SnippetTable = {
  nginx: () =>
    'proxy_ssl_certificate     /etc/ssl/client.pem;\nproxy_ssl_certificate_key /etc/ssl/client.key;',
  apache: () => 'SSLProxyMachineCertificateFile /etc/ssl/client-cert-and-key.pem',
  haproxy: ({ host, port }) =>
    `server back ${host}:${port} ssl verify required ca-file ca.pem crt client.pem`,
  caddy: ({ host, port }) =>
    `reverse_proxy https://${host}:${port} {\n\ttransport http {\n\t\ttls_client_auth client.pem client.key\n\t}\n}`,
  node: ({ host }) =>
    `https.get('https://${host}/', {\n  cert: fs.readFileSync('client.pem'),\n  key: fs.readFileSync('client.key'),\n});`,
  java: () => 'java -Djavax.net.ssl.keyStore=client.p12 -Djavax.net.ssl.keyStoreType=PKCS12',
  go: () =>
    'pair, err := tls.LoadX509KeyPair("client.pem", "client.key")\n&tls.Config{Certificates: []tls.Certificate{pair}}',
  aws_alb: () => '# An ALB presents no client certificate to its targets.',
};

export const ocsp: SnippetTable = {
  nginx: () =>
    'ssl_stapling on;\nssl_stapling_verify on;\nssl_trusted_certificate /etc/ssl/chain.pem;\nresolver 127.0.0.53;',
  apache: () => 'SSLUseStapling on\nSSLStaplingCache "shmcb:logs/ssl_stapling(32768)"',
  haproxy: ({ host }) =>
    `# /etc/haproxy/certs/${host}.pem.ocsp, renewed before nextUpdate; or by itself:\nglobal\n    ocsp-update.mode on`,
  caddy: () => '# Caddy staples by itself. It must reach the responder.',
  node: () => "server.on('OCSPRequest', (certificate, issuer, respond) => respond(null, response));",
  java: () => 'java -Djdk.tls.server.enableStatusRequestExtension=true',
  go: () => 'certificate.OCSPStaple = response  // renewed before nextUpdate',
  aws_alb: () => '# An ALB does not staple: use a certificate without must-staple.',
};

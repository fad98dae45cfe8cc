/** TLS on the right port, and limits. */
import type { SnippetTable } from './types.js';

export const tlsPort: SnippetTable = {
  nginx: ({ host, port }) =>
    `server {\n    listen ${port} ssl;\n    server_name ${host};\n    ssl_certificate     /etc/ssl/fullchain.pem;\n    ssl_certificate_key /etc/ssl/privkey.pem;\n}\n# a plain back end: proxy_pass http://…, not https://…`,
  apache: ({ port }) =>
    `Listen ${port} https\n<VirtualHost *:${port}>\n    SSLEngine on\n    SSLCertificateFile    /etc/ssl/fullchain.pem\n    SSLCertificateKeyFile /etc/ssl/privkey.pem\n</VirtualHost>`,
  haproxy: ({ port }) =>
    `bind :${port} ssl crt /etc/haproxy/certs/\n# a plain back end: no "ssl" on its server line`,
  caddy: ({ host, port }) => `https://${host}:${port} {\n\treverse_proxy localhost:8080\n}`,
  node: ({ port }) => `https.createServer({ cert, key }, handler).listen(${port});  // not http.createServer`,
  java: ({ port }) =>
    `server.port=${port}\nserver.ssl.key-store=server.p12\nserver.ssl.key-store-type=PKCS12`,
  go: ({ port }) => `http.ListenAndServeTLS(":${port}", "fullchain.pem", "privkey.pem", mux)`,
  aws_alb: ({ port }) =>
    `aws elbv2 create-listener --load-balancer-arn ARN --protocol HTTPS --port ${port} \\\n  --certificates CertificateArn=CERTIFICATE_ARN --default-actions Type=forward,TargetGroupArn=ARN`,
};

export const redirect: SnippetTable = {
  nginx: ({ host, port }) => `error_page 497 =301 https://${host}:${port}$request_uri;`,
  apache: ({ host, port }) => `ErrorDocument 400 https://${host}:${port}/`,
  haproxy: () => 'http-request redirect scheme https code 301 unless { ssl_fc }',
  caddy: ({ host }) => `http://${host} {\n\tredir https://{host}{uri} permanent\n}`,
  node: ({ host }) =>
    `http.createServer((request, response) => {\n  response.writeHead(301, { location: 'https://${host}' + request.url }).end();\n}).listen(80);`,
  java: () => 'http.requiresChannel(channel -> channel.anyRequest().requiresSecure());',
  go: ({ host }) => `http.ListenAndServe(":80", http.RedirectHandler("https://${host}/", 301))`,
  aws_alb: () =>
    'aws elbv2 modify-listener --listener-arn HTTP_LISTENER_ARN --default-actions \\\n  Type=redirect,RedirectConfig="{Protocol=HTTPS,Port=443,StatusCode=HTTP_301}"',
};

export const limits: SnippetTable = {
  nginx: () =>
    'worker_rlimit_nofile 65535;\nevents { worker_connections 16384; }\nssl_session_cache shared:SSL:20m;',
  apache: () => 'MaxRequestWorkers 800\nSSLSessionCache "shmcb:logs/ssl_scache(512000)"',
  haproxy: () => 'global\n    maxconn 20000\n    maxsslconn 20000\n    tune.ssl.cachesize 100000',
  caddy: () => '# the limit is the system’s: LimitNOFILE=1048576 in caddy.service',
  node: () => 'server.maxConnections = 20000;\nserver.keepAliveTimeout = 65000;',
  java: () => 'server.tomcat.max-connections=20000\nserver.tomcat.accept-count=500',
  go: () => '&http.Server{IdleTimeout: 2 * time.Minute}  // and ulimit -n 65535',
  aws_alb: () => 'aws service-quotas list-service-quotas --service-code elasticloadbalancing',
};

/**
 * Servers that begin in the clear, as Debian has them: each from a configuration of its own in a directory of its own,
 * on a free port of the loopback interface, in the foreground, with TLS or without. They get copies of certificate and
 * key, since most become another user, from which the directory of the run is hidden.
 */
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { certFile, keyFile, type Pki } from './pki.js';
import { type Cleaner, freePort, PeerProcess, untilListening } from './processes.js';
import { findTool, missingTools, tool } from './tools.js';

const run = promisify(execFile);
const ROOT = process.getuid?.() === 0;

export interface StartTlsServer {
  readonly name: string;
  /** Why it cannot be run; null where it can. */
  readonly why: string | null;
  /** Starts it and gives its port. It ends with the test. */
  start(clean: Cleaner, pki: Pki, tls: boolean): Promise<number>;
}

interface Home {
  readonly dir: string;
  readonly cert: string;
  readonly key: string;
  readonly port: number;
  readonly tls: boolean;
  readonly at: (name: string) => string;
}

type Starter = (home: Home) => Promise<readonly [command: string, ...args: string[]]>;

/** `account`: who owns the directory, and runs what does not become it by itself. */
function server(name: string, why: string | null, account: string | null, starter: Starter): StartTlsServer {
  const start = async (clean: Cleaner, pki: Pki, tls: boolean): Promise<number> => {
    const dir = mkdtempSync(join(tmpdir(), 'akushu-starttls-'));
    clean(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
    chmodSync(dir, 0o755);
    const at = (file: string): string => join(dir, file);
    const home: Home = { dir, cert: at('cert.pem'), key: at('key.pem'), port: await freePort(), tls, at };
    copyFileSync(certFile(pki, 'p256'), home.cert);
    copyFileSync(keyFile(pki, 'p256'), home.key);
    chmodSync(home.key, 0o600);
    if (ROOT && account !== null)
      for (const path of [dir, home.cert, home.key])
        chownSync(path, idOf('-u', account), idOf('-g', account));
    const [command, ...args] = await starter(home);
    const peer = new PeerProcess(command, args, clean, { lifetime: 40_000, cwd: dir });
    clean(() => peer.terminate());
    await untilListening(peer, home.port);
    return home.port;
  };
  return { name, why, start };
}

function idOf(flag: '-u' | '-g', account: string): number {
  return Number(execFileSync('id', [flag, account], { encoding: 'utf8' }));
}

/** Runs as that account where we may choose. */
function as(account: string, command: string, ...args: string[]): readonly [string, ...string[]] {
  if (!ROOT) return [command, ...args];
  return [tool('setpriv'), `--reuid=${account}`, `--regid=${account}`, '--clear-groups', command, ...args];
}

function needsRoot(...tools: readonly string[]): string | null {
  return missingTools(...tools) ?? (ROOT ? null : 'needs root, to become another user');
}

const exim = server('Exim', needsRoot('exim4'), 'Debian-exim', async ({ at, cert, key, port, tls }) => {
  mkdirSync(at('log'));
  const settings = [
    'primary_hostname = localhost',
    `spool_directory = ${at('spool')}`,
    `log_file_path = ${at('log')}/%slog`,
    `pid_file_path = ${at('pid')}`,
    `tls_advertise_hosts = ${tls ? '*' : ''}`,
    ...(tls ? [`tls_certificate = ${cert}`, `tls_privatekey = ${key}`] : []),
    'host_lookup =',
    'keep_environment =',
  ];
  for (const name of ['spool', 'log']) {
    mkdirSync(at(name), { recursive: true });
    chownSync(at(name), idOf('-u', 'Debian-exim'), idOf('-g', 'Debian-exim'));
  }
  // It refuses a configuration that anybody but root may write.
  writeFileSync(at('conf'), `${settings.join('\n')}\n`);
  return [tool('exim4'), '-C', at('conf'), '-bdf', '-oX', `127.0.0.1.${port}`];
});

/** One server of two protocols. */
function dovecot(protocol: 'imap' | 'pop3'): StartTlsServer {
  const why = needsRoot('dovecot') ?? whyNoDovecot(protocol);
  return server('Dovecot', why, null, async ({ at, cert, key, port, tls }) => {
    const sections = [
      `base_dir = ${at('run')}`,
      `state_dir = ${at('state')}`,
      'log_path = /dev/stderr',
      `protocols = ${protocol}`,
      'listen = 127.0.0.1',
      ...(tls ? ['ssl = yes', `ssl_cert = <${cert}`, `ssl_key = <${key}`] : ['ssl = no']),
      'default_internal_user = nobody',
      'default_internal_group = nogroup',
      'default_login_user = nobody',
      'passdb {\n driver = static\n args = nopassword=y\n}',
      `userdb {\n driver = static\n args = uid=nobody gid=nogroup home=${at('mail')}\n}`,
      `service ${protocol}-login {\n chroot =\n inet_listener ${protocol} {\n port = ${port}\n }\n inet_listener ${protocol}s {\n port = 0\n }\n}`,
      'service anvil {\n chroot =\n}',
      'service stats {\n chroot =\n}',
    ];
    writeFileSync(at('conf'), `${sections.join('\n')}\n`);
    return [tool('dovecot'), '-F', '-c', at('conf')];
  });
}

function whyNoDovecot(protocol: string): string | null {
  const version = execFileSync(tool('dovecot'), ['--version'], { encoding: 'utf8' }).trim();
  if (!version.startsWith('2.3.')) return `Dovecot ${version} is configured otherwise than 2.3`;
  return existsSync(`/usr/lib/dovecot/${protocol}-login`) ? null : `not installed: dovecot-${protocol}d`;
}

const vsftpd = server('vsftpd', needsRoot('vsftpd'), null, async ({ at, cert, key, port, tls }) => {
  mkdirSync(at('empty'));
  const settings = [
    'listen=YES',
    'background=NO',
    'listen_address=127.0.0.1',
    `listen_port=${port}`,
    'anonymous_enable=YES',
    `anon_root=${at('empty')}`,
    `secure_chroot_dir=${at('empty')}`,
    'xferlog_enable=NO',
    ...(tls
      ? ['ssl_enable=YES', 'allow_anon_ssl=YES', `rsa_cert_file=${cert}`, `rsa_private_key_file=${key}`]
      : []),
  ];
  writeFileSync(at('conf'), `${settings.join('\n')}\n`);
  return [tool('vsftpd'), at('conf')];
});

const prosody = server(
  'Prosody',
  missingTools('prosody'),
  'prosody',
  async ({ at, cert, key, port, tls }) => {
    writeFileSync(
      at('conf.lua'),
      `daemonize = false
data_path = "${at('data')}"
pidfile = "${at('pid')}"
log = { info = "*console" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
s2s_ports = {}
c2s_direct_tls_ports = {}
modules_enabled = { "saslauth"${tls ? ', "tls"' : ''} }
modules_disabled = { "s2s", "offline"${tls ? '' : ', "tls"'} }
c2s_require_encryption = ${tls}
allow_unencrypted_plain_auth = true
VirtualHost "localhost"
${tls ? `ssl = { certificate = "${cert}", key = "${key}" }` : ''}
`,
    );
    mkdirSync(at('data'));
    if (ROOT) chownSync(at('data'), idOf('-u', 'prosody'), idOf('-g', 'prosody'));
    return as('prosody', tool('prosody'), '--config', at('conf.lua'), '-F');
  },
);

const slapd = server('OpenLDAP', missingTools('slapd'), null, async ({ at, cert, key, port, tls }) => {
  mkdirSync(at('db'));
  const settings = [
    'include /etc/ldap/schema/core.schema',
    `pidfile ${at('pid')}`,
    ...(tls ? [`TLSCertificateFile ${cert}`, `TLSCertificateKeyFile ${key}`] : []),
    'database ldif',
    'suffix "dc=test"',
    `directory ${at('db')}`,
  ];
  writeFileSync(at('conf'), `${settings.join('\n')}\n`);
  return [tool('slapd'), '-d', '0', '-f', at('conf'), '-h', `ldap://127.0.0.1:${port}`];
});

/** Debian keeps them out of PATH, by version; the newest is taken. */
function postgresTool(name: string): string | null {
  const base = '/usr/lib/postgresql';
  try {
    const versions = readdirSync(base).sort((a, b) => Number(b) - Number(a));
    for (const version of versions) {
      const dir = join(base, version, 'bin');
      if (readdirSync(dir).includes(name)) return join(dir, name);
    }
  } catch {
    // Not Debian's.
  }
  return findTool(name);
}

const postgres = server(
  'PostgreSQL',
  postgresTool('postgres') && postgresTool('initdb') ? null : 'not installed: postgres',
  'postgres',
  async ({ at, cert, key, port, tls }) => {
    const [command, ...args] = as('postgres', postgresTool('initdb')!);
    await run(command, [...args, '-D', at('data'), '-U', 'postgres', '--auth=trust', '--no-sync'], {
      cwd: at('.'),
    });
    const settings = {
      listen_addresses: '127.0.0.1',
      port,
      unix_socket_directories: '',
      fsync: 'off',
      ...(tls && { ssl: 'on', ssl_cert_file: cert, ssl_key_file: key }),
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return as('postgres', postgresTool('postgres')!, '-D', at('data'), ...options);
  },
);

const mariadb = server(
  'MariaDB',
  missingTools('mariadbd', 'mariadb-install-db'),
  null,
  async ({ at, cert, key, port, tls }) => {
    const data = `--datadir=${at('data')}`;
    const user = ROOT ? ['--user=root'] : [];
    await run(tool('mariadb-install-db'), [
      ...['--no-defaults', data, ...user],
      ...['--auth-root-authentication-method=normal', '--skip-test-db'],
    ]);
    return [
      tool('mariadbd'),
      ...['--no-defaults', data, ...user, `--socket=${at('socket')}`, `--pid-file=${at('pid')}`],
      ...['--bind-address=127.0.0.1', `--port=${port}`],
      ...(tls ? [`--ssl-cert=${cert}`, `--ssl-key=${key}`] : ['--skip-ssl']),
    ];
  },
);

export const SERVERS = {
  smtp: exim,
  imap: dovecot('imap'),
  pop3: dovecot('pop3'),
  ftp: vsftpd,
  xmpp: prosody,
  ldap: slapd,
  postgres,
  mysql: mariadb,
} as const;

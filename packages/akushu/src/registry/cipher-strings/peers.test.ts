/** Cipher strings against what the installed OpenSSL and GnuTLS make of them: the same suites in the same order. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { findGroup } from '../groups.js';
import { findScheme } from '../schemes.js';
import { readGnutlsString } from './gnutls.js';
import { OPENSSL_DEBIAN, type OpensslBuild } from './index.js';
import { readOpensslString } from './openssl.js';

function output(command: string, ...args: string[]): string | null {
  const { error, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return error === undefined ? stdout : null;
}

const codesIn = (text: string, line: RegExp): number[] =>
  [...text.matchAll(line)].map(([, high, low]) => Number.parseInt(`${high}${low}`, 16));

/** Empty where OpenSSL refuses. */
const openssl = (text: string, ...options: string[]): number[] =>
  codesIn(output('openssl', 'ciphers', '-V', ...options, '--', text) ?? '', /^\s*0x(..),0x(..) - /gm);

const mozillaIntermediate =
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305';
const mozillaOld = `${mozillaIntermediate}:ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA256:AES256-SHA256:AES128-SHA:AES256-SHA:DES-CBC3-SHA`;

const strings: readonly string[] = [
  // What servers are set up with.
  ...['', 'DEFAULT', 'DEFAULT:!DHE', 'DEFAULT@STRENGTH', 'ALL', 'ALL:COMPLEMENTOFALL', 'COMPLEMENTOFDEFAULT'],
  ...[
    'HIGH',
    'HIGH:!aNULL',
    'HIGH:!aNULL:!MD5',
    'HIGH:!aNULL:@STRENGTH',
    'HIGH:!aNULL:!kRSA:!PSK:!SRP:!MD5:!RC4',
  ],
  ...[mozillaIntermediate, mozillaOld, `${mozillaIntermediate}:DHE-RSA-CHACHA20-POLY1305:@STRENGTH`],
  ...['EECDH+AESGCM:EDH+AESGCM', 'EECDH+AESGCM:EDH+AESGCM:AES256+EECDH:AES256+EDH', 'ECDHE+AESGCM:!aNULL'],
  'ECDHE-RSA-AES128-GCM-SHA256:ECDHE:ECDH:AES:HIGH:!NULL:!aNULL:!MD5:!ADH:!RC4:!DH:!DHE',
  'ALL:!ADH:!EXPORT56:RC4+RSA:+HIGH:+MEDIUM:+LOW:+SSLv2:+EXP:+eNULL',
  'ALL:!aNULL:!ADH:!eNULL:!LOW:!EXP:RC4+RSA:+HIGH:+MEDIUM',
  'ECDHE+CHACHA20:ECDHE+AESGCM:DHE+CHACHA20:DHE+AESGCM:ECDH+AES:RSA+AES:!aNULL:!eNULL:!MD5:!DSS',
  'CHACHA20:ECDHE+AES128+AESGCM:HIGH:!aNULL:!DSS:!PSK',
  // Words one by one, and what they have in common.
  ...['kRSA', 'aRSA', 'RSA', 'kDHE', 'kEDH', 'DHE', 'EDH', 'DH', 'ADH', 'kECDHE', 'kEECDH', 'ECDHE', 'EECDH'],
  ...[
    'ECDH',
    'AECDH',
    'aDSS',
    'DSS',
    'aECDSA',
    'ECDSA',
    'aNULL',
    'eNULL',
    'NULL',
    'TLSv1',
    'TLSv1.0',
    'TLSv1.2',
  ],
  ...[
    'SSLv3',
    'TLSv1.1',
    'AES128',
    'AES256',
    'AES',
    'AESGCM',
    'AESCCM',
    'AESCCM8',
    'ARIA',
    'ARIA128',
    'ARIA256',
  ],
  ...[
    'ARIAGCM',
    'CAMELLIA',
    'CAMELLIA128',
    'CAMELLIA256',
    'CHACHA20',
    '3DES',
    'RC4',
    'SEED',
    'CBC',
    'FIPS',
    'LOW',
  ],
  ...[
    'MEDIUM',
    'MD5',
    'SHA1',
    'SHA',
    'SHA256',
    'SHA384',
    'kPSK',
    'kRSAPSK',
    'kDHEPSK',
    'kECDHEPSK',
    'PSK',
    'aPSK',
  ],
  ...[
    'SRP',
    'kSRP',
    'aSRP',
    'GOST',
    'kGOST',
    'aGOST',
    'SUITEB128',
    'SUITEB128ONLY',
    'SUITEB128C2',
    'SUITEB192',
  ],
  ...[
    'AES+SHA1+kRSA',
    'HIGH+FIPS',
    'FIPS+AES256',
    'AES128-SHA+HIGH',
    'HIGH+AES128-SHA',
    'AES+RC4',
    'AES+FOO',
  ],
  ...['COMPLEMENTOFDEFAULT+HIGH', 'HIGH+COMPLEMENTOFDEFAULT', 'TLSv1+SSLv3:AES', 'AES128-SHA+AES256-SHA:PSK'],
  // Reordering.
  ...[
    'ALL:-AES:AES',
    'ALL:-AESGCM:-CHACHA20:ALL',
    'ALL:+RSA',
    'ALL:+ECDHE:+AESGCM',
    'RSA:-AES128:AES128:ALL',
  ],
  ...[
    'ALL:-ALL:RSA',
    'ALL:!RSA:RSA:PSK',
    'ALL:-RSA:+PSK:RSA:!CAMELLIA:@STRENGTH',
    'NULL:ALL:@STRENGTH',
    '-ALL:ALL',
  ],
  ...[
    '@STRENGTH:ALL',
    'AES128:@STRENGTH:AES256:@STRENGTH',
    'ALL:@STRENGTH:+AES256:-CBC:CBC',
    'AES!RSA',
    'AES-RSA',
  ],
  // Security levels, and what cannot be read.
  ...[
    '@SECLEVEL=0:ALL',
    'ALL:@SECLEVEL=1',
    'ALL:@SECLEVEL=3:@STRENGTH',
    '@SECLEVEL=5',
    '@SECLEVEL=6:ALL',
    'ALL:@',
  ],
  ...[
    '@SECLEVEL=1 AES',
    '@SECLEVEL=1+AES:RSA',
    '@STRENGTH=1:ALL',
    '@FOO:ALL',
    'AES_256',
    'AES256:+',
    '!',
    'AES+',
  ],
  ...[
    'AES256:TLS_AES_128_GCM_SHA256',
    'HIGH:DEFAULT',
    'DEFAULTHIGH',
    'DEFAULT+RSA',
    'SUITEB128:ALL',
    ' ,;:AES ;, RSA',
  ],
  ...['high', 'AES\tRSA', 'ALL:SUITEB128', 'FOO', 'é', 'AES:é'],
];

/** The tables are those of 3.0, and of a build without weak suites. */
function missingOpenssl(): string | null {
  const version = output('openssl', 'version');
  if (version === null) return 'no openssl here';
  if (!version.startsWith('OpenSSL 3.0.')) return `another line of OpenSSL: ${version.trim()}`;
  return openssl('3DES').length > 0 ? 'a build with weak suites' : null;
}

const noOpenssl = missingOpenssl();

describe.skipIf(noOpenssl !== null)(
  `against openssl ciphers -V${noOpenssl ? ` (skipped: ${noOpenssl})` : ''}`,
  () => {
    const ours = (text: string, supportedOnly = false, build: OpensslBuild = OPENSSL_DEBIAN) =>
      readOpensslString(text, { build, supportedOnly }).suites.map(({ code }) => code);

    test('it lists something, and there are enough strings', () => {
      expect(openssl('ALL').length).toBeGreaterThan(100);
      expect(new Set(strings).size).toBeGreaterThan(120);
    });

    test.each(strings)('%j gives the same list', (text) => {
      expect(ours(text)).toEqual(openssl(text));
    });

    test('-s leaves out the same at every security level', () => {
      for (const words of ['ALL:COMPLEMENTOFALL', 'DEFAULT', 'ALL:@STRENGTH:NULL', 'PSK:SRP:CHACHA20']) {
        for (const level of [0, 1, 2, 3, 4, 5]) {
          const text = `${words}:@SECLEVEL=${level}`;
          expect(ours(text, true), text).toEqual(openssl(text, '-s', '-psk', '-srp'));
        }
      }
    });

    test('-s takes level 2 where the string says none', () => {
      expect(ours('ALL:NULL', true)).toEqual(openssl('ALL:NULL', '-s', '-psk', '-srp'));
    });

    const legacy = ['-provider', 'legacy', '-provider', 'default'];
    const noLegacy = noOpenssl !== null || openssl('SEED', ...legacy).length === 0;
    test.skipIf(noLegacy)(
      'with the legacy provider, where there is one, SEED stands in the same places',
      () => {
        const without = OPENSSL_DEBIAN.without.filter((option) => option !== 'seed');
        const legacy = ['-provider', 'legacy', '-provider', 'default'];
        if (openssl('SEED', ...legacy).length === 0) return; // no such module on this machine
        for (const text of [
          'ALL',
          'SEED',
          'MEDIUM',
          'DEFAULT',
          'ALL:@STRENGTH',
          'ALL:+SEED:-RSA:RSA',
          'CBC+RSA',
        ]) {
          expect(ours(text, false, { ...OPENSSL_DEBIAN, without }), text).toEqual(openssl(text, ...legacy));
        }
      },
    );

    test('three hundred strings made of chance give the same lists', () => {
      const words =
        'ALL HIGH AES AESGCM RSA ECDHE DHE aNULL NULL SHA1 SHA256 PSK kPSK CBC CAMELLIA CHACHA20 AESCCM FIPS'
          .concat(' COMPLEMENTOFDEFAULT TLSv1.2 SSLv3 aDSS ECDSA AES128-SHA ECDHE-RSA-AES256-SHA384 FOO')
          .split(' ');
      let state = 7;
      const pick = <T>(from: readonly T[]): T => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return from[(state >>> 8) % from.length]!;
      };
      for (let i = 0; i < 300; i++) {
        const items = Array.from({ length: 1 + (i % 6) }, () => {
          const item = pick(['', '', '!', '-', '+']) + pick(words) + pick(['', '', `+${pick(words)}`]);
          return pick([item, item, item, item, '@STRENGTH']);
        });
        const text = items.join(pick([':', ':', ' ', ',']));
        expect(ours(text), text).toEqual(openssl(text));
      }
    });
  },
);

const gnutlsVersion = /gnutls-cli (\d+\.\d+)/.exec(output('gnutls-cli', '--version') ?? '')?.[1];
const noGnutls = gnutlsVersion === '3.7' ? null : `GnuTLS ${gnutlsVersion ?? 'absent'}, and not 3.7`;

describe.skipIf(noGnutls !== null)(
  `against gnutls-cli --list${noGnutls ? ` (skipped: ${noGnutls})` : ''}`,
  () => {
    const versionNames: Readonly<Record<number, string>> = {
      772: 'TLS1.3',
      771: 'TLS1.2',
      770: 'TLS1.1',
      769: 'TLS1.0',
      65277: 'DTLS1.2',
      65279: 'DTLS1.0',
      256: 'DTLS0.9',
    };
    const namesIn = (text: string, title: string, prefix: string): string[] => {
      const line = new RegExp(`^${title}: (.*)$`, 'm').exec(text)?.[1] ?? '';
      return line.split(', ').flatMap((name) => (name.startsWith(prefix) ? [name] : []));
    };
    const codes = (found: readonly ({ readonly code: number } | undefined)[]): number[] => [
      ...new Set(found.flatMap((row) => (row === undefined ? [] : [row.code]))),
    ];

    const gnutls = (text: string) => {
      const printed = output('gnutls-cli', '--list', '--priority', text) ?? '';
      if (!printed.includes('\nProtocols: ')) return null;
      const versions = namesIn(printed, 'Protocols', 'VERS-').map((name) => name.slice(5));
      const groups = namesIn(printed, 'Groups', 'GROUP-');
      return {
        suites: codesIn(printed, /\t0x(..), 0x(..)/g),
        versions: versions.filter((name) => name.startsWith('T')),
        datagramVersions: versions.filter((name) => name.startsWith('D')),
        groups: codes(groups.map((name) => findGroup(name) ?? findGroup(name.slice(6)))),
        schemes: codes(namesIn(printed, 'PK-signatures', 'SIGN-').map((name) => findScheme(name))),
      };
    };
    const ours = (text: string) => {
      const list = readGnutlsString(text);
      if (list.refused !== null) return null;
      return {
        suites: list.suites.map(({ code }) => code),
        versions: list.versions.map((code) => versionNames[code]),
        datagramVersions: list.datagramVersions.map((code) => versionNames[code]),
        groups: list.groups.map(({ code }) => code),
        schemes: list.signatureSchemes.map(({ code }) => code),
      };
    };

    test.each([
      ...[
        'NORMAL',
        'PFS',
        'LEGACY',
        'PERFORMANCE',
        'SECURE',
        'SECURE128',
        'SECURE192',
        'SECURE256',
        'SUITEB128',
      ],
      ...[
        'SUITEB192',
        'NONE',
        'SYSTEM',
        '@SYSTEM:+PSK',
        'normal',
        '+NORMAL',
        '',
        'NORMAL::',
        ' NORMAL: -RSA',
      ],
      ...[
        'NORMAL:-VERS-TLS1.3',
        'NORMAL:-VERS-TLS1.2',
        'NORMAL:-VERS-TLS-ALL:+VERS-TLS1.2',
        'NORMAL:+VERS-SSL3.0',
      ],
      ...[
        'NORMAL:-VERS-ALL:+VERS-TLS1.3',
        'NORMAL:-VERS-ALL:+VERS-TLS1.3:+PSK',
        'NORMAL:-VERS-ALL:+VERS-DTLS1.2',
      ],
      ...[
        'NORMAL:-VERS-ALL:+VERS-DTLS1.0:+ARCFOUR-128:+PSK',
        'NORMAL:-VERS-TLS1.0:-VERS-TLS1.1:-VERS-DTLS-ALL',
      ],
      ...[
        'NORMAL:+VERS-DTLS0.9',
        'NORMAL:-VERS-ALL:+VERS-DTLS0.9',
        'NORMAL:+VERS-TLS9',
        'NORMAL:VERS-TLS1.2',
      ],
      'NORMAL:-VERS-ALL:+VERS-TLS1.0:+PSK:+DHE-PSK:+ECDHE-PSK:+RSA-PSK:+SHA256:+SHA384:+NULL',
      'NONE:+VERS-TLS1.3:+AES-128-GCM:+AEAD:+GROUP-X25519:+SIGN-ALL',
      'NONE:+VERS-TLS-ALL:+MAC-ALL:+RSA:+AES-128-CBC:+SIGN-ALL:+COMP-NULL',
      'NONE:+VERS-TLS1.2:+KX-ALL:+CIPHER-ALL:+MAC-ALL:+GROUP-ALL:+SIGN-ALL:+COMP-ALL',
      ...[
        'NORMAL:+NULL',
        'NORMAL:+SRP',
        'NORMAL:+PSK:+DHE-PSK:+ECDHE-PSK',
        'NORMAL:+RSA-PSK',
        'NORMAL:%NO_EXTENSIONS',
      ],
      ...[
        'NORMAL:+ANON-ECDH:+ANON-DH',
        'NORMAL:-KX-ALL:+ECDHE-RSA',
        'NORMAL:!AES-128-GCM:-rsa',
        'NORMAL:+RSA-EXPORT',
      ],
      ...[
        'NORMAL:-GROUP-ALL:+GROUP-FFDHE2048',
        'NORMAL:+CURVE-X25519:-CURVE-SECP256R1',
        'NORMAL:-GROUP-EC-ALL',
      ],
      ...['NORMAL:-GROUP-ALL', 'NORMAL:+GROUP-FOO', 'NORMAL:-CIPHER-ALL:+AES-256-CBC:+SHA256:+SHA384'],
      ...[
        'NORMAL:+3DES-CBC:+ARCFOUR-128:+MD5',
        'NORMAL:+AES-192-CBC:+UMAC-96',
        'NORMAL:-MAC-ALL',
        'NORMAL:-SIGN-ALL',
      ],
      'NORMAL:+SHA256:+SHA384:+CAMELLIA-256-CBC:+CAMELLIA-128-GCM:+AES-128-CCM-8:-AES-256-GCM',
      'NORMAL:-KX-ALL:+DHE-DSS:+SRP-RSA:+SRP-DSS:+3DES-CBC',
      ...['NORMAL:-SIGN-ALL:+SIGN-RSA-MD5', 'NORMAL:-SIGN-ALL:+SIGN-RSA-SHA1', 'NORMAL:+SIGN-DSA-SHA256'],
      ...['SECURE256:+SECURE128', 'SUITEB128:+NORMAL', 'NORMAL:SECURE128', 'NORMAL:NONE', 'NORMAL:-NORMAL'],
      ...[
        'NORMAL:%COMPAT:%SERVER_PRECEDENCE',
        'NORMAL:%compat',
        'NORMAL:%FOO',
        'NORMAL:+FOO',
        'NORMAL:+KX-FOO',
      ],
      ...[
        'NORMAL:+CTYPE-ALL:-CTYPE-X.509',
        'NORMAL:-CTYPE-FOO',
        'NORMAL:+COMP-FOO',
        'NORMAL:-GOST',
        'AES-128-GCM',
      ],
      '+AES-128-GCM:+AEAD:+RSA',
    ])('%j gives the same', (text) => {
      expect(ours(text)).toEqual(gnutls(text));
    });

    test('GOST brings the same suite and groups', () => {
      // Its signature schemes have numbers of TLS that gnutls-cli does not print.
      const { schemes: _ours, ...list } = ours('NORMAL:+GOST')!;
      const { schemes: _theirs, ...printed } = gnutls('NORMAL:+GOST')!;
      expect(list).toEqual(printed);
    });
  },
);

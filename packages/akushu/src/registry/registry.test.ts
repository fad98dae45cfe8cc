/** Groups, schemes, alerts, extensions, versions, GREASE and names; against the shared policy data where it is there. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as registry from './index.js';

const policy = fileURLToPath(new URL('../../../../../shared/policy/', import.meta.url));
const load = <T>(name: string): T => JSON.parse(readFileSync(`${policy}${name}.json`, 'utf8')) as T;
type Rows = Record<string, { code: number; hash_algorithm?: string | null; signature_algorithm?: string }>;

const tables = {
  groups: registry.namedGroups().map((row) => ({ code: row.code, name: row.iana })),
  schemes: registry.signatureSchemes().map((row) => ({ code: row.code, name: row.iana })),
  alerts: registry.alerts(),
  extensions: registry.extensionTypes(),
  versions: registry.versions(),
  contentTypes: registry.contentTypes,
  handshakeTypes: registry.handshakeTypes,
  pskKeyExchangeModes: registry.pskKeyExchangeModes,
  ecPointFormats: registry.ecPointFormats,
  ecCurveTypes: registry.ecCurveTypes,
  certificateTypes: registry.certificateTypes,
  certificateStatusTypes: registry.certificateStatusTypes,
  certificateCompressionAlgorithms: registry.certificateCompressionAlgorithms,
  clientCertificateTypes: registry.clientCertificateTypes,
  compressionMethods: registry.compressionMethods,
  hashAlgorithms: registry.hashAlgorithms,
  signatureAlgorithms: registry.signatureAlgorithms,
};

describe('every table', () => {
  test.each(Object.entries(tables))('%s has each code and each name once, by rising code', (_, rows) => {
    const codes = rows.map((row) => row.code);
    expect(codes).toEqual([...new Set(codes)].sort((a, b) => a - b));
    expect(new Set(rows.map((row) => row.name.toLowerCase())).size).toBe(rows.length);
  });

  test('ALPN ids are ASCII, within their length, and once each', () => {
    const ids = registry.alpnProtocols.map((row) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[!-~]{1,255}$/);
    expect(registry.alpnProtocol('h2')?.rfc).toBe('RFC 9113');
    expect(registry.alpnProtocol('h9')).toBeUndefined();
  });
});

describe('constants', () => {
  test('Group, Scheme, ExtensionType, Alert and Suite agree with the tables', () => {
    for (const [name, code] of Object.entries(registry.Group))
      expect(registry.groupByCode(code)?.iana).toBe(name);
    for (const [name, code] of Object.entries(registry.Scheme))
      expect(registry.schemeByCode(code)?.iana).toBe(name);
    for (const [name, code] of Object.entries(registry.ExtensionType)) {
      expect(registry.extensionByCode(code)?.name).toBe(name);
    }
    for (const [name, code] of Object.entries(registry.Alert))
      expect(registry.alertByCode(code)?.name).toBe(name);
    for (const [name, code] of Object.entries(registry.Version))
      expect(registry.versionByCode(code)?.name).toBe(name);
  });

  test('a message is known by the name of the enum and by that of the prose', () => {
    const messages = Object.fromEntries(registry.handshakeTypes.map((row) => [row.name, row.message]));
    expect(messages).toMatchObject({
      client_hello: 'ClientHello',
      end_of_early_data: 'EndOfEarlyData',
      new_session_ticket: 'NewSessionTicket',
      certificate_url: 'CertificateURL',
      key_update: 'KeyUpdate',
    });
    expect(registry.handshakeTypeName(20)).toBe('finished');
    expect(registry.handshakeMessageName(20)).toBe('Finished');
  });
});

describe('groups', () => {
  test('every name of every group finds it, in any case', () => {
    for (const group of registry.namedGroups()) {
      for (const name of [group.iana, group.openssl, group.gnutls, ...(group.aliases ?? [])]) {
        if (name === null) continue;
        expect(registry.findGroup(name)?.iana, name).toBe(group.iana);
        expect(registry.findGroup(name.toUpperCase())?.iana, name).toBe(group.iana);
      }
    }
    expect(registry.findGroup('prime256v1')?.code).toBe(0x0017);
    expect(registry.findGroup('0x11ec')?.iana).toBe('X25519MLKEM768');
    expect(registry.findGroup('nonsense')).toBeUndefined();
  });

  test('all hybrids and KEMs are post-quantum, and nothing else is', () => {
    const names = registry.namedGroups().filter((g) => g.postQuantum && g.obsolete !== true);
    expect(names.map((g) => g.iana)).toEqual([
      'MLKEM512',
      'MLKEM768',
      'MLKEM1024',
      'SecP256r1MLKEM768',
      'X25519MLKEM768',
      'SecP384r1MLKEM1024',
      'curveSM2MLKEM768',
    ]);
    expect(names.map((g) => g.code)).toEqual([512, 513, 514, 4587, 4588, 4589, 4590]);
  });

  test('TLS 1.3 takes no curve that RFC 9846 dropped', () => {
    const classic = registry.namedGroups().filter((g) => g.tls13 === true && g.code < 0x001f);
    expect(classic.map((g) => g.iana)).toEqual(['secp256r1', 'secp384r1', 'secp521r1', 'x25519', 'x448']);
  });

  test('whatever RFC 9847 discourages is weaker than 128 bits', () => {
    const discouraged = registry.namedGroups().filter((g) => g.recommended === 'D');
    expect(discouraged.map((g) => g.code)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 17, 18, 19, 20, 21]);
    for (const group of discouraged) expect(group.bits).toBeLessThan(128);
  });
});

describe('signature schemes', () => {
  test('every name of every scheme finds it', () => {
    for (const scheme of registry.signatureSchemes()) {
      for (const name of [scheme.iana, scheme.openssl, scheme.gnutls, ...(scheme.aliases ?? [])]) {
        if (name !== null) expect(registry.findScheme(name)?.iana, name).toBe(scheme.iana);
      }
    }
    expect(registry.findScheme('ECDSA+SHA384')?.code).toBe(0x0503);
    expect(registry.findScheme('0x0807')?.iana).toBe('ed25519');
    expect(registry.findScheme('RSA+SHA3')).toBeUndefined();
  });

  test('none with SHA-1, MD5, SHA-224 or PKCS #1 may sign CertificateVerify in TLS 1.3', () => {
    for (const scheme of registry.signatureSchemes()) {
      if (scheme.kind === 'rsa-pkcs1' || scheme.kind === 'dsa') expect(scheme.tls13, scheme.iana).toBe(false);
      if (['md5', 'sha1', 'sha224'].includes(scheme.hash ?? ''))
        expect(scheme.tls13, scheme.iana).toBe(false);
    }
    const clientOnly = registry.signatureSchemes().filter((scheme) => scheme.tls13ClientOnly === true);
    expect(clientOnly.map((scheme) => scheme.code)).toEqual([0x0420, 0x0520, 0x0620]);
  });

  test('an ECDSA scheme of TLS 1.3 fixes a group that the registry has', () => {
    for (const scheme of registry.signatureSchemes()) {
      if (scheme.kind === 'ecdsa' && scheme.tls13) expect(scheme.curve, scheme.iana).not.toBeNull();
      if (scheme.curve !== null) expect(registry.findGroup(scheme.curve)?.iana).toBe(scheme.curve);
    }
  });

  test('the pairs of TLS 1.2 read as hash and signature', () => {
    const hashes = new Map(registry.hashAlgorithms.map((row) => [row.code, row.name]));
    for (const scheme of registry.signatureSchemes()) {
      const signature = scheme.code & 0xff;
      if (scheme.code >= 0x0700 || signature > 3) continue;
      expect(scheme.hash).toBe(hashes.get(scheme.code >> 8));
      expect(scheme.kind).toBe(signature === 1 ? 'rsa-pkcs1' : signature === 2 ? 'dsa' : 'ecdsa');
    }
  });
});

describe('alerts, extensions and versions', () => {
  test('are found by name in any case', () => {
    for (const alert of registry.alerts()) {
      expect(registry.alertByName(alert.name.toUpperCase())?.code).toBe(alert.code);
    }
    for (const extension of registry.extensionTypes()) {
      expect(registry.extensionByName(extension.name.toUpperCase())?.code).toBe(extension.code);
    }
    expect(registry.extensionByName('alpn')?.code).toBe(16);
    expect(registry.alertByName('nothing')).toBeUndefined();
    expect(registry.extensionByName('nothing')).toBeUndefined();
  });

  test('the messages of an extension are those of RFC 9846', () => {
    const words = new Set(['CH', 'SH', 'EE', 'CT', 'CR', 'NST', 'HRR']);
    for (const extension of registry.extensionTypes()) {
      expect(
        extension.tls13.every((word) => words.has(word)),
        extension.name,
      ).toBe(true);
    }
    expect(registry.extensionByCode(51)?.tls13).toEqual(['CH', 'SH', 'HRR']);
    expect(registry.extensionByCode(42)?.tls13).toEqual(['CH', 'EE', 'NST']);
    expect(registry.extensionByCode(23)?.tls13).toEqual([]);
  });

  test.each([
    ['TLSv1.3', 0x0304],
    ['TLS 1.3', 0x0304],
    ['tls1.2', 0x0303],
    ['TLS1_1', 0x0302],
    ['TLSv1', 0x0301],
    ['TLS 1.0', 0x0301],
    ['1.2', 0x0303],
    ['SSLv3', 0x0300],
    ['ssl 3.0', 0x0300],
    ['SSLv2', 0x0002],
    ['0x0303', 0x0303],
  ])('%s is a version', (text, code) => {
    expect(registry.findVersion(text)?.code).toBe(code);
  });

  test.each(['', 'TLS', '2', '3', 'TLSv1.4', 'TLS 2.0', '0x7f1c'])('%j is none', (text) => {
    expect(registry.findVersion(text)).toBeUndefined();
  });
});

describe('names', () => {
  const naming = {
    cipherSuiteName: registry.cipherSuiteName,
    groupName: registry.groupName,
    signatureSchemeName: registry.signatureSchemeName,
    extensionName: registry.extensionName,
    versionName: registry.versionName,
  };

  test.each(Object.entries(naming))(
    '%s gives GREASE values as such and unknown ones in hexadecimal',
    (_, name) => {
      for (const code of registry.greaseValues) expect(name(code)).toMatch(/^GREASE \(0x([0-9a-f]a)\1\)$/);
      expect(name(0x0a0a)).toBe('GREASE (0x0a0a)');
      expect(name(0x3a3b)).toBe('unknown (0x3a3b)');
    },
  );

  test('known codes give IANA names', () => {
    expect(registry.cipherSuiteName(0xc02f)).toBe('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256');
    expect(registry.cipherSuiteName(0x00ff)).toBe('TLS_EMPTY_RENEGOTIATION_INFO_SCSV');
    expect(registry.groupName(0x11ec)).toBe('X25519MLKEM768');
    expect(registry.signatureSchemeName(0x0904)).toBe('mldsa44');
    expect(registry.extensionName(0xfe0d)).toBe('encrypted_client_hello');
    expect(registry.versionName(0x0304)).toBe('TLS 1.3');
    expect(registry.versionName(0x7f1c)).toBe('TLS 1.3 draft 28');
    expect(registry.alertName(40)).toBe('handshake_failure');
    expect(registry.alertName(200)).toBe('unknown (0xc8)');
    expect(registry.pskKeyExchangeModeName(0x0b)).toBe('GREASE (0x0b)');
    expect(registry.contentTypeName(22)).toBe('handshake');
    expect(registry.certificateCompressionName(2)).toBe('brotli');
  });

  test('every number in range gives a string that is not empty', () => {
    const wide = Object.values(naming);
    const narrow = [
      registry.alertName,
      registry.contentTypeName,
      registry.handshakeTypeName,
      registry.handshakeMessageName,
      registry.certificateTypeName,
      registry.certificateStatusTypeName,
      registry.clientCertificateTypeName,
      registry.compressionMethodName,
      registry.ecPointFormatName,
      registry.pskKeyExchangeModeName,
    ];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), (code) => {
        for (const name of wide) expect(name(code)).not.toBe('');
        for (const name of narrow) expect(name(code & 0xff)).not.toBe('');
      }),
    );
  });
});

describe('GREASE', () => {
  test('is sixteen two-byte values and eight modes, and nothing else', () => {
    const wide = Array.from({ length: 0x10000 }, (_, code) => code).filter(registry.isGrease);
    expect(wide).toEqual(registry.greaseValues);
    expect(wide).toHaveLength(16);
    const modes = Array.from({ length: 0x100 }, (_, code) => code).filter(registry.isGreasePskMode);
    expect(modes).toEqual([0x0b, 0x2a, 0x49, 0x68, 0x87, 0xa6, 0xc5, 0xe4]);
    expect(modes).toEqual(registry.greasePskModes);
  });
});

function gnutlsList(): string | null {
  try {
    return execFileSync('gnutls-cli', ['--list'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}
const gnutls = gnutlsList();

describe.skipIf(gnutls === null)('against the installed GnuTLS (skipped where there is none)', () => {
  const words = (label: string) =>
    new RegExp(`^${label}: (.*)$`, 'm').exec(gnutls ?? '')?.[1]?.split(', ') ?? [];

  test('each of its groups is one of ours under its name', () => {
    expect(words('Groups').length).toBeGreaterThan(5);
    for (const name of words('Groups')) expect(registry.findGroup(name)?.gnutls, name).toBe(name);
  });

  test('each scheme to which we give a GnuTLS name is one of its own, ML-DSA apart', () => {
    const theirs = new Set(words('PK-signatures'));
    expect(theirs.size).toBeGreaterThan(20);
    for (const scheme of registry.signatureSchemes()) {
      if (scheme.gnutls !== null && scheme.kind !== 'ml-dsa')
        expect(theirs, scheme.iana).toContain(scheme.gnutls);
    }
  });
});

describe.skipIf(!existsSync(policy))(
  'against the shared policy data (skipped where ../shared is absent)',
  () => {
    const rows = (name: string) => Object.entries(load<Rows>(`cryptodatahub/${name}`));

    test('alerts agree', () => {
      for (const { code, name } of load<{ code: number; name: string }[]>('alerts')) {
        expect(registry.alertByName(name)?.code, name).toBe(code);
      }
    });

    test('groups agree; those of ML-KEM and Kyber have names of their own there', () => {
      for (const [name, { code }] of rows('named-curve')) {
        const group = registry.groupByCode(code);
        expect(group, name).toBeDefined();
        if (!/KEM|KYBER/.test(name)) expect(group?.iana.toUpperCase()).toBe(name.toUpperCase());
        else expect(group?.postQuantum, name).toBe(true);
      }
    });

    test('extensions agree; four have other names there', () => {
      const others = new Set([34, 40, 53, 17513]);
      for (const [name, { code }] of rows('extension-type')) {
        expect(registry.extensionByCode(code), name).toBeDefined();
        if (!others.has(code)) expect(registry.extensionByCode(code)?.name).toBe(name.toLowerCase());
      }
    });

    test('pairs of hash and signature agree', () => {
      const kinds: Readonly<Record<string, string>> = { RSA: 'rsa-pkcs1', DSS: 'dsa', ECDSA: 'ecdsa' };
      let compared = 0;
      for (const [name, row] of rows('hash-and-signature-algorithm')) {
        const kind = kinds[row.signature_algorithm ?? ''];
        if (kind === undefined || !row.hash_algorithm || row.code >= 0x0700) continue;
        const scheme = registry.schemeByCode(row.code);
        expect(scheme?.kind, name).toBe(kind);
        expect(scheme?.hash, name).toBe(row.hash_algorithm.replace('SHA2_', 'sha').toLowerCase());
        compared++;
      }
      expect(compared).toBeGreaterThan(15);
    });

    test('GREASE, versions, ALPN ids and the small ones agree', () => {
      for (const [, { code }] of rows('grease-two-byte')) expect(registry.isGrease(code)).toBe(true);
      for (const [, { code }] of rows('grease-one-byte')) expect(registry.isGreasePskMode(code)).toBe(true);
      for (const [, { code }] of rows('version')) expect(registry.versionName(code)).not.toMatch(/^unknown/);
      for (const { code: id } of Object.values(
        load<Record<string, { code: string }>>('cryptodatahub/protocol-name'),
      )) {
        expect(registry.alpnProtocol(id), id).toBeDefined();
      }
      for (const [name, { code }] of rows('certificate-compression-algorithm')) {
        expect(registry.certificateCompressionName(code)).toBe(name.toLowerCase());
      }
      for (const [name, { code }] of rows('compression-method')) {
        expect(registry.compressionMethodName(code)).toBe(name.toLowerCase());
      }
      for (const [name, { code }] of rows('ec-point-format')) {
        expect(registry.ecPointFormatName(code).toUpperCase()).toBe(name);
      }
    });
  },
);

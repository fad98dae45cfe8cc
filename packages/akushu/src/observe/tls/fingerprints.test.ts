import { expect, test } from 'vitest';
import { fromLatin1, fromUtf8 } from '../../bytes/index.js';
import { nodeProvider } from '../../crypto/node.js';
import type { ClientHello } from '../../messages/index.js';
import { fingerprintsOf } from './fingerprints.js';

/** The hello of FoxIO's description of JA4: Chrome, with GREASE among suites, groups, versions and extensions. */
const CHROME: ClientHello = {
  legacyVersion: 0x0303,
  random: new Uint8Array(32),
  legacySessionId: new Uint8Array(32),
  cipherSuites: [
    0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
    0x009d, 0x002f, 0x0035,
  ],
  legacyCompressionMethods: [0],
  extensions: {
    order: [
      0x6a6a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b,
      0xff01, 0x000b, 0x000a, 0x0015,
    ],
    serverName: [{ tag: 0, kind: 'host_name', value: fromUtf8('example.com') }],
    alpn: [fromUtf8('h2'), fromUtf8('http/1.1')],
    supportedVersions: [0x5a5a, 0x0304, 0x0303],
    supportedGroups: [0x3a3a, 0x001d, 0x0017, 0x0018],
    ecPointFormats: [0],
    signatureAlgorithms: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
  },
};

const of = (hello: ClientHello) =>
  fingerprintsOf(nodeProvider, {
    clientHello: hello,
    clientHelloBytes: new Uint8Array(4),
    serverHello: null,
    helloRetryRequest: null,
  });

test('JA4 has the value of the example in its description', () => {
  expect(of(CHROME)).toMatchObject({
    ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1',
    ja4Text:
      't13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_0403,0804,0401,0503,0805,0501,0806,0601',
  });
});

test('JA4 stays the same where extensions and suites are shuffled, JA3 does not', () => {
  const shuffled = {
    ...CHROME,
    cipherSuites: [...CHROME.cipherSuites].reverse(),
    extensions: { ...CHROME.extensions, order: [...CHROME.extensions!.order!].reverse() },
  };
  expect(of(shuffled).ja4).toBe(of(CHROME).ja4);
  expect(of(shuffled).ja3).not.toBe(of(CHROME).ja3);
});

test('JA4 marks what is not there, and protocols that are no text', () => {
  const bare = { ...CHROME, extensions: undefined, legacyVersion: 0x0301 };
  expect(of(bare).ja4).toBe('t10i150000_8daaf6152771_000000000000');
  const alpn = (name: Uint8Array) => ({ ...CHROME, extensions: { ...CHROME.extensions, alpn: [name] } });
  expect(of(alpn(fromLatin1('\xab'))).ja4).toMatch(/^t13d1516ab_/);
  expect(of(alpn(fromLatin1('0\xab\xcd'))).ja4).toMatch(/^t13d15163d_/);
  expect(of(alpn(fromUtf8('x'))).ja4).toMatch(/^t13d1516xx_/);
});

test('without hellos there are no fingerprints', () => {
  const none = { clientHello: null, clientHelloBytes: null, serverHello: null, helloRetryRequest: null };
  expect(new Set(Object.values(fingerprintsOf(nodeProvider, none)))).toEqual(new Set([null]));
});

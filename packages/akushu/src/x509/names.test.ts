import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/index.js';
import type { Certificate } from './certificate.js';
import type { GeneralName } from './extensions.js';
import { ipToText, parseIp } from './ip.js';
import { asciiHost, matchHost } from './names.js';

function presenting(...names: string[]): Certificate {
  const subjectAltName = names.map((value): GeneralName => {
    const address = parseIp(value);
    return address && !value.startsWith('dns:')
      ? { kind: 'ip', value: address }
      : { kind: 'dns', value: value.replace(/^dns:/, '') };
  });
  return { subjectAltName } as unknown as Certificate;
}

const matches = (pattern: string, host: string): boolean => matchHost(presenting(pattern), host).ok;

describe('host names', () => {
  test.each([
    ['example.com', 'example.com'],
    ['example.com', 'EXAMPLE.com'],
    ['Example.COM', 'example.com'],
    ['example.com', 'example.com.'],
    ['*.example.com', 'www.example.com'],
    ['*.example.com', 'WWW.example.com.'],
    ['*.example.com', 'xn--bcher-kva.example.com'],
    ['xn--bcher-kva.example.com', 'xn--bcher-kva.example.com'],
    ['localhost', 'localhost'],
    ['under_score.example.com', 'under_score.example.com'],
  ])('%s is for %s', (pattern, host) => {
    expect(matches(pattern, host)).toBe(true);
  });

  test.each([
    ['example.com', 'www.example.com'],
    ['*.example.com', 'example.com'],
    ['*.example.com', 'a.b.example.com'],
    ['*.example.com', '.example.com'],
    ['*.com', 'example.com'],
    ['*', 'localhost'],
    ['*.', 'localhost.'],
    ['*..com', 'a.b.com'],
    ['w*.example.com', 'www.example.com'],
    ['*w.example.com', 'www.example.com'],
    ['www.*.com', 'www.example.com'],
    ['xn--*.example.com', 'xn--a.example.com'],
    ['example.com.', 'example.com.'],
    ['example.com\0.evil.com', 'example.com'],
    ['example.co', 'example.com'],
    ['dns:192.0.2.1', '192.0.2.1'],
    ['*.0.2.1', '192.0.2.1'],
    ['192.0.2.1', 'example.com'],
    ['', ''],
    ['', '.'],
  ])('%j is not for %j', (pattern, host) => {
    expect(matches(pattern, host)).toBe(false);
  });

  test('a host that is no name in ASCII is refused with the reason', () => {
    for (const host of [
      'bü cher.example',
      'bücher.example/a',
      'bücher@a.example',
      '１２７.０.０.１',
      'ü'.repeat(300),
    ]) {
      expect(matchHost(presenting('bücher.example'), host).problem, host).toBe('non_ascii_host');
    }
    for (const host of [
      '',
      'a..b',
      '-a.com',
      'a b.com',
      '1.2.3',
      '0x7f.1',
      'a'.repeat(64),
      `${'a.'.repeat(127)}com`,
    ]) {
      expect(matchHost(presenting('*.example.com'), host).problem, host).toBe('invalid_host');
    }
  });

  test('a host with U-labels is looked for by its A-labels', () => {
    const presented = presenting('xn--bcher-kva.example');
    expect(matchHost(presented, 'bücher.example').ok).toBe(true);
    expect(matchHost(presented, 'BÜCHER.example.').ok).toBe(true);
    expect(matchHost(presented, 'bu\u0308cher。example').ok).toBe(true);
    expect(matchHost(presented, 'bucher.example').ok).toBe(false);
    expect(matchHost(presenting('bücher.example'), 'bücher.example').ok).toBe(false);
    expect(asciiHost('例え.テスト')).toBe('xn--r8jz45g.xn--zckzah');
    expect(asciiHost('example.com')).toBe('example.com');
  });

  test('the common name does not count', () => {
    const certificate = {
      subjectAltName: null,
      subject: { text: 'CN=example.com' },
    } as unknown as Certificate;
    expect(matchHost(certificate, 'example.com')).toEqual({ ok: false, presented: [] });
  });

  test('names in a report are bounded, and safe to print', () => {
    const many = Array.from({ length: 5_000 }, (_, i) => `dns:n${i}\u001b[31m.example`);
    const { presented } = matchHost(presenting(...many), 'example.com');
    expect(presented).toHaveLength(100);
    expect(presented[0]).toBe('n0\\u{1b}[31m.example');
  });
});

describe('addresses', () => {
  test.each([
    ['127.0.0.1', '7f000001'],
    ['::', '00'.repeat(16)],
    ['::1', `${'00'.repeat(15)}01`],
    ['[::1]', `${'00'.repeat(15)}01`],
    ['2001:DB8::8a2e:370:7334', '20010db80000000000008a2e03707334'],
    ['1::', `0001${'00'.repeat(14)}`],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ])('%s is read', (text, hex) => {
    expect(toHex(parseIp(text)!)).toBe(hex);
  });

  test.each([
    '127.1',
    '127.0.0.01',
    '127.0.0.256',
    '0x7f.0.0.1',
    '1.2.3.4.5',
    '[127.0.0.1]',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    '::192.0.2.1:1',
    '192.0.2.1::',
    'fe80::1%eth0',
    '::g',
    '',
  ])('%j is no address', (text) => {
    expect(parseIp(text)).toBeNull();
  });

  test('text and bytes are each other, shortest form', () => {
    const address = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16, max: 1 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(address, (bytes) => {
        expect(parseIp(ipToText(bytes))).toEqual(bytes);
      }),
    );
    expect(ipToText(parseIp('2001:db8:0:0:1:0:0:1')!)).toBe('2001:db8::1:0:0:1');
    expect(ipToText(parseIp('::')!)).toBe('::');
  });

  test('an address matches only the same address, in whichever way it is written', () => {
    expect(matches('2001:db8::1', '2001:DB8:0:0:0:0:0:1')).toBe(true);
    expect(matches('2001:db8::1', '[2001:db8::1]')).toBe(true);
    expect(matches('192.0.2.1', '::ffff:192.0.2.1')).toBe(false);
    expect(matches('192.0.2.1', '192.0.2.2')).toBe(false);
  });
});

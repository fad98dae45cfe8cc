import { describe, expect, test } from 'vitest';
import { UsageError } from '../usage.js';
import { wordsOf } from '../words/index.js';
import { connectSessionArguments, serveSessionArguments } from './options.js';
import { parsePsks } from './psk.js';

const words = wordsOf('en');
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
};

describe('a pre-shared key', () => {
  test('is an identity, which may have colons, and hexadecimal digits', () => {
    const [psk] = parsePsks(['urn:dev:7:00fF10'], words);
    expect([text(psk!.identity), [...psk!.key], psk!.hash]).toEqual(['urn:dev:7', [0, 255, 16], 'sha256']);
    expect(parsePsks(['a:00', 'b:01'], words)).toHaveLength(2);
  });

  test.each([
    ['secret00', 'ID:HEX'],
    [':00', 'ID:HEX'],
    ['secret:xy', 'hexadecimal'],
    ['secret:123', 'hexadecimal'],
    ['secret:', '1 to 64 bytes'],
    [`secret:${'00'.repeat(65)}`, '1 to 64 bytes'],
    [`${'secret'.repeat(22)}:00`, '128'],
  ])('%s is refused without repeating it', (argument, part) => {
    const message = refusal(() => parsePsks([argument], words));
    expect(message).toContain(part);
    expect(message).not.toContain('secret');
  });

  test('has an identity of its own', () => {
    expect(refusal(() => parsePsks(['secret:00', 'secret:01'], words))).not.toContain('secret:');
  });
});

describe('the options of connect', () => {
  test.each(['0', '1001', 'x', '-1', '1.5', ''])('--reconnect %j is refused', (reconnect) => {
    expect(refusal(() => connectSessionArguments({ reconnect }, words))).toContain('--reconnect');
  });

  test('have numbers as numbers', () => {
    expect(connectSessionArguments({ reconnect: '3', session: 'f' }, words)).toEqual({
      reconnect: 3,
      session: 'f',
      earlyData: undefined,
      psks: [],
    });
  });
});

describe('the options of serve', () => {
  test.each([
    [{}, 'on'],
    [{ tickets: true }, 'on'],
    [{ tickets: 'on' }, 'on'],
    [{ tickets: 'once' }, 'once'],
    [{ tickets: 'off' }, 'off'],
    [{ tickets: false }, 'off'],
  ] as const)('%j: tickets are %s', (values, tickets) => {
    expect(serveSessionArguments(values, words).tickets).toBe(tickets);
  });

  test.each([
    [undefined, null],
    [true, 16_384],
    ['1', 1],
    ['4294967295', 0xffff_ffff],
  ])('--early-data %j allows %j bytes', (earlyData, bytes) => {
    expect(serveSessionArguments({ earlyData }, words).earlyData).toBe(bytes);
  });

  test.each([
    [{ tickets: 'maybe' }, '--tickets'],
    [{ earlyData: '0' }, '--early-data'],
    [{ earlyData: '4294967296' }, '--early-data'],
    [{ earlyData: true, tickets: false }, '--early-data needs tickets'],
    [{ redis: 'redis://h' }, '--ticket-key-file'],
    [{ redis: 'http://h', ticketKeyFile: 'f' }, 'redis://'],
    [{ redis: 'redis://', ticketKeyFile: 'f' }, 'redis://'],
    [{ redis: 'redis://h', ticketKeyFile: 'f', tickets: 'off' }, '--redis shares tickets'],
    [{ redis: 'redis://h', ticketKeyFile: 'f', redisAway: 'maybe' }, '--redis-away'],
    [{ ticketKeyFile: 'f' }, '--redis URL'],
    [{ redisAway: 'never' }, '--redis URL'],
  ] as const)('%j is refused', (values, part) => {
    expect(refusal(() => serveSessionArguments(values, words))).toContain(part);
  });

  test('stateless is what a server does while Redis is away, unless it says so', () => {
    const given = { redis: 'redis://h:1', ticketKeyFile: 'f' };
    expect(serveSessionArguments(given, words).redis?.away).toBe('stateless');
    expect(serveSessionArguments({ ...given, redisAway: 'never' }, words).redis?.away).toBe('never');
  });
});

import { describe, expect, test } from 'vitest';
import { LANGUAGES, plainStyle } from '../../test/support.js';
import { reconnectLines } from '../render/reconnect.js';
import { widthOf } from '../text.js';
import { type Handshake, SecretWatch } from './reconnect.js';

describe('own keys', () => {
  test('are those that no connection had before', () => {
    const watch = new SecretWatch();
    const line = (random: string, secret: string) => `CLIENT_TRAFFIC_SECRET_0 ${random} ${secret}`;
    expect(watch.judge([line('a', '1'), line('a', '2')]).ownKeys).toBe(true);
    expect(watch.judge([line('b', '3')]).ownKeys).toBe(true);
    expect(watch.judge([line('c', '4'), line('c', '2')]).ownKeys).toBe(false);
    expect(watch.judge([]).ownKeys).toBe(false);
  });

  test('follow from master secret and randoms before TLS 1.3', () => {
    const watch = new SecretWatch();
    const line = (random: string, secret: string) => `CLIENT_RANDOM ${random} ${secret}`;
    expect(watch.judge([line('a', '1')])).toEqual({ ownKeys: true, sameMaster: false });
    expect(watch.judge([line('b', '1')])).toEqual({ ownKeys: true, sameMaster: true });
    expect(watch.judge([line('b', '1')])).toEqual({ ownKeys: false, sameMaster: true });
  });
});

test('the table fits 80 columns in both languages, whatever the numbers, and says NO where keys are shared', () => {
  const large: Handshake = {
    kind: 'full',
    ms: 12_345.678,
    sent: 123_456,
    received: 1_234_567,
    ownKeys: true,
    sameMaster: true,
  };
  const handshakes: Handshake[] = [
    large,
    { ...large, kind: 'resumed', ms: 22_345, sent: 1, received: 2, ownKeys: false },
    { ...large, kind: 'failed' },
  ];
  for (const language of LANGUAGES) {
    const style = plainStyle(language);
    const lines = reconnectLines({ handshakes, failure: null }, style);
    expect(lines.filter((line) => widthOf(line) > 80)).toEqual([]);
    expect(lines.join('\n')).toContain(style.words.sessions.reconnect.no);
    expect(lines.join('\n')).toContain('−9999 ms, 1,358,020 B');
    expect(lines.join('\n')).toContain(style.words.sessions.reconnect.sameMaster.slice(0, 10));
  }
  const none = reconnectLines({ handshakes: [large, large], failure: null }, plainStyle('en')).join('\n');
  expect(none).toContain('Nothing was resumed');
});

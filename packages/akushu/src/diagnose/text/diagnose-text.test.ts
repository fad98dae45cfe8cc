import { expect, test } from 'vitest';
import { ERROR_LINES, OTHER_LINES } from '../../../test/support/error-lines.js';
import { diagnoseText } from './diagnose-text.js';

test('known error lines get the right cause first', () => {
  const wrong = ERROR_LINES.flatMap(([cause, line]) => {
    const first = diagnoseText(line).incidents[0]?.verdicts[0];
    const right = (typeof cause === 'string' ? [cause] : cause).some((one) => one === first?.cause);
    return right ? [] : [`${String(cause)} ≠ ${first?.cause} ${first?.confidence}: ${line}`];
  });
  expect(ERROR_LINES.length).toBeGreaterThanOrEqual(200);
  expect(wrong).toEqual([]);
});

test('a text that nothing is known of gets no verdict', () => {
  for (const text of [
    ...OTHER_LINES,
    '',
    'hello',
    'the weather is fine today\nand tomorrow',
    '\u0000\u0001\u0002',
    '🦄'.repeat(100),
  ])
    expect(diagnoseText(text).incidents).toEqual([]);
});

test('an alert means something else on a server than on a client', () => {
  const cause = (text: string) => diagnoseText(text).incidents[0]?.verdicts[0]?.cause;
  const alert = 'error:0A000418:SSL routines::tlsv1 alert unknown ca:SSL alert number 48';
  expect(cause(`SSL_do_handshake() failed (SSL: ${alert}) while SSL handshaking, client: 203.0.113.9`)).toBe(
    'unknown_ca',
  );
  expect(cause(`curl: (56) OpenSSL SSL_read: ${alert}, errno 0`)).toBe('client_certificate_rejected');
});

test('an ambiguous line gets several verdicts that do not exceed 1 together, and says what would settle it', () => {
  const { verdicts } = diagnoseText('curl: (35) error:0A000410:SSL routines::sslv3 alert handshake failure')
    .incidents[0]!;
  expect(verdicts.length).toBeGreaterThan(3);
  expect(verdicts.reduce((sum, { confidence }) => sum + confidence, 0)).toBeLessThanOrEqual(1);
  expect(verdicts[0]!.confidence).toBeLessThan(0.6);
  expect(verdicts[0]!.missing.map(({ id }) => id)).toContain('server_log');
});

test('the evidence is a span of the original text', () => {
  const text = 'first line\nError: SSLV3_ALERT_CERTIFICATE_EXPIRED, sorry\n';
  const [verdict] = diagnoseText(text).incidents[0]!.verdicts;
  const { start, end, line } = verdict!.evidence[0]!.text!;
  expect([line, text.slice(start, end)]).toEqual([2, 'SSLV3_ALERT_CERTIFICATE_EXPIRED']);
});

test('a log with several failures is told apart, and what repeats is counted', () => {
  const line = (reason: string, n: number) =>
    `2024/01/02 03:04:0${n} [info] 9#9: *${n} SSL_do_handshake() failed (SSL: error:0A0000C1:SSL routines::${reason}) while SSL handshaking, client: 203.0.113.${n}, server: 0.0.0.0:443`;
  const log = [
    line('no shared cipher', 1),
    line('unsupported protocol', 2),
    line('no shared cipher', 3),
  ].join('\n');
  const { incidents } = diagnoseText(log);
  expect(incidents.map(({ count, client, verdicts }) => [count, client, verdicts[0]!.cause])).toEqual([
    [2, '203.0.113.1', 'no_shared_cipher_suite'],
    [1, '203.0.113.2', 'protocol_version_mismatch'],
  ]);
});

test('facts that a line holds stand in the explanation', () => {
  const [verdict] = diagnoseText('x509: certificate is valid for other.example, not www.example.org')
    .incidents[0]!.verdicts;
  expect(verdict!.explanation.en).toContain('www.example.org');
  expect(verdict!.explanation.ja).toContain('other.example');
  expect(verdict!.remedy.snippets.find(({ program }) => program === 'nginx')!.config).toContain(
    'server_name www.example.org;',
  );
});

test('long and repetitive text is read in linear time and bounded', () => {
  const text = `${'depth=0 '.repeat(200_000)}\n${'a.'.repeat(600_000)}`;
  const { truncated } = diagnoseText(text);
  expect(truncated).toBe(true);
});

import { expect, test } from 'vitest';
import { ERROR_LINES, OTHER_LINES } from '../../../test/support/error-lines.js';
import { HARMLESS_LINES } from '../../../test/support/harmless-lines.js';
import { HELD_OUT_LINES, type HeldOutRow } from '../../../test/support/held-out-lines.js';
import { textFromBytes } from './decode.js';
import { diagnoseText } from './diagnose-text.js';
import { BROWSERS } from './rules-browsers.js';
import { CATALOGUE } from './rules-catalogue.js';
import { GENERAL } from './rules-general.js';
import { OTHER_LANGUAGES } from './rules-languages.js';
import { LIBRARIES } from './rules-libraries.js';
import { OPENSSL } from './rules-openssl.js';
import { NETWORK, PROGRAM_RULES } from './rules-programs.js';
import { RUNTIMES } from './rules-runtimes.js';
import { SERVICE_RULES } from './rules-services.js';
import { SETTINGS_RULES } from './rules-settings.js';

test('known error lines get the right cause first', () => {
  const wrong = ERROR_LINES.flatMap(([cause, line]) => {
    const first = diagnoseText(line).incidents[0]?.verdicts[0];
    const right = (typeof cause === 'string' ? [cause] : cause).some((one) => one === first?.cause);
    return right ? [] : [`${String(cause)} ≠ ${first?.cause} ${first?.confidence}: ${line}`];
  });
  expect(ERROR_LINES.length).toBeGreaterThanOrEqual(200);
  expect(wrong).toEqual([]);
});

const among = <T>(wanted: T | readonly T[], got: T): boolean =>
  Array.isArray(wanted) ? wanted.includes(got) : wanted === got;
/** Rows that a property does not hold of, and what was found instead. */
const wrongIn = (found: (row: HeldOutRow) => string | null): string[] =>
  HELD_OUT_LINES.flatMap((row) => {
    const problem = found(row);
    return problem === null ? [] : [`${problem}: ${row[2]}`];
  });

test('error lines of bug reports and logs get the right cause, side and program, 95 in 100', () => {
  const first = (text: string) => diagnoseText(text).incidents[0];
  const causes = wrongIn(([wanted, , text]) => {
    const got = first(text)?.verdicts[0]?.cause;
    return got !== undefined && among(wanted, got) ? null : `${String(wanted)} ≠ ${got}`;
  });
  const sides = wrongIn(([, , text, wanted]) => {
    const got = first(text)?.verdicts[0]?.side;
    return wanted === undefined || (got && among(wanted, got)) ? null : `${String(wanted)} ≠ ${got}`;
  });
  const programs = wrongIn(([, wanted, text]) => {
    const got = first(text)?.program;
    return wanted === null || (got && among(wanted, got)) ? null : `${String(wanted)} ≠ ${got}`;
  });
  const some = HELD_OUT_LINES.length * 0.05;
  expect(HELD_OUT_LINES.length).toBeGreaterThanOrEqual(500);
  for (const wrong of [causes, sides, programs]) expect(wrong.length, wrong.join('\n')).toBeLessThan(some);
});

/** As logs, containers, terminals and mail have lines. */
const WRAPPED: Readonly<Record<string, (text: string) => string>> = {
  syslog: (text) => `Jan  2 03:04:05 host app[123]: ${text}`,
  JSON: (text) => JSON.stringify({ level: 'error', msg: text, time: '2024-05-05T10:00:00Z' }),
  colours: (text) => `\u001b[31m${text.replace(/ (\w+)/, ' \u001b[1m$1\u001b[0m')}\u001b[0m`,
  quotation: (text) => `> ${text.replaceAll('\n', '\r\n> ')}\r\n`,
};

test.each(Object.entries(WRAPPED))('a line keeps its cause in %s', (_, wrap) => {
  const cause = (text: string) => diagnoseText(text).incidents[0]?.verdicts[0]?.cause;
  const lines = HELD_OUT_LINES.filter((_row, i) => i % 4 === 0).map(([, , text]) => text);
  expect(lines.filter((text) => cause(wrap(text)) !== cause(text))).toEqual([]);
});

test('what is pasted of one failure is one incident', () => {
  const several = wrongIn(([, , text]) => {
    const count = diagnoseText(text).incidents.length;
    return count === 1 ? null : `${count} incidents`;
  });
  expect(several.length, several.join('\n')).toBeLessThan(5);
});

test('a text that nothing is known of gets no verdict', () => {
  for (const text of [
    ...OTHER_LINES,
    ...HARMLESS_LINES,
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

test('what would settle it is asked of the side that did not write the text', () => {
  const ids = (text: string) => diagnoseText(text).incidents[0]!.verdicts[0]!.missing.map(({ id }) => id);
  const alert = 'error:0A000416:SSL routines::sslv3 alert certificate unknown:SSL alert number 46';
  expect(
    ids(`SSL_do_handshake() failed (SSL: ${alert}) while SSL handshaking, client: 203.0.113.9`),
  ).toContain('client_log');
  expect(ids('curl: (35) error:0A000410:SSL routines::sslv3 alert handshake failure')).toContain(
    'server_log',
  );
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

test('a stack trace belongs to the line of the log that it follows', () => {
  const log = [
    '2024-05-05 10:00:00,123 ERROR App - call failed',
    'javax.net.ssl.SSLHandshakeException: Received fatal alert: protocol_version',
    '\tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)',
    '2024-05-05 10:00:01,123 INFO App - retry',
    '2024-05-05 10:00:02,000 ERROR App - call failed',
    'java.net.UnknownHostException: api.example',
  ].join('\r\n');
  const found = diagnoseText(log).incidents.map(({ line, verdicts }) => [line, verdicts[0]!.cause]);
  expect(found).toEqual([
    [2, 'protocol_version_mismatch'],
    [6, 'dns_failure'],
  ]);
});

test('messages that follow each other without a date are told apart', () => {
  const text = [
    'curl: (60) SSL certificate problem: certificate has expired',
    'More details here: https://curl.se/docs/sslcerts.html',
    '',
    'curl: (7) Failed to connect to localhost port 8443 after 0 ms: Connection refused',
  ].join('\n');
  expect(diagnoseText(text).incidents.map(({ verdicts }) => verdicts[0]!.cause)).toEqual([
    'certificate_expired',
    'connection_refused',
  ]);
});

test('two lines that a program writes of one failure are one incident', () => {
  const text = [
    'Feb  8 16:38:22 mx postfix/smtpd[28408]: SSL_accept error from unknown[192.0.2.7]: -1',
    'Feb  8 16:38:22 mx postfix/smtpd[28408]: warning: TLS library problem: error:0A000418:SSL routines::tlsv1 alert unknown ca:SSL alert number 48:',
  ].join('\n');
  const { incidents } = diagnoseText(text);
  expect(
    incidents.map(({ program, role, client, verdicts }) => [program, role, client, verdicts[0]!.cause]),
  ).toEqual([['Postfix', 'server', null, 'unknown_ca']]);
});

test('logs as JSON and in colours are read, and the evidence is a span of what was pasted', () => {
  const json = String.raw`{"log":"Get \"https://a.example/\": x509: certificate is valid for b.example, not a.example\n","stream":"stderr"}`;
  const colours =
    'certificate \u001b[01;31m\u001b[Kverify\u001b[m\u001b[K failed: \u001b[1mcertificate has expired\u001b[0m';
  const spans = [json, colours].map((text) => {
    const [verdict] = diagnoseText(text).incidents[0]!.verdicts;
    const { start, end } = verdict!.evidence[0]!.text!;
    return [verdict!.cause, text.slice(start, end)];
  });
  expect(spans).toEqual([
    ['hostname_mismatch', 'certificate is valid for b.example, not a.example'],
    ['certificate_expired', 'certificate has expired'],
  ]);
});

/** 「エラー」 */
const ERROR_IN: Readonly<Record<string, readonly number[]>> = {
  shift_jis: [0x83, 0x47, 0x83, 0x89, 0x81, 0x5b],
  'euc-jp': [0xa5, 0xa8, 0xa5, 0xe9, 0xa1, 0xbc],
  'utf-8': [0xe3, 0x82, 0xa8, 0xe3, 0x83, 0xa9, 0xe3, 0x83, 0xbc],
  'utf-16le': [0xa8, 0x30, 0xe9, 0x30, 0xfc, 0x30, 0x0d, 0x00, 0x0a, 0x00],
  'utf-16be': [0x30, 0xa8, 0x30, 0xe9, 0x30, 0xfc, 0x00, 0x0d, 0x00, 0x0a],
  'utf-16 with its mark': [0xff, 0xfe, 0xa8, 0x30, 0xe9, 0x30, 0xfc, 0x30],
};

test.each(Object.entries(ERROR_IN))('bytes in %s become text', (_, bytes) => {
  expect(textFromBytes(Uint8Array.from(bytes)).replace('\ufeff', '').trim()).toBe('エラー');
});

test('a log of 10,000 lines is read as one, and its failures are counted', () => {
  const line = (n: number): string =>
    n % 1000 === 0
      ? `2024/01/02 03:04:05 [info] 9#9: *${n} SSL_do_handshake() failed (SSL: error:0A0000C1:SSL routines::no shared cipher) while SSL handshaking, client: 203.0.113.7, server: 0.0.0.0:443`
      : `2024/01/02 03:04:05 [error] 9#9: *${n} open() "/var/www/a" failed (2: No such file or directory), client: 203.0.113.9`;
  const { incidents, lines } = diagnoseText(Array.from({ length: 10_000 }, (_, n) => line(n)).join('\n'));
  expect([lines, incidents.map(({ count, verdicts }) => [count, verdicts[0]!.cause])]).toEqual([
    10_000,
    [[10, 'no_shared_cipher_suite']],
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
  const text = `${'depth=0 '.repeat(200_000)}\n${'fail'.repeat(300_000)}`;
  const { truncated } = diagnoseText(text);
  expect(truncated).toBe(true);
});

/** What makes a pattern slow: a repetition without an upper bound, outside of a class of characters. */
const UNBOUNDED = /(?<!\\)(?:\\\\)*[*+]|\{\d+,\}/;

test.each(
  Object.entries({
    BROWSERS,
    CATALOGUE,
    GENERAL,
    LIBRARIES,
    NETWORK,
    OPENSSL,
    OTHER_LANGUAGES,
    PROGRAM_RULES,
    RUNTIMES,
    SERVICE_RULES,
    SETTINGS_RULES,
  }),
)('no repetition in a pattern is unbounded: %s', (_, rules) => {
  const sources = rules.map(({ pattern }) => pattern.source.replace(/\[(?:\\.|[^\]\\])*\]/g, 'x'));
  expect(sources.filter((source) => UNBOUNDED.test(source))).toEqual([]);
});

test('a failure that a process goes on about for very many lines is one incident', () => {
  const more = 'tlsd[1]: verify error, ssl handshake failed\n';
  const { incidents, lines } = diagnoseText(`tlsd[1]: no shared cipher\n${more.repeat(10_000)}`);
  const [incident, ...others] = incidents;
  expect([lines, others, incident!.line, incident!.count]).toEqual([10_001, [], 1, 1]);
  expect(incident!.verdicts[0]!.cause).toBe('no_shared_cipher_suite');
});

test("lines may end as Windows's do", () => {
  const text = 'Get "https://a.example/": EOF\r\nnothing else\r\n';
  expect(diagnoseText(text).incidents[0]?.program).toBe('Go');
});

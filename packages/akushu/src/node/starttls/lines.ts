/**
 * Protocols of lines that end with CRLF: SMTP (RFC 3207), IMAP (RFC 9051 §6.2.1, RFC 2595 §3), POP3 (RFC 2595 §4) and
 * FTP (RFC 4217). No login, no mail, no files: only the way to TLS.
 */
import { heard, malformed, notOffered, refused, sendText, type Talk, takeLine } from './dialogue.js';

const say = (line: string): Talk<void> => sendText(`${line}\r\n`, [line]);

// ---- Replies with three digits: SMTP and FTP ----

interface Reply {
  readonly code: number;
  /** Texts without the code. */
  readonly lines: readonly string[];
  /** The last line, as it came. */
  readonly last: string;
}

function* takeReply(style: 'smtp' | 'ftp'): Talk<Reply> {
  const raw = [yield* takeLine()];
  const [, digits, mark] = /^([1-5]\d\d)(?:([ -])|$)/.exec(raw[0]!) ?? malformed('220', raw[0]);
  while (mark === '-') {
    const line = yield* takeLine();
    raw.push(line);
    const same = line.startsWith(digits!);
    if (same && (line[3] === ' ' || line[3] === undefined)) break;
    // RFC 5321 §4.2.1: the code stands on each line. RFC 959 §4.2: what stands between is anything.
    if (style === 'smtp' && !(same && line[3] === '-')) malformed(`${digits}-`, line);
  }
  yield* heard(...raw);
  const lines = raw.map((line) => (line.startsWith(digits!) ? line.slice(4) : line));
  return { code: Number(digits), lines, last: raw.at(-1)! };
}

/** The reply that lets things go on; else the server's no, or nonsense. */
function expectCode({ code, last }: Reply, wanted: number): void {
  if (code === wanted) return;
  if (code >= 400) refused(last);
  malformed(String(wanted), last);
}

/** RFC 3207 §4. Names itself by an address literal (RFC 5321 §4.1.3) that tells nothing about this machine. */
export function* smtp(): Talk<string | null> {
  const greeting = yield* takeReply('smtp');
  expectCode(greeting, 220);
  yield* say('EHLO [127.0.0.1]');
  const hello = yield* takeReply('smtp');
  // RFC 5321 §4.1.4: a server that knows HELO only has no extensions.
  if (hello.code === 500 || hello.code === 502) notOffered(hello.last);
  expectCode(hello, 250);
  const [, ...extensions] = hello.lines;
  if (!extensions.some((line) => /^STARTTLS(?: |$)/i.test(line))) notOffered(extensions.join(', '));
  yield* say('STARTTLS');
  expectCode(yield* takeReply('smtp'), 220);
  return greeting.lines[0]!;
}

/** RFC 4217 §4. 120: the server will be ready in a moment, and says so again (RFC 959 §5.4). */
export function* ftp(): Talk<string | null> {
  let greeting = yield* takeReply('ftp');
  if (greeting.code === 120) greeting = yield* takeReply('ftp');
  expectCode(greeting, 220);
  yield* say('AUTH TLS');
  const go = yield* takeReply('ftp');
  // §4: not understood, not implemented, or no such mechanism. 530 is what servers without AUTH say before a login.
  if ([500, 502, 504, 530].includes(go.code)) notOffered(go.last);
  expectCode(go, 234);
  return greeting.lines[0]!;
}

// ---- IMAP ----

interface Completion {
  readonly ok: boolean;
  readonly last: string;
  /** Without the star. */
  readonly untagged: readonly string[];
}

/** RFC 9051 §2.2.2: data with a star first, then the completion with our tag. */
function* imapCommand(tag: string, name: string): Talk<Completion> {
  yield* say(`${tag} ${name}`);
  const raw: string[] = [];
  const untagged: string[] = [];
  for (;;) {
    const line = yield* takeLine();
    raw.push(line);
    if (line.startsWith('* ')) {
      const data = line.slice(2);
      if (/^BYE(?: |$)/i.test(data)) {
        yield* heard(...raw);
        refused(line);
      }
      // Nothing that is said before a login needs a literal (§4.3), and it could hide lines.
      if (/\{\d+\}$/.test(data)) malformed('CRLF', line);
      untagged.push(data);
      continue;
    }
    const [, theirs, status] = /^(\S+) (OK|NO|BAD)(?: |$)/i.exec(line) ?? malformed(`${tag} OK`, line);
    if (theirs !== tag) malformed(`${tag} OK`, line);
    yield* heard(...raw);
    return { ok: status!.toUpperCase() === 'OK', last: line, untagged };
  }
}

export function* imap(): Talk<string | null> {
  const greeting = yield* takeLine();
  yield* heard(greeting);
  const [, status, text] = /^\* (OK|PREAUTH|BYE)(?: (.*))?$/i.exec(greeting) ?? malformed('* OK', greeting);
  if (/^BYE$/i.test(status!)) refused(greeting);
  // RFC 9051 §6.2.1: no TLS after a login; whoever inserts this greeting keeps the session in the clear.
  if (/^PREAUTH$/i.test(status!)) notOffered(greeting);
  const { ok, last, untagged } = yield* imapCommand('a1', 'CAPABILITY');
  if (!ok) refused(last);
  const capabilities = untagged.filter((data) => /^CAPABILITY /i.test(data));
  if (capabilities.length === 0) malformed('* CAPABILITY', last);
  const words = capabilities.flatMap((data) => data.toUpperCase().split(' '));
  if (!words.includes('STARTTLS')) notOffered(capabilities.join(' '));
  const go = yield* imapCommand('a2', 'STARTTLS');
  if (!go.ok) refused(go.last);
  // The response code, where there is one, is for programs.
  return (text ?? '').replace(/^\[[^\]]*\] ?/, '');
}

// ---- POP3 ----

function* takeStatus(): Talk<{ ok: boolean; line: string }> {
  const line = yield* takeLine();
  const [, status] = /^(\+OK|-ERR)(?: |$)/i.exec(line) ?? malformed('+OK', line);
  return { ok: status!.startsWith('+'), line };
}

export function* pop3(): Talk<string | null> {
  const greeting = yield* takeStatus();
  yield* heard(greeting.line);
  if (!greeting.ok) refused(greeting.line);
  yield* say('CAPA');
  const answer = yield* takeStatus();
  const capabilities: string[] = [];
  if (answer.ok) {
    for (let line = yield* takeLine(); line !== '.'; line = yield* takeLine()) capabilities.push(line);
  }
  yield* heard(answer.line, ...capabilities);
  // RFC 2449 §5: a server without CAPA has none of what is announced by it.
  if (!answer.ok) notOffered(answer.line);
  if (!capabilities.some((line) => /^STLS$/i.test(line.trim()))) notOffered(capabilities.join(', '));
  yield* say('STLS');
  const go = yield* takeStatus();
  yield* heard(go.line);
  if (!go.ok) refused(go.line);
  return greeting.line.slice(4);
}

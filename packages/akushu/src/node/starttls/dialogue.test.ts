/** The dialogues without sockets: good servers, servers that say no, and servers that nobody should trust. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, fromLatin1, fromUtf8, toLatin1 } from '../../bytes/index.js';
import type { TlsError } from '../../errors.js';
import { STARTTLS_PROTOCOLS, type StartTlsProtocol, type StartTlsStep, startTls } from './index.js';

const TLS_NS = 'urn:ietf:params:xml:ns:xmpp-tls';
const STREAM =
  "<?xml version='1.0'?>\n<stream:stream id='1' from=\"example.com\" version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const FEATURES = `<stream:features><starttls xmlns='${TLS_NS}'><required/></starttls><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>`;

const latin1 = (text: string): Uint8Array => fromLatin1(text);
const lines = (...texts: readonly string[]): Uint8Array =>
  latin1(texts.map((text) => `${text}\r\n`).join(''));

/** A MySQL packet with number 0. */
const packet = (body: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(body.length & 0xff, body.length >> 8, 0, 0), body);
const greeting = (capabilities: number, version = '11.8.3-MariaDB'): Uint8Array =>
  packet(
    concat(
      Uint8Array.of(10),
      latin1(`${version}\0`),
      new Uint8Array(13),
      Uint8Array.of(capabilities & 0xff, capabilities >> 8),
      new Uint8Array(30),
    ),
  );
/** An ExtendedResponse: result code, message, and what follows them. */
const ldapAnswer = (code: number, text = '', more = '', id = 1): Uint8Array => {
  const body = concat(Uint8Array.of(0x0a, 1, code, 4, 0, 4, text.length), latin1(text), fromHex(more));
  return concat(Uint8Array.of(0x30, body.length + 5, 2, 1, id, 0x78, body.length), body);
};
const postgresError = (...fields: readonly string[]): Uint8Array => {
  const body = latin1(`${fields.map((field) => `${field}\0`).join('')}\0`);
  return concat(latin1('E'), Uint8Array.of(0, 0, 0, body.length + 4), body);
};

interface Script {
  /** What the server says: first of all, and then after each thing that we say. */
  readonly server: readonly Uint8Array[];
  /** What we say, in order. */
  readonly client: readonly Uint8Array[];
  readonly banner: string | null;
}

const NOTHING = new Uint8Array(0);

const GOOD: Readonly<Record<StartTlsProtocol, Script>> = {
  smtp: {
    server: [
      lines('220-mail.example.com ESMTP', '220 no spam'),
      lines('250-mail.example.com Hello', '250-SIZE 1000', '250-starttls', '250 HELP'),
      lines('220 2.0.0 go ahead'),
    ],
    client: [lines('EHLO [127.0.0.1]'), lines('STARTTLS')],
    banner: 'mail.example.com ESMTP',
  },
  imap: {
    server: [
      lines('* OK [CAPABILITY IMAP4rev1] ready.'),
      lines('* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED', 'a1 OK done'),
      lines('a2 OK Begin TLS negotiation now'),
    ],
    client: [lines('a1 CAPABILITY'), lines('a2 STARTTLS')],
    banner: 'ready.',
  },
  pop3: {
    server: [
      lines('+OK POP3 ready <1@example.com>'),
      lines('+OK', 'TOP', 'STLS', 'USER', '.'),
      lines('+OK Begin TLS'),
    ],
    client: [lines('CAPA'), lines('STLS')],
    banner: 'POP3 ready <1@example.com>',
  },
  ftp: {
    server: [
      lines('120 in a moment', '220-Welcome', ' to anything', '220a', '220 Ready'),
      lines('234 Proceed'),
    ],
    client: [lines('AUTH TLS')],
    banner: 'Welcome',
  },
  xmpp: {
    server: [NOTHING, latin1(STREAM + FEATURES), latin1(`<proceed xmlns='${TLS_NS}'/>`)],
    client: [
      latin1(
        "<?xml version='1.0'?><stream:stream to='example.com' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
      ),
      latin1(`<starttls xmlns='${TLS_NS}'/>`),
    ],
    banner: 'example.com',
  },
  ldap: {
    server: [NOTHING, ldapAnswer(0)],
    client: [fromHex('301d02010177188016312e332e362e312e342e312e313436362e3230303337')],
    banner: null,
  },
  postgres: {
    server: [NOTHING, latin1('S')],
    client: [fromHex('0000000804d2162f')],
    banner: null,
  },
  mysql: {
    server: [greeting(0xffff), NOTHING],
    client: [fromHex(`20000001008a0800000000012d${'00'.repeat(23)}`)],
    banner: '11.8.3-MariaDB',
  },
};

interface Outcome {
  readonly sent: readonly Uint8Array[];
  readonly steps: readonly StartTlsStep[];
  readonly ready: number;
  readonly error: TlsError | null;
  readonly banner: string | null;
}

/** Plays a server that says all it has, in the given pieces, whatever it hears. */
function play(protocol: StartTlsProtocol, pieces: Iterable<Uint8Array>, name = 'example.com'): Outcome {
  const sent: Uint8Array[] = [];
  const steps: StartTlsStep[] = [];
  const errors: TlsError[] = [];
  let ready = 0;
  const dialogue = startTls(protocol, name, {
    send: (bytes) => sent.push(bytes),
    said: (step) => steps.push(step),
    ready: () => {
      ready += 1;
    },
    failed: (error) => errors.push(error),
  });
  dialogue.start();
  for (const piece of pieces) dialogue.receive(piece);
  expect(errors.length).toBeLessThanOrEqual(1);
  return { sent, steps, ready, error: errors[0] ?? null, banner: dialogue.banner };
}

const failureOf = (protocol: StartTlsProtocol, ...said: readonly Uint8Array[]): TlsError => {
  const { error } = play(protocol, said);
  if (!error) throw new Error('it did not fail');
  return error;
};

function* oneByOne(bytes: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < bytes.length; i++) yield bytes.subarray(i, i + 1);
}

function* cutAt(bytes: Uint8Array, cuts: readonly number[]): Generator<Uint8Array> {
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    if (cut > from && cut < bytes.length) {
      yield bytes.subarray(from, cut);
      from = cut;
    }
  }
  yield bytes.subarray(from);
}

describe.each(STARTTLS_PROTOCOLS.map((protocol) => ({ protocol, ...GOOD[protocol] })))(
  '$protocol',
  ({ protocol, server, client, banner }) => {
    const all = concat(NOTHING, ...server);

    test('speaks in turn until TLS may begin', () => {
      const sent: Uint8Array[] = [];
      let ready = false;
      const dialogue = startTls(protocol, 'example.com', {
        send: (bytes) => sent.push(bytes),
        said: () => {},
        ready: () => {
          ready = true;
        },
        failed: (error) => expect.unreachable(`${error.code} ${JSON.stringify(error.facts)}`),
      });
      dialogue.start();
      server.forEach((said, i) => {
        dialogue.receive(said);
        expect(sent.map(toLatin1)).toEqual(client.slice(0, i + 1).map(toLatin1));
      });
      expect(ready).toBe(true);
      expect(dialogue.banner).toBe(banner);
    });

    test('tells every byte of both directions as a step', () => {
      const { steps, sent } = play(protocol, [all]);
      const count = (from: string): number =>
        steps.filter((step) => step.from === from).reduce((sum, { bytes }) => sum + bytes, 0);
      expect(count('client')).toBe(concat(NOTHING, ...sent).length);
      expect(count('server')).toBe(all.length);
      expect(steps.every((step) => step.lines.length > 0)).toBe(true);
    });

    test('comes to the same end byte by byte', () => {
      const whole = play(protocol, [all]);
      expect(whole.ready).toBe(1);
      expect(play(protocol, oneByOne(all))).toEqual(whole);
    });

    test('takes any byte after the go-ahead for an injection, with it or later', () => {
      for (const byte of [0x00, 0x0a, 0x16, 0x41]) {
        const extra = Uint8Array.of(byte);
        expect(play(protocol, [concat(all, extra)])).toMatchObject({
          ready: 0,
          error: { code: 'starttls_injection' },
        });
        expect(play(protocol, [all, extra]).error?.code).toBe('starttls_injection');
      }
    });

    test('is never ready before all was said, and names what it waits for when the server leaves', () => {
      for (let end = 0; end < all.length; end++) {
        const outcome = play(protocol, [all.subarray(0, end)]);
        expect([end, outcome.ready, outcome.error]).toEqual([end, 0, null]);
      }
      const dialogue = startTls(protocol, 'example.com', {
        send: () => {},
        said: () => {},
        ready: () => expect.unreachable(),
        failed: () => expect.unreachable(),
      });
      dialogue.start();
      dialogue.receive(all.subarray(0, -1));
      const error = dialogue.interrupted('closed_during_handshake');
      expect(error).toMatchObject({
        code: 'closed_during_handshake',
        facts: { phase: 'starttls', protocol },
      });
      dialogue.receive(all.subarray(-1));
    });

    test('recognises a server that speaks TLS at once, however the alert is cut', () => {
      const alert = fromHex('15030300020228');
      expect(play(protocol, [alert]).error?.code).toBe('starttls_already_tls');
      expect(play(protocol, oneByOne(alert)).error?.code).toBe('starttls_already_tls');
      expect(play(protocol, [fromHex('160301')]).error?.code).toBe('starttls_already_tls');
    });

    test('gives up on what never ends', () => {
      const chunk = new Uint8Array(1000).fill(0x61);
      for (const start of [NOTHING, ...server.map((_, i) => concat(NOTHING, ...server.slice(0, i)))]) {
        const outcome = play(
          protocol,
          (function* () {
            yield start;
            for (let i = 0; i < 100; i++) yield chunk;
          })(),
        );
        expect(outcome.error?.code).toMatch(/^starttls_(malformed|injection)$/);
      }
    });

    test('never throws and never depends on the cuts, whatever comes', () => {
      const mutated = fc
        .tuple(fc.nat(all.length), fc.nat(all.length), fc.uint8Array({ maxLength: 40 }))
        .map(([at, skip, bytes]) => concat(all.subarray(0, at), bytes, all.subarray(at + (skip % 20))));
      const any = fc.uint8Array({ maxLength: 300 });
      fc.assert(
        fc.property(fc.oneof(mutated, any), fc.array(fc.nat(400), { maxLength: 12 }), (bytes, cuts) => {
          const whole = play(protocol, [bytes]);
          const cut = play(protocol, cutAt(bytes, cuts));
          if (whole.error) expect(whole.error.code).toMatch(/^starttls_/);
          expect(cut.error?.code).toBe(whole.error?.code);
          // Of an injection as much is told as came at once, and it comes before the end, or after.
          if (whole.error?.code !== 'starttls_injection') {
            expect(cut.error?.facts).toEqual(whole.error?.facts);
            expect(cut.ready).toBe(whole.ready);
          }
          expect(cut.sent).toEqual(whole.sent);
          expect(cut.steps).toEqual(whole.steps);
          for (const { lines: told } of whole.steps) {
            for (const line of told) expect(line).not.toMatch(/\p{Cc}/u);
          }
        }),
        { numRuns: 300 },
      );
    });
  },
);

describe('what servers say instead', () => {
  const [smtpGreeting, smtpHello] = GOOD.smtp.server as [Uint8Array, Uint8Array];
  const [imapGreeting, imapCapability] = GOOD.imap.server as [Uint8Array, Uint8Array];
  const [pop3Greeting, pop3Capa] = GOOD.pop3.server as [Uint8Array, Uint8Array];
  const ftpGreeting = GOOD.ftp.server[0]!;
  const stream = latin1(STREAM);
  const opened = latin1(STREAM + FEATURES);

  const cases: readonly (readonly [string, string, StartTlsProtocol, readonly Uint8Array[], string?])[] = [
    ['smtp without STARTTLS', 'not_offered', 'smtp', [smtpGreeting, lines('250-x', '250 SIZE')], 'SIZE'],
    ['smtp whose host is called STARTTLS', 'not_offered', 'smtp', [smtpGreeting, lines('250 STARTTLS')], ''],
    ['smtp with STARTTLSX', 'not_offered', 'smtp', [smtpGreeting, lines('250-x', '250 STARTTLSX')]],
    ['smtp without EHLO', 'not_offered', 'smtp', [smtpGreeting, lines('502 what?')], '502 what?'],
    ['smtp that has no time', 'refused', 'smtp', [smtpGreeting, lines('421 later')], '421 later'],
    ['smtp that wants nobody', 'refused', 'smtp', [lines('554 go away')], '554 go away'],
    ['smtp without a key', 'refused', 'smtp', [smtpGreeting, smtpHello, lines('454 not now')], '454 not now'],
    ['smtp with 250 for STARTTLS', 'malformed', 'smtp', [smtpGreeting, smtpHello, lines('250 OK')]],
    ['smtp with two codes in one reply', 'malformed', 'smtp', [lines('220-a', '250 b')]],
    ['smtp with bare LF', 'malformed', 'smtp', [latin1('220 x\n')]],
    ['smtp with bare CR', 'malformed', 'smtp', [latin1('220 x\r220 y\r\n')]],
    ['smtp with NUL', 'malformed', 'smtp', [latin1('220 x\0\r\n')]],
    ['smtp that is a web server', 'malformed', 'smtp', [lines('HTTP/1.1 400 Bad Request')]],
    ['imap without STARTTLS', 'not_offered', 'imap', [imapGreeting, lines('* CAPABILITY IMAP4', 'a1 OK')]],
    ['imap already logged in', 'not_offered', 'imap', [lines('* PREAUTH hello')], '* PREAUTH hello'],
    ['imap that says bye', 'refused', 'imap', [lines('* BYE full')], '* BYE full'],
    ['imap that says bye later', 'refused', 'imap', [imapGreeting, lines('* BYE full')], '* BYE full'],
    ['imap that says no', 'refused', 'imap', [imapGreeting, imapCapability, lines('a2 NO no')], 'a2 NO no'],
    ['imap with a wrong tag', 'malformed', 'imap', [imapGreeting, imapCapability, lines('a1 OK')]],
    ['imap without capabilities', 'malformed', 'imap', [imapGreeting, lines('a1 OK')]],
    ['imap with a literal', 'malformed', 'imap', [imapGreeting, lines('* CAPABILITY {10}')]],
    ['pop3 without STLS', 'not_offered', 'pop3', [pop3Greeting, lines('+OK', 'TOP', '.')], 'TOP'],
    ['pop3 without CAPA', 'not_offered', 'pop3', [pop3Greeting, lines('-ERR no')], '-ERR no'],
    ['pop3 that wants nobody', 'refused', 'pop3', [lines('-ERR busy')], '-ERR busy'],
    ['pop3 that says no', 'refused', 'pop3', [pop3Greeting, pop3Capa, lines('-ERR no')], '-ERR no'],
    ['pop3 that is something else', 'malformed', 'pop3', [lines('220 mail')]],
    ['ftp without AUTH', 'not_offered', 'ftp', [ftpGreeting, lines('502 no AUTH')], '502 no AUTH'],
    ['ftp that says no', 'refused', 'ftp', [ftpGreeting, lines('534 policy')], '534 policy'],
    ['ftp that wants nobody', 'refused', 'ftp', [lines('421-sorry', ' full', '421 bye')], '421 bye'],
    ['ftp with the wrong yes', 'malformed', 'ftp', [ftpGreeting, lines('200 OK')]],
    [
      'xmpp without starttls',
      'not_offered',
      'xmpp',
      [stream, latin1('<stream:features><bind/></stream:features>')],
      'bind',
    ],
    [
      'xmpp with a starttls of another namespace',
      'not_offered',
      'xmpp',
      [stream, latin1('<stream:features><starttls/></stream:features>')],
    ],
    [
      'xmpp with a starttls deeper down',
      'not_offered',
      'xmpp',
      [stream, latin1(`<stream:features><x><starttls xmlns='${TLS_NS}'/></x></stream:features>`)],
      'x',
    ],
    [
      'xmpp that does not know the host',
      'refused',
      'xmpp',
      [
        stream,
        latin1("<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"),
      ],
      'error host-unknown',
    ],
    ['xmpp that fails', 'refused', 'xmpp', [opened, latin1(`<failure xmlns='${TLS_NS}'/>`)], 'failure'],
    ['xmpp that ends the stream', 'refused', 'xmpp', [opened, latin1('</stream:stream>')]],
    ['xmpp with proceed of another namespace', 'malformed', 'xmpp', [opened, latin1('<proceed/>')]],
    ['xmpp with a comment', 'malformed', 'xmpp', [stream, latin1('<!-- x -->')]],
    ['xmpp with a declaration of a type', 'malformed', 'xmpp', [latin1('<!DOCTYPE x>')]],
    ['xmpp with tags that do not nest', 'malformed', 'xmpp', [stream, latin1('<a><b></a>')]],
    ['xmpp with an attribute twice', 'malformed', 'xmpp', [stream, latin1("<a b='1' b='2'/>")]],
    ['xmpp of endless depth', 'malformed', 'xmpp', [stream, latin1('<a>'.repeat(100))]],
    ['xmpp that is something else', 'malformed', 'xmpp', [latin1('HTTP/1.1 400 <html>')]],
    ['ldap without TLS', 'not_offered', 'ldap', [ldapAnswer(2, 'no TLS')], 'protocolError: no TLS'],
    ['ldap that will not', 'refused', 'ldap', [ldapAnswer(53)], 'unwillingToPerform'],
    ['ldap with an unknown result', 'refused', 'ldap', [ldapAnswer(99, 'x')], 'resultCode 99: x'],
    ['ldap that takes its leave', 'refused', 'ldap', [ldapAnswer(52, 'bye', '', 0)], 'unavailable: bye'],
    ['ldap that answers somebody else', 'malformed', 'ldap', [ldapAnswer(0, '', '', 2)]],
    ['ldap that answers something else', 'malformed', 'ldap', [ldapAnswer(0, '', '8a03312e32')]],
    ['ldap with lengths that lie', 'malformed', 'ldap', [fromHex('300c02010178070a01000400047f')]],
    ['ldap without an end', 'malformed', 'ldap', [fromHex('3080')]],
    ['ldap of four gigabytes', 'malformed', 'ldap', [fromHex('3084ffffffff')]],
    ['postgres without TLS', 'not_offered', 'postgres', [latin1('N')], 'N'],
    [
      'postgres that is full',
      'refused',
      'postgres',
      [postgresError('SFATAL', 'C53300', 'Mtoo many clients')],
      'FATAL 53300 too many clients',
    ],
    ['postgres that lies about lengths', 'malformed', 'postgres', [fromHex('4500000001')]],
    ['postgres with a huge error', 'malformed', 'postgres', [fromHex('457fffffff')]],
    ['postgres that is something else', 'malformed', 'postgres', [latin1('HTTP')]],
    ['mysql without TLS', 'not_offered', 'mysql', [greeting(0xf7ff)], '11.8.3-MariaDB'],
    ['mysql of old', 'not_offered', 'mysql', [packet(latin1('\x093.20\0'))]],
    [
      'mysql that wants nobody',
      'refused',
      'mysql',
      [packet(concat(fromHex('ff6a04'), latin1('Host is not allowed')))],
      '1130 Host is not allowed',
    ],
    [
      'mysql with a state of SQL',
      'refused',
      'mysql',
      [packet(concat(fromHex('ff1004'), latin1('#08004Too many connections')))],
      '1040 Too many connections',
    ],
    ['mysql with a short greeting', 'malformed', 'mysql', [packet(latin1('\x0a8.0\0'))]],
    ['mysql with a huge packet', 'malformed', 'mysql', [fromHex('ffffff00')]],
    ['mysql that is something else', 'malformed', 'mysql', [lines('220 mail')]],
  ];

  const named = cases.map(([name, code, protocol, said, got]) => ({ name, code, protocol, said, got }));
  test.each(named)('$name: starttls_$code', ({ code, protocol, said, got }) => {
    const error = failureOf(protocol, ...said);
    expect(error.code).toBe(`starttls_${code}`);
    expect(error.alert).toBeNull();
    expect(error.facts.protocol).toBe(protocol);
    if (got !== undefined) expect(error.facts.got).toBe(got);
  });

  test('lengths of LDAP may be longer than need be', () => {
    const response = fromHex('3084000000100201017884000000070a010004000400');
    expect(play('ldap', [response])).toMatchObject({ ready: 1, error: null });
    const named = ldapAnswer(0, '', `8a16${Buffer.from('1.3.6.1.4.1.1466.20037').toString('hex')}`);
    expect(play('ldap', [named])).toMatchObject({ ready: 1, error: null });
  });

  test('XML may quote, nest and break lines in ways of its own', () => {
    const odd = `<?xml version="1.0" encoding='UTF-8' ?>
<s:stream xmlns:s="http://etherx.jabber.org/streams"
  from='a>b' version = "1.0" >
 <s:features>1 > 0<t:starttls xmlns:t="${TLS_NS}" ></t:starttls ></s:features>
<t:proceed xmlns:t='${TLS_NS}'></t:proceed>`;
    expect(play('xmpp', [latin1(odd)])).toMatchObject({ ready: 1, error: null, banner: 'a>b' });
  });

  test('the name of the host goes escaped into XML', () => {
    const { sent } = play('xmpp', [], `a'/><x y="&`);
    expect(toLatin1(sent[0]!)).toContain("to='a&apos;/&gt;&lt;x y=&quot;&amp;' ");
  });

  test('texts of the server cannot act on a terminal, and are short', () => {
    const error = failureOf('smtp', fromUtf8(`554 \u001b[2J\u202eevil ${'x'.repeat(1000)}\r\n`));
    expect(error.facts.got).toMatch(/^554 \\x1b\[2J\\u\{202e\}evil x+…$/);
    expect((error.facts.got as string).length).toBeLessThan(300);
    expect(error.message).toBe('starttls_refused');
  });

  test('the reply to a long list of lines is bounded', () => {
    const endless = lines(...Array.from({ length: 600 }, () => '220-x'));
    expect(failureOf('smtp', endless).facts).toMatchObject({ limit: 512 });
    const long = lines(...Array.from({ length: 20 }, () => `220-${'x'.repeat(4000)}`));
    expect(failureOf('smtp', long).facts).toMatchObject({ limit: 65_536 });
    expect(failureOf('smtp', latin1(`220 ${'x'.repeat(5000)}\r\n`)).facts).toMatchObject({ limit: 4096 });
  });
});

/** STARTTLS with the servers that people run: through the clear into TLS, and away from servers that have none. */
import { STARTTLS_PROTOCOLS, type StartTlsProtocol } from 'akushu/node';
import { expect, inject } from 'vitest';
import { shows } from './support/matrix.js';
import { SERVERS } from './support/starttls-servers.js';
import { trusting } from './support/suite-server.js';
import { failureOf, open, type Wire } from './support/wire.js';

const pki = { dir: inject('prepared').pkiDir };

const ask =
  (command: string, answer: string) =>
  async (wire: Wire): Promise<void> => {
    wire.send(command);
    await wire.readThrough(answer);
  };

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

/** Something that each server answers without a login, or with one of nobody: it reads what we send under TLS. */
const TALKS: Readonly<Record<StartTlsProtocol, (wire: Wire) => Promise<void>>> = {
  smtp: ask('EHLO [127.0.0.1]\r\nQUIT\r\n', '221 '),
  imap: ask('b1 CAPABILITY\r\nb2 LOGOUT\r\n', 'b2 OK'),
  pop3: ask('CAPA\r\nQUIT\r\n', '.\r\n+OK'),
  ftp: ask('FEAT\r\n', '211 End'),
  xmpp: ask(
    "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
    '</stream:features>',
  ),
  ldap: async (wire) => {
    // An anonymous bind, and its success.
    wire.send(bytes('300c020102600702010304008000'));
    expect((await wire.read(14)).toString('hex')).toBe('300c02010261070a010004000400');
  },
  postgres: async (wire) => {
    const parameters = Buffer.from('user\0postgres\0database\0postgres\0\0');
    const head = Buffer.alloc(8);
    head.writeUInt32BE(parameters.length + 8, 0);
    head.writeUInt32BE(0x0003_0000, 4);
    wire.send(Buffer.concat([head, parameters]));
    // AuthenticationOk.
    expect((await wire.read(9)).toString('hex')).toBe('520000000800000000');
  },
  mysql: async (wire) => {
    const flags = bytes('008a0800');
    const login = Buffer.concat([flags, bytes(`000000012d${'00'.repeat(23)}`), Buffer.from('root\0\0')]);
    const plugin = Buffer.from('mysql_native_password\0');
    const body = Buffer.concat([login, plugin]);
    wire.send(Buffer.concat([Buffer.from([body.length, 0, 0, 2]), body]));
    const header = await wire.read(4);
    expect(header[3]).toBe(3);
    // OK.
    expect((await wire.read(header.readUIntLE(0, 3)))[0]).toBe(0);
  },
};

/** What the server says it is, where the protocol tells. */
const BANNERS: Readonly<Record<StartTlsProtocol, RegExp | null>> = {
  smtp: /^localhost ESMTP Exim/,
  imap: /^Dovecot/,
  pop3: /^Dovecot/,
  ftp: /vsFTPd/,
  xmpp: /^localhost$/,
  ldap: null,
  postgres: null,
  mysql: /MariaDB/,
};

for (const starttls of STARTTLS_PROTOCOLS) {
  const { name, why, start } = SERVERS[starttls];
  const cell = { peer: name, role: 'server', feature: 'starttls' } as const;

  shows(cell, `${starttls} leads to TLS, and goes on under it`, why, async ({ onTestFinished }) => {
    const port = await start(onTestFinished, pki, true);
    const wire = await open(onTestFinished, port, trusting({ starttls }));
    expect(wire.socket.authorized).toBe(true);
    const { protocol, banner } = wire.socket.starttls!;
    expect(protocol).toBe(starttls);
    const expected = BANNERS[starttls];
    if (expected) expect(banner).toMatch(expected);
    else expect(banner).toBeNull();
    await TALKS[starttls](wire);
  });

  shows(
    cell,
    `${starttls} without TLS is told from all else that can fail`,
    why,
    async ({ onTestFinished }) => {
      const port = await start(onTestFinished, pki, false);
      const error = await failureOf(onTestFinished, port, trusting({ starttls }));
      expect({ code: error.code, facts: error.facts }).toMatchObject({
        code: 'starttls_not_offered',
        facts: { protocol: starttls },
      });
    },
  );
}

const mail = { peer: SERVERS.smtp.name, role: 'server', feature: 'starttls' } as const;

shows(mail, 'smtp taken for another protocol is named so', SERVERS.smtp.why, async ({ onTestFinished }) => {
  const port = await SERVERS.smtp.start(onTestFinished, pki, true);
  for (const starttls of ['imap', 'pop3', 'mysql'] as const) {
    const error = await failureOf(onTestFinished, port, trusting({ starttls }));
    expect([starttls, error.code]).toEqual([starttls, 'starttls_malformed']);
  }
});

/** `akushu explain`, run as the command: captures that it makes itself, logs, errors, bad input. */
import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { CAUSES } from 'akushu/diagnose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromHex } from '../../akushu/src/bytes/index.js';
import { packetsOf, pcap } from '../../akushu/test/support/frames.js';
import { widthOf } from '../src/text.js';
import {
  akushu,
  finished,
  makeCertificate,
  opensslServer,
  type Scratch,
  scratch,
  start,
  tcpServer,
  textFrom,
} from './spawn.js';
import { tooWide } from './support.js';

let files: Scratch;
beforeAll(() => {
  files = scratch();
});
afterAll(() => files.remove());

interface Verdict {
  readonly cause: string;
  readonly side: string;
  readonly confidence: number;
  readonly explanation: string;
  readonly remedy: { readonly snippets: readonly unknown[] };
}
interface Connection {
  readonly client: string | null;
  readonly server: string | null;
  readonly sni: string | null;
  readonly version: string | null;
  readonly outcome: string;
  readonly verdicts: readonly Verdict[];
  readonly missing: readonly { readonly what: string; readonly command: string | null }[];
}

async function json(...args: string[]): Promise<{ code: number | null; connections: readonly Connection[] }> {
  const { code, stdout } = await akushu(['explain', '--json', ...args]);
  return { code, ...(JSON.parse(stdout) as { connections: readonly Connection[] }) };
}

/** A capture of our client with a server of OpenSSL, or with anything else. */
async function captured(name: string, server: readonly string[], client: readonly string[]): Promise<string> {
  const file = files.at(`${name}.pcapng`);
  const { cert, key } = makeCertificate(files, 'server');
  const { port, stop } = await opensslServer(['-cert', cert, '-key', key, ...server]);
  await akushu(['connect', `localhost:${port}`, '--once', '--ca', cert, '--pcap', file, ...client]);
  stop();
  return file;
}

describe('captures that lack something', () => {
  let packets: Uint8Array[];
  beforeAll(async () => {
    packets = packetsOf(readFileSync(await captured('lacking', ['-tls1_2'], [])));
  });
  const written = (name: string, file: Uint8Array): string => {
    const path = files.at(`${name}.pcap`);
    writeFileSync(path, file);
    return path;
  };

  test('say that packets were cut, where, and how to get whole ones, in both languages', async () => {
    const file = written('cut', pcap(packets, { snapLength: 96 }));
    const [en, ja] = await Promise.all(
      ['en', 'ja'].map(async (lang) => (await akushu(['explain', file, '--lang', lang])).stdout),
    );
    expect(en).toMatch(/were cut at 96 bytes/);
    expect(en).toContain('tcpdump -s 0');
    expect(ja).toContain('96バイトで切れています');
    expect(ja).toContain('tcpdump -i any -s 0');
    const { connections } = await json(file);
    expect(connections[0]!.outcome).not.toBe('failed');
    expect(connections[0]!.missing[0]!.command).toContain('-s 0');
  });

  test('say that one side was captured alone, and where they begin', async () => {
    const [first] = packets;
    const sender = (packet: Uint8Array): number => (packet[20]! << 8) | packet[21]!;
    const half = written('half', pcap(packets.filter((packet) => sender(packet) === sender(first!))));
    const { stdout } = await akushu(['explain', half, '--lang', 'en']);
    expect(stdout).toContain('those of one side only');
    const late = written('late', pcap(packets.slice(5, -6)));
    expect((await akushu(['explain', late, '--lang', 'en'])).stdout).toContain(
      'begins before the connection does',
    );
    expect((await akushu(['explain', late, '--lang', 'ja'])).stdout).toContain(
      '接続が始まる前からのキャプチャー',
    );
  });

  test('and whole ones say nothing of the kind', async () => {
    const whole = written('whole', pcap(packets));
    const { stdout } = await akushu(['explain', whole, '--lang', 'en']);
    expect(stdout).not.toMatch(/cut at|one side|in the middle/);
    expect((await json(whole)).connections[0]!.missing).toEqual([]);
  });
});

describe('captures', () => {
  test('a connection that worked gets none', async () => {
    const { code, connections } = await json(await captured('fine', [], []));
    expect(code).toBe(0);
    expect(connections).toHaveLength(1);
    expect(connections[0]).toMatchObject({ outcome: 'established', sni: 'localhost', version: 'TLSv1.3' });
    expect(connections[0]!.verdicts[0]!.cause).toBe('none');
  });

  test('versions that do not meet', async () => {
    const { connections } = await json(await captured('versions', ['-tls1_3'], ['--tls12']));
    expect(connections[0]!.outcome).toBe('failed');
    expect(connections[0]!.verdicts[0]).toMatchObject({ cause: 'protocol_version_mismatch', side: 'client' });
    expect(connections[0]!.verdicts[0]!.remedy.snippets).toHaveLength(8);
  });

  test('something that is not TLS, by its name', async () => {
    const { port, server } = await tcpServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    const file = files.at('http.pcapng');
    await akushu(['connect', `127.0.0.1:${port}`, '--once', '--pcap', file]);
    server.close();
    const { connections } = await json(file);
    expect(connections[0]!.verdicts[0]).toMatchObject({ cause: 'not_tls_server', side: 'server' });
    expect(connections[0]!.verdicts[0]!.explanation).toContain('HTTP');
  });

  test('--failed leaves out what worked, --stream takes one', async () => {
    const file = await captured('filter', [], []);
    expect((await json(file, '--failed')).connections).toEqual([]);
    expect((await json(file, '--stream', '0')).connections).toHaveLength(1);
    const missing = await akushu(['explain', file, '--stream', '7']);
    expect(missing.code).toBe(1);
    expect(missing.stdout).toContain('no connection 7');
  });

  test('gzip is read, and so is stdin', async () => {
    const file = await captured('zipped', ['-tls1_3'], ['--tls12']);
    const zipped = files.at('zipped.pcapng.gz');
    writeFileSync(zipped, gzipSync(readFileSync(file)));
    expect((await json(zipped)).connections[0]!.verdicts[0]!.cause).toBe('protocol_version_mismatch');
  });

  test('the explanation fits into 80 columns in both languages', async () => {
    const file = await captured('width', ['-tls1_3'], ['--tls12']);
    for (const language of ['en', 'ja']) {
      const { code, stdout } = await akushu(['explain', file, '--lang', language]);
      expect(code).toBe(0);
      expect(stdout).toContain('protocol_version_mismatch');
      expect(tooWide(stdout)).toEqual([]);
    }
  });

  test('a truncated capture is read as far as it goes, and where it breaks is said', async () => {
    const whole = readFileSync(await captured('whole', ['-tls1_3'], ['--tls12']));
    const cut = files.at('cut.pcapng');
    writeFileSync(cut, whole.subarray(0, whole.length - 7));
    const { code, stdout } = await akushu(['explain', cut]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/ends in the middle of a packet, at byte [\d,]+/);
  });

  test('a capture without TLS says what it saw instead', async () => {
    // One ARP packet over Ethernet.
    const packet = `ffffffffffff0200000000010806${'00'.repeat(46)}`;
    const header = 'd4c3b2a1020004000000000000000000ffff000001000000';
    const file = files.at('arp.pcap');
    writeFileSync(file, fromHex(`${header}00000000000000003c0000003c000000${packet}`));
    const { code, stdout } = await akushu(['explain', file]);
    expect(code).toBe(1);
    expect(stdout).toContain('arp 1');
  });
});

describe('given in other ways', () => {
  test('a pipe that gives its bytes little by little, compressed or not', async () => {
    const file = readFileSync(await captured('piped', ['-tls1_3'], ['--tls12']));
    for (const bytes of [file, gzipSync(file)]) {
      const child = start(['explain', '-', '--json']);
      child.stdin!.write(bytes.subarray(0, 2));
      await new Promise((resolve) => setTimeout(resolve, 200));
      child.stdin!.end(bytes.subarray(2));
      const { connections } = JSON.parse((await finished(child)).stdout) as {
        connections: readonly Connection[];
      };
      expect(connections[0]!.verdicts[0]!.cause).toBe('protocol_version_mismatch');
    }
  });

  test('logs that are compressed, or in UTF-16', async () => {
    const text = 'curl: (60) SSL certificate problem: certificate has expired';
    const zipped = files.at('error.log.gz');
    writeFileSync(zipped, gzipSync(text));
    const windows = files.at('error.log');
    writeFileSync(windows, Buffer.from(`\ufeff${text}`, 'utf16le'));
    for (const file of [zipped, windows])
      expect((await json(file)).connections[0]!.verdicts[0]!.cause).toBe('certificate_expired');
  });

  test('what is neither a capture nor text says so', async () => {
    const file = files.at('program');
    for (const [bytes, note] of [
      ['7f454c4602010100000000', 'neither a capture'],
      ['', 'nothing in it'],
      ['28b52ffd0000', 'zstd'],
      ['160301000501000001', 'bytes of TLS'],
    ] as const) {
      writeFileSync(file, fromHex(bytes));
      const { code, stdout } = await akushu(['explain', file]);
      expect(code).toBe(1);
      expect(stdout).toContain(note);
    }
  });

  test('several connections by their numbers; one that is not there is said', async () => {
    const file = await captured('several', [], []);
    const { code, connections } = await json(file, '--stream', '0', '--stream', '#0');
    expect([code, connections.length]).toEqual([0, 1]);
    const { code: missing, stdout } = await akushu(['explain', file, '--stream', '0', '--stream', '9']);
    expect(missing).toBe(1);
    expect(stdout).toContain('no connection 9');
    expect(stdout).toContain('Connection #0');
  });

  test('keys that cannot be used are told apart from none that fit', async () => {
    const file = await captured('keys', [], []);
    const { key } = makeCertificate(files, 'server');
    const ec = await akushu(['explain', file, '--rsa-key', key]);
    expect(ec.code).toBe(2);
    expect(ec.stderr).toContain('no RSA key');
    const empty = files.at('empty.keys');
    writeFileSync(empty, '');
    const { code, stderr } = await akushu(['explain', file, '--keylog', empty]);
    expect(code).toBe(0);
    expect(stderr).toContain('holds no secret');
  });
});

describe('text', () => {
  test('an error in quotes', async () => {
    const { code, connections } = await json('curl: (60) SSL certificate problem: certificate has expired');
    expect(code).toBe(0);
    expect(connections[0]).toMatchObject({ outcome: 'failed' });
    expect(connections[0]!.verdicts[0]).toMatchObject({ cause: 'certificate_expired', side: 'server' });
  });

  test('a log on stdin', async () => {
    const log = `${LINE('no shared cipher', 1)}\n${LINE('unsupported protocol', 2)}\n`;
    const { stdout } = await akushu(['explain', '-', '--json'], { input: log });
    const { connections } = JSON.parse(stdout) as { connections: readonly Connection[] };
    expect(connections.map(({ verdicts }) => verdicts[0]!.cause)).toEqual([
      'no_shared_cipher_suite',
      'protocol_version_mismatch',
    ]);
  });

  test('a text that is not known gets no cause', async () => {
    for (const text of ['the weather is fine', 'lorem ipsum dolor sit amet']) {
      const { code, stdout } = await akushu(['explain', text]);
      expect(code).toBe(1);
      expect(CAUSES.filter((cause) => cause !== 'none' && stdout.includes(cause))).toEqual([]);
      expect((await json(text)).connections[0]!.verdicts).toEqual([]);
    }
  });

  test('a file that is not there is a usage error, not a text', async () => {
    const { code, stderr } = await akushu(['explain', './nothing.pcap']);
    expect(code).toBe(2);
    expect(stderr).toContain('nothing.pcap');
  });

  test('nothing of the text acts on the terminal', async () => {
    const evil = 'certificate is valid for \u001b[2J\u202eevil, not x.example x509: \u0007';
    const { stdout } = await akushu(['explain', evil]);
    expect(stdout).not.toMatch(/[\u0007\u001b\u202e]/);
  });

  test('options for captures are refused', async () => {
    expect((await akushu(['explain', 'some words', '--stream', '1'])).code).toBe(2);
  });
});

describe('reports', () => {
  test('the HTML needs nothing else, and markup of a peer stays text', async () => {
    const out = files.at('report.html');
    const evil = 'x509: certificate is valid for <script>alert(1)</script>, not a.example';
    await akushu(['explain', evil, '--html', out]);
    const html = readFileSync(out, 'utf8');
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toMatch(/<script|\bsrc=|\bhref=|@import|url\(/);
  });

  test('a report may take the place of a report, and of nothing else', async () => {
    const out = files.at('mine.html');
    const text = 'curl: (60) SSL certificate problem: certificate has expired';
    writeFileSync(out, 'not to be lost');
    const { code, stderr, stdout } = await akushu(['explain', text, '--html', out]);
    expect([code, stdout, readFileSync(out, 'utf8')]).toEqual([2, '', 'not to be lost']);
    expect(stderr).toContain('--force');
    expect((await akushu(['explain', text, '--html', out, '--force'])).code).toBe(0);
    expect((await akushu(['explain', text, '--html', out])).code).toBe(0);
    expect(readFileSync(out, 'utf8')).toContain('certificate_expired');
    expect((await akushu(['explain', text, '--force'])).code).toBe(2);
  });

  test('configuration to copy is not broken into lines', async () => {
    const { stdout } = await akushu(['explain', await captured('copy', ['-tls1_3'], ['--tls12'])]);
    expect(stdout).toContain("      https.createServer({ cert, key, minVersion: 'TLSv1.2'");
    expect(stdout.split('\n').some((line) => widthOf(line) > 80)).toBe(true);
  });

  test('--redact knows names of one word, in what was said before TLS as well, and leaves our words', async () => {
    const { port, server } = await tcpServer((socket) => {
      socket.write('220 mailhost ESMTP at 10.9.8.7 00:1b:44:11:3a:b7\r\n');
      socket.once('data', () => socket.end('500 what?\r\n'));
    });
    const file = files.at('mail.pcapng');
    await akushu(['connect', `localhost:${port}`, '--once', '--servername', 'server', '--pcap', file]);
    server.close();
    const out = files.at('mail.html');
    const args = ['explain', file, '--redact', '--force', '--html', out];
    const { stdout } = await akushu(args);
    const { stdout: object } = await akushu([...args, '--json']);
    for (const text of [stdout, object, readFileSync(out, 'utf8')])
      expect(text).not.toMatch(/mailhost|10\.9\.8\.7|00:1b:44|127\.0\.0\.1/);
    expect(stdout).toContain('220 name-2 ESMTP at address-2 mac-1');
    expect(stdout).toContain('The client began TLS, and the server answered in another protocol');
    expect((JSON.parse(object) as { connections: readonly Connection[] }).connections[0]!.sni).toBe('name-1');
  });

  test('--redact blots out private addresses and names, in everything', async () => {
    const out = files.at('redacted.html');
    const line = LINE('no shared cipher', 1).replace('203.0.113.1', '10.1.2.3');
    const secret = `${line}, host: "intern.example.net"\ncurl: (60) SSL: no alternative certificate subject name matches target host name 'vault.corp.example'`;
    const { stdout } = await akushu(['explain', secret, '--redact', '--html', out]);
    for (const text of [stdout, readFileSync(out, 'utf8')])
      expect(text).not.toMatch(/10\.1\.2\.3|vault\.corp|intern\.example/);
    const file = await captured('names', ['-tls1_3'], ['--tls12']);
    const { stdout: shown } = await akushu(['explain', file, '--redact']);
    expect(shown).not.toMatch(/127\.0\.0\.1|localhost/);
    expect(shown).toContain('protocol_version_mismatch');
  });
});

const LINE = (reason: string, n: number): string =>
  `2024/01/02 03:04:0${n} [info] 9#9: *${n} SSL_do_handshake() failed (SSL: error:0A0000C1:SSL routines::${reason}) while SSL handshaking, client: 203.0.113.${n}, server: 0.0.0.0:443`;

describe('connect', () => {
  test('prints the verdict under the error, and JSON has it', async () => {
    const { cert, key } = makeCertificate(files, 'server');
    const { port, stop } = await opensslServer(['-cert', cert, '-key', key, '-tls1_3']);
    const args = ['connect', `localhost:${port}`, '--once', '--ca', cert, '--tls12'];
    const { stdout } = await akushu(args);
    expect(stdout).toMatch(/It failed: peer_alert[\s\S]*protocol_version_mismatch/);
    const { stdout: object } = await akushu([...args, '--json']);
    stop();
    const { verdicts } = JSON.parse(object) as { verdicts: readonly Verdict[] };
    expect(verdicts[0]).toMatchObject({ cause: 'protocol_version_mismatch', side: 'client' });
  });

  test('of a failure of the network as well, said once', async () => {
    const { port, server } = await tcpServer(() => {});
    await new Promise((resolve) => server.close(resolve));
    for (const [target, cause] of [
      [`127.0.0.1:${port}`, 'connection_refused'],
      ['nothing.invalid', 'dns_failure'],
    ] as const) {
      const { code, stdout } = await akushu(['connect', target, '--once', '--json']);
      expect(code).toBe(3);
      const { error, verdicts } = JSON.parse(stdout) as { error: { code: string }; verdicts: Verdict[] };
      expect([error.code, verdicts[0]!.cause]).toEqual([cause, cause]);
      const { stdout: text } = await akushu(['connect', target, '--once']);
      expect(text).not.toContain(`akushu: ${cause}`);
    }
  });

  test('serve tells its own side of it', async () => {
    const child = start(['serve', '--port', '0', '--once', '--json']);
    const done = finished(child);
    const [, port] = await textFrom(child.stderr!, /listening on \S+:(\d+)/);
    await akushu(['connect', `localhost:${port}`, '--once', '--tls12', '--ciphers', 'AES128-SHA']);
    const { stdout } = await done;
    const { verdicts } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { verdicts: readonly Verdict[] };
    expect(verdicts[0]).toMatchObject({ cause: 'no_shared_cipher_suite', side: 'client' });
  });
});

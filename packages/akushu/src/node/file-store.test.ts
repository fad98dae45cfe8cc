/** Sessions in a file: what is kept, what others can do to it, and what happens to files that are none of ours. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeProvider } from '../crypto/node.js';
import { ClientSessions, type Session } from '../session/index.js';
import { FileStore, type FileStoreOptions, SessionFileError } from './file-store.js';
import { localhostCredential } from './localhost.js';

const KEY = new Uint8Array(32).fill(7);
const text = (bytes: Uint8Array | null): string | null => bytes && new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
const HOUR = 3_600_000;

const SESSION: Session = {
  version: 0x0304,
  cipherSuite: 0x1301,
  psk: new Uint8Array(32),
  ticket: new Uint8Array(1),
  lifetime: 7200,
  ageAdd: 0,
  receivedAt: Date.now(),
  authenticatedAt: Date.now(),
  maxEarlyData: 0,
  serverName: null,
  alpn: null,
  peerChain: [],
  peerRawKey: null,
  trust: null,
  presented: null,
};

let directory: string;
let path: string;
let corrupt: SessionFileError[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'akushu-file-store-'));
  path = join(directory, 'sessions');
  corrupt = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const store = (options: Partial<FileStoreOptions> = {}): FileStore =>
  new FileStore({ path, key: KEY, onCorrupt: (error) => corrupt.push(error), ...options });

/** A file with one value in it, and its bytes. */
async function filled(): Promise<Uint8Array> {
  await store().put('a', bytes('a secret value'), HOUR);
  return new Uint8Array(readFileSync(path));
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error) => error,
  );

describe('what is put into the file', () => {
  test('is there for the next process, sealed, in a file of mode 600 with nothing beside it', async () => {
    await filled();
    expect(text(await store().get('a'))).toBe('a secret value');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path).includes('secret')).toBe(false);
    expect(readdirSync(directory)).toEqual(['sessions']);
  });

  test('is replaced, added once, taken once, deleted', async () => {
    const one = store();
    await one.put('a', bytes('1'), HOUR);
    await one.put('a', bytes('2'), HOUR);
    expect(await one.add('a', bytes('3'), HOUR)).toBe(false);
    expect(await one.add('b', bytes('4'), HOUR)).toBe(true);
    expect([text(await one.take('a')), await one.take('a'), await one.get('none')]).toEqual([
      '2',
      null,
      null,
    ]);
    await one.delete('b');
    expect(await one.get('b')).toBeNull();
  });

  test('expires, and makes room', async () => {
    let now = 1000;
    const one = store({ now: () => now, maxEntries: 3 });
    for (const key of ['a', 'b', 'c', 'd']) await one.put(key, bytes(key), key === 'd' ? 10 : HOUR);
    expect([await one.get('a'), text(await one.get('b')), text(await one.get('d'))]).toEqual([
      null,
      'b',
      'd',
    ]);
    const size = statSync(path).size;
    now += 11;
    expect(await one.get('d')).toBeNull();
    await one.delete('c');
    await one.put('b', bytes('b'), HOUR);
    expect(statSync(path).size).toBeLessThan(size);
    await one.put('b', bytes('b'), 0);
    expect(await one.get('b')).toBeNull();
  });

  test('never makes the file larger than it may be', async () => {
    const one = store();
    for (let i = 0; i < 70; i++) await one.put(`k${i}`, new Uint8Array(0xffff), HOUR);
    expect(statSync(path).size).toBeLessThan(5 * 1024 * 1024);
    expect(await one.get('k0')).toBeNull();
    expect(await one.get('k69')).not.toBeNull();
  }, 60_000);

  test('has bounds, as have the options', async () => {
    expect(await failure(store().put('a', new Uint8Array(0x10000), HOUR))).toBeInstanceOf(RangeError);
    for (const key of ['', 'a b', 'ä', 'x'.repeat(256)])
      expect(await failure(store().put(key, bytes('1'), HOUR))).toBeInstanceOf(RangeError);
    expect(() => store({ key: new Uint8Array(31) })).toThrow(RangeError);
    expect(() => store({ maxEntries: 0 })).toThrow(RangeError);
    expect(() => store({ maxMarks: 1.5 })).toThrow(RangeError);
  });

  test('is taken by one of many that ask at once', async () => {
    await filled();
    const taken = await Promise.all(Array.from({ length: 8 }, () => store().take('a')));
    expect(taken.filter((value) => value !== null)).toHaveLength(1);
    const added = await Promise.all(Array.from({ length: 8 }, () => store().add('b', bytes('1'), HOUR)));
    expect(added.filter(Boolean)).toHaveLength(1);
  });

  test('holds sessions of a client, several of one server, each for one connection', async () => {
    const kept = (): ClientSessions =>
      new ClientSessions({ provider: nodeProvider, key: KEY, store: store() });
    const first = kept();
    const server = 'example.com:443';
    for (const ticket of [1, 2]) await first.put(server, { ...SESSION, ticket: Uint8Array.of(ticket) });
    const tickets = [];
    for (let i = 0; i < 3; i++) tickets.push((await kept().take(server))?.ticket[0] ?? null);
    expect(tickets).toEqual([2, 1, null]);
    expect(await kept().take('other.example:443')).toBeNull();
  });
});

describe('a mark', () => {
  test('is given once, and not before the file is as old as the window', async () => {
    let now = 1_000_000;
    const one = store({ now: () => now });
    expect(await one.mark('m', 100)).toBe(false);
    now += 101;
    expect(await one.mark('m', 100)).toBe(true);
    expect(await store({ now: () => now }).mark('m', 100)).toBe(false);
    now += 101;
    expect(await one.mark('m', 100)).toBe(true);
  });

  test('is not given where there is no room, and none is forgotten before its time', async () => {
    let now = 1_000_000;
    const one = store({ now: () => now, maxMarks: 2 });
    await one.put('a', bytes('1'), HOUR);
    now += 101;
    const given = [];
    for (const key of ['1', '2', '3', '1']) given.push(await one.mark(key, 100));
    expect(given).toEqual([true, true, false, false]);
  });

  test('is not given by a file that had to begin anew', async () => {
    let now = 1_000_000;
    const one = store({ now: () => now });
    await one.put('a', bytes('1'), HOUR);
    now += 101;
    truncateSync(path, 30);
    expect(await one.mark('m', 100)).toBe(false);
  });
});

describe('a corrupt file', () => {
  const cases: [string, SessionFileError['problem'], (whole: Uint8Array) => Uint8Array][] = [
    ['cut', 'cut', (whole) => whole.slice(0, whole.length - 1)],
    ['cut in its head', 'cut', (whole) => whole.slice(0, 20)],
    ['cut in its first word', 'cut', (whole) => whole.slice(0, 3)],
    ['with something behind', 'changed', (whole) => Uint8Array.of(...whole, 0)],
    ['changed inside', 'changed', (whole) => whole.map((byte, at) => (at === 50 ? byte ^ 1 : byte))],
    ['of another version', 'other_format', (whole) => whole.map((byte, at) => (at === 16 ? 9 : byte))],
    ['with a changed name', 'other_format', (whole) => whole.map((byte, at) => (at === 0 ? 0x30 : byte))],
    ['of random bytes', 'other_format', () => nodeProvider.random(300)],
    ['of a word', 'other_format', () => bytes('garbage\n')],
  ];
  test.each(cases)(
    '%s is named, set aside as it is, and the store goes on empty',
    async (_, problem, damage) => {
      const damaged = damage(await filled());
      writeFileSync(path, damaged);
      const one = store();
      expect(await one.get('a')).toBeNull();
      expect(corrupt.map((error) => [error.code, error.path, error.problem, error.setAside])).toEqual([
        ['corrupt', path, problem, `${path}.corrupt-1`],
      ]);
      expect(new Uint8Array(readFileSync(`${path}.corrupt-1`))).toEqual(damaged);
      await one.put('a', bytes('again'), HOUR);
      expect(text(await store().get('a'))).toBe('again');
      expect(corrupt).toHaveLength(1);
    },
  );

  test('sealed under another key is set aside, and no earlier one overwritten', async () => {
    const first = await filled();
    await store({ key: new Uint8Array(32).fill(8) }).put('a', bytes('2'), HOUR);
    const second = new Uint8Array(readFileSync(path));
    await store().check();
    expect(corrupt.map(({ problem }) => problem)).toEqual(['other_key', 'other_key']);
    expect(new Uint8Array(readFileSync(`${path}.corrupt-1`))).toEqual(first);
    expect(new Uint8Array(readFileSync(`${path}.corrupt-2`))).toEqual(second);
  });

  test('of whatever bytes never crashes, and never gives a value that was not put', async () => {
    const whole = await filled();
    const damage = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .record({ at: fc.nat(whole.length - 1), flip: fc.integer({ min: 1, max: 255 }) })
        .map(({ at, flip }) => whole.map((byte, i) => (i === at ? byte ^ flip : byte))),
      fc.nat(whole.length - 1).map((length) => whole.slice(0, length)),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (content) => {
        writeFileSync(path, content);
        const result = await failure(store().get('a'));
        if (result !== null) expect(result).toBeInstanceOf(SessionFileError);
        else expect(await store().get('a')).toBeNull();
      }),
      { numRuns: 100 },
    );
  });
});

describe('a file that is something else', () => {
  test.each([
    ['a certificate', async () => bytes((await localhostCredential()).certificatePem)],
    ['a DER certificate', async () => (await localhostCredential()).chain[0]!],
    ['JSON', async () => bytes('{"name": "something"}')],
    ['an archive', async () => Uint8Array.of(0x50, 0x4b, 3, 4, ...new Uint8Array(40))],
    ['notes', async () => bytes('To do\n- buy milk\n- call back\n- sleep\n')],
    ['something large', async () => new Uint8Array(9 * 1024 * 1024)],
  ])('%s is refused, and stays', async (_, content) => {
    const original = await content();
    writeFileSync(path, original);
    const attempts = [
      () => store().check(),
      () => store().put('a', bytes('1'), HOUR),
      () => store().take('a'),
    ];
    for (const attempt of attempts)
      expect(await failure(attempt())).toMatchObject({
        name: 'SessionFileError',
        code: 'not_a_session_file',
        path,
      });
    expect(new Uint8Array(readFileSync(path)).length).toBe(original.length);
    expect(readdirSync(directory)).toEqual(['sessions']);
    expect(corrupt).toEqual([]);
  });

  test('a directory, a device', async () => {
    mkdirSync(path);
    expect(await failure(store().check())).toMatchObject({ code: 'not_a_session_file' });
    expect(await failure(store({ path: '/dev/null' }).check())).toMatchObject({
      code: expect.stringMatching(/not_a_session_file|unwritable/),
    });
  });

  test('an empty file is an empty store', async () => {
    writeFileSync(path, '');
    expect(await store().get('a')).toBeNull();
    expect(corrupt).toEqual([]);
    await store().put('a', bytes('1'), HOUR);
    expect(text(await store().get('a'))).toBe('1');
  });

  test('a link stays one', async () => {
    const real = join(directory, 'real');
    writeFileSync(real, '');
    symlinkSync(real, path);
    await store().put('a', bytes('1'), HOUR);
    expect(readFileSync(real).length).toBeGreaterThan(0);
    expect(text(await store({ path: real }).get('a'))).toBe('1');
  });
});

describe('a file that cannot be used', () => {
  test('is told with the system’s reason', async () => {
    const nowhere = store({ path: join(directory, 'no', 'such', 'place') });
    expect(await failure(nowhere.check())).toMatchObject({ code: 'unwritable', cause: { code: 'ENOENT' } });
    writeFileSync(join(directory, 'file'), '');
    expect(await failure(store({ path: join(directory, 'file', 'x') }).check())).toMatchObject({
      code: 'unreadable',
      cause: { code: 'ENOTDIR' },
    });
  });

  test.skipIf(process.getuid?.() === 0)('for lack of rights', async () => {
    await filled();
    chmodSync(path, 0);
    expect(await failure(store().check())).toMatchObject({ code: 'unreadable' });
    chmodSync(directory, 0o500);
    expect(await failure(store().check())).toMatchObject({ code: 'unwritable' });
    chmodSync(directory, 0o700);
  });
});

describe('the lock', () => {
  const lockOf = (pid: number, host = hostname()): string => `${pid} ${'0'.repeat(32)} ${host}\n`;

  test('of a process that lives is waited for, but not for ever', async () => {
    await filled();
    writeFileSync(`${path}.lock`, lockOf(process.pid));
    expect(await failure(store({ lockTimeout: 60 }).take('a'))).toMatchObject({ code: 'locked', path });
    const patient = store({ lockTimeout: 10_000 }).take('a');
    setTimeout(() => rmSync(`${path}.lock`), 50);
    expect(text(await patient)).toBe('a secret value');
  });

  test('of a process that died is broken at once, and what it left is removed', async () => {
    await filled();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const left = `${path}.tmp-0123`;
    writeFileSync(left, 'half');
    utimesSync(left, 1, 1);
    writeFileSync(`${path}.lock`, lockOf(pid));
    const taken = await Promise.all([1, 2, 3].map(() => store({ lockTimeout: 5000 }).take('a')));
    expect(taken.filter((value) => value !== null)).toHaveLength(1);
    expect(readdirSync(directory)).toEqual(['sessions']);
  });

  test('of another machine is broken when it is old, whatever it holds', async () => {
    await filled();
    for (const content of [lockOf(1, 'elsewhere.example'), '', 'x'.repeat(100_000)]) {
      writeFileSync(`${path}.lock`, content);
      expect(await failure(store({ lockTimeout: 30 }).get('a'))).toMatchObject({ code: 'locked' });
      utimesSync(`${path}.lock`, 1, 1);
      expect(text(await store({ lockTimeout: 5000 }).get('a'))).toBe('a secret value');
      expect(existsSync(`${path}.lock`)).toBe(false);
    }
  });

  test('that somebody else broke meanwhile stops the write', async () => {
    await filled();
    let writes = 0;
    const slow = store({
      provider: {
        ...nodeProvider,
        random: (length) => {
          writes++;
          writeFileSync(`${path}.lock`, lockOf(process.pid));
          return nodeProvider.random(length);
        },
      },
    });
    expect(await failure(slow.put('a', bytes('2'), HOUR))).toMatchObject({ code: 'locked' });
    expect(writes).toBe(1);
    rmSync(`${path}.lock`);
    expect(text(await store().get('a'))).toBe('a secret value');
    expect(readdirSync(directory)).toEqual(['sessions']);
  });
});

test('settled waits for what was asked for', async () => {
  const one = store();
  void one.put('a', bytes('1'), HOUR);
  void one.put('b', bytes('2'), HOUR);
  await one.settled();
  expect(text(await store().get('b'))).toBe('2');
  rmSync(directory, { recursive: true });
  one.put('c', bytes('3'), HOUR).catch(() => {});
  await one.settled();
});

/**
 * Whether the time to refuse a record, or to take a premaster secret apart, tells what was wrong with it (Lucky
 * Thirteen; Bleichenbacher, Marvin). Records of one wire length are refused in random order, class against class;
 * prints the difference of means with its 95 % interval, Welch's t, and how often a record of one class takes longer
 * than one of the other (Mann-Whitney). A class against itself shows what is noise, and a naive implementation shows
 * that the measurement sees what there is to see. Asserts nothing. `npm run bench:oracle [-- quick]`.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, randomInt } from 'node:crypto';
import { nodeProvider } from 'akushu/crypto/node';
// What is measured is inside of the engine: no public entry leads to it alone.
import { makePremaster, selectPremaster } from '../packages/akushu/dist/handshake/before13/rsa.js';
import { opener12 } from '../packages/akushu/dist/record/index.js';

const quick = process.argv.includes('quick');
const RECORDS = quick ? 10_000 : 100_000;
const DECRYPTIONS = quick ? 500 : 40_000;
const UNPADDINGS = quick ? 50_000 : 500_000;
/** Different records, or blocks, of each class: so that no single one is learnt by heart. */
const POOL = 256;

// ---- Statistics ----

/** Leaves out what the slowest tenth took: collections of garbage, other processes. The bound is the same for all. */
function trim(samples) {
  const all = samples.flatMap((one) => [...one]).sort((a, b) => a - b);
  const bound = all[Math.floor(all.length * 0.9)];
  return samples.map((one) => one.filter((value) => value <= bound));
}

function describe(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  const sorted = Float64Array.from(values).sort();
  return { mean, variance, count: values.length, median: sorted[sorted.length >> 1] };
}

/** Of `a` against `b`: the share of pairs in which `a` is the larger, ties half; 0.5 where they are alike. */
function superiority(a, b) {
  const sorted = Float64Array.from(b).sort();
  const rank = (value, inclusive) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < value || (inclusive && sorted[middle] === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  let sum = 0;
  for (const value of a) sum += (rank(value, false) + rank(value, true)) / 2;
  return sum / (a.length * b.length);
}

function compare(name, first, second) {
  const [one, other] = trim([first, second]);
  const [a, b] = [describe(one), describe(other)];
  const error = Math.sqrt(a.variance / a.count + b.variance / b.count);
  const difference = a.mean - b.mean;
  const t = difference / error;
  const share = superiority(one, other);
  const z = (share - 0.5) / Math.sqrt((a.count + b.count + 1) / (12 * a.count * b.count));
  // As many of each as would bring this difference to t = 4.5, were it there.
  const needed = Math.ceil((4.5 ** 2 * (a.variance + b.variance)) / difference ** 2);
  // Dudect's bound, and the same for ranks.
  const seen = Math.abs(t) > 4.5 || Math.abs(z) > 4.5;
  return {
    name,
    difference: `${difference >= 0 ? '+' : ''}${difference.toFixed(1)} ± ${(1.96 * error).toFixed(1)}`,
    t: t.toFixed(1),
    longer: `${(share * 100).toFixed(1)} %`,
    z: z.toFixed(1),
    median: `${(a.median - b.median).toFixed(0)}`,
    verdict: seen ? `seen: ${needed.toLocaleString('en')} of each tell them apart` : 'not seen',
  };
}

function print(title, rows, base) {
  console.log(`\n${title}`);
  console.log(`  one takes ${(base / 1000).toFixed(1)} µs (median)`);
  const columns = [
    ['name', 'against each other', 46],
    ['difference', 'means (ns)', 20],
    ['median', 'medians', 9],
    ['t', 't', 7],
    ['longer', 'longer in', 10],
    ['z', 'z', 7],
    ['verdict', '', 0],
  ];
  console.log(`  ${columns.map(([, head, width]) => head.padEnd(width)).join(' ')}`);
  for (const row of rows)
    console.log(`  ${columns.map(([key, , width]) => String(row[key]).padEnd(width)).join(' ')}`);
}

/** Nanoseconds that `work` took for items of each class, in random order. `classes` are functions that give an item. */
function measure(classes, count, work) {
  const order = new Uint8Array(count * classes.length);
  for (let i = 0; i < order.length; i++) order[i] = i % classes.length;
  for (let i = order.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  const samples = classes.map(() => []);
  // All of them are worked on at one place in memory: where they lie is not to be measured.
  const place = new Uint8Array(1024);
  const next = (kind) => {
    const item = classes[kind]();
    place.set(item);
    return place.subarray(0, item.length);
  };
  // The first ones teach the JavaScript engine.
  const warmUp = Math.min(20_000, order.length >> 1);
  for (let i = 0; i < warmUp; i++) work(next(order[i]));
  for (const kind of order) {
    const item = next(kind);
    const start = process.hrtime.bigint();
    work(item);
    const end = process.hrtime.bigint();
    samples[kind].push(Number(end - start));
  }
  return samples;
}

const pick = (pool) => () => pool[randomInt(pool.length)];
const poolOf = (make) => pick(Array.from({ length: POOL }, make));

// ---- Records ----

const KEYS = {
  version: 0x0303,
  cipher: { kind: 'cbc', cbc: 'aes-128-cbc', mac: 'sha1', encryptThenMac: false },
  macKey: randomBytes(20),
  key: randomBytes(16),
  iv: new Uint8Array(0),
};
/** Bytes inside of a record: fragment, MAC, padding. */
const INSIDE = 512;

/** A record of TLS 1.2 with these last bytes inside; all else, the MAC among it, is random. */
function record(tail) {
  const inside = Buffer.concat([randomBytes(INSIDE - tail.length), tail]);
  const iv = randomBytes(16);
  const encryption = createCipheriv('aes-128-cbc', KEYS.key, iv).setAutoPadding(false);
  const body = Buffer.concat([iv, encryption.update(inside), encryption.final()]);
  return new Uint8Array(Buffer.concat([Buffer.from([23, 3, 3, body.length >> 8, body.length & 0xff]), body]));
}

const padding = (value) => Buffer.alloc(value + 1, value);

/** A last byte that asks for more padding than there is of that value. */
function badPadding() {
  const value = 1 + randomInt(255);
  const tail = padding(value);
  tail[randomInt(value)] ^= 1 + randomInt(255);
  return tail;
}

/** What everybody wrote before 2013: stops at the first byte that is wrong, hashes as much as there is. */
function naiveOpen(bytes) {
  const body = bytes.subarray(5);
  const decryption = createDecipheriv('aes-128-cbc', KEYS.key, body.subarray(0, 16)).setAutoPadding(false);
  const inside = Buffer.concat([decryption.update(body.subarray(16)), decryption.final()]);
  const value = inside[inside.length - 1];
  for (let i = 0; i <= value; i++) if (inside[inside.length - 1 - i] !== value) return undefined;
  const end = inside.length - value - 1 - 20;
  if (end < 0) return undefined;
  const mac = createHmac('sha1', KEYS.macKey).update(inside.subarray(0, end)).digest();
  return mac.equals(inside.subarray(end, end + 20)) ? inside.subarray(0, end) : undefined;
}

function records() {
  const classes = {
    'no padding but its length (00)': () => record(padding(0)),
    'padding of 15': () => record(padding(15)),
    'padding of 255': () => record(padding(255)),
    'bad padding': () => record(badPadding()),
  };
  const names = Object.keys(classes);
  // The last class once more, with records of its own: what two samples of the same differ by.
  const pools = [...names, names[3]].map((name) => poolOf(classes[name]));
  const run = (open, count) => measure(pools, count, open);
  const rowsOf = (samples) => {
    const rows = [];
    for (let i = 0; i < 4; i++)
      for (let j = i + 1; j < 4; j++) rows.push(compare(`${names[i]} / ${names[j]}`, samples[i], samples[j]));
    rows.push(compare('bad padding / bad padding (noise)', samples[3], samples[4]));
    return rows;
  };
  const opener = opener12(nodeProvider, KEYS);
  const ours = run((bytes) => opener.open(bytes), RECORDS);
  print(
    `A record with a wrong MAC, AES-128-CBC with HMAC-SHA1, ${INSIDE} bytes, ${RECORDS.toLocaleString('en')} of each`,
    rowsOf(ours),
    describe(ours[3]).median,
  );
  const naive = run(naiveOpen, Math.floor(RECORDS / 5));
  print(
    'The same with a naive implementation, to see that it would be seen',
    rowsOf(naive),
    describe(naive[3]).median,
  );
}

/** Lengths are no secret; what they cost is shown all the same. */
function lengths() {
  const cut = (length) => () => record(padding(0)).subarray(0, 5 + 16 + length);
  const classes = [
    () => record(badPadding()),
    cut(INSIDE - 1),
    cut(16),
    () => new Uint8Array([23, 3, 3, 0, 0]),
  ].map(poolOf);
  const opener = opener12(nodeProvider, KEYS);
  const samples = measure(classes, Math.floor(RECORDS / 5), (bytes) => opener.open(bytes));
  const rows = [
    ['wrong MAC / not in whole blocks', 1],
    ['wrong MAC / too short for a MAC', 2],
    ['wrong MAC / empty', 3],
  ].map(([name, i]) => compare(name, samples[0], samples[i]));
  print(
    'A wrong MAC against lengths that cannot be right (which anybody can see)',
    rows,
    describe(samples[0]).median,
  );
}

// ---- RSA ----

async function rsa() {
  const pkcs8 = await nodeProvider.generatePrivateKey('rsa-2048');
  const key = await nodeProvider.importPrivateKey(pkcs8);
  const publicKey = nodeProvider.importPublicKey(key.spki);
  const offered = 0x0303;
  const block = (change = () => {}) => {
    const { encrypted } = makePremaster(nodeProvider.random, publicKey, offered);
    const made = key.decryptRaw(encrypted);
    change(made);
    return made;
  };
  const classes = {
    'good padding': () => block(),
    'wrong block type': (made = block()) => made.fill(1, 1, 2),
    'a zero too early': (made = block()) => made.fill(0, 3, 4),
    'wrong version': (made = block()) => made.fill(2, made.length - 47, made.length - 46),
    'a short secret': (made = block()) => made.fill(0x5a, made.length - 49, made.length - 48),
  };
  const names = Object.keys(classes);
  const plain = [...names, names[0]].map((name) => Array.from({ length: POOL }, () => classes[name]()));
  const against = (samples) => [
    ...names.slice(1).map((name, i) => compare(`good padding / ${name}`, samples[0], samples[i + 1])),
    compare('good padding / good padding (noise)', samples[0], samples[names.length]),
  ];

  const blocks = plain.map(pick);
  const fallback = new Uint8Array(48);
  const unpadding = measure(blocks, Math.floor(UNPADDINGS / 5), (made) =>
    selectPremaster(fallback, made, offered),
  );
  print(
    `Unpadding alone, ${Math.floor(UNPADDINGS / 5).toLocaleString('en')} of each`,
    against(unpadding),
    describe(unpadding[0]).median,
  );

  const ciphertexts = plain.map((pool) => pick(pool.map((made) => publicKey.encryptRaw(made))));
  const whole = measure(ciphertexts, Math.floor(DECRYPTIONS / 5), (bytes) => {
    const premaster = nodeProvider.random(48);
    selectPremaster(premaster, key.decryptRaw(bytes), offered);
  });
  print(
    `RSA-2048 decryption and unpadding, ${Math.floor(DECRYPTIONS / 5).toLocaleString('en')} of each`,
    against(whole),
    describe(whole[0]).median,
  );
}

console.log(`Node ${process.versions.node}, ${process.versions.openssl}, ${process.arch}`);
records();
lengths();
await rsa();

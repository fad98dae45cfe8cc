/**
 * Fuzzes the parsers of akushu/x509 with mutated files: `npm run fuzz:x509 [-- PARSER…] [--seconds=600] [--seed=N]`.
 * Allowed are a result or an X509Error; anything else, a call of more than two seconds, or a heap that keeps growing is
 * printed with its input in hexadecimal digits and ends the run with 1. Key stores come from openssl and keytool, where
 * they are installed.
 */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { nodeProvider as provider } from 'akushu/crypto/node';
import {
  annotateCertificate,
  annotateCrl,
  annotateItem,
  annotateOcspRequest,
  annotateOcspResponse,
  certificatesFromPem,
  createCertificate,
  createCrl,
  createOcspRequest,
  createOcspResponse,
  decodePem,
  decryptPrivateKey,
  encodeSctList,
  generateKey,
  identifyFile,
  openFile,
  parseCertificate,
  parseCertificateRequest,
  parseCrl,
  parseJks,
  parseOcspRequest,
  parseOcspResponse,
  parsePkcs7,
  parsePkcs12,
  parseSctList,
  privateKeyFromPem,
  X509Error,
} from 'akushu/x509';

const TOO_LONG_MS = 2_000;
const TOO_MUCH_HEAP = 400 * 1024 * 1024;
const TOO_MUCH_GROWTH = 16 * 1024 * 1024;

const args = process.argv.slice(2);
const option = (name, otherwise) =>
  Number(args.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise);
const seconds = option('seconds', 600);
let state = option('seed', Date.now()) >>> 0;
const wanted = args.filter((arg) => !arg.startsWith('--'));
console.log(`seed ${state}`);

/** mulberry32: the same inputs for the same seed. */
function random(below) {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) % below;
}

// ---- Seeds ----

const folder = mkdtempSync(join(tmpdir(), 'akushu-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The file that a command wrote, or nothing where the program is missing. */
function written(file, program, ...parameters) {
  const { status } = spawnSync(program, parameters, { cwd: folder, stdio: 'ignore' });
  return status === 0 ? [new Uint8Array(readFileSync(join(folder, file)))] : [];
}
const openssl = (file, ...parameters) => written(file, 'openssl', ...parameters, '-out', file);

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const der = (type, more = {}) => new Uint8Array(ec.export({ type, format: 'der', ...more }));
const roots = rootCertificates.slice(0, 40).map((pem) => certificatesFromPem(pem)[0]);
const password = ['-passout', 'pass:x'];
const self = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x'];
const pem = openssl('c.pem', 'req', ...self, '-keyout', 'k.pem');
const names = [
  '-addext',
  'subjectAltName=DNS:a.example,IP:192.0.2.1',
  '-addext',
  'certificatePolicies=1.2.3.4',
];
const requests = openssl('r', 'req', '-new', '-key', 'k.pem', '-subj', '/CN=x', ...names, '-outform', 'DER');
const few = ['-iter', '2', '-macalg', 'sha256'];
const pack = ['pkcs12', '-export', '-inkey', 'k.pem', '-in', 'c.pem', '-name', 'x', ...password];
const stores = [
  ...openssl('1.p12', ...pack, ...few),
  ...openssl('2.p12', ...pack, '-nomac', '-certpbe', 'NONE', '-keypbe', 'NONE'),
  ...openssl('3.p12', ...pack, '-nomac', '-certpbe', 'NONE', '-iter', '2'),
  ...openssl('4.p12', ...pack, '-nomac', '-legacy', '-iter', '2'),
];
const bundles = [
  ...openssl('1.p7', 'crl2pkcs7', '-nocrl', '-certfile', 'c.pem', '-outform', 'DER'),
  ...openssl(
    '2.p7',
    'cms',
    '-sign',
    '-nodetach',
    '-stream',
    '-signer',
    'c.pem',
    '-inkey',
    'k.pem',
    '-in',
    'c.pem',
    '-outform',
    'DER',
  ),
];
const java = ['JKS', 'JCEKS'].flatMap((type) => {
  const from = ['-srckeystore', '1.p12', '-srcstoretype', 'PKCS12', '-srcstorepass', 'x'];
  const to = ['-destkeystore', type, '-deststoretype', type, '-deststorepass', 'secret1'];
  return written(type, 'keytool', '-importkeystore', '-noprompt', ...from, ...to);
});
const encrypted = [
  der('pkcs8', { cipher: 'aes-128-cbc', passphrase: 'x' }),
  ...openssl('e', 'pkcs8', '-topk8', '-in', 'k.pem', ...password, '-iter', '2', '-outform', 'DER'),
  ...openssl(
    's',
    'pkcs8',
    '-topk8',
    '-in',
    'k.pem',
    ...password,
    '-scrypt',
    '-scrypt_N',
    '16',
    '-outform',
    'DER',
  ),
];
const texts = [...pem, ...rootCertificates.slice(0, 3).map((text) => new TextEncoder().encode(text))];

const now = Date.now();
const times = { thisUpdate: now, nextUpdate: now + 86_400_000 };
const { key } = await generateKey(provider);
const ca = parseCertificate(
  await createCertificate({ provider, key, subject: 'CA', isCa: true, notBefore: now, notAfter: now + 9e9 }),
);
const issuer = { certificate: ca, key };
const entries = Array.from({ length: 20 }, (_, n) => ({
  serial: Uint8Array.of(n + 1),
  revokedAt: now,
  reason: n % 2 ? 'superseded' : undefined,
  invalidityDate: n % 3 ? now : undefined,
  certificateIssuer: n % 5 ? undefined : `Issuer ${n}`,
}));
const scope = { names: ['http://a/'], reasons: ['keyCompromise'], indirect: true };
const crls = [
  await createCrl({ provider, issuer, number: 7, entries, scope, freshestCrl: ['http://b/'], ...times }),
  await createCrl({ provider, issuer, number: 9, baseNumber: 7, entries: [], ...times }),
];
const question = { certificate: ca, issuer: ca, provider, nonce: true };
const ocspRequests = [createOcspRequest(question).der];
const answers = ['good', 'revoked'].map((status) => ({ certificate: ca, status, revokedAt: now, ...times }));
const nonce = provider.random(16);
const ocspResponses = [
  await createOcspResponse({ provider, authority: ca, responder: issuer, answers, nonce, producedAt: now }),
];
const sct = Uint8Array.from({ length: 60 }, (_, n) => (n === 46 ? 13 : n < 33 ? n : 0));
const sctLists = [encodeSctList([sct, sct])];

const options = { provider, password: 'x', maxIterations: 5_000 };

const PARSERS = {
  certificate: [roots, parseCertificate],
  annotate: [
    [...roots, ...requests, ...bundles, ...stores, ...encrypted],
    (bytes) => {
      annotateCertificate(bytes);
      for (const item of identifyFile(bytes).items) annotateItem(item);
    },
  ],
  request: [requests, parseCertificateRequest],
  pem: [texts, (bytes) => decodePem(bytes)],
  key: [
    [der('pkcs8'), der('sec1'), ...encrypted],
    (bytes) => {
      privateKeyFromPem(bytes, options);
      decryptPrivateKey(bytes, options);
    },
  ],
  pkcs7: [bundles, parsePkcs7],
  pkcs12: [stores, (bytes) => parsePkcs12(bytes, options)],
  jks: [java, (bytes) => parseJks(bytes)],
  crl: [
    crls,
    (bytes) => {
      annotateCrl(bytes);
      const { entries: list } = parseCrl(bytes);
      for (const { serial } of list) list.find(serial);
    },
  ],
  ocsp: [
    [...ocspRequests, ...ocspResponses],
    (bytes) => {
      annotateOcspRequest(bytes);
      annotateOcspResponse(bytes);
      parseOcspResponse(bytes);
    },
  ],
  ocspRequest: [ocspRequests, parseOcspRequest],
  sct: [sctLists, parseSctList],
  file: [
    [...texts, ...roots.slice(0, 5), ...requests, ...encrypted, ...bundles, ...stores, ...java],
    (bytes) => {
      identifyFile(bytes);
      openFile(bytes, options);
    },
  ],
};

// ---- Mutations ----

const INTERESTING = [
  0x00, 0x01, 0x02, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xa0, 0xff, 0x24, 0x2d, 0x0a,
];

const MUTATIONS = [
  (bytes) => {
    bytes[random(bytes.length)] ^= 1 << random(8);
    return bytes;
  },
  (bytes) => {
    bytes[random(bytes.length)] = INTERESTING[random(INTERESTING.length)];
    return bytes;
  },
  (bytes) => bytes.slice(0, random(bytes.length)),
  (bytes) => {
    const at = random(bytes.length);
    return splice(bytes, at, random(8), bytes.subarray(at, at + random(16)));
  },
  (bytes) =>
    splice(
      bytes,
      random(bytes.length),
      0,
      Uint8Array.from({ length: 1 + random(4) }, () => random(256)),
    ),
  (bytes) => {
    const from = random(bytes.length);
    return splice(bytes, random(bytes.length), random(32), bytes.subarray(from, from + random(200)));
  },
  (bytes, other) =>
    splice(bytes, random(bytes.length), random(64), other.subarray(random(other.length)).subarray(0, 200)),
  // The same element many times, and the same header many times: breadth and depth.
  (bytes) => {
    const from = random(bytes.length);
    const piece = bytes.subarray(from, from + 1 + random(6));
    const many = new Uint8Array(piece.length * (1 + random(500)));
    for (let at = 0; at < many.length; at += piece.length) many.set(piece, at);
    return splice(bytes, from, 0, many);
  },
];

function splice(bytes, at, remove, insert) {
  const result = new Uint8Array(Math.max(0, bytes.length - remove) + insert.length + remove);
  result.set(bytes.subarray(0, at));
  result.set(insert, at);
  const rest = bytes.subarray(at + remove);
  result.set(rest, at + insert.length);
  return result.slice(0, at + insert.length + rest.length);
}

function mutated(seeds) {
  let bytes = seeds[random(seeds.length)].slice();
  const rounds = 1 + random(4);
  for (let i = 0; i < rounds && bytes.length > 0; i++) {
    bytes = MUTATIONS[random(MUTATIONS.length)](bytes, seeds[random(seeds.length)]);
  }
  return bytes;
}

// ---- Runs ----

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** Bytes that are still held after the garbage is gone. */
function heapUsed() {
  collectGarbage();
  const { heapUsed: heap, external } = process.memoryUsage();
  return heap + external;
}

function complain(name, why, bytes) {
  console.error(`${name}: ${why}\n${Buffer.from(bytes).toString('hex')}`);
  process.exit(1);
}

function fuzz(name, seeds, parse) {
  const end = Date.now() + seconds * 1000;
  const rules = new Map();
  let count = 0;
  let accepted = 0;
  let slowest = 0;
  // After a tenth of the time caches and compiled code are there: what the heap gains from then on is a leak.
  const warm = Date.now() + seconds * 100;
  let heap = null;
  while (Date.now() < end) {
    if (heap === null && Date.now() >= warm) heap = heapUsed();
    const bytes = mutated(seeds);
    const start = performance.now();
    try {
      parse(bytes);
      accepted++;
    } catch (error) {
      if (!(error instanceof X509Error)) complain(name, error.stack, bytes);
      rules.set(error.rule, (rules.get(error.rule) ?? 0) + 1);
    }
    const took = performance.now() - start;
    slowest = Math.max(slowest, took);
    if (took > TOO_LONG_MS) complain(name, `took ${took.toFixed(0)} ms`, bytes);
    if (++count % 10_000 === 0 && process.memoryUsage().heapUsed > TOO_MUCH_HEAP)
      complain(name, 'heap', bytes);
  }
  const growth = heapUsed() - (heap ?? heapUsed());
  if (growth > TOO_MUCH_GROWTH) complain(name, `the heap grew by ${growth} bytes`, new Uint8Array(0));
  const share = ((100 * accepted) / count).toFixed(1);
  const worst = slowest.toFixed(0);
  const grown = `heap ${growth < 0 ? '-' : '+'}${(Math.abs(growth) / 2 ** 20).toFixed(1)} MB`;
  console.log(
    `${name}: ${count} inputs, ${share} % accepted, ${rules.size} rules, slowest ${worst} ms, ${grown}`,
  );
}

for (const [name, [seeds, parse]] of Object.entries(PARSERS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (seeds.length === 0)
    console.log(`${name}: skipped, no files to begin with (openssl or keytool is missing)`);
  else fuzz(name, seeds, parse);
}

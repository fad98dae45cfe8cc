/**
 * Counts what a run of the suite came to, by category: `node count.mjs result.json [--failed]`. The file is what the
 * runner writes with -json-output. A category is told by a test's name alone; the first that fits counts.
 */
import { readFileSync } from 'node:fs';

const CATEGORIES = [
  ['DTLS', /DTLS/],
  ['QUIC', /QUIC/],
  ['split handshakes (BoringSSL)', /-Split(-|$)|^(Split|Hint)/],
  ['out of scope: compliance policies, handshake hints', /^Compliance-|HintMismatch/],
  ['out of scope: ECH', /ECH/],
  ['out of scope: Channel ID, NPN, ALPS, SRTP', /ChannelID|NPN|NextProto|ALPS|SRTP/],
  ['out of scope: delegated credentials, PAKE, trust anchors', /Delegated|PAKE|TrustAnchor/],
  [
    'TLS 1.2 and older',
    /TLS1$|TLS11$|TLS12$|-TLS1-|-TLS11-|-TLS12-|TLS12|TLS11|SSL3|V2ClientHello|CBC|Renegotiat|FalseStart|ExtendedMasterSecret|DHE_|RSA_WITH|ECDHE_/,
  ],
  ['0-RTT', /EarlyData|0RTT|0-RTT|HalfRTT/],
  ['pre-shared keys', /PSK/],
  ['HelloRetryRequest', /HelloRetry|HRR|Cookie/],
  ['resumption and tickets', /Resum|Ticket|Session/],
  ['KeyUpdate', /KeyUpdate/],
  ['ALPN', /ALPN/],
  ['raw public keys', /CertificateType|RawPublicKey/],
  ['certificate compression', /CertCompression/],
  [
    'certificates and signatures',
    /Cert|Sign|Verify|OCSP|SCT|KeyUsage|Ed25519|ECDSA|RSA|MLDSA|ClientAuth|CAList/,
  ],
  ['groups and key shares', /Curve|KeyShare|MLKEM|Kyber|X25519|Group/],
  ['GREASE and extensions', /GREASE|Extension|ServerName|Padding/],
  ['version negotiation', /Version|Downgrade/],
  ['exporters', /Export/],
  ['shutdown and alerts', /Shutdown|Alert|Close/],
  [
    'records',
    /Record|Fragment|Empty|Packed|Partial|Split|Trailing|Wrong|AppData|ChangeCipherSpec|CCS|Unencrypted|Large|Oversize|MaxSend/,
  ],
  ['handshake', /./],
];

const [file, option] = process.argv.slice(2);
if (!file) {
  process.stderr.write('usage: node count.mjs result.json [--failed]\n');
  process.exit(2);
}
const { tests } = JSON.parse(readFileSync(file, 'utf8'));
const table = new Map(CATEGORIES.map(([name]) => [name, { PASS: 0, FAIL: 0, SKIP: 0, failed: [] }]));
for (const [name, { actual }] of Object.entries(tests)) {
  const row = table.get(CATEGORIES.find(([, pattern]) => pattern.test(name))[0]);
  const result = actual === 'PASS' ? 'PASS' : actual === 'SKIP' ? 'SKIP' : 'FAIL';
  row[result]++;
  if (result === 'FAIL') row.failed.push(name);
}

const rows = [...table].filter(([, row]) => row.PASS + row.FAIL + row.SKIP > 0);
const sum = (key) => rows.reduce((total, [, row]) => total + row[key], 0);
console.log('| category | passed | failed | not implemented |\n| --- | ---: | ---: | ---: |');
for (const [name, row] of rows) console.log(`| ${name} | ${row.PASS} | ${row.FAIL} | ${row.SKIP} |`);
const LATER = /^(DTLS|QUIC|split|out of scope|0-RTT|pre-shared|resumption)/;
const core = new Map(['PASS', 'FAIL', 'SKIP'].map((key) => [key, 0]));
for (const [name, row] of rows)
  if (!LATER.test(name)) for (const key of core.keys()) core.set(key, core.get(key) + row[key]);
console.log(
  `| core: all but DTLS, QUIC, out of scope, 0-RTT, PSK, resumption | ${[...core.values()].join(' | ')} |`,
);
console.log(`| **all** | **${sum('PASS')}** | **${sum('FAIL')}** | **${sum('SKIP')}** |`);
if (option === '--failed') for (const [, row] of rows) for (const name of row.failed) console.log(name);

/**
 * Certificates parsed in a second, beside node:crypto in the same process: the system's roots, and the leaves and
 * intermediates that are found whole in packets of ../shared/captures. Prints figures, asserts nothing.
 * `npm run bench:x509 [-- quick]`.
 */
import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { annotateCertificate, certificatesFromPem, parseCertificate } from 'akushu/x509';

const BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
const CAPTURES = new URL('../../shared/captures/', import.meta.url);
const SECONDS = process.argv.includes('quick') ? 0.5 : 2;

function roots() {
  if (existsSync(BUNDLE)) return certificatesFromPem(readFileSync(BUNDLE));
  return rootCertificates.flatMap((pem) => certificatesFromPem(pem));
}

/** Every certificate in the files that no packet boundary cuts. */
function captured() {
  if (!existsSync(CAPTURES)) return [];
  const found = new Map();
  for (const entry of readdirSync(CAPTURES, { withFileTypes: true, recursive: true })) {
    if (!entry.name.endsWith('.pcap')) continue;
    const bytes = new Uint8Array(readFileSync(`${entry.parentPath}/${entry.name}`));
    for (let at = 0; at + 8 < bytes.length; at++) {
      if (bytes[at] !== 0x30 || bytes[at + 1] !== 0x82 || bytes[at + 4] !== 0x30 || bytes[at + 5] !== 0x82)
        continue;
      const der = bytes.slice(at, at + 4 + bytes[at + 2] * 256 + bytes[at + 3]);
      try {
        found.set(parseCertificate(der).serialHex, der);
      } catch {
        // Something else that begins alike.
      }
    }
  }
  return [...found.values()];
}

/** Calls a second, after a warm-up; the best of three. */
function rate(ders, work) {
  let best = 0;
  for (let round = 0; round < 4; round++) {
    const start = process.hrtime.bigint();
    let count = 0;
    let elapsed = 0;
    while (elapsed < SECONDS / 2) {
      for (const der of ders) work(der);
      count += ders.length;
      elapsed = Number(process.hrtime.bigint() - start) / 1e9;
    }
    if (round > 0) best = Math.max(best, count / elapsed);
  }
  return best;
}

const show = (value) => Math.round(value).toLocaleString('en').padStart(9);

for (const [name, ders] of [
  ['roots', roots()],
  ['captured', captured()],
]) {
  if (ders.length === 0) continue;
  const ours = rate(ders, parseCertificate);
  const node = rate(ders, (der) => new X509Certificate(der));
  console.log(`${name}: ${ders.length} certificates`);
  console.log(`  parseCertificate      ${show(ours)}/s   ${(ours / node).toFixed(1)} × node:crypto`);
  console.log(`  node:crypto           ${show(node)}/s`);
  console.log(`  annotateCertificate   ${show(rate(ders, annotateCertificate))}/s`);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  DAY,
  type Entity,
  hasOpenssl,
  makeCertificate,
  makeRoot,
  newKey,
  openssl,
  scratch,
} from '../../../test/support/pki.js';
import { concat, Writer } from '../../bytes/index.js';
import { nodeProvider as provider } from '../../crypto/node.js';
import type { PrivateKey } from '../../crypto/provider.js';
import { type Certificate, parseCertificate } from '../certificate.js';
import { X509Error } from '../der/index.js';
import { type CertificateRequestOptions, createCertificate } from '../issue.js';
import { generateKey } from '../issuing/keys.js';
import { createOcspResponse } from '../issuing/ocsp.js';
import { encodePem } from '../pem.js';
import { parseOcspResponse } from './ocsp.js';
import {
  checkSctPolicy,
  encodeSctList,
  parseSct,
  parseSctList,
  precertEntry,
  type SctCheck,
  signedPart,
  type TransparencyLog,
  verifyScts,
  x509Entry,
} from './sct.js';

const NOW = Math.floor(Date.now() / 1000) * 1000;
const period = { notBefore: NOW - DAY, notAfter: NOW + 30 * DAY };

interface Log extends TransparencyLog {
  readonly key: PrivateKey;
}

async function makeLog(
  operator: string,
  kind: 'secp256r1' | 'rsa-2048' | 'secp384r1' = 'secp256r1',
): Promise<Log> {
  const key = await newKey(kind);
  return { key, spki: key.spki, name: `${operator}'s log`, operator };
}

/** RFC 6962 §3.2: what a log gives back for an entry. */
async function stamp(log: Log, entry: Uint8Array, timestamp = NOW - DAY): Promise<Uint8Array> {
  const extensions = new Uint8Array(0);
  const isRsa = !log.key.schemes[0]?.startsWith('ecdsa');
  const scheme = isRsa ? 'rsa_pkcs1_sha256' : log.key.schemes[0]!;
  const signature = await log.key.sign(scheme, signedPart({ timestamp, extensions }, entry));
  const writer = new Writer();
  writer.u8(0);
  writer.append(provider.digest('sha256', log.spki));
  writer.u64(BigInt(timestamp));
  writer.prefixed(2, () => writer.append(extensions));
  writer.u8(4);
  writer.u8(isRsa ? 1 : 3);
  writer.prefixed(2, () => writer.append(signature));
  return writer.finish();
}

/** As an authority does: a precertificate for the logs, then the certificate with their timestamps. */
async function logged(ca: Entity, logs: readonly Log[], options: Partial<CertificateRequestOptions> = {}) {
  const key = options.key ?? (await newKey());
  const common = {
    provider,
    subject: 'a.example',
    altNames: ['a.example'],
    publicKey: key.spki,
    issuer: ca,
    serial: provider.random(16),
    ...period,
    ...options,
  };
  const precertificate = parseCertificate(await createCertificate({ ...common, precertificate: true }));
  const entry = precertEntry(precertificate, ca.certificate, provider);
  const scts = await Promise.all(logs.map((log) => stamp(log, entry)));
  return { certificate: parseCertificate(await createCertificate({ ...common, scts })), precertificate, key };
}

let ca: Entity;
let logs: readonly Log[];
let certificate: Certificate;
beforeAll(async () => {
  ca = await makeRoot('CA', period);
  logs = [await makeLog('A'), await makeLog('B'), await makeLog('C', 'rsa-2048')];
  ({ certificate } = await logged(ca, logs));
});

const verify = (more: Partial<SctCheck> = {}) =>
  verifyScts({ certificate, issuer: ca.certificate, logs, time: NOW, provider, ...more });
const statuses = (more: Partial<SctCheck> = {}) => verify(more).map(({ status }) => status);

describe('where they come from', () => {
  test('embedded: the certificate is turned back into what the logs saw', () => {
    expect(certificate.sctList).not.toBeNull();
    expect(verify().map(({ source, log, status }) => [source, log?.operator, status])).toEqual([
      ['certificate', 'A', 'valid'],
      ['certificate', 'B', 'valid'],
      ['certificate', 'C', 'valid'],
    ]);
  });

  test('in the extension of TLS, and in an OCSP answer', async () => {
    const plain = (await makeCertificate(ca, 'b.example', period)).certificate;
    const sct = await stamp(logs[0]!, x509Entry(plain));
    const response = parseOcspResponse(
      await createOcspResponse({
        provider,
        authority: ca.certificate,
        responder: ca,
        producedAt: NOW,
        answers: [{ certificate: plain, status: 'good', thisUpdate: NOW, scts: [sct] }],
      }),
    ).response!;
    const results = verify({ certificate: plain, tls: [sct], ocsp: response.responses[0]!.sctList });
    expect(results.map(({ source, status }) => [source, status])).toEqual([
      ['tls', 'valid'],
      ['ocsp', 'valid'],
    ]);
  });

  test('one for another certificate, or for the same one in the other form, is not valid', async () => {
    const plain = (await makeCertificate(ca, 'b.example', period)).certificate;
    const sct = await stamp(logs[0]!, x509Entry(plain));
    expect(statuses({ certificate, tls: [sct] }).at(-1)).toBe('bad_signature');
    const embedded = parseSctList(certificate.sctList!).map(({ bytes }) => bytes);
    expect(statuses({ tls: embedded }).slice(3)).toEqual(Array(3).fill('bad_signature'));
  });
});

describe('what does not count', () => {
  test('another issuer’s key, another log, a retired log, the future', async () => {
    const other = (await makeRoot('CA', period)).certificate;
    expect(statuses({ issuer: other })).toEqual(Array(3).fill('bad_signature'));
    expect(statuses({ logs: [] })).toEqual(Array(3).fill('unknown_log'));
    expect(statuses({ logs: [{ ...logs[0]!, retiredAt: NOW - 2 * DAY }, ...logs.slice(1)] })).toEqual([
      'retired_log',
      'valid',
      'valid',
    ]);
    expect(statuses({ logs: [{ ...logs[0]!, retiredAt: NOW }, ...logs.slice(1)] })[0]).toBe('valid');
    expect(statuses({ time: NOW - 2 * DAY })).toEqual(Array(3).fill('future'));
  });

  test('a changed timestamp, another version, a hash that nobody uses', () => {
    const [first] = parseSctList(certificate.sctList!);
    const changed = (at: number, value: number) => {
      const bytes = first!.bytes.slice();
      bytes[at] = value;
      const plain = { ...certificate, sctList: encodeSctList([bytes]) };
      return statuses({ certificate: plain })[0];
    };
    expect(changed(40, first!.bytes[40]! ^ 1)).toBe('bad_signature');
    expect(changed(0, 1)).toBe('unknown_version');
    expect(changed(43, 2)).toBe('unsupported_algorithm');
    expect(changed(44, 1)).toBe('unsupported_algorithm');
  });

  test('lists and timestamps that cannot be read are told, and never thrown', () => {
    const broken = { ...certificate, sctList: Uint8Array.of(0, 3, 0, 9, 1) };
    expect(statuses({ certificate: broken })).toEqual(['malformed']);
    expect(statuses({ tls: [Uint8Array.of(0, 1)] }).at(-1)).toBe('malformed');
    const list = certificate.sctList!;
    for (const bytes of [
      new Uint8Array(0),
      Uint8Array.of(0, 0),
      concat(list, Uint8Array.of(0)),
      list.subarray(1),
    ]) {
      expect(() => parseSctList(bytes)).toThrow(X509Error);
    }
    expect(() => parseSctList(encodeSctList(Array(65).fill(Uint8Array.of(0))))).toThrow(/sct_malformed/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(statuses({ tls: [bytes], ocsp: bytes }).slice(3)).not.toContain('valid');
        try {
          parseSct(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(X509Error);
        }
      }),
    );
  });
});

test('the policy counts different logs and operators', async () => {
  const short = { notBefore: NOW, notAfter: NOW + 90 * DAY };
  const long = { notBefore: NOW, notAfter: NOW + 181 * DAY };
  const results = verify();
  expect(checkSctPolicy(results, short)).toMatchObject({ ok: true, found: { logs: 3, operators: 3 } });
  expect(checkSctPolicy(results.slice(1), long)).toMatchObject({
    ok: false,
    required: { logs: 3, operators: 2 },
  });
  expect(checkSctPolicy(results.slice(1), short).ok).toBe(true);
  expect(checkSctPolicy([results[0]!, results[0]!], short).ok).toBe(false);
  const same = verify({ logs: logs.map((log) => ({ ...log, operator: 'one' })) });
  expect(checkSctPolicy(same, short)).toMatchObject({ ok: false, found: { operators: 1 } });
  expect(checkSctPolicy(same, short, { operators: 1 }).ok).toBe(true);
  expect(checkSctPolicy([], short, { minimum: 0, operators: 0 }).ok).toBe(true);
});

describe.skipIf(!hasOpenssl)('OpenSSL', () => {
  const files = scratch();
  afterAll(() => files.remove());

  async function freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    return port;
  }

  test('finds the timestamps of a certificate made here valid', async () => {
    const { key, pem } = await generateKey(provider);
    const made = await logged(ca, logs.slice(0, 2), { key, subject: 'localhost', altNames: ['localhost'] });
    const text = (der: Uint8Array): string => encodePem('CERTIFICATE', der);
    const ctlog = logs
      .map((log, i) => `[log${i}]\ndescription=${i}\nkey=${Buffer.from(log.spki).toString('base64')}\n`)
      .join('');
    const list = files.file('ct.cnf', `enabled_logs=log0,log1\n${ctlog}`);
    const port = await freePort();
    const args = [
      '-cert',
      files.file('leaf.pem', text(made.certificate.der)),
      '-key',
      files.file('key.pem', pem),
    ];
    const server = spawn('openssl', ['s_server', '-accept', String(port), '-www', ...args], {
      stdio: 'pipe',
    });
    try {
      await once(server.stdout, 'data');
      const root = files.file('root.pem', text(ca.certificate.der));
      const said = openssl(
        's_client',
        '-connect',
        `127.0.0.1:${port}`,
        '-CAfile',
        root,
        '-ct',
        '-ctlogfile',
        list,
      );
      expect(said.match(/validation status: valid/g)).toHaveLength(2);
    } finally {
      server.kill();
    }
  }, 30_000);
});

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { nodeProvider } from '../crypto/node.js';
import { type Certificate, parseCertificate } from './certificate.js';
import { X509Error } from './der/index.js';
import { OID } from './oids.js';
import { type Crl, parseCrl, revocationCheck } from './revocation/index.js';
import { trustAnchors } from './trust.js';
import { verifyChain } from './verify.js';

/** NIST's Public Key Interoperability Test Suite 1.0.1, in the public domain, as one file. */
interface Case {
  /** The section of the suite's description. */
  readonly id: string;
  readonly name: string;
  /** Names of files; the trust anchor first, the leaf last. */
  readonly certs: readonly string[];
  readonly crls: readonly string[];
  readonly valid: boolean;
  readonly initialPolicies: readonly string[] | null;
  /** The policies that have to hold for the path; null where the description does not say. */
  readonly userPolicies: readonly string[] | null;
  readonly explicit: boolean;
  readonly inhibitMapping: boolean;
  readonly inhibitAny: boolean;
}

interface Suite {
  readonly cases: readonly Case[];
  /** Base64 of DER. */
  readonly certs: Readonly<Record<string, string>>;
  readonly crls: Readonly<Record<string, string>>;
}

const FILE = new URL('../../test/vectors/nist-pkits.json.gz', import.meta.url);
const suite = JSON.parse(gunzipSync(readFileSync(FILE)).toString()) as Suite;

const dsa = 'DSA is not supported: no version of TLS 1.3 has it, and no authority';

/** Where our verdict differs, with the reason. */
const DISAGREEMENTS: ReadonlyMap<string, string> = new Map([
  ['4.1.4', dsa],
  ['4.1.5', dsa],
]);

/** When the suite was published. */
const TIME = Date.UTC(2011, 3, 15);

const policyOid = (name: string): string =>
  name === 'anyPolicy' ? OID.anyPolicy : `2.16.840.1.101.3.2.1.48.${/\d+$/.exec(name)?.[0]}`;

const bytes = (base64: string | undefined): Uint8Array => new Uint8Array(Buffer.from(base64 ?? '', 'base64'));

/** Some of the suite are malformed on purpose. */
function readable<T>(read: () => T): T[] {
  try {
    return [read()];
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    return [];
  }
}

function run({ certs, crls, initialPolicies, explicit, inhibitMapping, inhibitAny }: Case) {
  const [root, ...rest] = certs.map((name) => bytes(suite.certs[name]));
  const lists: Crl[] = crls.flatMap((name) => readable(() => parseCrl(bytes(suite.crls[name]))));
  const crlIssuers: Certificate[] = rest.flatMap((der) => readable(() => parseCertificate(der)));
  return verifyChain({
    chain: rest.reverse(),
    roots: trustAnchors([root!]),
    time: TIME,
    purpose: 'server',
    provider: nodeProvider,
    policy: {
      acceptablePolicies: initialPolicies?.map(policyOid) ?? null,
      requireExplicitPolicy: explicit,
      inhibitPolicyMapping: inhibitMapping,
      inhibitAnyPolicy: inhibitAny,
    },
    revocation: { mode: 'hard', check: revocationCheck({ crls: lists, crlIssuers }) },
  });
}

describe('NIST PKITS', () => {
  test.each(suite.cases.map((testcase) => [testcase.id, testcase.name, testcase] as const))(
    '%s %s',
    (id, _, testcase) => {
      const verdict = run(testcase);
      const expected = testcase.valid !== DISAGREEMENTS.has(id);
      if (expected) expect(verdict.ok ? 'accepted' : verdict.failure).toBe('accepted');
      expect(verdict.ok).toBe(expected);
      if (verdict.ok && testcase.userPolicies) {
        expect([...verdict.policies].sort()).toEqual(testcase.userPolicies.map(policyOid).sort());
      }
    },
  );

  test('all cases are there, and every disagreement is one of them', () => {
    expect(suite.cases.length).toBe(249);
    expect(
      [...DISAGREEMENTS.keys()].filter((id) => !suite.cases.some((testcase) => testcase.id === id)),
    ).toEqual([]);
  });
});

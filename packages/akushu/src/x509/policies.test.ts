import { describe, expect, test } from 'vitest';
import type { Certificate } from './certificate.js';
import { OID } from './oids.js';
import { checkPolicies, type PolicyInputs } from './policies.js';

interface Fields {
  readonly policies?: readonly string[];
  readonly mappings?: readonly (readonly [string, string])[];
  readonly requireExplicit?: number;
  readonly inhibitMapping?: number;
  readonly inhibitAny?: number;
  readonly selfIssued?: boolean;
}

/** A certificate so far as policies concern it. */
const certificate = (fields: Fields): Certificate => {
  const { policies, mappings, requireExplicit, inhibitMapping, inhibitAny, selfIssued = false } = fields;
  const some = {
    certificatePolicies: policies?.map((oid) => ({ oid, qualifiers: [] })) ?? null,
    policyMappings:
      mappings?.map(([issuerPolicy, subjectPolicy]) => ({ issuerPolicy, subjectPolicy })) ?? null,
    policyConstraints:
      requireExplicit === undefined && inhibitMapping === undefined
        ? null
        : { requireExplicitPolicy: requireExplicit ?? null, inhibitPolicyMapping: inhibitMapping ?? null },
    inhibitAnyPolicy: inhibitAny ?? null,
    selfIssued,
  };
  return some as unknown as Certificate;
};

const ANY: PolicyInputs = {
  acceptablePolicies: null,
  requireExplicitPolicy: false,
  inhibitPolicyMapping: false,
  inhibitAnyPolicy: false,
};

/** From the certificate below the anchor down to the leaf. */
function check(fields: readonly Fields[], inputs: Partial<PolicyInputs> = {}, left = 100_000) {
  const budget = { left };
  const path = [...fields.map(certificate).reverse(), certificate({})];
  const outcome = checkPolicies(path, { ...ANY, ...inputs }, budget);
  return { outcome, spent: left - budget.left };
}

/** The policies that hold, or the rule that was broken and where. */
function verdict(...args: Parameters<typeof check>): readonly string[] | string {
  const { outcome } = check(...args);
  return outcome.ok ? [...outcome.policies].sort() : `${outcome.problem.rule} at ${outcome.index}`;
}

const A = '1.2.3.1';
const B = '1.2.3.2';
const C = '1.2.3.3';
const explicit = { requireExplicitPolicy: true };

describe('policies', () => {
  test('hold where every certificate has them, whatever else each has', () => {
    expect(verdict([{ policies: [A, B] }, { policies: [B, C] }])).toEqual([B]);
    expect(verdict([{ policies: [A] }, { policies: [B] }])).toEqual([]);
    expect(verdict([{ policies: [A] }, { policies: [B] }], explicit)).toBe('no_valid_policy at 0');
  });

  test('are not needed unless somebody demands one', () => {
    expect(verdict([{}, {}])).toEqual([]);
    expect(verdict([{}, {}], explicit)).toBe('no_valid_policy at 1');
    expect(verdict([{ requireExplicit: 0 }, {}])).toBe('no_valid_policy at 0');
    expect(verdict([{ requireExplicit: 1 }, {}, {}])).toBe('no_valid_policy at 0');
    expect(verdict([{ requireExplicit: 5 }, {}])).toEqual([]);
    // A leaf may demand one of itself.
    expect(verdict([{}, { requireExplicit: 0 }])).toBe('no_valid_policy at 0');
  });

  test('have to be among those that are acceptable', () => {
    const inputs = { ...explicit, acceptablePolicies: [A] };
    expect(verdict([{ policies: [A, B] }, { policies: [A, B] }], inputs)).toEqual([A]);
    expect(verdict([{ policies: [B] }, { policies: [B] }], inputs)).toBe('no_acceptable_policy at 0');
    expect(verdict([{ policies: [OID.anyPolicy] }, { policies: [OID.anyPolicy] }], inputs)).toEqual([A]);
  });

  test('any policy stands for each, until it is inhibited', () => {
    expect(verdict([{ policies: [OID.anyPolicy] }, { policies: [A] }], explicit)).toEqual([A]);
    expect(verdict([{ policies: [A] }, { policies: [OID.anyPolicy] }], explicit)).toEqual([A]);
    const inhibited = { ...explicit, inhibitAnyPolicy: true };
    expect(verdict([{ policies: [A] }, { policies: [OID.anyPolicy] }], inhibited)).toBe(
      'no_valid_policy at 0',
    );
    const below = [{ policies: [A], inhibitAny: 0 }, { policies: [OID.anyPolicy] }];
    expect(verdict(below, explicit)).toBe('no_valid_policy at 0');
    // An authority that renews its own certificate does not count.
    expect(
      verdict(
        [
          { policies: [A], inhibitAny: 0 },
          { policies: [OID.anyPolicy], selfIssued: true },
          { policies: [A] },
        ],
        explicit,
      ),
    ).toEqual([A]);
  });

  test('are mapped, and told by the name that the first authority has for them', () => {
    const mapped: Fields[] = [{ policies: [A], mappings: [[A, B]] }, { policies: [B] }];
    expect(verdict(mapped, explicit)).toEqual([A]);
    expect(verdict(mapped, { ...explicit, acceptablePolicies: [B] })).toBe('no_acceptable_policy at 0');
    expect(verdict([{ policies: [A], mappings: [[A, B]] }, { policies: [A] }], explicit)).toBe(
      'no_valid_policy at 0',
    );
    expect(verdict([{ policies: [OID.anyPolicy], mappings: [[A, B]] }, { policies: [B] }], explicit)).toEqual(
      [A],
    );
  });

  test('are dropped where mapping is inhibited', () => {
    const mapped: Fields[] = [{ policies: [A], mappings: [[A, B]] }, { policies: [B] }];
    expect(verdict(mapped, { ...explicit, inhibitPolicyMapping: true })).toBe('no_valid_policy at 0');
    expect(verdict([{ policies: [A], inhibitMapping: 0 }, ...mapped], explicit)).toBe('no_valid_policy at 0');
    expect(verdict([{ policies: [A], inhibitMapping: 1 }, ...mapped], explicit)).toEqual([A]);
  });

  test('any policy is mapped to nothing, nor anything to it', () => {
    for (const pair of [
      [OID.anyPolicy, A],
      [A, OID.anyPolicy],
    ] as const) {
      expect(verdict([{ policies: [A], mappings: [pair] }, { policies: [A] }])).toBe(
        'any_policy_mapped at 1',
      );
    }
  });
});

test('path explosion by policies (CVE-2023-0464, CVE-2026-32281): work grows with the certificates only', () => {
  const all = Array.from({ length: 30 }, (_, i) => `1.2.4.${i}`);
  const everyToEvery = all.flatMap((from) => all.map((to) => [from, to] as const));
  const level: Fields = { policies: all, mappings: everyToEvery };
  const levels = Array.from({ length: 9 }, () => level);
  const { outcome, spent } = check([...levels, { policies: all }], explicit);
  expect(outcome.ok && outcome.policies).toHaveLength(30);
  // As a tree this has 30^10 leaves.
  expect(spent).toBeLessThan(10 * (900 + 60) + 1);
  expect(check([...levels, { policies: all }], explicit, 500).outcome).toMatchObject({
    ok: false,
    problem: { rule: 'too_many_policies' },
  });
});

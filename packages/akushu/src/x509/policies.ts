/**
 * Certificate policies with mappings and constraints (RFC 5280 §6.1.2–§6.1.5). The RFC's tree of valid policies grows
 * exponentially where a chain is made for it (CVE-2023-0464); here nodes of one depth with the same policy are one node
 * with several parents, so that work and memory grow with the size of the certificates and no faster. Qualifiers are
 * not carried along.
 */
import type { Certificate } from './certificate.js';
import type { ComparisonBudget } from './name-constraints.js';
import { OID } from './oids.js';
import { type Problem, problem } from './problem.js';

export interface PolicyInputs {
  /** user-initial-policy-set: object identifiers; null for any. */
  readonly acceptablePolicies: readonly string[] | null;
  /** initial-explicit-policy: the path has to be valid for one of them. */
  readonly requireExplicitPolicy: boolean;
  /** initial-policy-mapping-inhibit */
  readonly inhibitPolicyMapping: boolean;
  /** initial-any-policy-inhibit */
  readonly inhibitAnyPolicy: boolean;
}

export type PolicyOutcome =
  /** Object identifiers, as the first authority of the path names them: the policies that hold for the whole path. */
  | { readonly ok: true; readonly policies: readonly string[] }
  | { readonly ok: false; readonly problem: Problem /** In the path. */; readonly index: number };

/** A policy that is valid at one depth. The parents are of the depth above; none stands for the node of any policy. */
interface Node {
  readonly policy: string;
  readonly parents: readonly Node[];
}

interface State {
  nodes: Map<string, Node>;
  /** Whether the node of any policy is alive at this depth. */
  any: boolean;
  /** Which nodes expect a policy in the next certificate. */
  expected: Map<string, Node[]>;
  explicitPolicy: number;
  policyMapping: number;
  inhibitAny: number;
}

/** `path` is leaf first; its last certificate is the trust anchor, whose policies do not count (§6.1). */
export function checkPolicies(
  path: readonly Certificate[],
  inputs: PolicyInputs,
  budget: ComparisonBudget,
): PolicyOutcome {
  const certificates = path.length - 1;
  const start = (now: boolean): number => (now ? 0 : certificates + 1);
  const state: State = {
    nodes: new Map(),
    any: true,
    expected: new Map(),
    explicitPolicy: start(inputs.requireExplicitPolicy),
    policyMapping: start(inputs.inhibitPolicyMapping),
    inhibitAny: start(inputs.inhibitAnyPolicy),
  };
  for (let index = certificates - 1; index >= 0; index--) {
    const certificate = path[index]!;
    const refuse = (rule: string, rfc: string): PolicyOutcome => ({
      ok: false,
      index,
      problem: problem('certificate_constraint_violated', rule, rfc),
    });
    budget.left -= costOf(certificate, state);
    if (budget.left < 0) return refuse('too_many_policies', '§6.1.3 (d)');
    followPolicies(state, certificate, index === 0);
    // §6.1.3 (f)
    if (state.explicitPolicy === 0 && !isAlive(state)) return refuse('no_valid_policy', '§6.1.3 (f)');
    if (index === 0) continue;
    if (!followMappings(state, certificate)) return refuse('any_policy_mapped', '§6.1.4 (a)');
    followConstraints(state, certificate);
  }
  return wrapUp(state, path[0]!, inputs.acceptablePolicies);
}

const isAlive = ({ nodes, any }: State): boolean => any || nodes.size > 0;

function costOf({ certificatePolicies, policyMappings }: Certificate, { expected }: State): number {
  return (certificatePolicies?.length ?? 0) + (policyMappings?.length ?? 0) + expected.size;
}

/** §6.1.3 (d), (e) */
function followPolicies(
  state: State,
  { certificatePolicies, selfIssued }: Certificate,
  isLeaf: boolean,
): void {
  const nodes = new Map<string, Node>();
  const listed = (certificatePolicies ?? []).map(({ oid }) => oid);
  for (const policy of listed) {
    if (policy === OID.anyPolicy) continue;
    const parents = state.expected.get(policy);
    if (parents) nodes.set(policy, { policy, parents });
    else if (state.any) nodes.set(policy, { policy, parents: [] });
  }
  const any = listed.includes(OID.anyPolicy) && (state.inhibitAny > 0 || (!isLeaf && selfIssued));
  if (any) {
    for (const [policy, parents] of state.expected) {
      if (!nodes.has(policy)) nodes.set(policy, { policy, parents });
    }
  }
  state.nodes = nodes;
  state.any &&= any;
}

/** §6.1.4 (a), (b). False where any policy is mapped, which nobody may do. */
function followMappings(state: State, { policyMappings }: Certificate): boolean {
  const mapped = new Map<string, Set<string>>();
  for (const { issuerPolicy, subjectPolicy } of policyMappings ?? []) {
    if (issuerPolicy === OID.anyPolicy || subjectPolicy === OID.anyPolicy) return false;
    const subjects = mapped.get(issuerPolicy) ?? new Set();
    mapped.set(issuerPolicy, subjects.add(subjectPolicy));
  }
  if (state.policyMapping === 0) for (const policy of mapped.keys()) state.nodes.delete(policy);
  else if (state.any) {
    for (const policy of mapped.keys()) {
      if (!state.nodes.has(policy)) state.nodes.set(policy, { policy, parents: [] });
    }
  }
  state.expected = new Map();
  for (const node of state.nodes.values()) {
    for (const policy of mapped.get(node.policy) ?? [node.policy]) {
      const nodes = state.expected.get(policy);
      if (nodes) nodes.push(node);
      else state.expected.set(policy, [node]);
    }
  }
  return true;
}

/** §6.1.4 (h), (i), (j) */
function followConstraints(state: State, certificate: Certificate): void {
  const { selfIssued, policyConstraints, inhibitAnyPolicy } = certificate;
  const step = selfIssued ? 0 : 1;
  const lowered = (left: number, skip: number | null | undefined): number =>
    Math.min(Math.max(left - step, 0), skip ?? Number.POSITIVE_INFINITY);
  state.explicitPolicy = lowered(state.explicitPolicy, policyConstraints?.requireExplicitPolicy);
  state.policyMapping = lowered(state.policyMapping, policyConstraints?.inhibitPolicyMapping);
  state.inhibitAny = lowered(state.inhibitAny, inhibitAnyPolicy);
}

/** §6.1.5 (a), (b), (g) */
function wrapUp(state: State, leaf: Certificate, acceptable: readonly string[] | null): PolicyOutcome {
  const explicit =
    state.explicitPolicy <= 1 || leaf.policyConstraints?.requireExplicitPolicy === 0
      ? 0
      : state.explicitPolicy;
  const granted = grantedPolicies(state, acceptable);
  if (explicit > 0 || granted.length > 0) return { ok: true, policies: granted };
  const rule = isAlive(state) ? 'no_acceptable_policy' : 'no_valid_policy';
  const found = problem('certificate_constraint_violated', rule, '§6.1.5 (g)');
  return { ok: false, index: 0, problem: found };
}

/** The policies by the names of whoever stands just below any policy, so far as they are acceptable. */
function grantedPolicies({ nodes, any }: State, acceptable: readonly string[] | null): string[] {
  const granted = new Set<string>();
  const seen = new Set<Node>();
  const open = [...nodes.values()];
  for (let node = open.pop(); node; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.parents.length === 0) granted.add(node.policy);
    for (const parent of node.parents) if (!seen.has(parent)) open.push(parent);
  }
  if (acceptable === null || acceptable.includes(OID.anyPolicy)) {
    return any ? [...granted, OID.anyPolicy] : [...granted];
  }
  return acceptable.filter((policy) => any || granted.has(policy));
}

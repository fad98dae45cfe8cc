/**
 * What would be: a recorded ClientHello against our own server under a policy, and the choices of a recorded server
 * against a client's policy. Says what comes of it, and the smallest change of the policy that makes it work. Nothing is
 * sent anywhere; how a handshake goes on after the server's first flight depends on keys that nobody has here.
 */
import { Connection } from '../connection/index.js';
import { TlsError } from '../errors.js';
import type { Credential, ServerConfig } from '../handshake/index.js';
import { DEFAULT_GROUPS, DEFAULT_VERSIONS, defaultSuites, signingSchemesOf } from '../handshake/index.js';
import { decodeBody } from '../messages/index.js';
import type { ObservedConnection } from '../observe/observation.js';
import {
  cipherSuiteByCode,
  cipherSuiteName,
  groupByCode,
  groupName,
  signatureSchemeName,
  Version,
  versionByCode,
  versionName,
} from '../registry/index.js';
import type { TraceEvent } from '../trace/index.js';
import { diagnoseError } from './diagnose-error.js';
import { type Offer, offerOf } from './facts.js';
import type { Verdict } from './verdict.js';

/** What was agreed on as far as the server's answer tells; names as IANA has them. */
export interface Agreed {
  readonly version: string | null;
  readonly cipherSuite: string | null;
  readonly group: string | null;
  readonly signatureScheme: string | null;
  readonly alpn: string | null;
  /** The client is asked for another key share first. */
  readonly retry: boolean;
}

/** A change of the policy: what is added, by standard names. */
export interface PolicyChange {
  readonly add: 'version' | 'cipher_suite' | 'group' | 'signature_scheme' | 'certificate' | 'alpn';
  readonly value: string;
}

export interface WhatIf {
  readonly works: boolean;
  readonly agreed: Agreed | null;
  /** The engine's code for what fails first; null where it works. */
  readonly code: string | null;
  readonly verdicts: readonly Verdict[];
  /** The fewest changes that make it work; empty where it works, null where none was found. */
  readonly change: readonly PolicyChange[] | null;
}

export interface WhatIfOptions {
  /** Further certificates to try, with keys of other kinds. */
  readonly spareCredentials?: readonly Credential[];
}

/** Runs a ClientHello (a handshake message, header included) against a server. */
export async function whatIfHello(
  hello: Uint8Array,
  policy: ServerConfig,
  options: WhatIfOptions = {},
): Promise<WhatIf> {
  const result = await run(hello, policy);
  if (result.code === null) return { ...result, change: [] };
  const offer = offerIn(hello);
  // Nothing helps a hello that cannot be read.
  const change = offer && (await smallestChange(hello, offer, policy, options.spareCredentials ?? []));
  return { ...result, change };
}

function offerIn(hello: Uint8Array): Offer | null {
  try {
    return offerOf(decodeBody('ClientHello', hello));
  } catch (error) {
    if (error instanceof TlsError) return null;
    throw error;
  }
}

const ANSWERS: ReadonlySet<string> = new Set(['ServerHelloDone', 'Finished', 'HelloRetryRequest']);
const MAX_TURNS = 200;

type Attempt = Omit<WhatIf, 'change'>;

/**
 * After a HelloRetryRequest the client would say more, and what it would say is not recorded. The rest of the handshake
 * does not depend on the group, so it is tried with one for which there is a share.
 */
async function run(hello: Uint8Array, policy: ServerConfig): Promise<Attempt> {
  const first = await attempt(hello, policy);
  if (!first.agreed?.retry) return first;
  const groups = sharesIn(hello).filter((code) => policy.provider.groups.includes(nameOfGroup(code)));
  if (groups.length === 0) return first;
  const rest = await attempt(hello, { ...policy, groups });
  if (!rest.agreed) return rest;
  return { ...first, agreed: { ...rest.agreed, group: first.agreed.group, retry: true } };
}

const nameOfGroup = (code: number) => groupByCode(code)?.iana as never;

/** Groups for which the client sent a key share. */
const sharesIn = (hello: Uint8Array): number[] =>
  (decodeBody('ClientHello', hello).extensions?.keyShare ?? []).map(({ group }) => group);

async function attempt(hello: Uint8Array, policy: ServerConfig): Promise<Attempt> {
  const events: TraceEvent[] = [];
  let code: string | null = null;
  let error: Parameters<typeof diagnoseError>[0] | null = null;
  const server = new Connection(
    'server',
    { ...policy, trace: (event) => void events.push(event) },
    {
      output: () => {},
      error: (found) => {
        code = found.code;
        error = found;
      },
    },
  );
  server.start();
  for (const record of recordsOf(hello)) server.receive(record);
  const answered = (): boolean =>
    events.some((event) => event.kind === 'message' && event.from === 'server' && ANSWERS.has(event.type));
  // A key that is elsewhere takes its time to sign.
  for (let turn = 0; turn < MAX_TURNS && code === null && !answered(); turn++)
    await new Promise((resolve) => setTimeout(resolve, turn < 20 ? 0 : 20));
  if (error === null) return { works: true, agreed: agreedIn(events), code: null, verdicts: [] };
  const verdicts = diagnoseError(error, { role: 'server', events, provider: policy.provider });
  return { works: false, agreed: null, code, verdicts };
}

const MAX_FRAGMENT = 16_384;

function* recordsOf(message: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < message.length; at += MAX_FRAGMENT) {
    const fragment = message.subarray(at, at + MAX_FRAGMENT);
    const record = new Uint8Array(5 + fragment.length);
    record.set([22, 3, 1, fragment.length >> 8, fragment.length & 0xff]);
    record.set(fragment, 5);
    yield record;
  }
}

function agreedIn(events: readonly TraceEvent[]): Agreed {
  const chosen = (about: string): string | null => {
    const decision = events.findLast((event) => event.kind === 'decision' && event.about === about);
    return decision?.kind === 'decision' ? decision.chosen : null;
  };
  return {
    version: chosen('version'),
    cipherSuite: chosen('cipher_suite'),
    group: chosen('group') ?? chosen('hello_retry_request'),
    signatureScheme: chosen('signature_scheme'),
    alpn: chosen('alpn'),
    retry: events.some((event) => event.kind === 'message' && event.type === 'HelloRetryRequest'),
  };
}

// ---- The smallest change ----

interface Candidate {
  readonly change: PolicyChange;
  readonly apply: (policy: ServerConfig) => ServerConfig;
}

/** One change first, then two: what is modern before what is old. */
async function smallestChange(
  hello: Uint8Array,
  offer: Offer,
  policy: ServerConfig,
  spare: readonly Credential[],
): Promise<readonly PolicyChange[] | null> {
  const all = candidates(offer, policy, spare);
  const works = async (parts: readonly Candidate[]): Promise<boolean> =>
    (
      await run(
        hello,
        parts.reduce((before, { apply }) => apply(before), policy),
      )
    ).code === null;
  for (const one of all) if (await works([one])) return [one.change];
  for (const [i, one] of all.entries())
    for (const two of all.slice(i + 1))
      if (one.change.add !== two.change.add && (await works([one, two]))) return [one.change, two.change];
  return null;
}

/** Of each kind so many; more would only be slower. */
const MAX_EACH = 3;
const OLD_VERSIONS = [Version['TLSv1.1'], Version.TLSv1];

function candidates(offer: Offer, policy: ServerConfig, spare: readonly Credential[]): Candidate[] {
  const versions = policy.versions ?? DEFAULT_VERSIONS;
  const suites = policy.cipherSuites ?? defaultSuites(versions);
  const groups = policy.groups ?? DEFAULT_GROUPS;
  const supported = [...DEFAULT_VERSIONS, ...OLD_VERSIONS];
  const missing = (offered: readonly number[], own: readonly number[]): number[] =>
    offered.filter((code) => !own.includes(code)).slice(0, 16);
  const newVersions = missing(
    supported.filter((code) => offer.versions.includes(code)),
    versions,
  );
  const newSuites = missing(offer.suites, suites)
    .filter((code) => cipherSuiteByCode(code) !== undefined)
    .sort((a, b) => weakness(a) - weakness(b))
    .slice(0, MAX_EACH);
  const newGroups = missing(offer.groups ?? [], groups)
    .filter((code) => policy.provider.groups.includes(nameOfGroup(code)))
    .slice(0, MAX_EACH);
  const signing = signingSchemesOf(policy);
  const newSchemes = missing(offer.schemes ?? [], signing)
    .filter((code) =>
      policy.credentials?.some(({ key }) => key.schemes.includes(signatureSchemeName(code) as never)),
    )
    .slice(0, MAX_EACH);
  const add = (kind: PolicyChange['add'], value: string, apply: Candidate['apply']): Candidate => ({
    change: { add: kind, value },
    apply,
  });
  const withVersion = (code: number): Candidate =>
    add('version', nameOfVersion(code), (before) => ({
      ...before,
      versions: [...(before.versions ?? versions), code],
      // A list of suites that has none for the version would make it useless.
      cipherSuites: [...(before.cipherSuites ?? suites), ...missing(defaultSuites([code]), suites)],
    }));
  const isOld = (code: number): boolean => OLD_VERSIONS.some((old) => old === code);
  return [
    ...newVersions.filter((code) => !isOld(code)).map(withVersion),
    ...newSuites.map((code) =>
      add('cipher_suite', cipherSuiteName(code), (before) => ({
        ...before,
        cipherSuites: [...(before.cipherSuites ?? suites), code],
      })),
    ),
    ...newGroups.map((code) =>
      add('group', groupName(code), (before) => ({
        ...before,
        groups: [...(before.groups ?? groups), code],
      })),
    ),
    ...newSchemes.map((code) =>
      add('signature_scheme', signatureSchemeName(code), (before) => ({
        ...before,
        signingSchemes: [...signingSchemesOf(before), code],
      })),
    ),
    ...spare.map((credential) =>
      add('certificate', kindOf(credential), (before) => ({
        ...before,
        credentials: [...(before.credentials ?? []), credential],
      })),
    ),
    ...offer.alpn
      .slice(0, MAX_EACH)
      .map((name) => add('alpn', name, (before) => ({ ...before, alpn: [...(before.alpn ?? []), name] }))),
    // Deprecated (RFC 8996): only where nothing else helps.
    ...newVersions.filter(isOld).map(withVersion),
  ];
}

/** `TLSv1.3`. */
const nameOfVersion = (code: number): string => versionByCode(code)?.name ?? versionName(code);

/** `RSA`, `ECDSA`, …: the kind of key. */
const kindOf = ({ key }: Credential): string => (key.schemes[0] ?? '').split('_')[0]!.toUpperCase();

const weakness = (code: number): number => cipherSuiteByCode(code)?.weaknesses.length ?? 9;

// ---- The reverse ----

/** What a client may be told; left out: our own defaults. */
export interface ClientPolicy {
  readonly versions?: readonly number[] | undefined;
  readonly cipherSuites?: readonly number[] | undefined;
  readonly groups?: readonly number[] | undefined;
  readonly signatureSchemes?: readonly number[] | undefined;
}

/** What a recorded server chose, seen by a client with this policy: what it could not have taken. Null where no choice was recorded. */
export function whatIfServer(observed: ObservedConnection, policy: ClientPolicy): WhatIf | null {
  const { tls } = observed;
  if (!tls?.serverHello && !tls?.helloRetryRequest) return null;
  const { version, cipherSuite, group, signatureScheme, alpn, helloRetryRequest } = tls.negotiated;
  const versions = policy.versions ?? DEFAULT_VERSIONS;
  const checks: readonly (readonly [
    PolicyChange['add'],
    string,
    number | null,
    readonly number[],
    (code: number) => string,
  ])[] = [
    ['version', 'no_shared_version', version, versions, nameOfVersion],
    [
      'cipher_suite',
      'no_shared_cipher_suite',
      cipherSuite,
      policy.cipherSuites ?? defaultSuites(versions),
      cipherSuiteName,
    ],
    ['group', 'no_shared_group', group, policy.groups ?? DEFAULT_GROUPS, groupName],
  ];
  const lacking = checks.filter(([, , chosen, own]) => chosen !== null && !own.includes(chosen));
  const agreed: Agreed = {
    version: version === null ? null : nameOfVersion(version),
    cipherSuite: cipherSuite === null ? null : cipherSuiteName(cipherSuite),
    group: group === null ? null : groupName(group),
    signatureScheme: signatureScheme === null ? null : signatureSchemeName(signatureScheme),
    alpn,
    retry: helloRetryRequest,
  };
  const first = lacking[0];
  if (!first) return { works: true, agreed, code: null, verdicts: [], change: [] };
  const facts = { chosen: first[4](first[2]!), supported: first[3].map(first[4]) };
  return {
    works: false,
    agreed,
    code: first[1],
    verdicts: diagnoseError({ code: first[1], facts }, { role: 'client' }),
    change: lacking.map(([add, , chosen, , nameOf]) => ({ add, value: nameOf(chosen!) })),
  };
}

/** The name that a ClientHello (header included) asks for; null where it asks for none, or cannot be read. */
export const serverNameIn = (hello: Uint8Array): string | null => offerIn(hello)?.serverName ?? null;

/** The ClientHello of a connection that was observed, as it travelled; null where none was read. */
export function helloOf(observed: ObservedConnection): Uint8Array | null {
  const found = observed.tls?.messages.find(
    (message) => message.kind === 'handshake' && message.name === 'ClientHello' && message.value !== null,
  );
  return found?.kind === 'handshake' ? found.bytes : null;
}

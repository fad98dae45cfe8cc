/**
 * What a server before TLS 1.3 decides from the ClientHello (RFC 5246 §7.4.1.3, RFC 8422 §5.1, RFC 7919 §4): suite,
 * group, credential and scheme hang together, so one function decides all of them, and reports for each suite that
 * was passed over why.
 */
import { tlsError } from '../../errors.js';
import { cipherOf } from '../../keys/index.js';
import { type KeyExchange12, usesDhe, usesEcdhe } from '../../messages/index.js';
import {
  type CipherSuite,
  cipherSuiteByCode,
  Group,
  groupName,
  signatureSchemeName,
} from '../../registry/index.js';
import type { DecisionReason } from '../../trace/index.js';
import { ownPublicKey } from '../authentication.js';
import { type Credential, type ServerConfig, signingSchemesOf } from '../config.js';
import {
  type Candidates,
  credentialCandidates,
  reportCredential,
  reportScheme,
  schemesOf,
} from '../credential-choice.js';
import type { Flow } from '../flow.js';
import type { Handshake } from '../handshake.js';
import {
  type CertificateTypes,
  chooseAlpn,
  chooseCertificateTypes,
  chooseGroup,
  chooseSuiteBy,
  type Hello,
  noSharedGroup,
  noSharedSuite,
} from '../server-negotiation.js';
import type { Signing12 } from '../signatures.js';
import { groupsOf, isEcdheGroup, isFiniteField, speaks, suitesOf } from '../suites.js';
import { credentialFits, curveIsNamed, DEFAULT_PEER_SCHEMES } from './signing.js';
import type { Previous, Terms12 } from './terms.js';

type Server = Handshake<ServerConfig>;

export interface Negotiated12
  extends Omit<Terms12, 'serverRandom' | 'ticketFollows' | 'secureRenegotiation'> {
  /** Null for static RSA, PSK alone, and a DHE group of the configuration's. */
  readonly group: number | null;
  readonly credential: Credential | null;
  /** How the parameters are signed; null where they are not. */
  readonly signing: Signing12 | null;
  /** RFC 7250 §4.2. */
  readonly types: CertificateTypes;
}

/** Throws the reason that stopped the best of the shared suites, `no_shared_cipher_suite` where there is none. */
export function* negotiate12(
  hs: Server,
  hello: Hello,
  version: number,
  previous: Previous,
): Flow<Negotiated12> {
  checkCurveFormats(hello);
  const types = chooseCertificateTypes(hs, hello);
  const candidates = yield* credentialCandidates(hs, hello, types.server);
  const view = new View(hs, hello, version, candidates);
  const code = chooseSuiteBy(hs, hello, (suite) => view.unfit(suite));
  if (code === undefined) throw view.failure();
  const suite = cipherSuiteByCode(code)!;
  const kx = suite.kx as KeyExchange12;
  hs.speak(version, kx);
  const group = view.decideGroup(kx);
  const chosen = view.decideCredential(suite);
  // RFC 7301 §3.1: of the connection, which goes on.
  const alpn = previous ? previous.alpn : yield* chooseAlpn(hs, hello);
  const encryptThenMac = hello.x.encryptThenMac === true && (hs.config.encryptThenMac ?? true);
  return {
    version,
    suite,
    kx,
    cipher: cipherOf(suite, encryptThenMac && suite.cbc !== null)!,
    clientRandom: hello.body.random,
    extendedMasterSecret: hello.x.extendedMasterSecret === true,
    alpn,
    group,
    credential: chosen?.credential ?? null,
    signing: chosen?.signing ?? null,
    types,
  };
}

/** RFC 8422 §5.1.2: uncompressed points are what everybody must read. */
function checkCurveFormats({ x }: Hello): void {
  if (x.ecPointFormats && !x.ecPointFormats.includes(0)) throw tlsError('bad_point_formats');
}

/** How the suites look in the light of one hello. */
class View {
  private readonly usable: ReadonlySet<number>;
  private readonly ours: readonly number[];
  private readonly theirs: readonly number[];
  /** Reasons against suites that both sides have and the version knows. */
  private readonly against = new Map<number, DecisionReason>();
  private readonly curves: readonly number[];

  constructor(
    private readonly hs: Server,
    private readonly hello: Hello,
    private readonly version: number,
    private readonly candidates: Candidates,
  ) {
    this.usable = new Set(suitesOf(hs, version));
    this.ours = signingSchemesOf(hs.config);
    this.theirs = hello.x.signatureAlgorithms ?? DEFAULT_PEER_SCHEMES;
    this.curves = groupsOf(hs).filter(isEcdheGroup);
  }

  unfit(code: number): DecisionReason | undefined {
    const suite = cipherSuiteByCode(code)!;
    if (!this.usable.has(code) && !this.lacksPsk(suite)) return 'not_for_this_version';
    const reason =
      (this.usable.has(code) ? undefined : 'no_psk') ??
      this.withoutGroup(suite.kx as KeyExchange12) ??
      this.withoutCredential(suite);
    if (reason) this.against.set(code, reason);
    return reason;
  }

  /** The version has it, and so have we, but no key is configured. */
  private lacksPsk(suite: CipherSuite): boolean {
    return suite.kx.endsWith('PSK') && speaks(this.hs.provider, suite, this.version);
  }

  private withoutGroup(kx: KeyExchange12): DecisionReason | undefined {
    if (usesEcdhe(kx) && this.sharedCurves().length === 0) return 'no_shared_group';
    if (usesDhe(kx) && this.finiteField() === undefined) return 'no_shared_group';
    return undefined;
  }

  private sharedCurves(): readonly number[] {
    const { supportedGroups } = this.hello.x;
    // RFC 8422 §4: a client that says nothing takes any; P-256 is what such clients have.
    if (!supportedGroups) return this.curves.filter((code) => code === Group.secp256r1);
    return this.curves.filter((code) => supportedGroups.includes(code));
  }

  /** RFC 7919 §4: among the groups that the client names, if it names any; null for the configuration's own. */
  private finiteField(): number | null | undefined {
    const named = this.hello.info.groups.filter(isFiniteField);
    const ours = groupsOf(this.hs).filter(isFiniteField);
    if (named.length > 0) return ours.find((code) => named.includes(code));
    return this.hs.config.dhGroup ? null : Group.ffdhe2048;
  }

  private withoutCredential(suite: CipherSuite): DecisionReason | undefined {
    if (suite.auth === 'PSK') return undefined;
    let reason: DecisionReason = 'no_certificate_for_it';
    for (const credential of this.candidates.credentials) {
      const fit = this.fit(credential, suite);
      if (typeof fit !== 'string') return undefined;
      if (fit !== 'no_certificate_for_it') reason = fit;
    }
    return reason;
  }

  private fit(credential: Credential, suite: CipherSuite) {
    const key = ownPublicKey(this.hs, credential);
    if (!curveIsNamed(key, suite, this.hello.x.supportedGroups)) return 'no_certificate_for_it';
    return credentialFits(this.hs, credential, suite, this.version, this.ours, this.theirs);
  }

  /** What to tell where nothing fits: the reason that came closest to working. */
  failure(): Error {
    const { hs, hello } = this;
    const reasons = new Set(this.against.values());
    const shared = [...this.against.keys()].map((code) => cipherSuiteByCode(code)!.iana);
    if (reasons.has('no_shared_signature_scheme')) {
      return tlsError('no_shared_signature_scheme', {
        offered: this.theirs.map(signatureSchemeName),
        supported: schemesOf(hs, this.candidates, 'tls12'),
      });
    }
    if (reasons.has('no_certificate_for_it')) {
      if (this.candidates.credentials.length === 0) return tlsError('no_credential', { shared });
      return tlsError('no_certificate_for_suite', { shared });
    }
    if (reasons.has('no_shared_group')) return noSharedGroup(hs, hello);
    return reasons.has('no_psk') ? tlsError('no_psk', { shared }) : noSharedSuite(hs, hello);
  }

  decideGroup(kx: KeyExchange12): number | null {
    const { hs, hello } = this;
    if (usesDhe(kx)) {
      const group = this.finiteField()!;
      hs.decide({
        about: 'group',
        by: 'server',
        chosen: group === null ? `${hs.config.dhGroup!.prime.length * 8} bits` : groupName(group),
        reason:
          group === null || hello.info.groups.every((code) => !isFiniteField(code))
            ? 'default_group'
            : 'first_shared_in_server_order',
        alternatives: [],
      });
      return group;
    }
    if (!usesEcdhe(kx)) return null;
    if (!hello.x.supportedGroups) {
      hs.decide({
        about: 'group',
        by: 'server',
        chosen: 'secp256r1',
        reason: 'default_group',
        alternatives: [],
      });
      return Group.secp256r1;
    }
    return chooseGroup(hs, hello, (code) => (isEcdheGroup(code) ? undefined : 'not_for_this_version'))!;
  }

  decideCredential(suite: CipherSuite): { credential: Credential; signing: Signing12 | null } | null {
    const { hs, candidates } = this;
    if (suite.auth === 'PSK') return null;
    const fits = candidates.credentials.map((credential) => this.fit(credential, suite));
    const index = fits.findIndex((fit) => typeof fit !== 'string');
    reportCredential(hs, candidates, index, (i) => {
      const fit = fits[i]!;
      return typeof fit === 'string' ? fit : 'less_preferred';
    });
    const credential = candidates.credentials[index];
    const fit = fits[index];
    if (!credential || !fit || typeof fit === 'string') return null;
    const { signing } = fit;
    if (signing?.code != null) reportScheme(hs, credential, signing.code, this.theirs, 'tls12');
    else if (signing) {
      hs.decide({
        about: 'signature_scheme',
        by: 'server',
        chosen: signing.name,
        reason: 'only_shared',
        alternatives: [],
      });
    }
    return { credential, signing };
  }
}

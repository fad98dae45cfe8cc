/**
 * The messages that TLS 1.0 to 1.2 have in a form of their own (RFC 5246 §7.4, RFC 4346, RFC 2246, RFC 8422 §5.4,
 * RFC 4279 §2, RFC 5489, RFC 5077 §3.3, RFC 6066 §8). Key exchange messages have the form that the suite's key
 * exchange gives them: `keyExchangeForms`.
 */
import { type Codec, enumerated, type Infer, opaque, struct, uint32, vector } from '../codec/index.js';
import { Version } from '../registry/index.js';
import { signatureScheme } from './extensions/signature-algorithms.js';
import { namedGroup } from './extensions/supported-groups.js';

export const helloRequest = struct('HelloRequest', 'RFC 5246 §7.4.1.1', {});

export const certificate12 = struct('Certificate', 'RFC 5246 §7.4.2', {
  certificateList: vector(opaque(1, 0xffffff), 0, 0xffffff),
});

/** The same message where a raw public key was negotiated; empty from a client that has none. */
export const rawPublicKey12 = struct('Certificate', 'RFC 7250 §3', {
  subjectPublicKeyInfo: opaque(0, 0xffffff),
});

const CERTIFICATE_TYPES: Readonly<Record<number, string>> = {
  1: 'rsa_sign',
  2: 'dss_sign',
  3: 'rsa_fixed_dh',
  4: 'dss_fixed_dh',
  64: 'ecdsa_sign',
};
const certificateTypes = vector(
  enumerated('ClientCertificateType', 1, (code) => CERTIFICATE_TYPES[code]),
  1,
  0xff,
);
const distinguishedNames = vector(opaque(1, 0xffff), 0, 0xffff);

export const certificateRequest12 = struct('CertificateRequest', 'RFC 5246 §7.4.4', {
  certificateTypes,
  supportedSignatureAlgorithms: vector(signatureScheme, 2, 0xfffe),
  certificateAuthorities: distinguishedNames,
});

/** Before TLS 1.2 the types alone say what can sign (RFC 4346 §7.4.4). */
export const certificateRequest10 = struct('CertificateRequest', 'RFC 4346 §7.4.4', {
  certificateTypes,
  certificateAuthorities: distinguishedNames,
});

export const serverHelloDone = struct('ServerHelloDone', 'RFC 5246 §7.4.5', {});

/** `digitally-signed` of TLS 1.2 (RFC 5246 §4.7), and as it was before, without a word about the algorithm. */
export const certificateVerify12 = struct('CertificateVerify', 'RFC 5246 §7.4.8', {
  algorithm: signatureScheme,
  signature: opaque(0, 0xffff),
});
export const certificateVerify10 = struct('CertificateVerify', 'RFC 4346 §7.4.8', {
  signature: opaque(0, 0xffff),
});

export const newSessionTicket12 = struct('NewSessionTicket', 'RFC 5077 §3.3', {
  ticketLifetimeHint: uint32,
  /** Empty where the server has none to give after all. */
  ticket: opaque(0, 0xffff),
});

// ---- Key exchange ----

const CURVE_TYPES = ['', 'explicit_prime', 'explicit_char2', 'named_curve'];

/** RFC 8422 §5.4: named curves only; the explicit forms were never safe to take. */
export const serverEcdhParams = struct('ServerECDHParams', 'RFC 8422 §5.4', {
  curveType: enumerated('ECCurveType', 1, (code) => CURVE_TYPES[code]),
  namedCurve: namedGroup,
  public: opaque(1, 0xff),
});

export const serverDhParams = struct('ServerDHParams', 'RFC 5246 §7.4.3', {
  p: opaque(1, 0xffff),
  g: opaque(1, 0xffff),
  ys: opaque(1, 0xffff),
});

/** How a suite's key exchange shapes the messages: `kx` as the registry has it. */
export type KeyExchange12 = 'ECDHE' | 'DHE' | 'RSA' | 'PSK' | 'ECDHE_PSK' | 'DHE_PSK' | 'RSA_PSK';

export function isKeyExchange12(kx: string): kx is KeyExchange12 {
  return ['ECDHE', 'DHE', 'RSA', 'PSK', 'ECDHE_PSK', 'DHE_PSK', 'RSA_PSK'].includes(kx);
}

export const usesEcdhe = (kx: KeyExchange12): boolean => kx === 'ECDHE' || kx === 'ECDHE_PSK';
export const usesDhe = (kx: KeyExchange12): boolean => kx === 'DHE' || kx === 'DHE_PSK';
export const usesRsa = (kx: KeyExchange12): boolean => kx === 'RSA' || kx === 'RSA_PSK';
export const usesPsk = (kx: KeyExchange12): boolean => kx.endsWith('PSK');

export interface ServerKeyExchange {
  /** RFC 4279 §2. */
  readonly pskIdentityHint?: Uint8Array;
  readonly params?: Infer<typeof serverEcdhParams> | Infer<typeof serverDhParams> | undefined;
  readonly signed?: { readonly algorithm?: number; readonly signature: Uint8Array };
}

export interface ClientKeyExchange {
  readonly pskIdentity?: Uint8Array;
  /** RFC 8422 §5.7: a point; RFC 5246 §7.4.7.2: a number. */
  readonly ecdhPublic?: Uint8Array;
  readonly dhPublic?: Uint8Array;
  readonly encryptedPremaster?: Uint8Array;
}

type Fields = Record<string, Codec<unknown>>;

function serverForm(kx: KeyExchange12, version: number): Codec<ServerKeyExchange> {
  const fields: Fields = {};
  if (usesPsk(kx)) fields.pskIdentityHint = opaque(0, 0xffff) as Codec<unknown>;
  if (usesEcdhe(kx)) fields.params = serverEcdhParams as Codec<unknown>;
  if (usesDhe(kx)) fields.params = serverDhParams as Codec<unknown>;
  // Under a PSK nothing is signed (RFC 4279 §3, RFC 5489 §2): the key authenticates both sides.
  if (kx === 'ECDHE' || kx === 'DHE') {
    fields.signed = (
      version >= Version['TLSv1.2'] ? certificateVerify12 : certificateVerify10
    ) as Codec<unknown>;
  }
  return struct('ServerKeyExchange', 'RFC 5246 §7.4.3', fields) as Codec<ServerKeyExchange>;
}

function clientForm(kx: KeyExchange12): Codec<ClientKeyExchange> {
  const fields: Fields = {};
  if (usesPsk(kx)) fields.pskIdentity = opaque(0, 0xffff) as Codec<unknown>;
  if (usesEcdhe(kx)) fields.ecdhPublic = opaque(1, 0xff) as Codec<unknown>;
  if (usesDhe(kx)) fields.dhPublic = opaque(1, 0xffff) as Codec<unknown>;
  if (usesRsa(kx)) fields.encryptedPremaster = opaque(0, 0xffff) as Codec<unknown>;
  return struct('ClientKeyExchange', 'RFC 5246 §7.4.7', fields) as Codec<ClientKeyExchange>;
}

export interface KeyExchangeForms {
  readonly server: Codec<ServerKeyExchange>;
  readonly client: Codec<ClientKeyExchange>;
}

const forms = new Map<string, KeyExchangeForms>();

export function keyExchangeForms(kx: KeyExchange12, version: number): KeyExchangeForms {
  const key = `${kx} ${version >= Version['TLSv1.2']}`;
  let found = forms.get(key);
  if (!found) {
    found = { server: serverForm(kx, version), client: clientForm(kx) };
    forms.set(key, found);
  }
  return found;
}

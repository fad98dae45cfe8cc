/** Makes certificate requests, PKCS#10 (RFC 2986), with the extensions that they ask for (RFC 2985 §5.4.2). */
import type { PrivateKey } from '../../crypto/provider.js';
import { attributeSet, extensions } from '../asn1.js';
import { any, encodeDer, implicit, sequence, setOf, smallInteger, utf8String } from '../der/index.js';
import { type ExtensionOptions, subjectExtensions } from './extensions.js';
import { encodeName, isEmptyName, type NameInput } from './names.js';
import { type SigningOptions, signingWith, signStructure } from './sign.js';

export interface CertificateSigningRequestOptions extends SigningOptions, ExtensionOptions {
  readonly subject: NameInput;
  /** The subject's own: it signs the request, which proves that its owner asks. */
  readonly key: PrivateKey;
  /** Some authorities want one, to recognize who may revoke (RFC 2985 §5.4.1). It is not encrypted. */
  readonly challengePassword?: string | undefined;
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const CHALLENGE_PASSWORD = '1.2.840.113549.1.9.7';

const requestInfo = sequence('CertificationRequestInfo', 'RFC 2986 §4.1', {
  version: smallInteger,
  subject: any,
  subjectPKInfo: any,
  attributes: implicit(0, setOf(attributeSet)),
});

/**
 * Makes and signs a request; gives its DER. Asks for the extensions about the subject (names, usages, constraints, TLS
 * feature); what concerns the issuer is up to the issuer. Throws RangeError or TypeError on options that do not fit.
 */
export async function createCertificateSigningRequest(
  options: CertificateSigningRequestOptions,
): Promise<Uint8Array> {
  const { key, subject, challengePassword } = options;
  const signing = signingWith(key, options);
  const wanted = subjectExtensions(options, key.spki, isEmptyName(subject));
  const attributes = [{ type: EXTENSION_REQUEST, values: [encodeDer(extensions, wanted)] }];
  if (challengePassword !== undefined) {
    attributes.push({ type: CHALLENGE_PASSWORD, values: [encodeDer(utf8String, challengePassword)] });
  }
  return signStructure(
    signing,
    encodeDer(requestInfo, {
      version: 0,
      subject: encodeName(subject),
      subjectPKInfo: key.spki,
      attributes,
    }),
  );
}

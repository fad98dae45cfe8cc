/** Object identifiers of CRLs (RFC 5280 §5), OCSP (RFC 6960) and what certificates say about both. */
export const REVOCATION_OID = {
  // Extensions of CRLs and their entries
  cRLNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  holdInstructionCode: '2.5.29.23',
  invalidityDate: '2.5.29.24',
  deltaCRLIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  certificateIssuer: '2.5.29.29',
  freshestCRL: '2.5.29.46',
  expiredCertsOnCRL: '2.5.29.60',
  // Extensions of certificates
  /** RFC 9608: nothing will ever be said about this certificate. */
  noRevAvail: '2.5.29.56',
  /** RFC 6960 §4.2.2.2.1 */
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  // OCSP
  ocspBasic: '1.3.6.1.5.5.7.48.1.1',
  ocspNonce: '1.3.6.1.5.5.7.48.1.2',
  ocspCrlReference: '1.3.6.1.5.5.7.48.1.3',
  ocspResponseTypes: '1.3.6.1.5.5.7.48.1.4',
  ocspArchiveCutoff: '1.3.6.1.5.5.7.48.1.6',
  ocspServiceLocator: '1.3.6.1.5.5.7.48.1.7',
  ocspPreferredAlgorithms: '1.3.6.1.5.5.7.48.1.8',
  /** RFC 6962 §3.3, in OCSP responses. */
  ocspSctList: '1.3.6.1.4.1.11129.2.4.5',
} as const;

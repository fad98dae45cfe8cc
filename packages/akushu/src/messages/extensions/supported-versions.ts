/** supported_versions (RFC 9846 §4.3.1): where versions are really negotiated. */
import { enumerated, vector } from '../../codec/index.js';
import { versionName } from '../../registry/index.js';
import { extension } from './context.js';

export const protocolVersion = enumerated('ProtocolVersion', 2, versionName);

export const supportedVersions = extension(43, 'supported_versions', 'RFC 9846 §4.3.1', {
  CH: vector(protocolVersion, 2, 254),
  SH: protocolVersion,
  HRR: protocolVersion,
});

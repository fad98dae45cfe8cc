/** certificate_authorities (RFC 9846 §4.3.4) as DER names, and oid_filters (§4.3.5). */
import { opaque, struct, vector } from '../../codec/index.js';
import { extension } from './context.js';

const distinguishedNames = vector(opaque(1, 0xffff), 3, 0xffff);

export const certificateAuthorities = extension(47, 'certificate_authorities', 'RFC 9846 §4.3.4', {
  CH: distinguishedNames,
  CR: distinguishedNames,
});

const oidFilter = struct('OIDFilter', 'RFC 9846 §4.3.5', {
  certificateExtensionOid: opaque(1, 0xff),
  certificateExtensionValues: opaque(0, 0xffff),
});

export const oidFilters = extension(48, 'oid_filters', 'RFC 9846 §4.3.5', {
  CR: vector(oidFilter, 0, 0xffff),
});

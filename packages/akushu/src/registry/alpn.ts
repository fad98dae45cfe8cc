/** The registry "TLS Application-Layer Protocol Negotiation (ALPN) Protocol IDs", with the drafts' ids still met. */
import type { AlpnProtocol } from './types.js';

export const alpnProtocols: readonly AlpnProtocol[] = [
  { id: 'http/0.9', name: 'HTTP/0.9', rfc: 'RFC 1945' },
  { id: 'http/1.0', name: 'HTTP/1.0', rfc: 'RFC 1945' },
  { id: 'http/1.1', name: 'HTTP/1.1', rfc: 'RFC 9112' },
  { id: 'spdy/1', name: 'SPDY/1', rfc: 'draft-mbelshe-httpbis-spdy' },
  { id: 'spdy/2', name: 'SPDY/2', rfc: 'draft-mbelshe-httpbis-spdy' },
  { id: 'spdy/3', name: 'SPDY/3', rfc: 'draft-mbelshe-httpbis-spdy' },
  { id: 'spdy/3.1', name: 'SPDY/3.1', rfc: 'draft-mbelshe-httpbis-spdy' },
  { id: 'stun.turn', name: 'TURN', rfc: 'RFC 7443' },
  { id: 'stun.nat-discovery', name: 'NAT discovery with STUN', rfc: 'RFC 7443' },
  { id: 'h2', name: 'HTTP/2 over TLS', rfc: 'RFC 9113' },
  { id: 'h2c', name: 'HTTP/2 over TCP', rfc: 'RFC 9113' },
  { id: 'webrtc', name: 'WebRTC media and data', rfc: 'RFC 8833' },
  { id: 'c-webrtc', name: 'Confidential WebRTC media and data', rfc: 'RFC 8833' },
  { id: 'ftp', name: 'FTP', rfc: 'RFC 4217' },
  { id: 'imap', name: 'IMAP', rfc: 'RFC 2595' },
  { id: 'pop3', name: 'POP3', rfc: 'RFC 2595' },
  { id: 'managesieve', name: 'ManageSieve', rfc: 'RFC 5804' },
  { id: 'coap', name: 'CoAP over TLS', rfc: 'RFC 8323' },
  { id: 'co', name: 'CoAP over DTLS', rfc: 'RFC 9952' },
  { id: 'xmpp-client', name: 'XMPP, client to server', rfc: 'XEP-0368' },
  { id: 'xmpp-server', name: 'XMPP, server to server', rfc: 'XEP-0368' },
  { id: 'acme-tls/1', name: 'ACME TLS-ALPN challenge', rfc: 'RFC 8737' },
  { id: 'mqtt', name: 'MQTT', rfc: 'MQTT 5.0' },
  { id: 'dot', name: 'DNS over TLS', rfc: 'RFC 7858' },
  { id: 'doq', name: 'DNS over QUIC', rfc: 'RFC 9250' },
  { id: 'ntske/1', name: 'NTS key establishment', rfc: 'RFC 8915' },
  { id: 'sunrpc', name: 'ONC RPC', rfc: 'RFC 9289' },
  { id: 'h3', name: 'HTTP/3', rfc: 'RFC 9114' },
  { id: 'smb', name: 'SMB over QUIC', rfc: 'MS-SMB2' },
  { id: 'irc', name: 'IRC', rfc: 'RFC 1459' },
  { id: 'nntp', name: 'NNTP, reading', rfc: 'RFC 3977' },
  { id: 'nnsp', name: 'NNTP, transit', rfc: 'RFC 3977' },
  { id: 'sip/2', name: 'SIP', rfc: 'RFC 3261' },
  { id: 'tds/8.0', name: 'TDS 8.0', rfc: 'MS-TDS' },
  { id: 'dicom', name: 'DICOM', rfc: 'DICOM PS3' },
  { id: 'postgresql', name: 'PostgreSQL', rfc: 'PostgreSQL 17' },
  { id: 'radius/1.0', name: 'RADIUS/1.0', rfc: 'RFC 9765' },
  { id: 'radius/1.1', name: 'RADIUS/1.1', rfc: 'RFC 9765' },
];

export function alpnProtocol(id: string): AlpnProtocol | undefined {
  return alpnProtocols.find((row) => row.id === id);
}

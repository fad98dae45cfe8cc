/** What a test expects of a finished handshake. Each check gives a sentence where it fails. */
import { readFileSync } from 'node:fs';
import { certificatesFromPem, findVersion } from './engine.mjs';
import { splitAlpn, splitNames, splitScts } from './settings.mjs';

const same = (a, b) => Buffer.compare(a, b) === 0;
const sameList = (a, b) => a.length === b.length && a.every((item, i) => same(item, b[i]));
const hex = (value) => `0x${value.toString(16)}`;

/** Sentences about everything that is not as the test wants it. */
export function handshakeComplaints(settings, summary, state, isResume) {
  const complaints = [];
  const expect = (name, got, print = String) => {
    const wanted = settings[name];
    if (wanted !== undefined && wanted !== got)
      complaints.push(`-${name}: wanted ${print(wanted)}, got ${got === undefined ? got : print(got)}`);
  };
  const must = (held, sentence) => {
    if (!held) complaints.push(sentence);
  };

  expect('expect-version', findVersion(summary.version).code, hex);
  must(
    summary.resumed === (isResume && !settings['expect-session-miss']),
    `the session was ${summary.resumed ? '' : 'not '}resumed`,
  );
  expect('expect-cipher', summary.cipherSuite.code, hex);
  expect('expect-cipher-aes', summary.cipherSuite.code, hex);
  // Before TLS 1.3 a session knows nothing of the group in which it was agreed upon.
  if (!summary.resumed || is13(summary)) expect('expect-curve-id', summary.group?.code, hex);
  // 0 asks for nothing.
  if (settings['expect-peer-signature-algorithm'] !== 0)
    expect('expect-peer-signature-algorithm', state.peerScheme, hex);
  expect('expect-server-name', summary.serverName ?? undefined);
  expect('expect-selected-credential', selectedCredential(settings, summary));
  if (!summary.resumed) expect('expect-peer-certificate-type', state.peerType);
  if (settings['expect-no-server-name'])
    must(summary.serverName === null, `server name ${summary.serverName}`);
  const alpn = (settings.server ? settings['select-alpn'] : settings['expect-alpn']) || null;
  must(summary.alpn === alpn, `ALPN: wanted ${alpn}, got ${summary.alpn}`);
  const retried = summary.why.helloRetryRequest !== undefined;
  if (settings['expect-hrr']) must(retried, 'no HelloRetryRequest');
  if (settings['expect-no-hrr']) must(!retried, 'a HelloRetryRequest');
  if (settings['expect-accept-early-data']) must(summary.earlyDataAccepted, 'early data was not accepted');
  if (settings['expect-reject-early-data']) must(!summary.earlyDataAccepted, 'early data was accepted');
  if (settings['expect-no-offer-early-data']) must(!state.offeredEarlyData, 'early data was offered');
  if (settings['expect-extended-master-secret'])
    must(is13(summary) || summary.why.extendedMasterSecret?.chosen, 'no extended master secret');
  const secure = is13(summary) || Boolean(summary.why.secureRenegotiation?.chosen);
  if (settings['expect-secure-renegotiation']) must(secure, 'no secure renegotiation');
  if (settings['expect-no-secure-renegotiation']) must(!secure, 'secure renegotiation');
  if (!summary.resumed && !is13(summary)) {
    if (settings['expect-session-id']) must(state.sessionIdLength > 0, 'no session id');
    if (settings['expect-no-session-id']) must(state.sessionIdLength === 0, 'a session id');
  }
  const types = settings['expect-certificate-types'];
  if (types) must(state.certificateTypes && same(state.certificateTypes, types), 'other certificate types');
  if (!is13(summary) && !settings.server) {
    const wanted =
      !settings['expect-no-session'] && (!summary.resumed || settings['expect-ticket-renewal'] === true);
    const got = state.newSession !== null;
    must(wanted === got, `a new session was ${got ? '' : 'not '}given`);
  }
  checkPeer(settings, summary, must);
  checkOffers(settings, state, must);
  return complaints;
}

const is13 = (summary) => summary.version === 'TLSv1.3';

/** An external PSK stands in the place of certificates. */
function usesPsk(settings, summary) {
  if (settings.psk) return true;
  return (
    settings.credentials.some(({ kind }) => kind === 'psk') &&
    summary.signatureScheme === null &&
    !summary.resumed
  );
}

function selectedCredential(settings, summary) {
  const decision = settings.server ? summary.why.credential : summary.why.clientCertificate;
  // Which of several PSKs it is the engine does not say in our order.
  if (!decision?.chosen) return usesPsk(settings, summary) ? settings['expect-selected-credential'] : -1;
  const index = Number(decision.chosen.replace('credential ', ''));
  const named = settings.credentials.map(({ kind }, i) => (kind === 'psk' ? -1 : i)).filter((i) => i >= 0);
  return named[index] ?? -1;
}

function checkPeer(settings, summary, must) {
  const chain = summary.peerCertificates;
  const without =
    settings['expect-no-peer-cert'] || settings['expect-peer-rpk-sha256'] || usesPsk(settings, summary);
  if (without) must(chain.length === 0, 'an unexpected peer certificate');
  else if (!settings.server || settings['require-any-client-certificate'])
    must(chain.length > 0, 'no peer certificate');
  if (settings['expect-peer-cert-file']) {
    must(
      sameList(chain, certificatesFromPem(readFileSync(settings['expect-peer-cert-file'], 'utf8'))),
      'another peer certificate',
    );
  }
  if (settings['expect-ocsp-response'] && !summary.resumed) {
    must(summary.ocsp && same(summary.ocsp, settings['expect-ocsp-response']), 'another OCSP response');
  }
  if (settings['expect-signed-cert-timestamps'] && !summary.resumed) {
    must(sameList(summary.scts, splitScts(settings['expect-signed-cert-timestamps'])), 'other SCTs');
  }
}

function checkOffers(settings, state, must) {
  if (settings['expect-advertised-alpn']) {
    const wanted = splitAlpn(settings['expect-advertised-alpn']);
    must(state.offeredAlpn?.join() === wanted.join(), `offered ALPN: ${state.offeredAlpn}`);
  }
  if (settings['expect-client-ca-list']) {
    const got = state.wish?.certificateAuthorities ?? [];
    must(sameList(got, splitNames(settings['expect-client-ca-list'])), 'other certificate authorities');
  }
  if (settings['expect-peer-verify-pref']) {
    const got = (state.wish ?? state.hello)?.signatureSchemes ?? [];
    must(
      got.join() === settings['expect-peer-verify-pref'].join(),
      `peer's signature schemes: ${got.map(hex)}`,
    );
  }
}

/** Sentences about tickets of TLS 1.3, once the connection is over; for clients. */
export function sessionComplaints(settings, state, summary) {
  if (settings.server || settings['shim-shuts-down'] || !is13(summary)) return [];
  const wanted = !settings['expect-no-session'];
  const got = state.newSession !== null;
  if (wanted !== got) return [`a new session was ${got ? '' : 'not '}given`];
  if (!wanted) return [];
  const early = state.newSession.maxEarlyData > 0;
  return early === Boolean(settings['expect-ticket-supports-early-data'])
    ? []
    : [`the ticket does ${early ? '' : 'not '}allow early data`];
}

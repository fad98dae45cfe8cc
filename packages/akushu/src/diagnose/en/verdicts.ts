/** English: verdicts, beside the causes themselves: what is missing, what happened below TLS, who. */
import type { VerdictTexts } from '../verdict-texts.js';
import { causes } from './causes.js';

const by = { client: 'client', server: 'server' } as const;

export const verdicts: VerdictTexts = {
  causes,
  missing: {
    server_log: 'The server’s log at this moment: the server knows the reason and does not tell the client.',
    client_log: 'The client’s log or message at this moment: the client knows why it gave up.',
    whole_message: 'The whole message with the lines around it, and the program that printed it.',
    capture: 'A capture of the failing connection.',
    capture_at_server:
      'A capture at the server at the same time: it shows whether the server or a device in between answered.',
    whole_capture: 'A capture from the beginning to the end of the connection.',
    whole_packets: 'Whole packets. The capture cut them short: capture with -s 0.',
    both_directions: 'The packets of both sides. The capture has those of one side only.',
    lost_packets: 'The packets that the capture lacks: capture again with a larger buffer.',
    from_the_start: 'A capture that begins before the connection does. This one begins in the middle.',
    to_the_end: 'A capture that goes on until the connection is closed. This one ends before.',
    right_times: 'A capture whose packets have their right times. In this one they stand still or go back.',
    keys: 'The session keys: with them the encrypted part can be read.',
    client_offer: 'The client’s offer: let it connect here once, and its hello is shown.',
    server_settings: 'The versions, suites and certificates that are enabled on the server.',
    server_certificates: 'The certificates that the server sends.',
    client_certificate: 'The client’s certificate, and whether its key belongs to it.',
    server_key: 'Whether the server’s certificate and key belong together.',
    client_trust: 'The list of roots that the verifying side trusts.',
    client_clock: 'The clock of the client.',
    probe: 'A connection to the same host from here.',
    probe_smaller_hello: 'An attempt with a smaller hello: if it works, its size is the reason.',
    probe_tls12: 'An attempt with TLS 1.2 only: if it works, a device cannot handle TLS 1.3.',
    probe_elsewhere: 'The same attempt from another network: if it works, the path is to blame.',
    plain_answer: 'What the server says without TLS.',
  },
  occurrences: {
    reset: 'the connection was reset',
    closed: 'the connection was closed',
    silence: 'nothing was sent any more',
    refused: 'the connection was refused',
    syn_unanswered: 'the attempt to connect was not answered',
    unreachable: 'the network said that the host cannot be reached',
    not_resolved: 'the name was not resolved',
    alert_sized_record: 'an encrypted record of the size of an alert',
    empty_certificate_flight: 'a flight of the size of an empty client certificate',
    nothing_after: 'nothing came after',
    segments_lost: 'bytes are missing from the capture',
    first_bytes: 'it begins with',
  },
  sides: {
    client: 'client',
    server: 'server',
    path: 'something between the two',
    unknown: 'cannot be told',
  },
  say: {
    evidence: (message, from, field, value) =>
      [`${message}${from === null ? '' : ` (${by[from]})`}`, [field, value].filter(Boolean).join(' = ')]
        .filter(Boolean)
        .join(': '),
    occurrence: (what, from, value) =>
      `${from === null ? '' : `${by[from]}: `}${what}${value === '' ? '' : ` (${value})`}`,
  },
};

/** Which printed texts do not say the cause, and why: nobody can tell it from them. */

/** The other side's alert is all that is known here. */
const ALERT =
  /SSL alert number|alert handshake failure|remote error: tls:|Received (?:fatal )?alert|TLS fatal alert|: alert |\balert (?:bad|certificate|unknown)/i;

const VAGUE: readonly (readonly [RegExp, why: string])[] = [
  [ALERT, 'an alert that came from the other side'],
  [/unable to get local issuer certificate/, 'the root or the one below it: both are missing alike'],
  [
    /issuer is unknown|unknown authority|unable to find valid certification path/,
    'said of whatever has no known issuer',
  ],
  [/no shared cipher/, 'said for want of a suite, of a group and of a certificate'],
  [/bad record mac|Tag mismatch/i, 'said of a wrong key as well'],
  [/does not look like a TLS handshake/, 'said by clients and by servers'],
  [/Empty reply from server|timed out|Connection reset by peer/, 'said of whatever ended early'],
  [/wrong version number/, 'said of whatever is no record'],
  [/Insufficient buffer remaining/, 'Java does not read an alert that comes in the clear'],
  [/unexpected handshake message of type/, 'Go names a message, and not what it was for'],
  [/bad signature/, 'the key, or the bytes on their way'],
];

/** Null where the text has to lead to the cause, if it leads to any. */
export const whyVague = (text: string): string | null =>
  VAGUE.find(([pattern]) => pattern.test(text))?.[1] ?? null;

/**
 * What a complaint means in whatever words: a certificate and what is said of it, near each other. They weigh less than
 * the phrases of known programs, so that those decide where both are there.
 */
import * as is from './guesses.js';
import { rule, type TextRule } from './guesses.js';

export const GENERAL: readonly TextRule[] = [
  rule(
    2,
    /\bcert\w{0,32}\b[^/\n]{0,60}(?<!not )\bexpired\b(?! (?:sessions?|certs?|certificates? (?:removed|deleted|cleaned)))|(?<!removed |deleted |\d )\bexpired (?:\w{1,32} ){0,3}cert(?:ificate)?\b(?!s)/,
    is.EXPIRED,
  ),
  rule(
    2,
    /\bcert\w{0,32}\b[^/\n]{0,60}\bnot (?:yet|become) (?:been )?valid|before its (?:not before|validity)/,
    is.NOT_YET_VALID,
  ),
  rule(
    2,
    /(?:host ?name|server ?name|common ?name|\bcn\b|domain|subject|\bsans?\b|altnames?|\bname)\b[^/\n]{0,60}(?:mis-?match|(?:\bnot|n't) (?:be )?match|not match(?:ed)?|(?:in|not )valid for)|\bcert\w{0,32}\b[^/\n]{0,60}(?:mis-?match|(?:\bnot|n't) match)/,
    is.HOSTNAME,
  ),
  rule(
    2,
    /\bcert\w{0,32}\b[^/\n]{0,60}\bself-?signed\b|\bself-?signed\b[^/\n]{0,40}(?:not (?:trusted|allowed|accepted)|untrusted|rejected|refused|error|fail)/,
    is.SELF_SIGNED,
  ),
  rule(
    2,
    /\b(?:issuer|root|authority|signer)\b[^/\n]{0,60}(?:not (?:be )?found|unknown|untrusted|not (?:be )?trusted|missing|not recogni[sz]ed)|(?:unknown|untrusted|unrecogni[sz]ed) (?:certificate )?(?:issuer|authority|root|signer|ca)\b|flag not trusted/,
    is.UNTRUSTED,
    'server_certificates',
    'client_trust',
  ),
  rule(2, /\bcert\w{0,32}\b[^/\n]{0,40}\brevoked\b(?! or )/, is.REVOKED),
  rule(2, /key ?usage[^/\n]{0,60}(?:\bnot|n't) (?:permit|allow|include|valid|suitable|set)/, is.PURPOSE),
  rule(
    2,
    /(?:unable to|could not|couldn't|cannot|can't|failed to|error) (?:load|loading|read|reading|open|opening|parse|parsing|use) (?!.{0,30}(?:\bca\b|root|trust|client))[^/\n]{0,40}(?<!err )(?:certificate|\bcert|key)\b/,
    is.NO_KEY,
    'server_key',
  ),
  rule(
    2,
    /(?:plain ?text|unencrypted|clear ?text|plain) http\b[^/\n]{0,40}(?:https|tls|ssl)|\bhttp\b[^/\n]{0,24}\bon (?:an? )?(?:https|tls|ssl)\b/,
    is.HTTP_ON_TLS,
  ),
  rule(
    1,
    /(?:fail\w{0,4}|unable|could not|cannot|error)[^/\n]{0,24}(?:validat|verif)\w{1,8}[^/\n]{0,40}\bcert|\bcert\w{0,32}\b[^/\n]{0,40}(?:validat|verif)\w{1,8}[^/\n]{0,16}(?:fail|error)|\bcert\w{0,32}\b[^/\n]{0,40}(?:\bnot|n't|cannot) (?:be )?(?:trusted|validated|verified)|\buntrusted\b[^/\n]{0,24}\bcert|\bpeer cert.{0,20}(?:fail|reject)/,
    is.SOME_CERTIFICATE,
    'whole_message',
    'server_certificates',
  ),
];

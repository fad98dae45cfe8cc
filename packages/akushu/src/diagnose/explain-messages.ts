/**
 * Messages and keys in words. What many of them are depends on the version, and before TLS 1.3 on the key exchange:
 * that comes in as a `Setting`. Without one a message is explained as of TLS 1.3.
 */
import { handshakeTypes } from '../registry/index.js';
import type { KeyEvent, MessageEvent } from '../trace/index.js';
import { TEXTS } from './languages.js';
import { isBefore13, NO_SETTING, type Setting } from './setting.js';
import type {
  KeySource,
  KeyText,
  Language,
  MessageBefore13,
  MessageName,
  MessageText,
  Texts,
} from './texts.js';

/**
 * A handshake message by the name the trace gives it (`ClientHello`) or by IANA's (`client_hello`), or as an event.
 *
 * @param setting what is known with this message seen: `settingAfter(before, message)`
 */
export function explainMessage(
  message: string | Pick<MessageEvent, 'type' | 'from'>,
  language: Language,
  setting: Setting = NO_SETTING,
): MessageText {
  const texts = TEXTS[language];
  const { type, from } = typeof message === 'string' ? { type: message, from: null } : message;
  const name = messageName(type);
  if (name === undefined) return texts.unknownMessage;
  const before13 = nameBefore13(name, from, setting);
  return before13 === null ? texts.messages[name] : texts.before13[before13];
}

function messageName(type: string): MessageName | undefined {
  if (type === 'ChangeCipherSpec' || type === 'change_cipher_spec') return 'change_cipher_spec';
  const row = handshakeTypes.find(({ message, name }) => message === type || name === type);
  return row?.name as MessageName | undefined;
}

/** The message's own text before TLS 1.3; null where it has none. */
function nameBefore13(
  name: MessageName,
  from: MessageEvent['from'] | null,
  setting: Setting,
): MessageBefore13 | null {
  if (name === 'client_hello') return setting.keyShares ? null : name;
  if (!isBefore13(setting)) return null;
  const kx = setting.keyExchange ?? '';
  const encrypts = kx === 'RSA' || kx === 'RSA_PSK';
  switch (name) {
    case 'server_hello':
      return setting.resumed ? 'server_hello_resumed' : name;
    case 'certificate':
      if (from === 'client') return 'certificate_client';
      return encrypts ? 'certificate_rsa' : name;
    case 'server_key_exchange':
      if (kx === 'PSK' || kx === 'RSA_PSK') return 'server_key_exchange_psk';
      return kx.endsWith('_PSK') ? 'server_key_exchange_dhe_psk' : name;
    case 'client_key_exchange':
      return CLIENT_KEY_EXCHANGES[kx] ?? name;
    case 'finished':
      return from === 'server' && kx === 'RSA' && !setting.resumed ? 'finished_rsa' : name;
    case 'certificate_verify':
    case 'change_cipher_spec':
    case 'new_session_ticket':
      return name;
    default:
      return null;
  }
}

const CLIENT_KEY_EXCHANGES: Readonly<Record<string, MessageBefore13>> = {
  RSA: 'client_key_exchange_rsa',
  PSK: 'client_key_exchange_psk',
  RSA_PSK: 'client_key_exchange_rsa_psk',
  ECDHE_PSK: 'client_key_exchange_dhe_psk',
  DHE_PSK: 'client_key_exchange_dhe_psk',
};

/** What a secret or key is called, what it protects, and who holds it. */
export function keyText(
  label: KeyEvent['label'],
  language: Language,
  setting: Setting = NO_SETTING,
): KeyText {
  const { keys, writeKeyHolders } = TEXTS[language];
  const source = keySource(setting);
  return source === null ? keys[label] : { ...keys[label], holders: writeKeyHolders[source] };
}

/** null in TLS 1.3, and where it is not known. */
function keySource(setting: Setting): KeySource | null {
  const { keyExchange, resumed } = setting;
  if (!isBefore13(setting) || keyExchange === null) return null;
  if (resumed) return 'resumed';
  if (keyExchange === 'RSA') return 'rsa';
  if (keyExchange === 'RSA_PSK') return 'rsa_psk';
  return keyExchange === 'PSK' ? 'psk' : 'ephemeral';
}

/** A secret or key that comes into use: what it protects, and who holds it. */
export function explainKey(
  event: Pick<KeyEvent, 'label' | 'generation' | 'aead'>,
  language: Language,
  setting: Setting = NO_SETTING,
): string {
  const text = keyText(event.label, language, setting);
  return TEXTS[language].say.key(text, event.aead.toUpperCase(), event.generation);
}

/** How the keys of a connection hang together. Before TLS 1.3 it matters whether the master secret is extended. */
export function explainKeyDescent(setting: Setting, extended: boolean, language: Language): string {
  const { keyDescent } = TEXTS[language];
  return isBefore13(setting) ? keyDescent.before13[extended ? 'extended' : 'plain'] : keyDescent.tls13;
}

/** What the private key of the server's certificate did in this handshake. */
export function explainPrivateKey(setting: Setting, resumed: boolean, language: Language): string {
  return TEXTS[language].privateKeyUse[privateKeyUse(setting, resumed)];
}

function privateKeyUse(setting: Setting, resumed: boolean): keyof Texts['privateKeyUse'] {
  if (resumed) return 'unused';
  const { keyExchange } = setting;
  if (keyExchange === 'RSA' || keyExchange === 'RSA_PSK') return 'decrypted';
  return keyExchange?.endsWith('PSK') ? 'unused' : 'signed';
}

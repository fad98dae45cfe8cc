/**
 * XMPP from the stream's opening to <proceed/> (RFC 6120 §4.2, §5.4). Reads as much XML as that takes: tags, their
 * namespaces and their nesting; what §11.1 forbids (comments, instructions, declarations) is refused, text is skipped.
 */
import {
  heard,
  MAX_PIECE,
  malformed,
  notOffered,
  refused,
  sendText,
  shown,
  type Talk,
  takeThrough,
  textOf,
} from './dialogue.js';

const STREAMS = 'http://etherx.jabber.org/streams';
const TLS = 'urn:ietf:params:xml:ns:xmpp-tls';
const MAX_DEPTH = 16;

const NAME = '[^\\s/<>=\'"!?][^\\s/<>=\'"]*';
const DECLARATION = /^<\?xml\s[^<>]*\?>$/;
const TAG = new RegExp(`^<(/?)(${NAME})((?:\\s+${NAME}\\s*=\\s*(?:'[^'<]*'|"[^"<]*"))*)\\s*(/?)>$`);
const ATTRIBUTE = new RegExp(`(${NAME})\\s*=\\s*(?:'([^']*)'|"([^"]*)")`, 'g');

interface Open {
  /** As it is written, with its prefix. */
  readonly written: string;
  readonly local: string;
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Prefixes and the default, '', that hold inside. */
  readonly scope: ReadonlyMap<string, string>;
}

/** An element directly below the stream, read to its end. */
interface Stanza extends Open {
  readonly children: readonly Open[];
}

class XmlStream {
  private readonly open: Open[] = [];

  /** The next tag; null for the end of an element. `empty` elements end with it. */
  private *takeTag(): Talk<{ element: Open; empty: boolean } | null> {
    return this.readTag(yield* this.takeMarkup());
  }

  private readTag(raw: string): { element: Open; empty: boolean } | null {
    const match = TAG.exec(raw) ?? malformed('<…>', raw);
    const [, closing, written = '', attributeText = '', slash] = match;
    if (closing) {
      if (this.open.pop()?.written !== written || slash || attributeText) malformed('</…>', raw);
      return null;
    }
    const element = this.elementOf(written, attributeText);
    if (!slash) this.open.push(element);
    if (this.open.length > MAX_DEPTH) malformed('</…>', raw);
    return { element, empty: slash === '/' };
  }

  /** From `<` to the `>` that is not in quotes. Text before it is skipped; outside of elements there is none (§11.7). */
  private *takeMarkup(): Talk<string> {
    let markup = '';
    do {
      const piece = textOf(yield* takeThrough(0x3e));
      if (markup === '') {
        // In text a `>` may stand by itself (XML 1.0 §2.4).
        const start = piece.indexOf('<');
        const text = start < 0 ? piece : piece.slice(0, start);
        if (this.open.length <= 1 && text.trim() !== '') malformed('<', piece);
        if (start >= 0) markup = piece.slice(start);
      } else {
        markup += piece;
      }
      if (markup.length > MAX_PIECE) malformed('>', markup);
    } while (markup === '' || !quotesAreEven(markup));
    return markup;
  }

  private elementOf(written: string, attributeText: string): Open {
    const attributes = new Map<string, string>();
    const scope = new Map(this.open.at(-1)?.scope);
    for (const [, name = '', single, double] of attributeText.matchAll(ATTRIBUTE)) {
      const value = single ?? double ?? '';
      if (attributes.has(name)) malformed(written, attributeText);
      attributes.set(name, value);
      if (name === 'xmlns') scope.set('', value);
      if (name.startsWith('xmlns:')) scope.set(name.slice(6), value);
    }
    const colon = written.indexOf(':');
    const namespace = scope.get(colon < 0 ? '' : written.slice(0, colon)) ?? '';
    return { written, local: written.slice(colon + 1), namespace, attributes, scope };
  }

  /** The stream's opening, and the declaration that may stand before it (§11.5). */
  *takeOpening(): Talk<Open> {
    const first = yield* this.takeMarkup();
    const tag = DECLARATION.test(first) ? yield* this.takeTag() : this.readTag(first);
    if (!tag || tag.empty || !is(tag.element, 'stream', STREAMS))
      malformed('<stream:stream>', tag?.element.written);
    return tag.element;
  }

  /** An element below the stream, whole; null where the stream ends. */
  *takeStanza(): Talk<Stanza | null> {
    const tag = yield* this.takeTag();
    if (!tag) return null;
    const children: Open[] = [];
    let depth = tag.empty ? 0 : 1;
    while (depth > 0) {
      const inner = yield* this.takeTag();
      if (inner && depth === 1) children.push(inner.element);
      if (!inner) depth -= 1;
      else if (!inner.empty) depth += 1;
    }
    return { ...tag.element, children };
  }
}

function quotesAreEven(markup: string): boolean {
  let quote = '';
  for (const character of markup) {
    if (quote === '' && (character === "'" || character === '"')) quote = character;
    else if (character === quote) quote = '';
  }
  return quote === '';
}

const is = (element: Open, local: string, namespace: string): boolean =>
  element.local === local && element.namespace === namespace;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&apos;',
  '"': '&quot;',
};

const escaped = (text: string): string => text.replace(/[&<>'"]/g, (character) => ESCAPES[character]!);

/** A stanza that is not the server's no: §4.9 for errors of the stream. */
function* takeAnswer(stream: XmlStream): Talk<Stanza> {
  const stanza = (yield* stream.takeStanza()) ?? refused('</stream:stream>');
  const inside = stanza.children.map(({ local }) => local);
  yield* heard(`<${stanza.local}>`, ...inside);
  if (is(stanza, 'error', STREAMS) || is(stanza, 'failure', TLS))
    refused([stanza.local, ...inside].join(' '));
  return stanza;
}

export function* xmpp(serverName: string): Talk<string | null> {
  const to = escaped(serverName);
  yield* sendText(
    `<?xml version='1.0'?><stream:stream to='${to}' version='1.0' xmlns='jabber:client' xmlns:stream='${STREAMS}'>`,
    [`<stream to="${shown(to)}">`],
  );
  const stream = new XmlStream();
  const opening = yield* stream.takeOpening();
  const from = opening.attributes.get('from') ?? null;
  yield* heard(from === null ? '<stream>' : `<stream from="${from}">`);
  const features = yield* takeAnswer(stream);
  if (!is(features, 'features', STREAMS)) malformed('<stream:features>', features.written);
  if (!features.children.some((child) => is(child, 'starttls', TLS)))
    notOffered(features.children.map(({ local }) => local).join(', '));
  yield* sendText(`<starttls xmlns='${TLS}'/>`, ['<starttls/>']);
  const go = yield* takeAnswer(stream);
  if (!is(go, 'proceed', TLS)) malformed('<proceed/>', go.written);
  return from;
}

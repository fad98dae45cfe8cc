/** The page that shows a visitor their own handshake. Everything that came from the peer is escaped. */
import {
  explainDecision,
  explainGroup,
  explainMessage,
  explainPrivateKey,
  explainScheme,
  explainSuite,
  keyText,
  printable,
  topicName,
} from 'akushu/diagnose';
import type { Language } from '../language.js';
import { isWithoutSignature } from '../sessions/facts.js';
import type { Story } from '../story.js';
import { type Words, wordsOf } from '../words/index.js';

export function handshakePage(story: Story, language: Language, early: boolean): string {
  const words = wordsOf(language);
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(words.page.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(words.page.title)}</h1>
<p>${escapeHtml(words.page.intro)}</p>
${earlyNote(story, early, words)}
${messageTable(story, language, words)}
${choiceList(story, language, words)}
${secretList(story, language, words)}
</main>
</body>
</html>
`;
}

/** Of meaning where early data was: in a request that came so, and in those after it. */
function earlyNote({ decisions }: Story, early: boolean, { sessions }: Words): string {
  if (early) return `<p class="early"><strong>0-RTT</strong> ${escapeHtml(sessions.page.early)}</p>`;
  const offered = decisions.some(({ about }) => about === 'early_data');
  return offered ? `<p>${escapeHtml(sessions.page.notEarly)}</p>` : '';
}

export function escapeHtml(text: string): string {
  return printable(text, 2000).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function messageTable(story: Story, language: Language, words: Words): string {
  const { page } = words;
  const rows = story.map((event, setting) => {
    if (event.kind !== 'message') return [];
    const { t, from, type, bytes, protectedBy } = event;
    const lock = protectedBy === null ? page.clear : `🔒 ${keyText(protectedBy, language).name}`;
    const row = `<tr class="${from}"><td>${t.toFixed(1)} ms</td><td>${escapeHtml(words[from])}</td>
<td><strong>${escapeHtml(type)}</strong><br>${escapeHtml(explainMessage(event, language, setting).short)}</td>
<td>${escapeHtml(words.bytes(bytes.length.toLocaleString('en-US')))}</td><td>${escapeHtml(lock)}</td></tr>`;
    return [row];
  });
  const head = [page.time, page.from, page.message, page.size, page.protection];
  return `<table><thead><tr>${head.map((title) => `<th>${escapeHtml(title)}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}

function choiceList({ summary, decisions }: Story, language: Language, words: Words): string {
  if (decisions.length === 0) return '';
  const about = new Map([
    ['cipher_suite', summary ? explainSuite(summary.cipherSuite.iana, language) : ''],
    ['group', summary?.group ? explainGroup(summary.group.iana, language) : ''],
    [
      'signature_scheme',
      summary?.signatureScheme ? explainScheme(summary.signatureScheme.iana, language) : '',
    ],
  ]);
  const items = decisions.map((event) => {
    const lines = [about.get(event.about) ?? '', explainDecision(event, language)].filter(
      (line) => line !== '',
    );
    const body = lines.map((line) => `<dd>${escapeHtml(line)}</dd>`).join('');
    return `<dt>${escapeHtml(topicName(event.about, language))}</dt>${body}`;
  });
  return `<h2>${escapeHtml(words.sections.negotiated)}</h2>\n<dl>${items.join('\n')}</dl>`;
}

function secretList({ keys, setting, summary }: Story, language: Language, words: Words): string {
  const items = keys.map(({ label, aead }) => {
    const { name, protects } = keyText(label, language, setting);
    return `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(aead === '' ? protects : words.withAead(protects, aead.toUpperCase()))}</dd>`;
  });
  return `<h2>${escapeHtml(words.sections.secrets)}</h2>\n<dl>${items.join('\n')}</dl>
${summary ? `<p>${escapeHtml(explainPrivateKey(setting, isWithoutSignature(summary), language))}</p>` : ''}`;
}

const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; font: 16px/1.6 system-ui, "Hiragino Sans", "Noto Sans JP", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; margin: 0.5rem 0; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.6rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
td:first-child, td:nth-child(2), td:nth-child(4) { white-space: nowrap; }
tr.client td:nth-child(2) { color: light-dark(#00687a, #5fd3e8); }
tr.server td:nth-child(2) { color: light-dark(#8a2a7d, #f09be4); }
p.early { padding: 0.6rem 0.8rem; border-left: 4px solid light-dark(#b35900, #ffb454); background: color-mix(in srgb, currentColor 7%, transparent); }
dt { font-weight: 600; margin-top: 0.6rem; overflow-wrap: anywhere; }
dd { margin: 0; opacity: 0.85; }
`;

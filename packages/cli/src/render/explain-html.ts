/** The report as one HTML file that needs nothing else: no script, no font, no image. All text of a peer is escaped. */
import { printable, sideText } from 'akushu/diagnose';
import type { ObservedCapture } from 'akushu/observe';
import type { Explained, ExplainedVerdict } from '../explained.js';
import type { Style } from '../output.js';
import { captureLines, isTls, lackingIn, problemTexts, versionText } from './explain.js';
import { shortened, stepsOf } from './sequence.js';
import { LIKELY } from './verdicts.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => ENTITIES[one]!);

/** What would act on a reader is shown as an escape; line ends of configuration stay. */
const safe = (text: string, limit = 4000): string =>
  escaped(
    text
      .split('\n')
      .map((line) =>
        line
          .split('\t')
          .map((part) => printable(part, limit))
          .join('    '),
      )
      .join('\n'),
  );

/** How a report begins; what is there by this mark may be written over. */
export const REPORT_MARK = '<!doctype html>\n<!-- akushu explain -->';

const CSS = `:root{color-scheme:light dark;--line:#8885;--back:#8881;--bad:#b3261e;--good:#14713d;--dim:#666;--client:#1a5fb4;--server:#8b4513}
@media(prefers-color-scheme:dark){:root{--bad:#ff8a80;--good:#7ddc9a;--dim:#a0a0a0;--client:#8ab8ff;--server:#e0b080}}
*{box-sizing:border-box}
body{font:16px/1.6 system-ui,sans-serif;max-width:56rem;margin:0 auto;padding:1.5rem 1rem 3rem;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:0 0 1rem}h2{font-size:1.2rem;margin:0}h3{font-size:1.1rem;margin:1.2rem 0 .2rem}h4{font-size:1rem;margin:1rem 0 .2rem}
p{margin:.3rem 0}h4::first-letter{text-transform:uppercase}.server span{text-align:right}ul{margin:.2rem 0;padding-left:1.3rem}
article,.capture,.note{border:1px solid var(--line);border-left:.4rem solid var(--dim);border-radius:.5rem;padding:1rem;margin:1rem 0}
article.failed{border-left-color:var(--bad)}article.established{border-left-color:var(--good)}
article.short{padding:.4rem 1rem;margin:.4rem 0}
.dim,dt{color:var(--dim)}.failed>h2 b,.failed h3{color:var(--bad)}.established>h2 b,.established h3{color:var(--good)}
h2 b{font-weight:600;font-size:.9em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:0 .8rem;margin:.4rem 0}dd{margin:0}
code,pre{font:.875em/1.5 ui-monospace,Menlo,Consolas,"Noto Sans Mono CJK JP",monospace}
pre{background:var(--back);padding:.5rem .7rem;border-radius:.3rem;overflow-x:auto;white-space:pre;overflow-wrap:normal;margin:.2rem 0}
ol{list-style:none;margin:.8rem 0;padding:0;font-variant-numeric:tabular-nums}
ol li{display:grid;grid-template-columns:5.5rem 1fr 6rem;gap:.6rem;align-items:center}
ol time,ol small{color:var(--dim);text-align:right;font-size:.85rem}
ol div{display:flex;align-items:center;gap:.5rem}
.client span{color:var(--client)}.server span{color:var(--server)}.server div{flex-direction:row-reverse}
.client div::after,.server div::after{content:"";flex:1;min-width:1.5rem;height:0;border-top:1px solid currentColor;opacity:.5}
.client i::before{content:"▶"}.server i::before{content:"◀"}
ol i{order:1;font-style:normal;font-size:.7rem;margin-left:-.5rem;opacity:.6}.server i{margin:0 -.5rem 0 0}
ol .bad span,ol .bad{color:var(--bad);font-weight:600}
.ends{font-size:.85rem;color:var(--dim)}.ends div{justify-content:space-between;flex-direction:row}.ends div::after{display:none}
details{margin:.3rem 0}summary{cursor:pointer}
@media(max-width:36rem){ol li{grid-template-columns:4.2rem 1fr}ol small{display:none}ol time{font-size:.75rem}article{padding:.8rem}}
@media print{:root{color-scheme:light;--bad:#b3261e;--good:#14713d;--dim:#555;--client:#1a5fb4;--server:#8b4513}body{max-width:none;padding:0;font-size:11pt}pre{white-space:pre-wrap}article{border-width:1px 1px 1px 4px}li,pre,h3,h4{break-inside:avoid}h3,h4,summary{break-after:avoid}details::details-content{content-visibility:visible;block-size:auto}}`;

export function reportHead(style: Style): string {
  const { html } = style.words.explain;
  return `${REPORT_MARK}
<html lang="${style.language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(html.title)}</title>
<style>${CSS}</style></head><body>
<h1>${escaped(html.title)}</h1>
`;
}

export function reportEnd(
  capture: ObservedCapture | null,
  sawTls: boolean,
  note: string | null,
  style: Style,
): string {
  const { explain } = style.words;
  const [, ...lines] = capture ? captureLines(capture, sawTls, style).filter((line) => line !== '') : [];
  const about = lines.map((line) => `<p>${safe(line.trim())}</p>`).join('\n');
  return `${
    note === null
      ? ''
      : `<div class="note">${note
          .split('\n')
          .map((line) => `<p>${safe(line)}</p>`)
          .join('')}</div>\n`
  }${capture ? `<div class="capture"><h2>${escaped(explain.summary)}</h2>\n${about}</div>\n` : ''}<p class="dim">${escaped(explain.html.made)}</p>
</body></html>
`;
}

/** One connection, look-up or incident; in full, or a line. */
export function reportPart(one: Explained, style: Style, full: boolean): string {
  const { words } = style;
  const { explain } = words;
  const title =
    one.kind === 'connection'
      ? explain.connection(`#${one.stream}`)
      : one.kind === 'lookup'
        ? explain.lookup(one.sni ?? '')
        : explain.message(one.program);
  const head = `<h2>${safe(title)} <b>${escaped(explain.outcomes[one.outcome])}</b></h2>`;
  const cause = one.verdicts[0]?.cause;
  const { rows } = explain;
  const facts: readonly (readonly [string, string | null])[] = [
    [rows.client, one.client],
    [rows.server, one.server],
    [rows.name, one.kind === 'lookup' ? null : one.sni],
    [rows.version, versionText(one.version)],
  ];
  if (!full) {
    const text = [...facts.map(([, value]) => value), cause ?? null].filter((part) => part !== null);
    return `<article class="short ${one.outcome}">${head}<p>${safe(text.join(' · '))}</p></article>\n`;
  }
  const about = facts
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `<dt>${escaped(name)}</dt><dd><code>${safe(value!)}</code></dd>`);
  if (one.count > 1) about.push(`<dt></dt><dd>${escaped(explain.times(one.count))}</dd>`);
  const [first, ...others] = one.verdicts;
  const nothing =
    one.kind === 'text' ? explain.unknownText : isTls(one) ? explain.nothingKnown : explain.notTls;
  return `<article class="${one.outcome}">${head}
${about.length > 0 ? `<dl>${about.join('')}</dl>` : ''}
${sequence(one, style)}${problems(one, style)}
${settling(lackingIn(one), style)}${first ? verdict(first, others, style) : `<p>${escaped(nothing)}</p>`}
</article>
`;
}

function sequence({ observed }: Explained, style: Style): string {
  if (observed?.kind !== 'connection') return '';
  const { words } = style;
  const steps = shortened(stepsOf(observed, style), words.explain.more);
  const items = steps.map(({ t, from, text, size, bad }) => {
    const bytes = size === null ? '' : words.bytes(size.toLocaleString('en-US'));
    return `<li class="${from ?? 'nobody'}${bad ? ' bad' : ''}"><time>${t.toFixed(1)} ms</time><div><span>${safe(text)}</span>${from === null ? '' : '<i></i>'}</div><small>${bytes}</small></li>`;
  });
  const ends = `<li class="ends"><span></span><div><span>${escaped(words.client)} ▶</span><span>◀ ${escaped(words.server)}</span></div></li>`;
  return `<ol>${ends}\n${items.join('\n')}</ol>`;
}

function problems({ observed }: Explained, style: Style): string {
  if (observed?.kind !== 'connection') return '';
  return problemTexts(observed, style)
    .map((text) => `<p>${escaped(style.words.explain.rows.problem)}: ${safe(text)}</p>`)
    .join('');
}

function verdict(one: ExplainedVerdict, others: readonly ExplainedVerdict[], style: Style): string {
  const { explain } = style.words;
  const { cause, side, confidence, title, explanation, evidence, missing, remedy, rfc } = one;
  const percent = Math.round(confidence * 100);
  const because = evidence.map(({ says }) => safe(says));
  const also = others.map((other) =>
    safe(explain.other(Math.round(other.confidence * 100), other.title, other.cause)),
  );
  const about = cause === 'none' ? `${percent} %` : explain.sure(percent, sideText(side, style.language));
  const snippets = remedy.snippets.map(
    (snippet, i) =>
      `<details${i < OPEN_SNIPPETS ? ' open' : ''}><summary>${safe(snippet.title)}</summary><pre>${safe(snippet.config)}</pre></details>`,
  );
  return `<h3>${escaped((confidence < LIKELY ? explain.likely : explain.verdict)(title))}</h3>
<p class="dim">${cause} · ${escaped(about)} · ${escaped(rfc)}</p><p>${safe(explanation)}</p>
${list(explain.because, because)}${list(explain.also, also)}${settling(missing, style)}${cause === 'none' ? '' : `<h4>${escaped(explain.fix)}</h4><p>${safe(remedy.text)}</p>`}
${snippets.join('\n')}`;
}

const list = (name: string, items: readonly string[]): string =>
  items.length === 0
    ? ''
    : `<h4>${escaped(name)}</h4><ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>\n`;

/** What would settle it, and how to get that. */
const settling = (missing: ExplainedVerdict['missing'], { words }: Style): string =>
  list(
    words.explain.settles,
    missing.map(
      ({ what, command }) => `${safe(what)}${command === null ? '' : `<pre>${safe(command)}</pre>`}`,
    ),
  );

const OPEN_SNIPPETS = 2;

/** The report as one HTML file that needs nothing else: no script, no font, no image. All text of a peer is escaped. */
import { printable, sideText } from 'akushu/diagnose';
import type { ObservedCapture } from 'akushu/observe';
import type { Explained, ExplainedVerdict } from '../explained.js';
import type { Style } from '../output.js';
import { captureLines, versionText } from './explain.js';
import { stepsOf } from './sequence.js';
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

const CSS = `:root{color-scheme:light dark;--line:#8884;--bad:#c22;--good:#182;--dim:#777}
@media(prefers-color-scheme:dark){:root{--bad:#f77;--good:#6d8;--dim:#999}}
body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.2rem;margin:.2rem 0}h3{font-size:1rem;margin:1rem 0 .2rem}
article{border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:1rem 0}
.failed{border-left:.4rem solid var(--bad)}.established{border-left:.4rem solid var(--good)}
.incomplete{border-left:.4rem solid var(--dim)}
.dim{color:var(--dim)}.bad{color:var(--bad)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
td,th{padding:.1rem .4rem;text-align:left;vertical-align:top}
td.t{text-align:right;white-space:nowrap;color:var(--dim)}td.client{text-align:left}td.server{text-align:right}
pre{background:#8882;padding:.5rem;border-radius:.3rem;white-space:pre-wrap;overflow-wrap:anywhere;margin:.2rem 0}
code{overflow-wrap:anywhere}summary{cursor:pointer}`;

export function htmlReport(
  all: readonly Explained[],
  capture: ObservedCapture | null,
  sawTls: boolean,
  note: string | null,
  style: Style,
): string {
  const { explain } = style.words;
  const summary = capture ? `<pre>${safe(captureLines(capture, sawTls, style).join('\n'))}</pre>` : '';
  return `<!doctype html>
<html lang="${style.language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(explain.html.title)}</title><style>${CSS}</style></head><body>
<h1>${escaped(explain.html.title)}</h1>
${note === null ? '' : `<p>${safe(note)}</p>`}
${all.map((one) => article(one, style)).join('\n')}
${summary}
<p class="dim">${escaped(explain.html.made)}</p>
</body></html>
`;
}

function article(one: Explained, style: Style): string {
  const { explain } = style.words;
  const title =
    one.kind === 'connection'
      ? explain.connection(`#${one.stream}`)
      : one.kind === 'lookup'
        ? explain.lookup(one.sni ?? '')
        : explain.message(one.program);
  const facts = [
    one.client,
    one.server,
    one.sni,
    versionText(one.version),
    one.count > 1 ? explain.times(one.count) : null,
  ];
  const about = facts.filter((part) => part !== null).map((part) => `<code>${safe(part)}</code>`);
  const [first, ...others] = one.verdicts;
  return `<article class="${one.outcome}"><h2>${safe(title)}</h2>
<p class="dim">${about.join(' · ')} · ${escaped(explain.outcomes[one.outcome])}</p>
${one.observed?.kind === 'connection' ? sequence(one, style) : ''}
${first ? verdict(first, style) : one.kind === 'connection' ? `<p>${escaped(explain.nothingKnown)}</p>` : ''}
${others.length > 0 ? `<p class="dim">${escaped(explain.also)}: ${others.map((other) => `${safe(other.title)} (${other.cause}, ${Math.round(other.confidence * 100)} %)`).join('; ')}</p>` : ''}
</article>`;
}

function sequence({ observed }: Explained, style: Style): string {
  if (observed?.kind !== 'connection') return '';
  const { words } = style;
  const rows = stepsOf(observed, style).map(({ t, from, text, size, bad }) => {
    const arrow = from === null ? safe(text) : from === 'client' ? `${safe(text)} ─▶` : `◀─ ${safe(text)}`;
    const bytes = size === null ? '' : words.bytes(size.toLocaleString('en-US'));
    return `<tr${bad ? ' class="bad"' : ''}><td class="t">${t.toFixed(1)} ms</td><td class="${from ?? 'nobody'}">${arrow}</td><td class="t">${bytes}</td></tr>`;
  });
  return `<table><tbody>${rows.join('\n')}</tbody></table>`;
}

function verdict(one: ExplainedVerdict, style: Style): string {
  const { explain } = style.words;
  const { cause, side, confidence, title, explanation, evidence, missing, remedy, rfc } = one;
  const percent = Math.round(confidence * 100);
  const list = (items: readonly string[]): string =>
    `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`;
  const because = evidence.map(({ says }) => safe(says));
  const settles = missing.map(
    ({ what, command }) => `${safe(what)}${command === null ? '' : `<pre>${safe(command)}</pre>`}`,
  );
  const about = cause === 'none' ? `${percent} %` : explain.sure(percent, sideText(side, style.language));
  return `<h3>${escaped((confidence < LIKELY ? explain.likely : explain.verdict)(title))}</h3>
<p class="dim">${cause} · ${escaped(about)} · ${escaped(rfc)}</p><p>${safe(explanation)}</p>
${because.length > 0 ? `<h3>${escaped(explain.because)}</h3>${list(because)}` : ''}
${settles.length > 0 ? `<h3>${escaped(explain.settles)}</h3>${list(settles)}` : ''}
${cause === 'none' ? '' : `<h3>${escaped(explain.fix)}</h3><p>${safe(remedy.text)}</p>`}
${remedy.snippets.map((snippet) => `<details><summary>${safe(snippet.title)}</summary><pre>${safe(snippet.config)}</pre></details>`).join('\n')}`;
}

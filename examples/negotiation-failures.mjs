/**
 * The failures of negotiation that everyone meets, each with both sides in this process and what each can honestly say.
 *
 *     node examples/negotiation-failures.mjs [--lang en|ja] [NAME …]
 *
 * Without names all of them. The language is that of the locale where --lang does not say.
 */
import { explainDecision, explainError } from 'akushu/diagnose';
import { run, SCENARIOS } from './support/scenarios.mjs';

const WORDS = {
  en: {
    client: 'client',
    server: 'server',
    sends: (alert) => `sends ${alert}`,
    receives: (alert) => `receives ${alert}`,
    try: 'Try: ',
    unanswered: (type, bytes) => `Sent and not answered: ${type}, ${bytes.toLocaleString('en')} bytes.`,
    silence: 'Nothing has come from the other side.',
    fine: (version) => `connected with ${version}`,
    names: 'Names',
  },
  ja: {
    client: 'クライアント',
    server: 'サーバー',
    sends: (alert) => `${alert} を送信`,
    receives: (alert) => `${alert} を受信`,
    try: '対処: ',
    unanswered: (type, bytes) => `送信後、応答なし: ${type}（${bytes.toLocaleString('ja')}バイト）。`,
    silence: '相手からは何も届いていません。',
    fine: (version) => `${version} で接続`,
    names: '名前',
  },
};

/** The system's word for what it did, and ours. */
const NETWORK = { ECONNRESET: 'connection_reset', EPIPE: 'connection_reset' };

const { language, names } = readArguments(process.argv.slice(2));
const words = WORDS[language];
const unknown = names.filter((name) => !Object.hasOwn(SCENARIOS, name));
if (unknown.length > 0) {
  console.error(`${unknown.join(', ')}?  ${words.names}: ${Object.keys(SCENARIOS).join(', ')}`);
  process.exit(2);
}
for (const name of names.length > 0 ? names : Object.keys(SCENARIOS)) {
  const { title, again } = SCENARIOS[name];
  const outcome = await run(name);
  console.log(`\n── ${name} ──\n${title[language]}\n`);
  show('client', outcome.client);
  show('server', outcome.server);
  if (!again) continue;
  console.log(`\n${again.title[language]}\n`);
  show('client', outcome.again.client);
  show('server', outcome.again.server);
}

function readArguments(args) {
  const locale = process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || '';
  let language = /^ja(?:$|[_.@-])/i.test(locale) ? 'ja' : 'en';
  const names = [];
  for (let i = 0; i < args.length; i++) {
    if (args[i] !== '--lang') names.push(args[i]);
    else {
      i++;
      if (!Object.hasOwn(WORDS, args[i] ?? '')) {
        console.error('usage: negotiation-failures.mjs [--lang en|ja] [NAME …]');
        process.exit(2);
      }
      language = args[i];
    }
  }
  return { language, names };
}

/** One side: the code, the alert with its direction, and then sentences. */
function show(side, { error, trace, handshake }) {
  if (!error) {
    line(words[side], words.fine(handshake.version));
    return;
  }
  const code = NETWORK[error.code] ?? error.code;
  line(words[side], [code, alertOf(side, error)].filter(Boolean).join(' · '));
  const { what, tryThis } = explainError({ ...error, code, facts: error.facts ?? {} }, language);
  line('', what);
  for (const sentence of silenceAround(side, trace)) line('', sentence);
  for (const event of refusalsIn(trace)) line('', explainDecision(event, language));
  line('', words.try + tryThis);
}

function alertOf(side, { alert, sentBy }) {
  if (!alert || !sentBy) return '';
  return sentBy === side ? words.sends(alert) : words.receives(alert);
}

/** Where nothing came at all: that, and which message of this side was left without an answer. */
function silenceAround(side, trace) {
  if (trace.some((event) => event.from !== undefined && event.from !== side)) return [];
  const sent = trace.filter((event) => event.kind === 'message').at(-1);
  return [...(sent ? [words.unanswered(sent.type, sent.bytes.length)] : []), words.silence];
}

/** Decisions that came to nothing, with what was looked at. */
function refusalsIn(trace) {
  return trace.filter((event) => event.kind === 'decision' && event.reason === 'refused');
}

function line(head, text) {
  console.log(`   ${head.padEnd(head.length + Math.max(0, 14 - width(head)))}${text}`);
}

/** Columns: a wide letter takes two. */
function width(text) {
  return [...text].reduce((sum, letter) => sum + (letter > '\u2e7f' ? 2 : 1), 0);
}

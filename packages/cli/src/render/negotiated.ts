/** What was negotiated, what each choice is, and why it was taken. */
import {
  explainDecision,
  explainGroup,
  explainReason,
  explainScheme,
  explainSuite,
  printable,
  topicName,
} from 'akushu/diagnose';
import type { Style } from '../output.js';
import { isByPsk } from '../sessions/facts.js';
import type { Story } from '../story.js';
import { heading, row, widest } from './layout.js';

interface Choice {
  readonly name: string;
  readonly value: string;
  readonly about: string;
  readonly why: string;
}

export function negotiatedLines(story: Story, style: Style): string[] {
  const choices = choicesOf(story, style);
  if (choices.length === 0) return [];
  const nameWidth = widest(choices.map(({ name }) => name));
  return [
    ...heading(style.words.sections.negotiated, style),
    ...choices.flatMap(({ name, value, about, why }) => [
      ...row(name, value, nameWidth, style, style.colors.bold),
      ...(about === '' ? [] : row('', about, nameWidth, style)),
      ...(why === '' ? [] : row('', why, nameWidth, style, style.colors.dim)),
    ]),
    ...otherDecisions(story, style),
  ];
}

function choicesOf(story: Story, { words, language }: Style): Choice[] {
  const { summary } = story;
  if (!summary) return [];
  const why = (
    about: 'version' | 'cipher_suite' | 'group' | 'signature_scheme' | 'alpn' | 'psk' | 'session',
  ): string => {
    const event = story.decision(about);
    return event ? explainReason(event, language) : '';
  };
  const { cipherSuite, alpn, resumed } = summary;
  // What has no number of its own is known by the decision alone: primes made up by a server, MD5 with SHA-1.
  const group = summary.group?.iana ?? story.decision('group')?.chosen;
  const signature = summary.signatureScheme?.iana ?? story.decision('signature_scheme')?.chosen;
  const choices: Choice[] = [
    { name: words.version, value: summary.version, about: '', why: why('version') },
    {
      name: words.cipherSuite,
      value: cipherSuite.iana,
      about: explainSuite(cipherSuite.iana, language),
      why: why('cipher_suite'),
    },
  ];
  if (group)
    choices.push({
      name: words.group,
      value: group,
      about: explainGroup(group, language),
      why: why('group'),
    });
  if (signature && !resumed) {
    choices.push({
      name: words.signature,
      value: signature,
      about: explainScheme(signature, language),
      why: why('signature_scheme'),
    });
  }
  choices.push({
    name: words.alpn,
    value: alpn === null ? words.none : printable(alpn),
    about: '',
    why: why('alpn'),
  });
  choices.push({
    name: words.resumption,
    value: resumed ? words.resumed : isByPsk(summary) ? words.sessions.byPsk : words.fullHandshake,
    about: '',
    why: why('psk') || why('session'),
  });
  return choices;
}

/** Topics that have no row above. */
const ELSEWHERE = new Set([
  'version',
  'cipher_suite',
  'group',
  'signature_scheme',
  'alpn',
  'psk',
  'session',
  'peer_certificate',
]);

function otherDecisions(story: Story, style: Style): string[] {
  const { language, colors } = style;
  const events = story.decisions.filter(({ about }) => !ELSEWHERE.has(about));
  if (events.length === 0) return [];
  const nameWidth = widest(events.map(({ about }) => topicName(about, language)));
  const rows = events.flatMap((event) =>
    row(topicName(event.about, language), explainDecision(event, language), nameWidth, style, colors.dim),
  );
  // Their names are longer: a table by itself.
  return ['', ...rows];
}

/** All decisions of a handshake that did not get to its end. */
export function decisionLines(story: Story, style: Style): string[] {
  const { decisions } = story;
  if (decisions.length === 0) return [];
  const names = decisions.map(({ about }) => topicName(about, style.language));
  return [
    ...heading(style.words.sections.negotiated, style),
    ...decisions.flatMap((event, i) =>
      row(names[i]!, explainDecision(event, style.language), widest(names), style),
    ),
  ];
}

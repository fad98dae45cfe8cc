/** What became of the session, the early data and the pre-shared key that `connect` was given. */
import { explainReason, printable } from 'akushu/diagnose';
import type { Style } from '../output.js';
import type { ClientFacts, SessionFacts } from '../sessions/facts.js';
import type { Story } from '../story.js';
import { heading, row, widest } from './layout.js';

export function sessionLines(story: Story, style: Style): string[] {
  const { facts } = story;
  const rows = facts ? rowsOf(facts, story, style) : [];
  if (rows.length === 0) return [];
  const nameWidth = widest(rows.map(([name]) => name));
  return [
    ...heading(style.words.sessions.title, style),
    ...rows.flatMap(([name, text]) => row(name, text, nameWidth, style)),
  ];
}

type Row = readonly [name: string, text: string];

function rowsOf({ session, earlyData, psk }: ClientFacts, story: Story, style: Style): Row[] {
  const { words } = style;
  const { sessions } = words;
  const { rows } = sessions;
  const found: Row[] = [];
  // Where it failed for the key, that is said below.
  if (psk && story.messages.length > 0 && !story.failure?.psk)
    found.push([rows.psk, psk.taken ? sessions.pskTaken : sessions.pskNotTaken]);
  if (session) {
    // In memory there cannot be one before the first connection.
    if (session.file !== null || session.found)
      found.push([rows.session, outcomeText(session, story, style)]);
    if (story.summary) found.push([rows.kept, sessions.kept(session.kept, fileText(session, style))]);
  }
  if (earlyData?.outcome) {
    const size = words.bytes(earlyData.bytes.toLocaleString('en-US'));
    found.push([rows.earlyData, sessions.early[earlyData.outcome](size)]);
    if (earlyData.outcome === 'accepted') found.push(['', sessions.replayable]);
  }
  return found;
}

const fileText = ({ file }: SessionFacts, { words }: Style): string =>
  file === null ? words.sessions.inMemory : printable(file);

function outcomeText(session: SessionFacts, story: Story, style: Style): string {
  const { sessions } = style.words;
  const { reason } = session;
  if (reason === 'resumed' || reason === 'none_found' || session.offered)
    return sessions.outcome[reason === 'resumed' || reason === 'none_found' ? reason : 'refused'](
      fileText(session, style),
    );
  const decision = story.decision('session');
  return sessions.notOffered(decision ? explainReason(decision, style.language) : reason);
}

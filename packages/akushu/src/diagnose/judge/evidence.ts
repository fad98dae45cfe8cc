/** What a finding rests on, from what the judges have at hand: messages, what happened below TLS, errors of our own. */
import type { Side } from '../../trace/index.js';
import type { FactAlert } from '../facts.js';
import type { Evidence } from '../verdict.js';
import type { Occurrence } from '../verdict-texts.js';

export const messageEvidence = (
  from: Side,
  message: string,
  field = '',
  value = '',
  bytes: Evidence['bytes'] = null,
): Evidence => ({ kind: 'message', from, message, field, value, bytes, text: null });

export const alertEvidence = ({ from, description, bytes }: FactAlert): Evidence =>
  messageEvidence(from, 'Alert', 'description', description, bytes);

export const occurrence = (what: Occurrence, from: Side | null, value = ''): Evidence => ({
  kind: 'tcp',
  from,
  message: what,
  field: '',
  value,
  bytes: null,
  text: null,
});

/** `field`: what was changed for the attempt. */
export const ownError = (code: string, from: Side | null = null, field = ''): Evidence => ({
  kind: 'error',
  from,
  message: 'akushu',
  field,
  value: code,
  bytes: null,
  text: null,
});

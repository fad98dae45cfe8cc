/** A connection as one JSON object, for programs: names as IANA has them, times in milliseconds since the beginning. */
import { weakPointsOf } from 'akushu/diagnose';
import { chainOf } from './chain.js';
import { explain } from './failure.js';
import type { Language } from './language.js';
import type { Story } from './story.js';
import { verdictsOf } from './story-verdicts.js';

export function storyJson(story: Story, language: Language, now: number): Record<string, unknown> {
  const { failure, summary, connected, target } = story;
  return {
    ok: failure === null,
    error: failure && { code: failure.code, alert: failure.alert, sentBy: failure.sentBy },
    negotiated: summary && {
      version: summary.version,
      cipherSuite: summary.cipherSuite.iana,
      group: summary.group?.iana ?? null,
      signatureScheme: summary.signatureScheme?.iana ?? null,
      alpn: summary.alpn,
      resumed: summary.resumed,
      serverName: summary.serverName,
    },
    certificates: certificatesJson(story, now),
    messages: story.messages.map(({ from, type, bytes, t, protectedBy }) => ({
      from,
      type,
      bytes: bytes.length,
      t: rounded(t),
      protectedBy,
    })),
    timings: timingsJson(story),
    starttls: starttlsJson(story),
    host: target?.host ?? null,
    port: target?.port ?? null,
    local: connected?.local ?? null,
    remote: connected?.remote ?? null,
    alerts: story.events
      .filter((event) => event.kind === 'alert')
      .map(({ from, level, description, t }) => ({ from, level, description, t: rounded(t) })),
    decisions: story.decisions.map(({ about, by, chosen, reason, alternatives }) => ({
      about,
      by,
      chosen,
      reason,
      alternatives,
    })),
    keys: story.keys.map(({ label, generation, sender, protects, aead, t }) => ({
      label,
      generation,
      sender,
      protects,
      aead,
      t: rounded(t),
    })),
    trusted: trustOf(story),
    session: story.facts?.session ?? null,
    earlyData: earlyDataJson(story),
    psk: story.facts?.psk ?? null,
    weakPoints: summary ? weakPointsOf(summary) : [],
    explanation: failure && explain(failure, language),
    verdicts: verdictsOf(story, language),
  };
}

/** The dialogue before TLS, as far as it came; null where there was none. */
function starttlsJson({ starttlsSteps, starttlsReady }: Story): Record<string, unknown> | null {
  const [first] = starttlsSteps;
  if (!first) return null;
  return {
    protocol: first.protocol,
    banner: starttlsReady?.banner ?? null,
    ms: starttlsReady && rounded(starttlsReady.ms),
    steps: starttlsSteps.map(({ from, lines, bytes, t }) => ({ from, lines, bytes, t: rounded(t) })),
  };
}

function certificatesJson(story: Story, now: number): unknown[] {
  return chainOf(story, now).map(
    (certificate) =>
      certificate && {
        subject: certificate.subject,
        issuer: certificate.issuer,
        names: certificate.names,
        notBefore: iso(certificate.notBefore),
        notAfter: iso(certificate.notAfter),
        daysLeft: certificate.daysLeft,
        serial: certificate.serial,
        fingerprint: certificate.fingerprint,
        key: certificate.key,
        signatureAlgorithm: certificate.signatureAlgorithm,
        isCa: certificate.isCa,
      },
  );
}

/** What a client sent so, or a server was sent; null for none. */
function earlyDataJson({ role, facts, decisions }: Story): Record<string, unknown> | null {
  if (role === 'client') return facts?.earlyData ?? null;
  const decision = decisions.find(({ about }) => about === 'early_data');
  return decision ? { outcome: decision.chosen === null ? 'refused' : 'accepted' } : null;
}

/** null where no certificate was judged. */
function trustOf(story: Story): boolean | null {
  const event = story.decision('peer_certificate');
  if (!event && story.facts?.session?.trusted) return true;
  return event && event.reason === 'verified' && event.facts?.ignored === undefined;
}

/** Durations; null for what did not happen. */
function timingsJson(story: Story): Record<string, number | null> {
  const { lookup, connected, starttlsReady, securedAt, events, role } = story;
  const lookedUp = lookup?.t ?? null;
  const open = connected?.t ?? (role === 'server' ? 0 : null);
  return {
    dns: lookedUp === null ? null : rounded(lookedUp),
    tcp: open === null ? null : rounded(open - (lookedUp ?? 0)),
    tls: open === null || securedAt === null ? null : rounded(securedAt - (starttlsReady?.t ?? open)),
    total: rounded(events.at(-1)?.t ?? 0),
  };
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

function iso(time: number): string | null {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

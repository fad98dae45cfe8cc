/** The head of an HTTP/1.x request (RFC 9112 §3, §5), strictly. Knows only what the page needs. */

/** Bytes of request line and fields. */
export const HEAD_LIMIT = 16_384;
const MAX_FIELDS = 100;

export interface Request {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly keepAlive: boolean;
  /** Accept-Language, as it came. */
  readonly languages: string;
  /** It may be a replay (RFC 8470 §5.1): it came as early data, or so says whoever forwarded it. */
  readonly early: boolean;
}

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/(\d)\.(\d)$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;

/** The request, or the status to refuse it with. */
export function parseHead(head: string): Request | number {
  // RFC 9112 §2.2: an empty line before the request is to be ignored.
  const [line = '', ...rest] = head.replace(/^(\r\n)+/, '').split('\r\n');
  const match = REQUEST_LINE.exec(line);
  if (!match || rest.length > MAX_FIELDS) return match ? 431 : 400;
  const [, method, target, major, minor] = match as unknown as [string, string, string, string, string];
  if (major !== '1') return 505;
  const fields = new Map<string, string>();
  for (const text of rest) {
    const field = FIELD.exec(text);
    if (!field) return 400;
    const name = field[1]!.toLowerCase();
    if (name === 'host' && fields.has(name)) return 400;
    fields.set(name, fields.has(name) ? `${fields.get(name)}, ${field[2]}` : field[2]!);
  }
  // §3.2: every request of HTTP/1.1 has one Host.
  if (minor !== '0' && !fields.has('host')) return 400;
  if (hasBody(fields)) return 413;
  const path = pathOf(target);
  if (path === undefined) return 400;
  return {
    method,
    path,
    keepAlive: keepsAlive(minor, fields.get('connection')),
    languages: fields.get('accept-language') ?? '',
    early: fields.get('early-data') === '1',
  };
}

function hasBody(fields: ReadonlyMap<string, string>): boolean {
  return (
    fields.has('transfer-encoding') || (fields.has('content-length') && fields.get('content-length') !== '0')
  );
}

/** §3.2: origin form, or absolute form. */
function pathOf(target: string): string | undefined {
  if (target.startsWith('/')) return target.split(/[?#]/, 1)[0];
  return URL.canParse(target) ? new URL(target).pathname : undefined;
}

/** §9.3. */
function keepsAlive(minor: string, connection = ''): boolean {
  const options = connection
    .toLowerCase()
    .split(',')
    .map((option) => option.trim());
  if (options.includes('close')) return false;
  return minor !== '0' || options.includes('keep-alive');
}

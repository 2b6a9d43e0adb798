/**
 * One case: what a client sends on one connection; and the status of the refusal it gets, or the requests that the
 * container gets, byte for byte. Text stands for its latin1 bytes.
 */
export type HttpCase = [name: string, sent: string, expected: number | readonly string[]];

/** Lines of a head, with their ends and the empty line behind them. */
export function head(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** A GET that nobody could object to, with further lines. */
export function get(...lines: readonly string[]): string {
  return head('GET /a HTTP/1.1', 'Host: web.example.com', ...lines);
}

/** The same with a body. */
export function post(lines: readonly string[], body = ''): string {
  return head('POST /a HTTP/1.1', 'Host: web.example.com', ...lines) + body;
}

/** A second request that must never be taken for a part of the first. */
export const SECOND = head('GET /second HTTP/1.1', 'Host: web.example.com');

/** What the gateway adds behind the client's own lines; the id is the harness's word for the one it made. */
export function added(host = 'web.example.com', framing: readonly string[] = [], id = 'ID'): string[] {
  return [
    'X-Forwarded-For: 192.0.2.7',
    'X-Forwarded-Proto: https',
    `X-Forwarded-Host: ${host}`,
    `Forwarded: for=192.0.2.7;host="${host}";proto=https`,
    `X-Request-Id: ${id}`,
    ...framing,
  ];
}

/** How `get(...lines)` reaches the container. */
export function gets(lines: readonly string[] = [], framing: readonly string[] = []): string {
  return get(...lines, ...added(undefined, framing));
}

/** How `post(lines, body)` reaches the container. */
export function posts(framing: readonly string[], body = '', lines: readonly string[] = []): string {
  return post([...lines, ...added(undefined, framing)], body);
}

export const SECOND_FORWARDED = head('GET /second HTTP/1.1', 'Host: web.example.com', ...added());

/** A byte as a name in a test: `%0d`. */
export function shown(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`;
}

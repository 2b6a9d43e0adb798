/** What Connection asks for. RFC 9110 section 7.6.1. */
export interface ConnectionOptions {
  close: boolean;
  keepAlive: boolean;
  upgrade: boolean;
  /** Other headers that are for the next hop only, in small letters. */
  named: readonly string[];
}

const NOTHING: ConnectionOptions = { close: false, keepAlive: false, upgrade: false, named: [] };

/** What nearly everybody sends, parsed once. */
const COMMON = new Map<string, ConnectionOptions>([
  ['keep-alive', { ...NOTHING, keepAlive: true }],
  ['Keep-Alive', { ...NOTHING, keepAlive: true }],
  ['close', { ...NOTHING, close: true }],
  ['Upgrade', { ...NOTHING, upgrade: true }],
  ['upgrade', { ...NOTHING, upgrade: true }],
]);

/** These decide where a message ends or goes: nobody may have them removed on the way. */
const NEVER_NAMED = new Set(['content-length', 'transfer-encoding', 'host', 'connection']);

const OPTIONS = new Set(['close', 'keep-alive', 'upgrade']);

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** Undefined when the value is not a list of names, or names what must not be removed. */
export function parseConnection(value: string | undefined): ConnectionOptions | undefined {
  if (value === undefined) return NOTHING;
  const common = COMMON.get(value);
  if (common) return common;
  const names = value.split(',').map((name) => name.trim().toLowerCase());
  if (!names.every((name) => TOKEN.test(name) && !NEVER_NAMED.has(name.replaceAll('_', '-'))))
    return undefined;
  const has = (option: string) => names.includes(option);
  return {
    close: has('close'),
    keepAlive: has('keep-alive'),
    upgrade: has('upgrade'),
    named: names.filter((name) => !OPTIONS.has(name)),
  };
}

import type { ExternalAccount } from './acme/protocol/jws.ts';

/** How records are published for DNS-01. */
export type DnsOptions =
  | { by: 'exec'; file: string }
  | { by: 'rfc2136'; host: string; port: number; keyFile: string };

export const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory';

const DNS_PORT = 53;

/**
 * Reads `exec:/path` or `rfc2136:HOST[:PORT],/path/of/key`; an IPv6 address stands in brackets. The key is in a file, as
 * the arguments of a process can be read by everybody on its machine.
 * @throws Error with a clause that says what is wrong.
 */
export function parseDns(text: string): DnsOptions {
  const file = /^exec:(\/.+)$/.exec(text)?.[1];
  if (file !== undefined) return { by: 'exec', file };
  const update = /^rfc2136:(?:\[([0-9A-Fa-f:.]+)\]|([^\s:,[\]]+))(?::(\d{1,5}))?,(.+)$/.exec(text);
  const [, address, name, port, keyFile] = update ?? [];
  const host = address ?? name;
  if (host !== undefined && keyFile !== undefined && Number(port ?? DNS_PORT) <= 65_535)
    return { by: 'rfc2136', host, port: Number(port ?? DNS_PORT), keyFile };
  throw new Error(`must be exec:/PATH or rfc2136:HOST[:PORT],KEYFILE, not "${text}"`);
}

/** Reads `KID:KEY`, as CAs hand them out; the key is base64url. @throws Error that does not quote the key. */
export function parseExternalAccount(text: string): ExternalAccount {
  const at = text.lastIndexOf(':');
  const [kid, key] = [text.slice(0, at), text.slice(at + 1)];
  if (at > 0 && /^[A-Za-z0-9_+/-]+={0,2}$/.test(key)) return { kid, key };
  throw new Error('must be KID:KEY, as the CA shows them: an identifier, and a key in base64url');
}

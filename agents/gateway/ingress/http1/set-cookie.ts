/** Blanks that browsers trim. */
const DOMAIN = /^[ \t]*domain[ \t]*=(.*)$/i;

/**
 * A Set-Cookie value without the Domain attributes that name one of the shared domains or a parent of it: a tenant
 * would set, or read, the cookies of its neighbours. The same string when there is none.
 *
 * @param sharedDomains In small letters, without dots around: `example.com`.
 */
export function withoutSharedDomain(cookie: string, sharedDomains: readonly string[]): string {
  if (!/domain/i.test(cookie)) return cookie;
  const [pair = '', ...attributes] = cookie.split(';');
  const kept = attributes.filter((attribute) => {
    const [, value] = DOMAIN.exec(attribute) ?? [];
    return value === undefined || !isShared(value, sharedDomains);
  });
  return kept.length === attributes.length ? cookie : [pair, ...kept].join(';');
}

function isShared(value: string, sharedDomains: readonly string[]): boolean {
  const domain = value
    .toLowerCase()
    .replaceAll(/[\s"]/g, '')
    .replace(/^\.+|\.+$/g, '');
  return sharedDomains.some((shared) => shared === domain || shared.endsWith(`.${domain}`));
}

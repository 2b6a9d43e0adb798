/** Milliseconds since the epoch. */
export interface Lifetime {
  notBefore: number;
  notAfter: number;
}

/** When the CA would like to renew a certificate (RFC 9773, 4.2), in milliseconds since the epoch. */
export interface RenewalWindow {
  start: number;
  end: number;
}

/** 60 days of 90. */
const RENEW_AFTER = 2 / 3;

/** 3 days of 90: those made together are not renewed together. */
const SPREAD = 1 / 30;

/**
 * When to renew, in milliseconds since the epoch. The window counts where there is one.
 * @param fraction from 0 up to 1, drawn once for each certificate, so that asking again answers the same.
 */
export function renewalTime(
  { notBefore, notAfter }: Lifetime,
  fraction: number,
  window?: RenewalWindow,
): number {
  if (window) return window.start + fraction * (window.end - window.start);
  return notBefore + (notAfter - notBefore) * (RENEW_AFTER - fraction * SPREAD);
}

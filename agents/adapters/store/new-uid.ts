import { readFileSync } from 'node:fs';

/** Where Linux gives out random UUIDs. */
const KERNEL = '/proc/sys/kernel/random/uuid';

/**
 * A random UUID. The kernel's is as good as Node's own, for which Node loads all of WebCrypto:
 * 10 ms, a tenth of what `peerctl apply` takes until it has written.
 */
export function newUID(): string {
  try {
    return readFileSync(KERNEL, 'utf8').trim();
  } catch {
    return crypto.randomUUID(); // Not Linux, or no /proc.
  }
}

/**
 * Milliseconds that only ever go forward. So does `performance.now()`, but Node loads it when it is first asked for:
 * that takes more than a millisecond, of the twenty that `peerctl get` has for itself.
 */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

import { type Kind, kindInfo } from '../kinds.ts';
import { StatusError } from '../meta/status-error.ts';
import { type Amount, MAX_SHOWN } from './limits.ts';
import { Refusal } from './refusals.ts';

/** Where nobody is to be trusted with our memory: more than this of a kind is not taken from a peer. */
export function checkShown(peer: string, kind: Kind, { objects, bytes }: Amount): void {
  const limit = MAX_SHOWN[kind];
  const { plural } = kindInfo(kind);
  if (objects > limit.objects) throw tooMuch(peer, `more than ${limit.objects} ${plural}`);
  if (bytes > limit.bytes) throw tooMuch(peer, `more than ${limit.bytes / 2 ** 20} MiB of ${plural}`);
}

/** A peer shows more than is taken of it. */
export function tooMuch(peer: string, what: string): StatusError {
  const message = `peer ${peer} shows ${what}, which is more than is taken from a peer`;
  return new StatusError('RequestEntityTooLarge', message, { cause: Refusal.LimitExceeded });
}

/** How much an object counts: its length as JSON. */
export function sizeOf(object: unknown): number {
  return JSON.stringify(object).length;
}

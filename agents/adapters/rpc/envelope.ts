import { createHash } from 'node:crypto';
import type { CommonClaims, Schema } from '../../../api/protocol/claims.ts';
import { ENVELOPE_LIFETIME_MS, MAX_CLOCK_SKEW_MS } from '../../../api/protocol/limits.ts';
import { Refusal } from '../../../api/protocol/refusals.ts';
import { decode } from '../../../api/scheme.ts';
import { openEnvelope } from '../identity/identity.ts';
import { describeErrors, refused } from './errors.ts';
import { decodeJson } from './json.ts';

/**
 * Opens an envelope that `signer` must have signed under `domain`, and reads its claims.
 * @throws StatusError `Unauthorized`: nothing in these bytes can be trusted.
 */
export async function openClaims<T extends CommonClaims>(
  domain: string,
  schema: Schema<T>,
  bytes: Uint8Array,
  signer: string,
): Promise<T> {
  const envelope = await openEnvelope(domain, bytes);
  if (envelope.signer !== signer)
    throw refused(Refusal.WrongSigner, `${envelope.signer} signed a message that ${signer} sent`);
  const claims = readClaims(schema, envelope.payload);
  if (claims.iss !== signer)
    throw refused(Refusal.WrongIssuer, `${signer} signed a message in the name of ${claims.iss}`);
  return claims;
}

export function checkAudience({ aud }: CommonClaims, me: string): void {
  if (aud !== me) throw refused(Refusal.WrongAudience, `the message is for ${aud}, not for ${me}`);
}

/** @param now Milliseconds since the epoch. */
export function checkTimes({ iss, iat, exp }: CommonClaims, now: number): void {
  const ahead = iat - now;
  if (ahead > MAX_CLOCK_SKEW_MS)
    throw refused(Refusal.ClockSkew, `the clock of ${iss} is ${inMinutes(ahead)} ahead; set both clocks`);
  if (exp - iat > ENVELOPE_LIFETIME_MS)
    throw refused(Refusal.LifetimeTooLong, `the message claims to last ${inMinutes(exp - iat)}`);
  const late = now - exp;
  if (late > MAX_CLOCK_SKEW_MS)
    throw refused(
      Refusal.MessageExpired,
      `the message of ${iss} expired ${inMinutes(late)} ago; if it is new, the clocks differ: set both`,
    );
}

/** @param expected How many messages of its direction came before it on the stream. */
export function checkSequence({ seq }: CommonClaims, expected: number): void {
  if (seq !== expected)
    throw refused(Refusal.OutOfSequence, `message ${seq} came where ${expected} was expected`);
}

/** The body is compared as it was received, never as it would be written again. */
export function checkBody({ bodyHash }: CommonClaims, body: Uint8Array): void {
  if (bodyHash !== hashOf(body))
    throw refused(Refusal.BodyChanged, 'the body is not the one that was signed');
}

export function hashOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

function readClaims<T>(schema: Schema<T>, payload: Uint8Array): T {
  const decoded = decode(schema, parse(payload));
  if (!decoded.ok)
    throw refused(Refusal.BadClaims, `the claims are not valid: ${describeErrors(decoded.errors)}`);
  return decoded.value;
}

function parse(payload: Uint8Array): unknown {
  try {
    return decodeJson(payload);
  } catch (error) {
    throw refused(Refusal.BadClaims, `the claims are not JSON: ${(error as Error).message}`);
  }
}

function inMinutes(milliseconds: number): string {
  return `${Math.round(milliseconds / 60_000)} min`;
}

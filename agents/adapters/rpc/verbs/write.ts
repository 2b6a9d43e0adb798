import { API_VERSION, type Kind } from '../../../../api/kinds.ts';
import { canonicalHash } from '../../../../api/meta/canonical.ts';
import { type MergePatch, mergePatch } from '../../../../api/meta/merge-patch.ts';
import { formatKey, type ObjectKey } from '../../../../api/meta/object.ts';
import { StatusError } from '../../../../api/meta/status-error.ts';
import type { ClaimsOf } from '../../../../api/protocol/claims.ts';
import { exposeHash } from '../../../../api/protocol/expose-hash.ts';
import type { ResponseBody } from '../../../../api/protocol/messages.ts';
import { Refusal } from '../../../../api/protocol/refusals.ts';
import { type Decoded, decode, formatPath, manifestSchema, specSchema } from '../../../../api/scheme.ts';
import { Reason } from '../../../../api/v1alpha1/reasons.ts';
import type { AnyObject } from '../../../../api/v1alpha1/types.ts';
import type { Applicable } from '../../../../controllers/ports/store.ts';
import { describeErrors, refused } from '../errors.ts';
import { publish } from '../published.ts';
import { refuseOlder, signatureFor } from './freshness.ts';
import { type Call, namedObject, type Session } from './verb.ts';

export async function* apply(call: Call<'apply'>, session: Session): AsyncIterable<ResponseBody> {
  const { claims, body } = call;
  const key = namedObject(claims, session.version);
  const { kind, ...names } = key;
  const manifest = {
    apiVersion: API_VERSION,
    kind,
    metadata: { ...names, ...body.metadata },
    spec: body.spec,
  };
  validate(decode(manifestSchema(kind), manifest), session.version);
  if (canonicalHash(body.spec) !== claims.result)
    throw refused(Refusal.ResultDiffers, 'the signature is over another spec than the one sent');
  checkExpose(body.spec, claims);
  yield await inTurn(claims.iss, key, session, async (current) => {
    const { uid, generation, dryRun } = claims;
    const metadata = { ...manifest.metadata, uid, generation, signature: await signatureFor(call, current) };
    // Stored as it was signed, without the defaults that only our version knows.
    const object = { ...manifest, metadata } as Applicable<Kind>;
    const applied = await session.store.apply(object, { dryRun, resourceVersion: body.resourceVersion });
    return { type: 'object', object: publish(applied.object), operation: applied.operation };
  });
}

export async function* patch(call: Call<'patch'>, session: Session): AsyncIterable<ResponseBody> {
  const { claims, body } = call;
  const key = namedObject(claims, session.version);
  yield await inTurn(claims.iss, key, session, async (current) => {
    const { uid, generation, base, result, dryRun } = claims;
    const signature = await signatureFor(call, current);
    if (current && canonicalHash(current.spec) === base) {
      const spec = mergePatch(current.spec, body.patch);
      validate(decode(specSchema(key.kind), spec, ['spec']), session.version);
      checkExpose(spec, claims);
    }
    const options = {
      uid,
      generation,
      base,
      result,
      signature,
      dryRun,
      resourceVersion: body.resourceVersion,
    };
    const object = await session.store.patch(key, { spec: body.patch as MergePatch }, options);
    return { type: 'object', object: publish(object) };
  });
}

export async function* remove(call: Call<'delete'>, session: Session): AsyncIterable<ResponseBody> {
  const { claims, body } = call;
  const key = namedObject(claims, session.version);
  yield await inTurn(claims.iss, key, session, async (current) => {
    await refuseOlder(claims, current);
    const { uid, dryRun } = claims;
    const object = await session.store.delete(key, { uid, dryRun, ...body });
    return { type: 'object', object: object && publish(object) };
  });
}

/** A gateway is shown the signature over this section alone. */
function checkExpose(spec: unknown, { expose }: ClaimsOf<'apply' | 'patch'>): void {
  if (exposeHash(spec) !== expose)
    throw refused(Refusal.ResultDiffers, 'the signature is over another expose section than the one sent');
}

/** Runs a write of an owner's object after those before it, with the object as they left it. */
function inTurn(
  owner: string,
  key: ObjectKey<Kind>,
  { store, writes }: Session,
  write: (current: AnyObject | undefined) => Promise<ResponseBody>,
): Promise<ResponseBody> {
  return writes.run(formatKey({ ...key, owner }), async () => write(await store.get(key)));
}

/** @throws StatusError `Invalid` that names the fields, and our version where a field is not known to it. */
function validate(decoded: Decoded<unknown>, version: string): void {
  if (decoded.ok) return;
  const unknown = decoded.errors.some(({ message }) => message.startsWith('unknown field'));
  const hint = unknown ? ` (this peer runs version ${version}, perhaps older than yours)` : '';
  const field = formatPath(decoded.errors[0]?.path ?? []);
  throw new StatusError('Invalid', describeErrors(decoded.errors) + hint, {
    cause: Reason.InvalidManifest,
    field,
  });
}

import { keyOf, type ObjectKey } from '../../../../api/meta/object.ts';
import { MAX_BODY_BYTES, MAX_LIST_PAGE } from '../../../../api/protocol/limits.ts';
import type { RemoteObject, ResponseBody, ResponseOf } from '../../../../api/protocol/messages.ts';
import type { AnyObject } from '../../../../api/v1alpha1/types.ts';
import { publish } from '../published.ts';
import { type Call, namedObject, type Session, servedKind } from './verb.ts';

export async function* get(
  { claims }: Call<'get'>,
  { store, version }: Session,
): AsyncIterable<ResponseBody> {
  const object = await store.get(namedObject(claims, version));
  yield { type: 'object', object: object && publish(object) };
}

export async function* list(
  { claims, body }: Call<'list'>,
  { store, version }: Session,
): AsyncIterable<ResponseBody> {
  const kind = servedKind(claims, version);
  const options = { namespace: claims.namespace, selector: body.selector };
  const { items, resourceVersion } = await store.list(kind, options);
  yield { ...page(items, body.continue ?? ''), resourceVersion };
}

/**
 * The objects that follow `after`, in the order of their names, as many as one message may hold.
 * Names do not move while a reader turns the pages, so no object that stays is missed.
 */
function page(objects: readonly AnyObject[], after: string): Omit<ResponseOf<'list'>, 'resourceVersion'> {
  const rest = objects
    .map((object) => ({ object, place: placeOf(keyOf(object)) }))
    .filter(({ place }) => place > after)
    .sort((a, b) => (a.place < b.place ? -1 : 1));
  const items: RemoteObject[] = [];
  let bytes = 0;
  for (const { object } of rest.slice(0, MAX_LIST_PAGE)) {
    const item = publish(object);
    bytes += JSON.stringify(item).length;
    if (items.length > 0 && bytes > MAX_BODY_BYTES / 2) break;
    items.push(item);
  }
  return {
    type: 'list',
    items,
    continue: rest.length > items.length ? rest[items.length - 1]?.place : undefined,
  };
}

function placeOf({ namespace = '', name }: ObjectKey): string {
  return `${namespace}/${name}`;
}

import type { Kind } from '../../../../api/kinds.ts';
import { WATCH_HEARTBEAT_MS } from '../../../../api/protocol/limits.ts';
import type { ResponseBody } from '../../../../api/protocol/messages.ts';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { WatchEvent } from '../../../../controllers/ports/store.ts';
import { publish } from '../published.ts';
import { type Call, type Session, servedKind } from './verb.ts';

/** What the caller's Store reports, and while it reports nothing the version that the caller has reached. */
export async function* watch(
  { claims, body, signal }: Call<'watch'>,
  { store, clock, version }: Session,
): AsyncIterable<ResponseBody> {
  const kind = servedKind(claims, version);
  const { resourceVersion, selector } = body;
  const options = { namespace: claims.namespace, selector, resourceVersion, signal };
  const events = store.watch(kind, options)[Symbol.asyncIterator]();
  const reached = new Progress(resourceVersion);
  // Asked for only after the last event was sent: a slow reader fills the Store's bounded queue, not ours.
  for (let next = events.next(); ; ) {
    const result = await orSilence(clock, next);
    if (result === undefined) yield* reached.heartbeat();
    else if (result.done) return;
    else {
      reached.note(result.value);
      yield toResponse(result.value);
      next = events.next();
    }
  }
}

/** The version from which a watch may go on: within the first list there is none. */
class Progress {
  #version: string | undefined;

  constructor(version: string | undefined) {
    this.#version = version;
  }

  note(event: WatchEvent<Kind>): void {
    if (event.type === 'BOOKMARK') this.#version = event.resourceVersion;
    else if (this.#version !== undefined) this.#version = event.object.metadata.resourceVersion;
  }

  *heartbeat(): Iterable<ResponseBody> {
    if (this.#version !== undefined) yield { type: 'bookmark', resourceVersion: this.#version };
  }
}

/** What comes, or undefined when nothing did for the time of a heartbeat. */
async function orSilence<T>(clock: Clock, coming: Promise<T>): Promise<T | undefined> {
  const { promise: silence, resolve } = Promise.withResolvers<undefined>();
  const cancel = clock.after(WATCH_HEARTBEAT_MS, () => resolve(undefined));
  try {
    return await Promise.race([coming, silence]);
  } finally {
    cancel();
  }
}

function toResponse(event: WatchEvent<Kind>): ResponseBody {
  if (event.type === 'BOOKMARK') return { type: 'bookmark', resourceVersion: event.resourceVersion };
  return { type: 'event', event: event.type, object: publish(event.object) };
}

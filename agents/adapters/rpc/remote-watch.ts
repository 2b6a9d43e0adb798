import type { Kind } from '../../../api/kinds.ts';
import { WATCH_TIMEOUT_MS } from '../../../api/protocol/limits.ts';
import type { ResponseBody } from '../../../api/protocol/messages.ts';
import { Refusal } from '../../../api/protocol/refusals.ts';
import type { ObjectOf } from '../../../api/v1alpha1/types.ts';
import type { WatchEvent, WatchOptions } from '../../../controllers/ports/store.ts';
import { type ClientComponents, ClientStream } from './client-stream.ts';
import { fromFailure, incompatible, refused } from './errors.ts';
import { receive } from './published.ts';
import { newNonce } from './request.ts';

/**
 * One request on a stream of its own, answered by many messages. A peer that is silent for three
 * heartbeats is gone. It is read on only when the last event was taken: a slow reader makes the peer
 * wait, which then ends the watch with `Expired`, or its stream when nothing is taken for WRITE_TIMEOUT_MS.
 */
export async function* remoteWatch<K extends Kind>(
  components: ClientComponents,
  peerID: string,
  kind: K,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<K>> {
  const { signal, namespace } = options;
  let stream: ClientStream | undefined;
  const stop = () => stream?.abort(new Error('the watch ended'));
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) return;
    stream = await ClientStream.open(components, peerID, signal);
    const nonce = await ask(stream, kind, options);
    while (!signal.aborted) {
      const { re, body } = await stream.receive(WATCH_TIMEOUT_MS);
      if (re !== nonce) throw refused(Refusal.NotAsked, `${peerID} answered what nobody asked`);
      yield toEvent(body, peerID, kind, namespace);
    }
  } catch (error) {
    // The signal ends a watch by breaking its stream.
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

async function ask(stream: ClientStream, kind: Kind, options: WatchOptions): Promise<string> {
  const { namespace, resourceVersion } = options;
  const selector = options.selector && [...options.selector];
  const nonce = newNonce();
  await stream.send(nonce, { verb: 'watch', kind, namespace }, { selector, resourceVersion });
  return nonce;
}

function toEvent<K extends Kind>(
  body: ResponseBody,
  peerID: string,
  kind: K,
  namespace: string | undefined,
): WatchEvent<K> {
  if (body.type === 'error') throw fromFailure(body.error);
  if (body.type === 'bookmark') return { type: 'BOOKMARK', resourceVersion: body.resourceVersion };
  if (body.type !== 'event') throw incompatible(peerID, `an answer of type ${body.type} to a watch`);
  const object: ObjectOf<K> = receive(body.object, peerID, { kind, namespace });
  return { type: body.event, object };
}

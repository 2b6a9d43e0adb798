import { API_VERSION, type Kind, kindInfo } from '../../../api/kinds.ts';
import { formatKey, keyOf, type ObjectKey } from '../../../api/meta/object.ts';
import type { RemoteObject } from '../../../api/protocol/messages.ts';
import { type Decoded, decode, specSchema, statusSchema } from '../../../api/scheme.ts';
import type { AnyObject, ObjectOf } from '../../../api/v1alpha1/types.ts';
import { describeErrors, incompatible } from './errors.ts';

/** An object as a peer may see it: without owner, signature and the bookkeeping of this machine. */
export function publish({ kind, metadata, spec, status }: AnyObject): RemoteObject {
  const { name, namespace, uid, generation, resourceVersion, creationTimestamp } = metadata;
  const { deletionTimestamp, labels, annotations } = metadata;
  return {
    kind,
    metadata: {
      name,
      namespace,
      uid,
      generation,
      resourceVersion,
      creationTimestamp,
      deletionTimestamp,
      labels,
      annotations,
    },
    spec,
    status,
  };
}

/** What an object that a peer shows must be; namespace and name only where they were asked for. */
export type Expected<K extends Kind> = { kind: K } & Partial<Pick<ObjectKey, 'namespace' | 'name'>>;

/**
 * An object that `peerID` showed, checked to be what was asked for and to fit our schemas. Its spec
 * stays as it was signed: defaults that only we know would change its hash.
 * @throws StatusError with cause `IncompatibleVersion`.
 */
export function receive<K extends Kind>(
  { kind, metadata, spec, status }: RemoteObject,
  peerID: string,
  expected: Expected<K>,
): ObjectOf<K> {
  const shown = formatKey(keyOf({ kind, metadata }));
  const asked = formatKey(keyFor(expected, metadata));
  if (shown !== asked) throw incompatible(peerID, `${shown} where ${asked} was asked for`);
  understood(decode(specSchema(expected.kind), spec, ['spec']), peerID, asked);
  if (status !== undefined)
    understood(decode(statusSchema(expected.kind), status, ['status']), peerID, asked);
  return { apiVersion: API_VERSION, kind, metadata, spec, status } as ObjectOf<K>;
}

function keyFor<K extends Kind>(expected: Expected<K>, metadata: RemoteObject['metadata']): ObjectKey<K> {
  const { kind, namespace = metadata.namespace ?? 'default', name = metadata.name } = expected;
  return { kind, name, namespace: kindInfo(kind).namespaced ? namespace : undefined };
}

function understood<T>(decoded: Decoded<T>, peerID: string, key: string): T {
  if (decoded.ok) return decoded.value;
  throw incompatible(peerID, `${key}, which we do not understand: ${describeErrors(decoded.errors)}`);
}

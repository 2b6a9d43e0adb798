import { KINDS, type Kind, type KindInfo } from '../../../api/kinds.ts';
import { DNS_LABEL, DNS_SUBDOMAIN } from '../../../api/meta/names.ts';
import type { ObjectKey } from '../../../api/meta/object.ts';
import { StatusError } from '../../../api/meta/status-error.ts';

/** A peer ID, or a shorter word in tests; whatever it is, it is the name of one directory. */
const OWNER = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** File systems end at 255 bytes, and a name becomes `<name>.json`. */
const MAX_NAME_LENGTH = 250;

/**
 * Refuses a key that could not be the key of an object. Keys come from other machines and become
 * paths here: nothing that passes can leave its directory.
 */
export function checkKey(key: ObjectKey): ObjectKey<Kind> {
  const info = checkKind(key.kind);
  if (!DNS_SUBDOMAIN.test(key.name) || key.name.length > MAX_NAME_LENGTH)
    throw invalid(
      `name "${key.name}" must be lower-case letters, digits, "-" and ".", at most ${MAX_NAME_LENGTH}`,
      'metadata.name',
    );
  if (info.namespaced && !DNS_LABEL.test(key.namespace ?? ''))
    throw invalid(
      `a ${key.kind} needs a namespace: lower-case letters, digits and "-"`,
      'metadata.namespace',
    );
  if (!info.namespaced && key.namespace !== undefined)
    throw invalid(`a ${key.kind} has no namespace`, 'metadata.namespace');
  if (key.owner !== undefined && !OWNER.test(key.owner))
    throw invalid(`owner "${key.owner}" is not a peer ID`, 'metadata.owner');
  return { ...key, kind: info.kind };
}

/** Refuses a kind that is none. */
export function checkKind(kind: string): KindInfo {
  const info = KINDS.find((candidate) => candidate.kind === kind);
  if (!info) throw invalid(`unknown kind "${kind}"`, 'kind');
  return info;
}

/** Whether an object could have this key. */
export function isKey(key: ObjectKey): key is ObjectKey<Kind> {
  try {
    return checkKey(key) !== undefined;
  } catch {
    return false; // Why not matters to who asks for an object, and not to who finds a file.
  }
}

/** `Deployment default/web`, for messages. */
export function describeKey({ kind, owner, namespace, name }: ObjectKey): string {
  return `${kind} ${namespace ? `${namespace}/` : ''}${name}${owner ? ` of ${owner}` : ''}`;
}

function invalid(message: string, field: string): StatusError {
  return new StatusError('Invalid', message, { field });
}

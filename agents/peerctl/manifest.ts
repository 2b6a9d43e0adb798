import type { Manifest, ManifestMeta } from '../../api/meta/object.ts';
import type { AnyObject } from '../../api/v1alpha1/types.ts';

/** An object as a person would write it: no bookkeeping, no status, nothing empty. */
export function toManifest({
  apiVersion,
  kind,
  metadata,
  spec,
}: Omit<AnyObject, 'metadata' | 'status'> & { metadata: ManifestMeta }): Manifest {
  const { name, namespace, labels = {}, annotations = {} } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec,
  };
}

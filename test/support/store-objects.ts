import { API_VERSION } from '../../api/kinds.ts';
import type { MergePatch } from '../../api/meta/merge-patch.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import type { Applicable } from '../../controllers/ports/store.ts';
import { deployment } from './objects.ts';

type ApplicableMeta = Applicable<'Deployment'>['metadata'];

/** A Deployment to apply: `default/<name>` with defaults, unless told otherwise. */
export function web(
  name: string,
  spec: MergePatch = {},
  metadata: Partial<ApplicableMeta> = {},
): Applicable<'Deployment'> {
  return {
    apiVersion: API_VERSION,
    kind: 'Deployment',
    metadata: { name, namespace: 'default', ...metadata },
    spec: deployment(name, spec).spec,
  };
}

export function webKey(name: string, place: Partial<ObjectKey> = {}): ObjectKey<'Deployment'> {
  return { namespace: 'default', name, ...place, kind: 'Deployment' };
}

/** An Event to apply: the kind that costs a store least. */
export function happening(name: string, count: number, labels?: Record<string, string>): Applicable<'Event'> {
  const time = '2030-01-01T00:00:00.000Z';
  return {
    apiVersion: API_VERSION,
    kind: 'Event',
    metadata: { name, namespace: 'default', ...(labels && { labels }) },
    spec: {
      regarding: { kind: 'Deployment', namespace: 'default', name: 'web', uid: 'uid' },
      type: 'Normal',
      reason: 'Started',
      note: 'started',
      reportingController: 'test',
      count,
      firstTimestamp: time,
      lastTimestamp: time,
    },
  };
}

export function happeningKey(name: string): ObjectKey<'Event'> {
  return { kind: 'Event', namespace: 'default', name };
}

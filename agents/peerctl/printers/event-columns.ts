import type { Event } from '../../../api/v1alpha1/types.ts';
import { age } from './age.ts';
import type { Column } from './column.ts';

export const EVENT_COLUMNS: readonly Column<Event>[] = [
  { name: 'LAST SEEN', value: ({ spec }, { now }) => lastSeen(spec, now) },
  { name: 'TYPE', value: ({ spec }) => spec.type },
  { name: 'REASON', value: ({ spec }) => spec.reason },
  { name: 'OBJECT', value: ({ spec }) => `${spec.regarding.kind.toLowerCase()}/${spec.regarding.name}` },
  { name: 'PEER', value: ({ spec }) => spec.peer ?? '<none>', wide: true },
  { name: 'SOURCE', value: ({ spec }) => spec.reportingController, wide: true },
  { name: 'MESSAGE', value: ({ spec }) => spec.note },
];

/** `3m (x4 over 10m)` */
export function lastSeen({ count, firstTimestamp, lastTimestamp }: Event['spec'], now: number): string {
  const last = age(lastTimestamp, now);
  return count > 1 ? `${last} (x${count} over ${age(firstTimestamp, now)})` : last;
}
